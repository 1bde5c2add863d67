/* folder.c - whole folders: their paths, and a hash of what is in them. */
#include "base/folder.h"

#include "base/files.h"
#include "base/strings.h"

#include <string.h>
#include <sys/stat.h>

GPtrArray *
folder_names(const char *folder, const char *suffix, GError **error) {
  g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
  const char *name;
  if (dir == NULL)
    return NULL;
  GPtrArray *names = strings_new();
  while ((name = g_dir_read_name(dir)) != NULL)
    if (suffix == NULL || g_str_has_suffix(name, suffix))
      g_ptr_array_add(names, g_strdup(name));
  strings_sort(names);
  return names;
}

static gboolean
walk(const char *folder, const char *below, GPtrArray *paths, GError **error) {
  g_autofree char *here = g_strconcat(folder, below, NULL);
  g_autoptr(GPtrArray) names = folder_names(here, NULL, error);
  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++) {
    char *path = g_strconcat(below, "/", names->pdata[i], NULL);
    g_autofree char *full = g_strconcat(folder, path, NULL);
    struct stat info;
    g_ptr_array_add(paths, path);
    if (lstat(full, &info) != 0)
      return file_failed(full, error);
    if (S_ISDIR(info.st_mode) && !walk(folder, path, paths, error))
      return FALSE;
  }
  return TRUE;
}

GPtrArray *
folder_paths(const char *folder, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  return walk(folder, "", paths, error) ? g_steal_pointer(&paths) : NULL;
}

static gboolean
path_hash(GChecksum *sum, const char *folder, const char *path, guint64 *total, GError **error) {
  g_autofree char *full = g_strconcat(folder, path, NULL);
  g_autofree char *content = NULL;
  struct stat info;
  if (lstat(full, &info) != 0)
    return file_failed(full, error);
  *total += S_ISREG(info.st_mode) ? (guint64)info.st_size : 0;
  if (*total > FOLDER_BYTES_MAX) {
    g_autofree char *all = size_text(*total), *most = size_text(FOLDER_BYTES_MAX);
    return tinyx_fail(error, TINYX_ERROR_INPUT,
                      "%s: with it the folder has %s; expected at most %s", full, all, most);
  }
  if (S_ISLNK(info.st_mode))
    content = g_file_read_link(full, error);
  else if (S_ISREG(info.st_mode))
    content = file_sha256(full, error);
  else
    content = g_strdup("");
  if (content == NULL)
    return FALSE;
  g_autofree char *line =
      g_strdup_printf("%zu %s %o %o %s\n", strlen(path), path, info.st_mode & S_IFMT,
                      info.st_mode & 0111 ? 1 : 0, content);
  g_checksum_update(sum, (const guchar *)line, -1);
  return TRUE;
}

char *
folder_hash(const char *folder, GError **error) {
  g_autoptr(GPtrArray) paths = folder_paths(folder, error);
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  guint64 total = 0;
  if (paths == NULL)
    return NULL;
  for (guint i = 0; i < paths->len; i++)
    if (!path_hash(sum, folder, paths->pdata[i], &total, error))
      return NULL;
  return g_strdup(g_checksum_get_string(sum));
}
