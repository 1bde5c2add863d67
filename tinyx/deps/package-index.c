/* package-index.c - what dpkg's database says of a path: which package owns it, and its sum there.
 */
#include "deps/package-index.h"
#include "base/files.h"

#include "base/folder.h"
#include "deps/deb822.h"

#include <errno.h>
#include <string.h>

struct PackageIndex {
  GHashTable *owners; /* path -> package name, both in strings */
  GStringChunk *strings;
};

struct PackageSums {
  GHashTable *sums; /* path -> MD5, both in strings */
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
  if (!file_read(path, DEB822_BYTES_MAX, &text, NULL, &why)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "dpkg's database: %s", why->message);
    return FALSE;
  }
  index_text(index, text, g_string_chunk_insert_const(index->strings, package));
  return TRUE;
}

/* The names in FOLDER, the database of dpkg in ROOT, that end with SUFFIX; sorted, so that a folder
 * of many packages always has the same owner. NULL with an error. */
static GPtrArray *
info_names(const char *folder, const char *root, const char *suffix, GError **error) {
  GPtrArray *names = folder_names(folder, suffix, NULL);
  if (names == NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: no database of dpkg (%s)", root,
                g_strerror(errno));
  return names;
}

PackageIndex *
package_index_load(const char *root, GError **error) {
  g_autofree char *folder = g_build_filename(root, "var/lib/dpkg/info", NULL);
  g_autoptr(GPtrArray) names = info_names(folder, root, ".list", error);
  if (names == NULL)
    return NULL;
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

/* MD5 is "newconffile" for a configuration file that is not there yet. */
static void
sum_add(PackageSums *sums, const char *path, const char *md5) {
  if (path[0] == '/' && strlen(md5) == 32 && strspn(md5, "0123456789abcdef") == 32 &&
      !g_hash_table_contains(sums->sums, without_usr(path)))
    g_hash_table_insert(sums->sums, g_string_chunk_insert(sums->strings, without_usr(path)),
                        g_string_chunk_insert(sums->strings, md5));
}

/* Lines "MD5  usr/bin/x". */
static gboolean
sums_read(PackageSums *sums, const char *folder, const char *name, GError **error) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *text = NULL;
  if (!file_read(path, DEB822_BYTES_MAX, &text, NULL, error)) {
    g_prefix_error(error, "dpkg's database: ");
    return FALSE;
  }
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *blanks = strstr(lines[i], "  ");
    if (blanks == NULL)
      continue;
    g_autofree char *file = g_strconcat("/", blanks + 2, NULL);
    *blanks = '\0';
    sum_add(sums, file, lines[i]);
  }
  return TRUE;
}

/* The field Conffiles: lines "/etc/x MD5", some with a word behind it. */
static gboolean
conffiles_read(PackageSums *sums, const char *root, GError **error) {
  g_autofree char *path = g_build_filename(root, "var/lib/dpkg/status", NULL);
  g_autofree char *text = NULL;
  gsize size;
  g_autoptr(GPtrArray) stanzas = file_read(path, DEB822_BYTES_MAX, &text, &size, error)
                                     ? deb822_parse(text, size, path, error)
                                     : NULL;
  for (guint i = 0; stanzas != NULL && i < stanzas->len; i++) {
    const char *field = deb822_get(stanzas->pdata[i], "Conffiles");
    g_auto(GStrv) lines = g_strsplit(field != NULL ? field : "", "\n", -1);
    for (guint j = 0; lines[j] != NULL; j++) {
      g_auto(GStrv) words = g_strsplit(g_strstrip(lines[j]), " ", -1);
      if (g_strv_length(words) >= 2)
        sum_add(sums, words[0], words[1]);
    }
  }
  return stanzas != NULL;
}

PackageSums *
package_sums_load(const char *root, GError **error) {
  g_autofree char *folder = g_build_filename(root, "var/lib/dpkg/info", NULL);
  g_autoptr(GPtrArray) names = info_names(folder, root, ".md5sums", error);
  if (names == NULL)
    return NULL;
  g_autoptr(PackageSums) sums = g_new0(PackageSums, 1);
  sums->strings = g_string_chunk_new(1 << 16);
  sums->sums = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < names->len; i++)
    if (!sums_read(sums, folder, names->pdata[i], error))
      return NULL;
  return conffiles_read(sums, root, error) ? g_steal_pointer(&sums) : NULL;
}

const char *
package_sums_find(const PackageSums *sums, const char *path) {
  return g_hash_table_lookup(sums->sums, without_usr(path));
}

void
package_sums_free(PackageSums *sums) {
  if (sums == NULL)
    return;
  g_hash_table_unref(sums->sums);
  g_string_chunk_free(sums->strings);
  g_free(sums);
}
