/* patterns.c - lists of paths as data. */
#include "rootfs/patterns.h"
#include "base/files.h"

#include "base/place.h"
#include "base/rulelines.h"
#include "base/split.h"

#include <fnmatch.h>
#include <string.h>

typedef struct {
  char *glob;
  char **of; /* globs of packages; NULL: none */
  char *reason;
} Pattern;

struct Patterns {
  GPtrArray *list; /* Pattern* */
};

gboolean
pattern_matches(const char *pattern, const char *path) {
  return strcmp(pattern, path) == 0 || fnmatch(pattern, path, FNM_PATHNAME | FNM_LEADING_DIR) == 0;
}

const char *
pattern_find(const char *const *patterns, const char *path) {
  for (; patterns != NULL && *patterns != NULL; patterns++)
    if (pattern_matches(*patterns, path))
      return *patterns;
  return NULL;
}

static void
pattern_free(gpointer data) {
  Pattern *pattern = data;
  g_free(pattern->glob);
  g_strfreev(pattern->of);
  g_free(pattern->reason);
  g_free(pattern);
}

static char *
wrong(const char *what, const char *text) {
  g_autofree char *shown = place_excerpt(text);
  return g_strdup_printf("%s \"%s\"; expected PATTERN [of PACKAGE...]  # reason", what, shown);
}

/* Cuts " of PACKAGE..." off TEXT; the packages, or NULL. g_strfreev. */
static char **
of_take(char *text) {
  char *of = strstr(text, " of");
  if (of == NULL || (of[3] != '\0' && !g_ascii_isspace(of[3])))
    return NULL;
  *of = '\0';
  return split_words(of + 3, " \t");
}

static char *
take_line(gpointer data, char *line, guint number) {
  Patterns *patterns = data;
  (void)number;
  char *hash = strstr(line, " #");
  if (*line != '/' || line[1] == '\0')
    return wrong("no absolute path:", line);
  if (hash == NULL || *g_strstrip(hash + 2) == '\0')
    return wrong("no reason after", line);
  g_autofree char *glob = g_strndup(line, hash - line);
  g_auto(GStrv) of = of_take(glob);
  g_strchomp(glob);
  if (of != NULL && of[0] == NULL)
    return wrong("no package after \"of\" in", glob);
  if (strpbrk(glob, " \t") != NULL || g_str_has_suffix(glob, "/"))
    return wrong("a blank, or a slash at the end, in", glob);
  Pattern *pattern = g_new0(Pattern, 1);
  pattern->glob = g_steal_pointer(&glob);
  pattern->of = g_steal_pointer(&of);
  pattern->reason = g_strdup(hash + 2);
  g_ptr_array_add(patterns->list, pattern);
  return NULL;
}

Patterns *
patterns_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(Patterns) patterns = g_new0(Patterns, 1);
  patterns->list = g_ptr_array_new_with_free_func(pattern_free);
  return rule_lines_read(text, size, file, take_line, patterns, error) ? g_steal_pointer(&patterns)
                                                                       : NULL;
}

Patterns *
patterns_read(const char *file, GError **error) {
  g_autofree char *text = NULL;
  g_autoptr(GError) why = NULL;
  gsize size;
  if (!file_read(file, FILE_OWN_MAX, &text, &size, &why)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s", why->message);
    return NULL;
  }
  return patterns_parse(text, size, file, error);
}

static gboolean
is_of(const Pattern *pattern, const char *const *packages) {
  for (; pattern->of != NULL && packages != NULL && *packages != NULL; packages++)
    for (char **glob = pattern->of; *glob != NULL; glob++)
      if (fnmatch(*glob, *packages, 0) == 0)
        return TRUE;
  return FALSE;
}

const char *
patterns_match(const Patterns *patterns, const char *path, const char *const *packages) {
  for (guint i = 0; i < patterns->list->len; i++) {
    const Pattern *pattern = patterns->list->pdata[i];
    if (pattern_matches(pattern->glob, path) && !is_of(pattern, packages))
      return pattern->reason;
  }
  return NULL;
}

void
patterns_free(Patterns *patterns) {
  if (patterns == NULL)
    return;
  g_ptr_array_unref(patterns->list);
  g_free(patterns);
}
