/* place.c - messages that name a line of a file. */
#include "base/place.h"

#include <string.h>

#define EXCERPT_MOST 60 /* bytes */

char *
place_text(const char *file, guint line) {
  return line > 0 ? g_strdup_printf("%s:%u", file, line) : g_strdup(file);
}

static char *
message_new(const char *file, guint line, const char *format, va_list args) {
  g_autofree char *place = place_text(file, line);
  g_autofree char *text = g_strdup_vprintf(format, args);
  return g_strconcat(place, ": ", text, NULL);
}

char *
place_message(const char *file, guint line, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *message = message_new(file, line, format, args);
  va_end(args);
  return message;
}

void
place_set_error(GError **error, const char *file, guint line, const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_autofree char *message = message_new(file, line, format, args);
  va_end(args);
  g_set_error_literal(error, TINYX_ERROR, TINYX_ERROR_INPUT, message);
}

void
place_set_error_code(GError **error, TinyxError code, const char *file, guint line,
                     const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_autofree char *message = message_new(file, line, format, args);
  va_end(args);
  g_set_error_literal(error, TINYX_ERROR, code, message);
}

void
place_prefix_error(GError **error, const char *file, guint line) {
  g_autofree char *place = place_text(file, line);
  g_prefix_error(error, "%s: ", place);
}

char *
place_excerpt(const char *text) {
  return g_utf8_make_valid(text, (gssize)strnlen(text, EXCERPT_MOST));
}

gboolean
place_check_text(const char *text, gsize size, const char *file, GError **error) {
  const char *bad;
  guint line = 1;
  if (size == 0 || g_utf8_validate(text, (gssize)size, &bad)) /* refuses a NUL, too */
    return TRUE;
  for (const char *c = text; c < bad; c++)
    line += *c == '\n';
  place_set_error(error, file, line, "the byte 0x%02x is no text; expected UTF-8",
                  (unsigned char)*bad);
  return FALSE;
}
