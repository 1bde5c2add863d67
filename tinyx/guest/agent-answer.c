/* agent-answer.c - reads one answer of tinyx-agent. */
#include "guest/agent-answer.h"

#include <string.h>

#define AGENT_ANSWER_MOST (64 << 20) /* the agent keeps 16 MB of what a script prints */

void
agent_answer_clear(AgentAnswer *answer) {
  g_clear_pointer(&answer->words, g_strfreev);
}

static int
kind_of(const char *word) {
  for (int kind = 0; kind < AGENT_ANSWERS; kind++)
    if (strcmp(word, agent_answers[kind].word) == 0)
      return kind;
  return AGENT_ANSWERS;
}

/* LINE as *ANSWER, but for its words, which are cut out of PARTS. */
static gboolean
parse_line(char **parts, AgentAnswer *answer) {
  const guint count = g_strv_length(parts);
  guint64 id, size;
  int kind;
  if (count < 4 || !g_ascii_string_to_unsigned(parts[0], 10, 0, G_MAXUINT, &id, NULL) ||
      (kind = kind_of(parts[1])) == AGENT_ANSWERS ||
      !g_ascii_string_to_unsigned(parts[count - 1], 10, 0, AGENT_ANSWER_MOST, &size, NULL))
    return FALSE;
  answer->id = (guint)id;
  answer->kind = (AgentAnswerKind)kind;
  answer->time = g_ascii_strtod(parts[2], NULL);
  answer->size = (gsize)size;
  return TRUE;
}

AgentAnswerState
agent_answer_parse(const char *bytes, gsize size, AgentAnswer *answer) {
  const char *end = size > 0 ? memchr(bytes, '\n', MIN(size, AGENT_LINE_MAX)) : NULL;
  *answer = (AgentAnswer){0};
  if (end == NULL)
    return size < AGENT_LINE_MAX ? AGENT_ANSWER_CUT_OFF : AGENT_ANSWER_WRONG;
  g_autofree char *line = g_strndup(bytes, (gsize)(end - bytes));
  g_auto(GStrv) parts = g_strsplit(line, " ", -1);
  if (!parse_line(parts, answer))
    return AGENT_ANSWER_WRONG;
  answer->head = (gsize)(end - bytes) + 1;
  if (size - answer->head < answer->size)
    return AGENT_ANSWER_CUT_OFF;
  const guint last = g_strv_length(parts) - 1;
  g_clear_pointer(&parts[last], g_free);
  answer->words = g_strdupv(parts + 3);
  return AGENT_ANSWER_WHOLE;
}
