/* explain-path.c - why a file is in an image, or is not. */
#include "base/files.h"
#include "base/plain.h"
#include "image/parts.h"
#include "minimize/explain.h"

#include <string.h>

static const char *
type_name(TreeType type) {
  static const char *const names[] = {"file", "folder", "symlink", "device", "device", "fifo"};
  return names[type];
}

/* The words of the line of NAME in FOLDER whose word INDEX is PATH; NULL: there is none. */
static char **
trace_line(const char *folder, const char *name, guint index, const char *path) {
  g_autofree char *file = g_build_filename(folder, name, NULL);
  g_autofree char *text = NULL;
  if (!file_read(file, MANIFEST_BYTES_MAX, &text, NULL, NULL))
    return NULL; /* not traced */
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto(GStrv) words = g_strsplit(lines[i], "\t", -1);
    if (g_strv_length(words) > index && strcmp(words[index], path) == 0)
      return g_steal_pointer(&words);
  }
  return NULL;
}

/* PATH is the file itself; NAME is what was asked for, which may be a symlink to it: programs open
 * the file by either. */
static void
say_trace(GString *text, const FilesLock *lock, const char *folder, const char *path,
          const char *name) {
  const FilesLine *line = lock != NULL ? files_lock_find(lock, path) : NULL;
  g_auto(GStrv) opened = trace_line(folder, IMAGE_OPENED, 1, name);
  if (opened == NULL)
    opened = trace_line(folder, IMAGE_OPENED, 1, path);
  g_auto(GStrv) unopened = trace_line(folder, IMAGE_UNOPENED, 1, path);
  if (unopened != NULL)
    g_string_append(text, "  in the traced test nobody opened it\n");
  else if (opened != NULL && g_strv_length(opened) > 2)
    plain_append(text, "  in the traced test: %s, by %s\n", opened[0], opened[2]);
  g_autofree char *why = line != NULL ? tree_reason_text(&line->reason, TREE_FILE) : NULL;
  if (why != NULL)
    plain_append(text, "  %s: %s\n", lock->file, why);
}

static char *
out_text(const FilesLock *lock, const char *folder, const char *path) {
  const FilesLine *line = lock != NULL ? files_lock_find(lock, path) : NULL;
  GString *text = g_string_new(NULL);
  if (line != NULL && line->mark == FILES_DROP)
    plain_append(text, "%s: out: dropped\n", path);
  else
    plain_append(text,
                 "%s: out: no rule, no package's file that is needed, no include= of the "
                 "recipe brings it in\n",
                 path);
  say_trace(text, lock, folder, path, path);
  return g_string_free(text, FALSE);
}

char *
explain_path(const Recipe *recipe, const ImageOptions *options, const char *folder,
             const char *path, GError **error) {
  g_autofree char *manifest = explain_read(recipe, options, folder, "manifest.txt", error);
  g_autoptr(Tree) tree = NULL;
  g_autoptr(FilesLock) lock = NULL;
  g_autofree char *why = NULL;
  const TreeEntry *entry, *real;
  const char *owner;
  GString *text;
  if (manifest == NULL)
    return NULL;
  tree = tree_parse_manifest(manifest, strlen(manifest), "manifest.txt", error);
  if (tree == NULL)
    return NULL;
  entry = tree_find(tree, path);
  real = entry != NULL ? entry : tree_resolve(tree, path);
  if (!image_files_lock_load(recipe, &lock, error))
    return NULL;
  if (real == NULL)
    return out_text(lock, folder, path);
  text = g_string_new(NULL);
  plain_append(text, "%s: in\n  %s, %" G_GUINT64_FORMAT " bytes, mode %04o\n", path,
               type_name(real->type), real->size, real->mode);
  if (strcmp(real->path, path) != 0)
    plain_append(text, "  is %s\n", real->path);
  if (real->target != NULL)
    plain_append(text, "  leads to %s\n", real->target);
  owner = tree_entry_owner(real);
  why = tree_entry_why(real);
  plain_append(text, "  from: %s%s\n  why: %s\n", owner != NULL ? owner : "no package",
               real->state == STATE_CHANGED ? ", changed since" : "",
               why != NULL ? why : "no reason was noted");
  say_trace(text, lock, folder, real->path, path);
  return g_string_free(text, FALSE);
}
