/* near.c - "did you mean": known names at a small edit distance. */
#include "base/near.h"

#include <string.h>

#define NAMES_MOST 3 /* more would be a list again */
#define PART_LEAST 3 /* letters: shorter parts are in too many names */

/* Optimal string alignment: Levenshtein's distance, in which two neighbours that changed places are
 * one mistake and not two. Capitals and small letters are the same. */
static guint
distance(const char *a, const char *b) {
  gsize n = strlen(b);
  g_autofree guint *older = g_new(guint, n + 1), *old = g_new(guint, n + 1);
  g_autofree guint *row = g_new(guint, n + 1);
  for (gsize j = 0; j <= n; j++)
    row[j] = (guint)j;
  for (gsize i = 1; a[i - 1] != '\0'; i++) {
    guint *spare = older;
    older = old, old = row, row = spare;
    row[0] = (guint)i;
    for (gsize j = 1; j <= n; j++) {
      char x = g_ascii_tolower(a[i - 1]), y = g_ascii_tolower(b[j - 1]);
      row[j] = MIN(old[j - 1] + (x != y), MIN(old[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && x == g_ascii_tolower(b[j - 2]) && g_ascii_tolower(a[i - 2]) == y)
        row[j] = MIN(row[j], older[j - 2] + 1);
    }
  }
  return row[n];
}

static gboolean
is_part(const char *part, const char *whole) {
  return strlen(part) >= PART_LEAST && strstr(whole, part) != NULL;
}

/* How many letters of NAME may be wrong: of a short one few, "foo" is not meant for "aio". */
static guint
wrong_most(const char *name) {
  return MAX(1, ((guint)strlen(name) + 1) / 3);
}

/* How unlike the two are, from 0; G_MAXUINT: nobody means one by the other. */
static guint
unlikeness(const char *name, const char *known) {
  guint wrong = distance(name, known), most = wrong_most(name);
  if (wrong <= most && wrong < strlen(known))
    return wrong;
  return g_str_has_prefix(known, name) || is_part(name, known) || is_part(known, name) ? most + 1
                                                                                       : G_MAXUINT;
}

char *
near_text(const char *name, const char *const *known) {
  GString *text = g_string_new(NULL);
  guint worst = wrong_most(name) + 1, shown = 0;
  if (name[0] == '\0') /* it is near to all */
    return g_string_free(text, FALSE);
  for (guint like = 0; like <= worst; like++)
    for (guint i = 0; known[i] != NULL && shown < NAMES_MOST; i++)
      if (unlikeness(name, known[i]) == like)
        g_string_append_printf(text, "%s '%s'", shown++ > 0 ? " or" : "; did you mean", known[i]);
  if (shown > 0)
    g_string_append_c(text, '?');
  return g_string_free(text, FALSE);
}

char *
near_or_all(const char *name, const char *const *known, const char *all) {
  g_autofree char *near = near_text(name, known);
  g_autofree char *words = g_strjoinv(", ", (char **)known);
  return g_strdup_printf("%s%s %s: %s", near, near[0] != '\0' ? "" : ";", all, words);
}
