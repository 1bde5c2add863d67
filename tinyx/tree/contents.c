/* contents.c - contents.txt beside manifest.txt: the files of the plan that are no file on this
 * machine, a line each: the path and its bytes (base64, RFC 4648). */
#include "base/files.h"
#include "base/place.h"
#include "tree/escape.h"
#include "tree/tree.h"

#include <string.h>

char *
tree_contents_text(Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  GString *out = g_string_new("# path\tbytes, in base64\n");
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    gsize size;
    if (entry->type != TREE_FILE || entry->data == NULL)
      continue;
    const guchar *data = g_bytes_get_data(entry->data, &size);
    g_autofree char *text = g_base64_encode(data, size);
    escape_append(out, entry->path);
    g_string_append_printf(out, "\t%s\n", text);
  }
  return g_string_free(out, FALSE);
}

/* What is wrong with LINE, or NULL. g_free. */
static char *
take_line(Tree *tree, char *line) {
  char *tab = strchr(line, '\t');
  TreeEntry *entry;
  guchar *data;
  gsize size;
  if (tab == NULL)
    return g_strdup("no tab; expected \"PATH<tab>BASE64\"");
  *tab = '\0';
  if (!escape_undo(line))
    return g_strdup("a backslash in the path; expected \\ooo for odd characters");
  entry = tree_find(tree, line);
  if (entry == NULL || entry->type != TREE_FILE || entry->source != NULL || entry->data != NULL)
    return g_strdup_printf("%.60s; expected a file that the manifest has here, each once", line);
  data = g_base64_decode(tab + 1, &size);
  entry->data = g_bytes_new_take(data, size);
  return size == entry->size
             ? NULL
             : g_strdup_printf("%.60s; expected as many bytes as the manifest says", line);
}

gboolean
tree_take_contents(Tree *tree, const char *text, gsize size, const char *file, GError **error) {
  const GPtrArray *entries = tree_entries(tree);
  g_autofree char *copy = NULL;
  g_auto(GStrv) lines = NULL;
  if (!place_check_text(text, size, file, error))
    return FALSE;
  copy = g_strndup(text, size);
  lines = g_strsplit(copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree char *wrong = NULL;
    if (lines[i][0] == '#' || lines[i][0] == '\0')
      continue;
    if ((wrong = take_line(tree, lines[i])) != NULL) {
      place_set_error(error, file, i + 1, "%s", wrong);
      return FALSE;
    }
  }
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type == TREE_FILE && entry->source == NULL && entry->data == NULL) {
      place_set_error(error, file, 0, "no line for %s; expected its bytes", entry->path);
      return FALSE;
    }
  }
  return TRUE;
}

Tree *
tree_read_image(const char *folder, GError **error) {
  g_autofree char *manifest = g_build_filename(folder, TREE_MANIFEST, NULL);
  g_autofree char *contents = g_build_filename(folder, TREE_CONTENTS, NULL);
  g_autofree char *text = NULL, *bytes = NULL;
  g_autoptr(Tree) tree = NULL;
  gsize size, count;
  if (!file_read(manifest, MANIFEST_BYTES_MAX, &text, &size, error) ||
      (tree = tree_parse_manifest(text, size, manifest, error)) == NULL ||
      !file_read_if_there(contents, MANIFEST_BYTES_MAX, &bytes, &count, error) ||
      !tree_take_contents(tree, bytes != NULL ? bytes : "", count, contents, error))
    return NULL;
  return g_steal_pointer(&tree);
}
