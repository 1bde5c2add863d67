/* package-index.c - which package owns a path: dpkg's info/PACKAGE.list files. */
#include "deps/package-index.h"

#include "base/folder.h"
#include <errno.h>
#include <string.h>

struct PackageIndex {
  GHashTable *owners; /* path -> package name, both in strings */
  GStringChunk *strings;
};

/* Lists name files as their package does ("/lib/x"), while a merged-/usr root has them in
 * "/usr/lib/x": both are one path here. */
static const char *
without_usr(const char *path) {
  static const char *const merged[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32", "libo32"};
  if (!g_str_has_prefix(path, "/usr/"))
    return path;
  gsize length = strcspn(path + 5, "/");
  for (gsize i = 0; i < G_N_ELEMENTS(merged); i++)
    if (strlen(merged[i]) == length && strncmp(path + 5, merged[i], length) == 0)
      return path + 4;
  return path;
}

static void
index_text(PackageIndex *index, char *text, const char *package) {
  char *end;
  for (char *line = text; *line != '\0'; line = end + 1) {
    end = strchrnul(line, '\n');
    gboolean last = *end == '\0';
    *end = '\0';
    /* Folders are shared by many packages; the first one is as good as any. */
    if (line[0] == '/' && !g_hash_table_contains(index->owners, without_usr(line)))
      g_hash_table_insert(index->owners, g_string_chunk_insert(index->strings, without_usr(line)),
                          (gpointer)package);
    if (last)
      break;
  }
}

static gboolean
index_list(PackageIndex *index, const char *folder, const char *name, GError **error) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *text = NULL;
  g_autoptr(GError) why = NULL;
  /* "libc6:amd64.list" */
  g_autofree char *package = g_strndup(name, strlen(name) - strlen(".list"));
  package[strcspn(package, ":")] = '\0';
  if (!g_file_get_contents(path, &text, NULL, &why)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "dpkg's database: %s", why->message);
    return FALSE;
  }
  index_text(index, text, g_string_chunk_insert_const(index->strings, package));
  return TRUE;
}

PackageIndex *
package_index_load(const char *root, GError **error) {
  g_autofree char *folder = g_build_filename(root, "var/lib/dpkg/info", NULL);
  /* Sorted, so that a folder of many packages always has the same owner. */
  g_autoptr(GPtrArray) names = folder_names(folder, ".list", NULL);
  if (names == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: no database of dpkg (%s)", root,
                g_strerror(errno));
    return NULL;
  }
  PackageIndex *index = g_new0(PackageIndex, 1);
  index->strings = g_string_chunk_new(1 << 16);
  index->owners = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < names->len; i++)
    if (!index_list(index, folder, names->pdata[i], error)) {
      package_index_free(index);
      return NULL;
    }
  return index;
}

const char *
package_index_owner(const PackageIndex *index, const char *path) {
  return g_hash_table_lookup(index->owners, without_usr(path));
}

void
package_index_free(PackageIndex *index) {
  if (index == NULL)
    return;
  g_hash_table_unref(index->owners);
  g_string_chunk_free(index->strings);
  g_free(index);
}
