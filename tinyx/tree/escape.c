/* escape.c - odd characters in manifest.txt and contents.txt. */
#include "tree/escape.h"

#include "base/plain.h"

#include <string.h>

void
escape_append(GString *out, const char *text) {
  gboolean seen;
  gsize length;
  for (const char *at = text; (length = plain_next(at, &seen)) > 0; at += length) {
    gboolean arrow = *at == ' ' && strncmp(at, ESCAPE_ARROW, strlen(ESCAPE_ARROW)) == 0;
    if (seen && *at != '\\' && !arrow)
      g_string_append_len(out, at, (gssize)length);
    else
      for (gsize i = 0; i < length; i++)
        g_string_append_printf(out, "\\%03o", (guchar)at[i]);
  }
}

gboolean
escape_undo(char *text) {
  char *to = text;
  for (const char *at = text; *at != '\0'; at++) {
    if (*at != '\\') {
      *to++ = *at;
      continue;
    }
    unsigned value = 0;
    for (int i = 0; i < 3; i++, value = value * 8 + (unsigned)(*at - '0'))
      if (*++at < '0' || *at > '7')
        return FALSE;
    if (value == 0 || value > 255)
      return FALSE;
    *to++ = (char)value;
  }
  *to = '\0';
  return TRUE;
}
