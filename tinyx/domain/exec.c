/* exec.c - `tinyx exec`'s side of a keeper's socket. */
#include "domain/keeper.h"

#include "base/number.h"
#include "base/proc.h"
#include "domain/control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SLICE_MS 500

/* The words as one line for a shell; one word is such a line. A terminal lies between us and the
 * guest, for which control characters have a meaning of their own. */
static char *
line_of(char *const *command, GError **error) {
  GString *text = g_string_new(NULL);
  if (command[1] == NULL)
    g_string_append(text, command[0]);
  for (guint i = 0; command[1] != NULL && command[i] != NULL; i++) {
    g_autofree char *quoted = g_shell_quote(command[i]);
    g_string_append_printf(text, "%s%s", i > 0 ? " " : "", quoted);
  }
  for (gsize i = 0; i < text->len; i++)
    if ((guchar)text->str[i] < ' ' || text->str[i] == 0x7f) {
      tinyx_fail(error, TINYX_ERROR_INPUT,
                 "the command has a control character (\\x%02x), which a console cannot pass on; "
                 "expected printable ones",
                 (guint)(guchar)text->str[i]);
      g_string_free(text, TRUE);
      return NULL;
    }
  if (text->len > CONTROL_LINE_MOST - 40) {
    tinyx_fail(error, TINYX_ERROR_INPUT,
               "the command has %" G_GSIZE_FORMAT " bytes with its quotes; expected %d at most: a "
               "console's line has no more",
               text->len, CONTROL_LINE_MOST - 40);
    g_string_free(text, TRUE);
    return NULL;
  }
  g_string_append_c(text, '\n');
  return g_string_free(text, FALSE);
}

/* TRUE at the end: *STATUS, or ERROR. */
static gboolean
take_line(const char *line, void (*on_line)(const char *line), int *status, GError **error) {
  guint64 number;
  if (g_str_has_prefix(line, "o "))
    on_line(line + 2);
  if (g_str_has_prefix(line, "e "))
    return !tinyx_fail(error, TINYX_ERROR_GUEST, "%s", line + 2);
  if (!g_str_has_prefix(line, "s "))
    return FALSE;
  *status = number_parse(line + 2, 255, &number) ? (int)number : 255;
  return TRUE;
}

/* The lines of what has come, which go out of TEXT. */
static gboolean
take_lines(GString *text, void (*on_line)(const char *line), int *status, GError **error) {
  char *end;
  while ((end = memchr(text->str, '\n', text->len)) != NULL) {
    *end = '\0';
    gboolean last = take_line(text->str, on_line, status, error);
    g_string_erase(text, 0, end + 1 - text->str);
    if (last)
      return TRUE;
  }
  return FALSE;
}

static gboolean
read_answers(int fd, void (*on_line)(const char *line), int *status, GError **error) {
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GError) problem = NULL;
  for (;;) {
    char bytes[4096];
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    if (proc_set_interrupted_error(error))
      return FALSE;
    if (poll(&entry, 1, SLICE_MS) <= 0)
      continue;
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return tinyx_fail(error, TINYX_ERROR_GUEST, "the domain has ended before the command");
    g_string_append_len(text, bytes, got);
    if (take_lines(text, on_line, status, &problem))
      break;
  }
  if (problem == NULL)
    return TRUE;
  g_propagate_error(error, g_steal_pointer(&problem));
  return FALSE;
}

/* Every image has a shell, but one that listens to its console has it by name only. */
static gboolean
check(const Domain *domain, GError **error) {
  if (domain_state(domain) != DOMAIN_RUNS)
    return tinyx_fail(error, TINYX_ERROR_INPUT, "%s does not run (it is '%s'; tinyx ps)",
                      domain->name, domain_state_name(domain_state(domain)));
  return domain->takes_commands ||
         tinyx_fail(error, TINYX_ERROR_INPUT,
                    "%s: no shell of its image takes commands: it was built without the feature "
                    "'exec'; expected the line with=exec in [kernel] of %s, or tinyx run -d %s "
                    "--with exec, for a domain that is started anew",
                    domain->name, domain->recipe_file, domain->recipe);
}

gboolean
domain_exec(const Domain *domain, char *const *command, void (*on_line)(const char *line),
            int *status, GError **error) {
  g_autofree char *line = check(domain, error) ? line_of(command, error) : NULL;
  int fd = line != NULL ? control_connect(domain, error) : -1;
  gboolean done;
  if (fd < 0)
    return FALSE;
  done = (write(fd, line, strlen(line)) == (ssize_t)strlen(line) ||
          tinyx_fail(error, TINYX_ERROR_FAILED, "%s: %s", domain->name, g_strerror(errno))) &&
         read_answers(fd, on_line, status, error);
  close(fd);
  return done;
}
