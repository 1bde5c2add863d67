/* text.c - a draft as a folder: recipe.conf, files/, files.lock. */
#include "base/files.h"
#include "base/proc.h"
#include "draft/draft.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_DEADLINE 600 /* seconds */

/* The comment above everything: what it is, and the notes, a line each. g_free. */
static char *
head_comment(const Draft *draft) {
  GString *text = g_string_new(NULL);
  g_string_append_printf(text, "Drafted by tinyx init from %s files: read it, and write a test.",
                         draft->own != NULL ? "the program's" : "the package's own");
  for (guint i = 0; i < draft->notes->len; i++) {
    g_autofree char *note = g_strdelimit(g_strdup(draft->notes->pdata[i]), "\n", ' ');
    g_string_append_printf(text, "\nnote: %s", note);
  }
  return g_string_free(text, FALSE);
}

char *
draft_text(const Draft *draft) {
  g_autoptr(GHashTable) comments = g_hash_table_new(g_str_hash, g_str_equal);
  g_autofree char *head = head_comment(draft);
  GHashTableIter iter;
  gpointer place, from;
  g_hash_table_iter_init(&iter, draft->from);
  while (g_hash_table_iter_next(&iter, &place, &from))
    g_hash_table_insert(comments, place, from);
  g_hash_table_insert(comments, (gpointer) "", head);
  return recipe_to_text(draft->recipe, comments);
}

/* ---- the folder -------------------------------------------------------- */

/* Asked before anything else: installing the packages and trying the draft out takes a minute. */
static gboolean
can_be_made(const char *folder, GError **error) {
  g_autofree char *at = g_strdup(folder);
  while (!g_file_test(at, G_FILE_TEST_EXISTS)) {
    char *parent = g_path_get_dirname(at);
    g_free(at);
    at = parent;
  }
  /* Permissions do not tell all: nothing can be made in /proc, whoever asks. */
  g_autofree char *probe = g_build_filename(at, ".tinyx-XXXXXX", NULL);
  if (g_mkdtemp(probe) != NULL) {
    rmdir(probe);
    return TRUE;
  }
  return tinyx_fail(
      error, TINYX_ERROR_INPUT, "%s: %s; expected a folder (-o) that can be written", folder,
      g_file_test(at, G_FILE_TEST_IS_DIR) ? g_strerror(errno) : "a file is in its path");
}

gboolean
draft_folder_check(const char *folder, gboolean force, GError **error) {
  static const char *const names[] = {"recipe.conf", "files", "files.lock"}; /* what is replaced */
  g_autofree char *whole = path_absolute(folder);
  g_autofree char *name = g_path_get_basename(whole);
  if (!recipe_name_valid(name)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: a recipe cannot be called '%s'; expected a folder (-o) named of %s", folder,
                name, RECIPE_NAME_EXPECTED);
    return FALSE;
  }
  g_autofree char *recipe = g_build_filename(folder, names[0], NULL);
  gboolean replace = force && g_file_test(recipe, G_FILE_TEST_EXISTS);
  for (guint i = 0; !replace && i < G_N_ELEMENTS(names); i++) {
    g_autofree char *file = g_build_filename(folder, names[i], NULL);
    if (g_file_test(file, G_FILE_TEST_EXISTS)) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s is there already%s; expected another folder (-o)%s", file,
                  force ? ", and no recipe.conf beside it" : "", force ? "" : ", or --force");
      return FALSE;
    }
  }
  return can_be_made(whole, error);
}

static gboolean
write_files(const Draft *draft, const char *folder, GError **error) {
  GHashTableIter iter;
  gpointer path, content;
  g_hash_table_iter_init(&iter, draft->files);
  while (g_hash_table_iter_next(&iter, &path, &content)) {
    g_autofree char *copy = g_build_filename(folder, path, NULL);
    g_autofree char *parent = g_path_get_dirname(copy);
    unsigned mode = g_hash_table_contains(draft->closed, path) ? 0600 : 0644;
    if (!dir_make(parent, error) || !file_write(copy, content, strlen(content), mode, error))
      return FALSE;
  }
  return TRUE;
}

/* Replaces FOLDER/files. The new files are written beside the old ones, which go once the new are
 * complete. */
static gboolean
replace_files(const Draft *draft, const char *folder, GError **error) {
  g_autofree char *files = g_build_filename(folder, "files", NULL);
  g_autofree char *beside = g_build_filename(folder, ".files.new", NULL);
  if (!dir_remove(beside, error))
    return FALSE;
  if (!write_files(draft, beside, error)) {
    dir_remove(beside, NULL);
    return FALSE;
  }
  if (!dir_remove(files, error))
    return FALSE;
  if (g_hash_table_size(draft->files) == 0 || g_rename(beside, files) == 0)
    return TRUE;
  return file_failed(files, error);
}

/* Replaces FOLDER/files.lock, or removes it where this draft has none. */
static gboolean
replace_lock(const Draft *draft, const char *folder, GError **error) {
  g_autofree char *path = g_build_filename(folder, "files.lock", NULL);
  if (draft->opened != NULL) {
    g_autofree char *text = files_lock_text(draft->opened);
    return file_write(path, text, strlen(text), 0644, error);
  }
  if (g_unlink(path) == 0 || errno == ENOENT)
    return TRUE;
  return file_failed(path, error);
}

/* Copies NAME of the own program into FOLDER, unless it is there. */
static gboolean
copy_own(const char *from, const char *folder, const char *name, gboolean force, GError **error) {
  g_autofree char *source = g_build_filename(from, name, NULL);
  g_autofree char *target = g_build_filename(folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname(target);
  struct stat here, there;
  if (stat(source, &here) != 0)
    return file_failed(source, error);
  gboolean exists = lstat(target, &there) == 0;
  if (exists && here.st_dev == there.st_dev && here.st_ino == there.st_ino)
    return TRUE;
  if (exists && !force)
    return tinyx_fail(error, TINYX_ERROR_INPUT,
                      "%s is there already; expected another folder (-o), or --force", target);
  return dir_make(parent, error) &&
         proc_call(COPY_DEADLINE, NULL, error, "cp", "-a", "--reflink=auto", "--remove-destination",
                   "--", source, parent, NULL);
}

static gboolean
copy_all_own(const Draft *draft, const char *folder, gboolean force, GError **error) {
  for (guint i = 0; draft->own != NULL && i < draft->own->len; i++)
    if (!copy_own(draft->own_folder, folder, draft->own->pdata[i], force, error))
      return FALSE;
  return TRUE;
}

gboolean
draft_write(const Draft *draft, const char *folder, gboolean force, GError **error) {
  g_autofree char *file = g_build_filename(folder, "recipe.conf", NULL);
  g_autofree char *text = draft_text(draft);
  return draft_folder_check(folder, force, error) && dir_make(folder, error) &&
         copy_all_own(draft, folder, force, error) && replace_files(draft, folder, error) &&
         replace_lock(draft, folder, error) && file_write(file, text, strlen(text), 0644, error);
}
