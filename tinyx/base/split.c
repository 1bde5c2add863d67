/* split.c - words and lines of a text. */
#include "base/split.h"

#include <string.h>

char **
split_words(const char *text, const char *separators) {
  g_auto(GStrv) raw = g_strsplit_set(text, separators, -1);
  GPtrArray *words = g_ptr_array_new();
  for (guint i = 0; raw[i] != NULL; i++)
    if (raw[i][0] != '\0')
      g_ptr_array_add(words, g_strdup(raw[i]));
  g_ptr_array_add(words, NULL);
  return (char **)g_ptr_array_free(words, FALSE);
}

char **
split_lines(const char *text, gsize size, const char *file, GError **error) {
  const char *nul = memchr(text, '\0', size);
  const char *bad = NULL;
  if (nul == NULL && g_utf8_validate(text, (gssize)size, &bad)) {
    g_autofree char *copy = g_strndup(text, size);
    return g_strsplit(copy, "\n", -1);
  }
  if (nul != NULL)
    bad = nul;
  guint line = 1;
  for (const char *c = text; c < bad; c++)
    line += *c == '\n';
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s:%u: the byte 0x%02x is no text; expected UTF-8", file, line, (unsigned char)*bad);
  return NULL;
}
