/* split.c - words and lines of a text. */
#include "base/split.h"
#include "base/place.h"

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
  if (!place_check_text(text, size, file, error))
    return NULL;
  g_autofree char *copy = g_strndup(text, size);
  return g_strsplit(copy, "\n", -1);
}

char *
split_shell_word(const char *word) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "/._+-";
  gboolean is_plain = word[0] != '\0' && strspn(word, plain) == strlen(word);
  return is_plain ? g_strdup(word) : g_shell_quote(word);
}
