/* shrunk.c - a file that becomes shorter while tinyx has it mapped: a message, and the end. */
#include "base/shrunk.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 4608 /* of /proc/self/maps: numbers, and a path */

/* Only what signal-safety(7) lists is called from here on. */
static void
say(const char *text, size_t length) {
  while (length > 0) {
    ssize_t done = write(STDERR_FILENO, text, length);
    if (done <= 0)
      return;
    text += done;
    length -= (size_t)done;
  }
}

static uintptr_t
hexadecimal(const char **at) {
  uintptr_t value = 0;
  for (;; (*at)++) {
    char c = **at;
    int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0)
      return value;
    value = value * 16 + (uintptr_t)digit;
  }
}

/* The path in LINE of proc_pid_maps(5), "BEGIN-END rw-p OFFSET DEVICE INODE   PATH", if ADDRESS is
 * in its range; control characters are made harmless. NULL: it is not. */
static const char *
path_if_at(char *line, uintptr_t address) {
  const char *at = line;
  uintptr_t begin = hexadecimal(&at), end = *at == '-' ? (at++, hexadecimal(&at)) : 0;
  char *path = strchr(line, '/');
  if (address < begin || address >= end || path == NULL)
    return NULL;
  for (char *c = path; *c != '\0'; c++)
    if ((unsigned char)*c < ' ' || (unsigned char)*c >= 127)
      *c = '?';
  return path;
}

static void
say_path(uintptr_t address) {
  char line[LINE_BYTES], c;
  size_t length = 0;
  int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && read(fd, &c, 1) == 1) {
    if (c != '\n') {
      if (length < sizeof line - 1)
        line[length++] = c;
      continue;
    }
    line[length] = '\0';
    length = 0;
    const char *path = path_if_at(line, address);
    if (path != NULL) {
      say(path, strlen(path));
      return;
    }
  }
  say("a file", strlen("a file"));
}

static void
on_bus_error(int number, siginfo_t *info, void *context) {
  static const char before[] = "tinyx: error: ",
                    after[] = ": it became shorter while it was read, or its disk fails; expected "
                              "it to stay as it is\n";
  (void)number, (void)context;
  say(before, sizeof before - 1);
  say_path((uintptr_t)info->si_addr);
  say(after, sizeof after - 1);
  _exit(1);
}

void
shrunk_catch(void) {
  struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_RESETHAND};
  sigaction(SIGBUS, &action, NULL);
}
