/* console.c - what a guest says on its console, as rootfs/glue writes it. */
#include "guest/console.h"

#include <stdlib.h>
#include <string.h>

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

gboolean
console_says_udp(const char *console, int port) {
  g_autofree char *words = g_strdup_printf("tinyx: UDP port %d is open", port);
  g_autofree char *line = NULL;
  while (next_line(&console, &line))
    if (g_str_has_prefix(line, words))
      return TRUE;
  return FALSE;
}

gboolean
console_says_meminfo(const char *console) {
  return strstr(console, "tinyx: meminfo") != NULL;
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

/* "tinyx: NAME starting": NAME, or NULL. */
static char *
started_name(const char *line) {
  const char *name, *end;
  if (!g_str_has_prefix(line, "tinyx: "))
    return NULL;
  name = line + strlen("tinyx: ");
  end = strchr(name, ' ');
  return end != NULL && strstr(end, " starting") != NULL ? g_strndup(name, (gsize)(end - name))
                                                         : NULL;
}

int
console_starts(const char *console) {
  g_autoptr(GHashTable) counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *line = NULL;
  int most = 0;
  while (next_line(&console, &line)) {
    char *name = started_name(line);
    int count;
    if (name == NULL)
      continue;
    count = GPOINTER_TO_INT(g_hash_table_lookup(counts, name)) + 1;
    g_hash_table_replace(counts, name, GINT_TO_POINTER(count));
    most = MAX(most, count);
  }
  return most;
}

int
console_bad_status(const char *console) {
  static const char words[] = " ended with status ";
  g_autofree char *line = NULL;
  while (next_line(&console, &line)) {
    const char *found = g_str_has_prefix(line, "tinyx: ") ? strstr(line, words) : NULL;
    int status = found != NULL ? atoi(found + strlen(words)) : 0;
    if (status > 0)
      return status;
  }
  return 0;
}

gint64
console_meminfo(const char *console, const char *field) {
  const char *line = console != NULL ? g_strrstr(console, "tinyx: meminfo ") : NULL;
  g_autofree char *wanted = g_strdup_printf(" %s=", field);
  const char *found;
  char *end;
  gint64 value;
  if (line == NULL || (found = g_strstr_len(line, (gssize)strcspn(line, "\r\n"), wanted)) == NULL)
    return -1;
  found += strlen(wanted);
  value = g_ascii_strtoll(found, &end, 10);
  return end == found || value < 0 ? -1 : value;
}
