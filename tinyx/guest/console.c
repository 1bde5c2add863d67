/* console.c - what a guest says on its console, as rootfs/glue writes it. */
#include "guest/console.h"

#include <string.h>

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
