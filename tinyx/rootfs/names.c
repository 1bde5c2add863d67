/* names.c - reads the programs of an image for the paths that they name. */
#include "rootfs/names.h"

#include "base/elffile.h"
#include "base/files.h"
#include "facts/facts.h"
#include "facts/paths.h"

#include <string.h>

typedef struct {
  GHashTable *known; /* path -> NamedPath*, not owned */
  GPtrArray *names;
  Tree *installed;
  const char *file; /* that is read now */
} Names;

static void
named_path_free(gpointer data) {
  NamedPath *name = data;
  g_free(name->path);
  g_free(name->file);
  g_free(name);
}

/* Folders whose names count, whether anything is there or not. */
static gboolean
is_kernels(const char *path) {
  static const char *const folders[] = {"/dev/", "/proc/", "/sys/"};
  for (guint i = 0; i < G_N_ELEMENTS(folders); i++)
    if (g_str_has_prefix(path, folders[i]))
      return TRUE;
  return FALSE;
}

/* A file in a folder of programs itself, not below it. */
static gboolean
is_programs(const char *path) {
  static const char *const folders[] = {"/bin/",      "/sbin/",          "/usr/bin/",
                                        "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/"};
  for (guint i = 0; i < G_N_ELEMENTS(folders); i++)
    if (g_str_has_prefix(path, folders[i]))
      return strchr(path + strlen(folders[i]), '/') == NULL;
  return FALSE;
}

/* A folder of the installation that something is in, and that is more than one of the system's own:
 * "/usr/share" is named for what is below it. */
static gboolean
is_full_folder(Tree *installed, const char *path) {
  const GPtrArray *entries = tree_entries(installed);
  const char *slash = strchr(path + 1, '/');
  g_autofree char *below = g_strconcat(path, "/", NULL);
  if (slash == NULL || strchr(slash + 1, '/') == NULL)
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    if (g_str_has_prefix(((const TreeEntry *)entries->pdata[i])->path, below))
      return TRUE;
  return FALSE;
}

/* What INSTALLED has at PATH, or where it leads to; NULL for what does not count. */
static const TreeEntry *
installed_entry(Tree *installed, const char *path) {
  const TreeEntry *entry = strchr(path, '*') != NULL ? NULL : tree_resolve(installed, path);
  return entry != NULL && entry->type == TREE_DIR && !is_full_folder(installed, entry->path)
             ? NULL
             : entry;
}

static void
take_name(gpointer data, const char *path) {
  Names *names = data;
  if (g_hash_table_contains(names->known, path) || names->names->len >= NAMES_MOST)
    return;
  const TreeEntry *entry = installed_entry(names->installed, path);
  if (entry == NULL && !is_kernels(path) && (strchr(path, '*') != NULL || !is_programs(path)))
    return;
  NamedPath *name = g_new0(NamedPath, 1);
  name->path = g_strdup(path);
  name->file = g_strdup(names->file);
  name->installed = entry != NULL;
  name->program = entry != NULL && entry->type == TREE_FILE && (entry->mode & 0111) != 0;
  g_ptr_array_add(names->names, name);
  g_hash_table_insert(names->known, name->path, name);
}

static gboolean
read_file(Names *names, const TreeEntry *entry, GError **error) {
  g_autoptr(GMappedFile) map = file_map(entry->source, ELF_BYTES_MAX, error);
  if (map == NULL)
    return FALSE;
  const char *bytes = g_mapped_file_get_contents(map);
  gsize size = g_mapped_file_get_length(map);
  gboolean script = size >= 2 && memcmp(bytes, "#!", 2) == 0;
  names->file = entry->path;
  if (size > 0 && (script || elf_file_is(bytes, size)))
    paths_find(bytes, size, script, take_name, names);
  return TRUE;
}

static int
name_compare(gconstpointer a, gconstpointer b) {
  const NamedPath *const *left = a;
  const NamedPath *const *right = b;
  return strcmp((*left)->path, (*right)->path);
}

GPtrArray *
names_find(Tree *tree, Tree *installed, const GPtrArray *ignored, GError **error) {
  g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(named_path_free);
  Names names = {.known = known, .names = list, .installed = installed};
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type == TREE_FILE && entry->source != NULL &&
        !facts_name_matches(ignored, entry->path) && !read_file(&names, entry, error))
      return NULL;
  }
  g_ptr_array_sort(list, name_compare);
  return g_steal_pointer(&list);
}
