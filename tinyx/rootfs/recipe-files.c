/* recipe-files.c - the folder files/ of a recipe, with what its programs need. */
#include "rootfs/recipe-files.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/folder.h"
#include "base/proc.h"
#include "deps/closure.h"
#include "deps/suspects.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_DEADLINE 300

static gboolean
failed(const char *path, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
  return FALSE;
}

static unsigned
plain_mode(const struct stat *info) {
  return S_ISDIR(info->st_mode) || (info->st_mode & 0111) != 0 ? 0755 : 0644;
}

static gboolean
path_add(Tree *tree, const char *folder, const char *path, GError **error) {
  static const char package[] = "recipe", reason[] = "files/ of the recipe";
  g_autofree char *source = g_strconcat(folder, path, NULL);
  struct stat info;
  if (lstat(source, &info) != 0)
    return failed(source, error);
  if (S_ISREG(info.st_mode))
    return tree_add_file(tree, path, source, plain_mode(&info), package, reason, error) != NULL;
  if (S_ISLNK(info.st_mode)) {
    g_autofree char *target = g_file_read_link(source, error);
    if (target == NULL)
      return FALSE;
    tree_add_symlink(tree, path, target, package, reason);
    return TRUE;
  }
  if (!S_ISDIR(info.st_mode)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: neither a file nor a folder nor a link; expected one of them", source);
    return FALSE;
  }
  const TreeEntry *old = tree_resolve(tree, path);
  if (old == NULL || old->type != TREE_DIR) /* a package's folder keeps its owner and mode */
    tree_add_dir(tree, path, plain_mode(&info), package, reason);
  return TRUE;
}

/* Paths of files that may be executed or are ELF files: what a closure can say something about. */
static GPtrArray *
programs_of(const char *folder, const GPtrArray *paths) {
  GPtrArray *programs = g_ptr_array_new();
  for (guint i = 0; i < paths->len; i++) {
    g_autofree char *source = g_strconcat(folder, paths->pdata[i], NULL);
    struct stat info;
    char start[4] = "";
    if (lstat(source, &info) != 0 || !S_ISREG(info.st_mode))
      continue;
    FILE *file = fopen(source, "re");
    gsize size = file != NULL ? fread(start, 1, sizeof start, file) : 0;
    if (file != NULL)
      fclose(file);
    gboolean elf = size == 4 && memcmp(start, "\177ELF", 4) == 0;
    if (elf || (size >= 2 && memcmp(start, "#!", 2) == 0 && (info.st_mode & 0111) != 0))
      g_ptr_array_add(programs, paths->pdata[i]);
  }
  return programs;
}

static gboolean
needed_add(Tree *tree, const DepFile *file, const char *root, const Tree *installed,
           GError **error) {
  const TreeEntry *from = tree_find(installed, file->path);
  if (file->needed_by == NULL || from == NULL || tree_find(tree, file->path) != NULL)
    return TRUE;
  g_autofree char *reason =
      g_strdup_printf("%s, for %s", file->rule ? file->rule : "needed", file->needed_by);
  g_autofree char *source = g_strconcat(root, file->path, NULL);
  TreeEntry *entry;
  if (file->link != NULL)
    entry = tree_add_symlink(tree, file->path, file->link, from->package, reason);
  else
    entry = tree_add_file(tree, file->path, source, from->mode, from->package, reason, error);
  if (entry == NULL)
    return FALSE;
  entry->uid = from->uid;
  entry->gid = from->gid;
  return TRUE;
}

/* The closure is computed in a copy of ROOT (made of hard links) with the recipe's files in it. */
static gboolean
programs_close(Tree *tree, GPtrArray *programs, const char *folder, const char *copy,
               const char *root, const Tree *installed, GPtrArray *notes, GPtrArray *suspects,
               GError **error) {
  g_autofree char *from = g_strconcat(root, "/.", NULL);
  g_autofree char *files = g_strconcat(folder, "/.", NULL);
  g_auto(Closure) closure = {0};
  g_ptr_array_add(programs, NULL);
  ClosureInput input = {.root = copy, .names = (const char *const *)programs->pdata};
  if (!proc_call(COPY_DEADLINE, NULL, error, "cp", "-al", "--", from, copy, NULL) ||
      !proc_call(COPY_DEADLINE, NULL, error, "cp", "-a", "--remove-destination", "--", files, copy,
                 NULL) ||
      !closure_compute(&input, &closure, error))
    return FALSE;
  for (int links = 1; links >= 0; links--)
    for (guint i = 0; i < closure.files->len; i++) {
      const DepFile *file = closure.files->pdata[i];
      if ((file->link != NULL) == links && !needed_add(tree, file, root, installed, error))
        return FALSE;
    }
  for (guint i = 0; i < closure.missing->len; i++)
    g_ptr_array_add(notes, g_strdup(closure.missing->pdata[i]));
  if (suspects != NULL)
    suspects_append(suspects, closure.suspects);
  return TRUE;
}

gboolean
recipe_files_add(Tree *tree, const char *folder, const char *root, const Tree *installed,
                 GPtrArray *notes, GPtrArray *suspects, GError **error) {
  if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_autoptr(GPtrArray) paths = folder_paths(folder, error);
  if (paths == NULL)
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!path_add(tree, folder, paths->pdata[i], error))
      return FALSE;
  g_autoptr(GPtrArray) programs = programs_of(folder, paths);
  if (programs->len == 0)
    return TRUE;
  g_autofree char *copy = cache_begin("installed", "with-files", error);
  if (copy == NULL)
    return FALSE;
  gboolean ok =
      programs_close(tree, programs, folder, copy, root, installed, notes, suspects, error);
  cache_discard(copy);
  return ok;
}
