/* modules.c - which files of a Debian's kernel modules are loaded, and in which order. */
#include "base/elffile.h"
#include "base/files.h"
#include "compare/debian.h"

#include <string.h>

#define DEPENDS "depends=" /* in a module's .modinfo: names with commas between them */

/* FILE somewhere below FOLDER; g_free; NULL. */
static char *
search_file(const char *folder, const char *file) {
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  g_autofree char *here = g_build_filename(folder, file, NULL);
  const char *name;
  if (g_file_test(here, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer(&here);
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    gboolean is_folder =
        g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK);
    char *found = is_folder ? search_file(path, file) : NULL;
    if (found != NULL)
      return found;
  }
  return NULL;
}

/* A name may have '_' where its file has '-'. */
static char *
find_module(const char *folder, const char *name, GError **error) {
  g_autofree char *file = g_strconcat(name, ".ko", NULL);
  g_autofree char *other = g_strdelimit(g_strdup(file), "_", '-');
  char *path = search_file(folder, file);
  if (path == NULL)
    path = search_file(folder, other);
  if (path == NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                "no %s below %s; the platform's distribution-modules=, or a module, names it", file,
                folder);
  return path;
}

/* The names that the module PATH depends on; g_strfreev. */
static char **
read_depends(const char *path, GError **error) {
  static const char mark[] = "\0" DEPENDS;
  g_autofree char *bytes = NULL;
  const char *found;
  gsize size;
  if (!file_read(path, ELF_BYTES_MAX, &bytes, &size, error))
    return NULL;
  /* There is a NUL behind the bytes. */
  found = memmem(bytes, size, mark, sizeof mark - 1);
  return g_strsplit(found != NULL ? found + sizeof mark - 1 : "", ",", -1);
}

/* What it depends on first. SEEN has what was begun: two may depend on one module, and a damaged
 * one on itself. */
static gboolean
add_module(GPtrArray *list, GHashTable *seen, const char *folder, const char *name,
           GError **error) {
  g_autofree char *path = find_module(folder, name, error);
  g_auto(GStrv) depends = path != NULL ? read_depends(path, error) : NULL;
  if (depends == NULL)
    return FALSE;
  if (!g_hash_table_add(seen, g_strdup(path)))
    return TRUE;
  for (guint i = 0; depends[i] != NULL; i++)
    if (depends[i][0] != '\0' && !add_module(list, seen, folder, depends[i], error))
      return FALSE;
  g_ptr_array_add(list, g_steal_pointer(&path));
  return TRUE;
}

GPtrArray *
debian_modules(const char *release_folder, char *const *names, GError **error) {
  g_autofree char *folder = g_build_filename(release_folder, "kernel", NULL);
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; names[i] != NULL; i++)
    if (!add_module(list, seen, folder, names[i], error))
      return NULL;
  return g_steal_pointer(&list);
}
