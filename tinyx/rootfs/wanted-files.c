/* wanted-files.c - rootfs/files.wanted: files that programs open, and that the image may lack. */
#include "rootfs/wanted-files.h"

#include "base/rulelines.h"
#include "base/split.h"

#define DATA "rootfs/files.wanted"

struct WantedFiles {
  GPtrArray *paths;    /* char* */
  GPtrArray *packages; /* char*, one for each of PATHS */
  GPtrArray *excepts;  /* char*: globs */
};

void
wanted_files_free(WantedFiles *files) {
  if (files == NULL)
    return;
  g_ptr_array_unref(files->paths);
  g_ptr_array_unref(files->packages);
  g_ptr_array_unref(files->excepts);
  g_free(files);
}

static char *
take_line(gpointer data, char *line, guint number) {
  WantedFiles *files = data;
  g_autofree char *whole = g_strdup(line);
  (void)number;
  if (rule_line_reason(line) == NULL)
    return rule_line_bad(whole, RULE_LINE_REASON);
  g_auto(GStrv) words = split_words(line, " \t");
  if (g_strv_length(words) != 2 || (words[0][0] != '/' && !g_str_equal(words[0], "except")))
    return rule_line_bad(whole, "PATH PACKAGE # REASON, or except GLOB # REASON");
  if (words[0][0] != '/') {
    g_ptr_array_add(files->excepts, g_strdup(words[1]));
    return NULL;
  }
  g_ptr_array_add(files->paths, g_strdup(words[0]));
  g_ptr_array_add(files->packages, g_strdup(words[1]));
  return NULL;
}

WantedFiles *
wanted_files_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(WantedFiles) files = g_new0(WantedFiles, 1);
  files->paths = g_ptr_array_new_with_free_func(g_free);
  files->packages = g_ptr_array_new_with_free_func(g_free);
  files->excepts = g_ptr_array_new_with_free_func(g_free);
  return rule_lines_read(text, size, file, take_line, files, error) ? g_steal_pointer(&files)
                                                                    : NULL;
}

WantedFiles *
wanted_files_load(GError **error) {
  gsize size = 0;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  return text != NULL ? wanted_files_parse(text, size, DATA, error) : NULL;
}

const GPtrArray *
wanted_files_strings(const WantedFiles *files) {
  return files->paths;
}

void
wanted_files_note(const WantedFiles *files, const Tree *tree, Facts *facts) {
  for (guint i = 0; i < files->paths->len; i++) {
    const char *path = files->paths->pdata[i], *package = files->packages->pdata[i];
    const Fact *fact = facts_find(facts, FACT_STRING, path, files->excepts);
    if (fact == NULL || tree_resolve((Tree *)tree, path) != NULL)
      continue;
    g_autofree char *note =
        g_strdup_printf("not in the image: %s, which %s opens: packages=%s brings it", path,
                        fact->file != NULL ? fact->file : "a program", package);
    facts_note(facts, note);
  }
}
