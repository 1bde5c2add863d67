/* near.c - "did you mean": known names at a small edit distance. */
#include "base/near.h"

#include <string.h>

/* Levenshtein's distance; capitals and small letters are the same. */
static guint
distance(const char *a, const char *b) {
  gsize n = strlen(b);
  g_autofree guint *row = g_new(guint, n + 1);
  for (gsize j = 0; j <= n; j++)
    row[j] = (guint)j;
  for (gsize i = 1; a[i - 1] != '\0'; i++) {
    guint diagonal = row[0];
    row[0] = (guint)i;
    for (gsize j = 1; j <= n; j++) {
      guint cost = diagonal + (g_ascii_tolower(a[i - 1]) != g_ascii_tolower(b[j - 1]));
      diagonal = row[j];
      row[j] = MIN(cost, MIN(row[j], row[j - 1]) + 1);
    }
  }
  return row[n];
}

char *
near_text(const char *name, const char *const *known) {
  GString *text = g_string_new(NULL);
  if (name[0] == '\0') /* it is near to all */
    return g_string_free(text, FALSE);
  for (guint i = 0; known[i] != NULL; i++)
    if (distance(name, known[i]) <= MAX(2, strlen(name) / 3) || strstr(known[i], name) != NULL ||
        strstr(name, known[i]) != NULL)
      g_string_append_printf(text, "%s '%s'", text->len > 0 ? " or" : "; did you mean", known[i]);
  if (text->len > 0)
    g_string_append_c(text, '?');
  return g_string_free(text, FALSE);
}
