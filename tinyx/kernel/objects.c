/* objects.c - lists a build folder's objects, each with its source and the CONFIG symbols it names.
 * */
#include "kernel/objects.h"
#include "base/files.h"

#include "base/strings.h"

#include <string.h>

#define CONFIG_MARK "$(wildcard include/config/"

/* What stands behind the first "source_OBJECT := ", and which OBJECT. */
static char *
source_of(const char *text, char **object) {
  const char *at = g_str_has_prefix(text, "source_") ? text : strstr(text, "\nsource_");
  const char *assign = at != NULL ? strstr(at, " := ") : NULL;
  if (assign == NULL)
    return NULL;
  at = strstr(at, "source_") + strlen("source_");
  *object = g_strndup(at, (gsize)(assign - at));
  assign += strlen(" := ");
  return g_strndup(assign, strcspn(assign, "\n"));
}

char *
objects_line(const char *text, const char *tree) {
  g_autofree char *object = NULL;
  g_autofree char *source = source_of(text, &object);
  gsize length = strlen(tree);
  GString *line;
  if (source == NULL || !g_str_has_suffix(object, ".o"))
    return NULL;
  line = g_string_new(object);
  g_string_append_printf(
      line, " %s",
      strncmp(source, tree, length) == 0 && source[length] == '/' ? source + length + 1 : source);
  for (const char *at = text; (at = strstr(at, CONFIG_MARK)) != NULL;) {
    at += strlen(CONFIG_MARK);
    g_string_append_printf(line, " %.*s", (int)strcspn(at, ")"), at);
  }
  return g_string_free(line, FALSE);
}

/* Build folders hold links ("source" leads to the tree): not followed. */
static gboolean
collect(const char *folder, const char *tree, GPtrArray *lines, GError **error) {
  g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    char *line;
    if (g_file_test(path, G_FILE_TEST_IS_SYMLINK))
      continue;
    if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
      if (!collect(path, tree, lines, error))
        return FALSE;
      continue;
    }
    if (name[0] != '.' || !g_str_has_suffix(name, ".o.cmd"))
      continue;
    if (!file_read(path, FILE_OWN_MAX, &text, NULL, error))
      return FALSE;
    line = objects_line(text, tree);
    if (line != NULL)
      g_ptr_array_add(lines, line);
  }
  return dir != NULL;
}

char *
objects_list(const char *objects, const char *tree, GError **error) {
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  GString *text;
  if (!collect(objects, tree, lines, error))
    return NULL;
  strings_sort(lines);
  text = g_string_new(NULL);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf(text, "%s\n", (char *)lines->pdata[i]);
  return g_string_free(text, FALSE);
}
