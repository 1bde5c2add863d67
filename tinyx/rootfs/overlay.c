/* overlay.c - a folder of files that is laid over an image when it is started. */
#include "rootfs/overlay.h"

#include "base/files.h"
#include "base/folder.h"
#include "tree/tree.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
path_add(Tree *tree, const char *folder, const char *path, GError **error) {
  TreeFrom from = from_origin(ORIGIN_AT_BOOT, "given at boot");
  g_autofree char *source = g_strconcat(folder, path, NULL);
  g_autofree char *target = NULL;
  struct stat info;
  if (lstat(source, &info) != 0)
    return file_failed(source, error);
  if (S_ISREG(info.st_mode))
    return tree_add_file(tree, path, source, info.st_mode & 0777, from, error) != NULL;
  if (S_ISDIR(info.st_mode))
    return tree_add_dir(tree, path, 0755, from, error) != NULL;
  if (!S_ISLNK(info.st_mode)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: neither a file nor a folder nor a link; expected one of them", source);
    return FALSE;
  }
  target = g_file_read_link(source, error);
  return target != NULL && tree_add_symlink(tree, path, target, from, error) != NULL;
}

static Tree *
folder_tree(const char *folder, GError **error) {
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GPtrArray) paths = NULL;
  if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: no folder; expected one with the files",
                folder);
    return NULL;
  }
  paths = folder_paths(folder, error);
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    if (!path_add(tree, folder, paths->pdata[i], error))
      return NULL;
  if (paths != NULL && paths->len == 0)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: empty; expected files in it", folder);
  return paths != NULL && paths->len > 0 ? g_steal_pointer(&tree) : NULL;
}

static gboolean
copy_into(FILE *out, const char *path, guint64 *size, GError **error) {
  g_autoptr(GMappedFile) file = file_map(path, G_MAXUINT32, error);
  if (file == NULL)
    return FALSE;
  *size = g_mapped_file_get_length(file);
  return fwrite(g_mapped_file_get_contents(file), 1, *size, out) == *size ||
         file_failed(path, error);
}

/* An archive that is not packed begins at a multiple of four bytes (init/initramfs.c,
 * unpack_to_rootfs). */
static gboolean
join(const char *first, const char *second, const char *path, GError **error) {
  static const char zeros[4];
  g_autofree char *temporary = NULL;
  guint64 size = 0, more = 0;
  FILE *out = file_open_new(path, &temporary, error);
  if (out == NULL)
    return FALSE;
  if (copy_into(out, first, &size, error) &&
      fwrite(zeros, 1, (4 - size % 4) % 4, out) == (4 - size % 4) % 4 &&
      copy_into(out, second, &more, error))
    return file_commit(out, temporary, path, 0600, error);
  if (error != NULL && *error == NULL)
    file_failed(path, error);
  file_abandon(out, temporary);
  return FALSE;
}

gboolean
overlay_append(const char *initramfs, const char *folder, const char *path, GError **error) {
  g_autoptr(Tree) tree = folder_tree(folder, error);
  g_autofree char *archive = g_strconcat(path, ".at-boot", NULL);
  gboolean done;
  if (tree == NULL)
    return FALSE;
  done = tree_write_cpio(tree, archive, NULL, 0, error) && join(initramfs, archive, path, error);
  unlink(archive);
  return done;
}
