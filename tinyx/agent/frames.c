/* frames.c - lines and bytes from tinyx, and back to it. */
#include "agent/agent.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static Buffer pending; /* what standard output has not taken yet */

void
buffer_add(Buffer *buffer, const void *bytes, size_t size) {
  if (buffer->room - buffer->size < size) {
    size_t room = 2 * (buffer->size + size);
    char *grown = realloc(buffer->bytes, room);
    if (grown == NULL)
      _exit(3); /* no memory: what we started goes with us (PR_SET_PDEATHSIG) */
    buffer->bytes = grown;
    buffer->room = room;
  }
  if (size > 0)
    memcpy(buffer->bytes + buffer->size, bytes, size);
  buffer->size += size;
}

void
buffer_drop(Buffer *buffer, size_t size) {
  buffer->size -= size;
  memmove(buffer->bytes, buffer->bytes + size, buffer->size);
}

void
buffer_clear(Buffer *buffer) {
  free(buffer->bytes);
  *buffer = (Buffer){0};
}

double
clock_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void
answer(unsigned id, AgentAnswerKind kind, const void *bytes, size_t size, const char *format, ...) {
  char line[AGENT_LINE_MAX];
  int length = snprintf(line, sizeof line, "%u %s %.6f", id, agent_answers[kind].word, clock_now());
  if (format != NULL) {
    va_list args;
    line[length++] = ' ';
    va_start(args, format);
    length += vsnprintf(line + length, sizeof line - (size_t)length - 32, format, args);
    va_end(args);
  }
  length += snprintf(line + length, sizeof line - (size_t)length, " %zu\n", size);
  buffer_add(&pending, line, (size_t)length);
  buffer_add(&pending, bytes, size);
}

void
answer_failed(unsigned id, const char *format, ...) {
  char text[AGENT_LINE_MAX];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  answer(id, AGENT_FAILED, text, strlen(text), NULL);
}

void
answer_done(unsigned id) {
  answer(id, AGENT_DONE, NULL, 0, NULL);
}

bool
answers_pending(void) {
  return pending.size > 0;
}

bool
answers_write(void) {
  while (pending.size > 0) {
    ssize_t written = write(STDOUT_FILENO, pending.bytes, pending.size);
    if (written < 0)
      return errno == EINTR || errno == EAGAIN;
    buffer_drop(&pending, (size_t)written);
  }
  return true;
}

static bool
take_number(const char *word, size_t *value) {
  char *end;
  unsigned long number;
  if (word[0] < '0' || word[0] > '9')
    return false;
  errno = 0;
  number = strtoul(word, &end, 10);
  *value = number;
  return *end == '\0' && errno == 0;
}

static int
words_of(const char *text) {
  int count = text[0] != '\0';
  for (; *text != '\0'; text++)
    count += *text == ' ';
  return count;
}

/* ID WORD ARGUMENT... SIZE */
bool
request_parse(char *line, Request *request, const char **why) {
  char *words[AGENT_WORDS_MAX + 1], *rest = line, *word;
  int count = 0;
  size_t id;
  *request = (Request){0};
  while (count < AGENT_WORDS_MAX && (word = strsep(&rest, " ")) != NULL)
    words[count++] = word;
  *why = "expected ID WORD ARGUMENT... BYTES";
  if (rest != NULL || count < 3 || !take_number(words[0], &id) || id == NOBODY || id > 0xffffffff ||
      !take_number(words[count - 1], &request->size))
    return false;
  request->id = (unsigned)id;
  for (request->kind = 0; request->kind < AGENT_REQUESTS; request->kind++)
    if (strcmp(words[1], agent_requests[request->kind].word) == 0)
      break;
  *why = "no such request";
  if (request->kind == AGENT_REQUESTS)
    return false;
  request->count = count - 3;
  memcpy(request->words, words + 2, (size_t)request->count * sizeof *words);
  *why = "wrong number of arguments";
  return request->count == words_of(agent_requests[request->kind].arguments);
}
