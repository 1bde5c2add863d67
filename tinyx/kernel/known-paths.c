/* known-paths.c - reads kconfig-heuristics/paths.known. */
#include "kernel/known-paths.h"

#include "base/rulelines.h"
#include "base/split.h"

#include <fnmatch.h>
#include <string.h>

#define DATA "kconfig-heuristics/paths.known"

typedef struct {
  char **globs;
  char *reason;
} Line;

struct KnownPaths {
  GPtrArray *lines; /* Line* */
};

static void
line_free(gpointer data) {
  Line *line = data;
  g_strfreev(line->globs);
  g_free(line->reason);
  g_free(line);
}

void
known_paths_free(KnownPaths *paths) {
  if (paths == NULL)
    return;
  g_ptr_array_unref(paths->lines);
  g_free(paths);
}

static char *
take_line(gpointer data, char *text, guint number) {
  KnownPaths *paths = data;
  g_autofree char *whole = g_strdup(text);
  (void)number;
  const char *reason = rule_line_reason(text);
  g_auto(GStrv) words = split_words(text, " \t");
  if (reason == NULL)
    return rule_line_bad(whole, RULE_LINE_REASON);
  if (g_strv_length(words) < 2 || (strcmp(words[0], "there") != 0 && strcmp(words[0], "left") != 0))
    return rule_line_bad(whole, "there|left GLOB...  # REASON");
  Line *line = g_new0(Line, 1);
  line->globs = g_strdupv(words + 1);
  line->reason = g_strdup(reason);
  g_ptr_array_add(paths->lines, line);
  return NULL;
}

KnownPaths *
known_paths_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(KnownPaths) paths = g_new0(KnownPaths, 1);
  paths->lines = g_ptr_array_new_with_free_func(line_free);
  return rule_lines_read(text, size, file, take_line, paths, error) ? g_steal_pointer(&paths)
                                                                    : NULL;
}

KnownPaths *
known_paths_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  return text != NULL ? known_paths_parse(text, size, DATA, error) : NULL;
}

const char *
known_paths_reason(const KnownPaths *paths, const char *path) {
  g_autofree char *name = g_strdelimit(g_strdup(path), "*", 'N');
  for (guint i = 0; i < paths->lines->len; i++) {
    const Line *line = paths->lines->pdata[i];
    for (char **glob = line->globs; *glob != NULL; glob++)
      if (fnmatch(*glob, name, 0) == 0)
        return line->reason;
  }
  return NULL;
}
