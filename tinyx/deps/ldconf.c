/* ldconf.c - library folders from ld.so.conf and musl's path file. */
#include "deps/ldconf.h"

#include <string.h>

#define DEPTH 16         /* of files that include files */
#define FOLDERS_MAX 1024 /* every library is looked for in each of them */

typedef struct {
  Root *root;
  GPtrArray *folders;
  GHashTable *seen; /* files read so far: an include of itself ends there */
  int depth;
} Reader;

static void read_file(Reader *reader, const char *path);

static void
read_include(Reader *reader, const char *path, const char *patterns) {
  g_autofree char *folder = g_path_get_dirname(path);
  g_auto(GStrv) words = g_strsplit_set(patterns, " \t", -1);
  for (guint i = 0; words[i] != NULL; i++) {
    if (words[i][0] == '\0')
      continue;
    g_autofree char *pattern =
        words[i][0] == '/' ? g_strdup(words[i]) : g_build_filename(folder, words[i], NULL);
    g_autoptr(GPtrArray) files = root_glob(reader->root, pattern);
    for (guint k = 0; k < files->len; k++)
      read_file(reader, files->pdata[k]);
  }
}

static void
read_line(Reader *reader, const char *path, char *line) {
  line[strcspn(line, "#")] = '\0';
  g_strstrip(line);
  if (g_str_has_prefix(line, "include") && (line[7] == ' ' || line[7] == '\t')) {
    read_include(reader, path, line + 8);
    return;
  }
  line[strcspn(line, "=")] = '\0'; /* "/usr/lib=libc6": the type that libc5 times had */
  g_strchomp(line);
  gsize length = strlen(line);
  while (length > 1 && line[length - 1] == '/')
    line[--length] = '\0';
  if (line[0] == '/' && reader->folders->len < FOLDERS_MAX)
    g_ptr_array_add(reader->folders, g_strdup(line));
}

static void
read_file(Reader *reader, const char *path) {
  const RootNode *node = root_resolve(reader->root, path)->node;
  if (reader->depth >= DEPTH || !g_hash_table_add(reader->seen, (gpointer)node))
    return;
  g_autofree char *text = root_text(reader->root, path);
  if (text == NULL)
    return;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  reader->depth++;
  for (guint i = 0; lines[i] != NULL; i++)
    read_line(reader, path, lines[i]);
  reader->depth--;
}

GPtrArray *
ldconf_read(Root *root, const char *path) {
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  Reader reader = {root, g_ptr_array_new_with_free_func(g_free), seen, 0};
  read_file(&reader, path);
  return reader.folders;
}

GPtrArray *
ldconf_musl_folders(Root *root, const char *interp) {
  GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *base = g_path_get_basename(interp);
  base[strcspn(base, ".")] = '\0';
  const char *arch = g_str_has_prefix(base, "ld-musl-") ? base + strlen("ld-musl-") : base;
  g_autofree char *file = g_strconcat("/etc/", base, ".path", NULL);
  g_autofree char *text = root_text(root, file);
  g_autofree char *built_in = g_strdup_printf(
      "/lib:/usr/local/lib:/usr/lib:/lib/%s-linux-musl:/usr/lib/%s-linux-musl", arch, arch);
  g_auto(GStrv) words = g_strsplit_set(text != NULL ? text : built_in, ":\n", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] == '/')
      g_ptr_array_add(folders, g_strdup(words[i]));
  return folders;
}
