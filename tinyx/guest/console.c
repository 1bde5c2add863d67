/* console.c - what a guest says on its console, as rootfs/glue writes it. */
#include "guest/console.h"

#include "base/number.h"

#include <stdlib.h>
#include <string.h>

const GlueLine glue_lines[GLUE_LINES] = {
#define GLUE_LINE(name, before, after, script) {before, after, script},
#include "guest/glue-lines.def"
#undef GLUE_LINE
};

/* The lines of CONSOLE: TRUE, and *LINE (without its end) and *NEXT. */
static gboolean
next_line(const char **next, char **line) {
  const char *from = *next;
  gsize length = strcspn(from, "\r\n");
  g_clear_pointer(line, g_free);
  if (*from == '\0')
    return FALSE;
  *line = g_strndup(from, length);
  from += length;
  *next = from + strspn(from, "\r\n");
  return TRUE;
}

/* What LINE has between the parts of the glue's line KIND, and what follows them; NULL: it is
 * another line. */
static const char *
glue_line(GlueLineKind kind, const char *line, const char **rest) {
  const GlueLine *words = &glue_lines[kind];
  const char *after;
  if (!g_str_has_prefix(line, words->before))
    return NULL;
  line += strlen(words->before);
  after = strstr(line, words->after);
  if (after != NULL)
    *rest = after + strlen(words->after);
  return after != NULL ? line : NULL;
}

gboolean
console_says_udp(const char *console, int port) {
  g_autofree char *line = NULL;
  while (next_line(&console, &line)) {
    const char *rest, *number = glue_line(GLUE_UDP, line, &rest);
    guint64 open;
    if (number != NULL && number_take(&number, 10, G_MAXUINT16, &open) && (int)open == port)
      return TRUE;
  }
  return FALSE;
}

gboolean
console_says_meminfo(const char *console) {
  return strstr(console, glue_lines[GLUE_MEMINFO].before) != NULL;
}

char *
console_panic(const char *console) {
  const char *panic = strstr(console, "Kernel panic");
  const char *words = panic != NULL ? strstr(panic, "Kernel panic - ") : NULL;
  if (panic == NULL)
    return NULL;
  if (words == NULL)
    return g_strdup("");
  words += strlen("Kernel panic - ");
  return g_strndup(words, strcspn(words, "\r\n"));
}

gboolean
console_wants_memory(const char *console) {
  /* mm/oom_kill.c, init/initramfs.c and fs/exec.c of Linux 6.1; the allocators' own words are in
   * what these bring about. */
  static const char *const words[] = {
      "System is deadlocked on memory",
      "Out of memory and no killable processes",
      "Out of memory: Killed process",
      "Memory cgroup out of memory",
      "Initramfs unpacking failed: write error",
      "Initramfs unpacking failed: XZ decompressor ran out of memory",
      "error -12)", /* -ENOMEM of init: "Failed to execute /sbin/init (error -12)" */
  };
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (strstr(console, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

int
console_starts(const char *console) {
  g_autoptr(GHashTable) counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *line = NULL;
  int most = 0;
  while (next_line(&console, &line)) {
    const char *rest, *found = glue_line(GLUE_STARTING, line, &rest);
    char *name;
    int count;
    if (found == NULL)
      continue;
    name = g_strndup(found, strcspn(found, " "));
    count = GPOINTER_TO_INT(g_hash_table_lookup(counts, name)) + 1;
    g_hash_table_replace(counts, name, GINT_TO_POINTER(count));
    most = MAX(most, count);
  }
  return most;
}

int
console_bad_status(const char *console) {
  g_autofree char *line = NULL;
  while (next_line(&console, &line)) {
    const char *status = NULL;
    guint64 number;
    if (glue_line(GLUE_ENDED, line, &status) != NULL && status != NULL &&
        number_take(&status, 10, 255, &number) && number > 0)
      return (int)number;
  }
  return 0;
}

gint64
console_meminfo(const char *console, const char *field) {
  const char *line = console != NULL ? g_strrstr(console, glue_lines[GLUE_MEMINFO].before) : NULL;
  g_autofree char *wanted = g_strdup_printf(" %s=", field);
  const char *found;
  guint64 value;
  if (line == NULL || (found = g_strstr_len(line, (gssize)strcspn(line, "\r\n"), wanted)) == NULL)
    return -1;
  found += strlen(wanted);
  return number_take(&found, 10, G_MAXINT64, &value) ? (gint64)value : -1;
}
