/* library-cache.c - the index by which glibc's loader finds libraries: /etc/ld.so.cache.
 *
 * The form is that of glibc 2.33 and later (sysdeps/generic/dl-cache.h, elf/cache.c): a header, the
 * entries in the falling order in which the loader searches them by halves, their strings, and a
 * list of the names below glibc-hwcaps/. All numbers are little-endian, as on x86-64. ldconfig(8)
 * would write the same, but for names that only it would make links for.
 */
#include "rootfs/library-cache.h"

#include "base/files.h"
#include "deps/elf.h"
#include "deps/ldconf.h"

#include <elf.h>
#include <string.h>

#define CACHE "/etc/ld.so.cache"
#define MAGIC "glibc-ld.so.cache1.1"
#define HEADER_BYTES 48
#define ENTRY_BYTES 24
#define LITTLE_ENDIAN_MARK 2
#define EXTENSION_MAGIC 0xeaa42174U
#define EXTENSION_BYTES 24 /* magic, count, one section: tag, flags, offset, size */
#define EXTENSION_HWCAPS 1 /* the section's tag */
#define HWCAP_EXTENSION                                                                            \
  (1U << 30) /* in the upper half of an entry's hwcap; the lower is an index */
#define FLAG_ELF_LIBC6 0x0003U
#define FLAG_X8664_LIB64 0x0300U
#define FLAG_X8664_LIBX32 0x0800U

/* The loader's own folders, in Debian's order. */
static const char *const own_folders[] = {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu",
                                          "/lib", "/usr/lib", NULL};

typedef struct {
  char *name, *path;
  char *variant; /* "x86-64-v3", of glibc-hwcaps/; NULL: for any processor */
  guint32 flags;
  guint order; /* of the folder */
} Library;

static void
library_free(gpointer data) {
  Library *library = data;
  g_free(library->name);
  g_free(library->path);
  g_free(library->variant);
  g_free(library);
}

/* The number at *TEXT, which is moved behind it, in glibc's 32 bits: they wrap around, and so do
 * ours, since the loader looks for a name where its own order says that it is. */
static guint32
number_take(const char **text) {
  guint32 number = 0;
  for (; g_ascii_isdigit(**text); (*text)++)
    number = number * 10 + (guint32)(**text - '0');
  return number;
}

/* glibc's own order of names (_dl_cache_libcmp): numbers count as such, and come after letters. */
static int
names_compare(const char *a, const char *b) {
  while (*a != '\0') {
    gboolean digit = g_ascii_isdigit(*a);
    if (digit != g_ascii_isdigit(*b))
      return digit ? 1 : -1;
    if (digit) {
      guint32 one = number_take(&a), other = number_take(&b);
      if (one != other)
        return (gint32)(one - other);
    } else if (*a != *b) {
      return *a - *b;
    } else {
      a++, b++;
    }
  }
  return *a - *b;
}

/* Falling names; of one name the variants first, for the loader ends its search at what has none.
 */
static int
libraries_compare(gconstpointer a, gconstpointer b) {
  const Library *one = *(Library *const *)a, *other = *(Library *const *)b;
  int names = names_compare(other->name, one->name);
  int variants = g_strcmp0(other->variant, one->variant);
  if (names != 0 || one->flags != other->flags)
    return names != 0 ? names : one->flags < other->flags ? 1 : -1;
  if (variants != 0)
    return variants;
  return one->order != other->order ? (one->order > other->order ? 1 : -1)
                                    : strcmp(one->path, other->path);
}

/* ---- which libraries ---------------------------------------------------- */

static guint32
flags_of(const ElfInfo *info) {
  if (info->machine == EM_X86_64)
    return FLAG_ELF_LIBC6 | (info->is64 ? FLAG_X8664_LIB64 : FLAG_X8664_LIBX32);
  return info->machine == EM_386 ? FLAG_ELF_LIBC6 : 0;
}

static gboolean
is_cached_name(const char *name) {
  return (g_str_has_prefix(name, "lib") || g_str_has_prefix(name, "ld-")) &&
         strstr(name, ".so") != NULL;
}

/* Adds ENTRY, which is in a folder of ORDER, to LIBRARIES if it is, or leads to, a library. */
static void
library_take(const Tree *tree, const TreeEntry *entry, const char *variant, guint order,
             GPtrArray *libraries) {
  g_autofree char *name = g_path_get_basename(entry->path);
  const TreeEntry *file = is_cached_name(name) ? tree_resolve(tree, entry->path) : NULL;
  if (file == NULL || file->type != TREE_FILE || file->source == NULL)
    return;
  g_autoptr(ElfInfo) info = elf_read(file->source, 0, NULL);
  guint32 flags = info != NULL && info->type == ET_DYN ? flags_of(info) : 0;
  if (flags == 0)
    return;
  Library *library = g_new0(Library, 1);
  library->name = g_steal_pointer(&name);
  library->path = g_strdup(entry->path);
  library->variant = g_strdup(variant);
  library->flags = flags;
  library->order = order;
  g_ptr_array_add(libraries, library);
}

/* Adds the path that FOLDER leads to in TREE, once. */
static void
folder_add(const Tree *tree, const char *folder, GPtrArray *folders) {
  const TreeEntry *entry = tree_resolve(tree, folder);
  if (entry != NULL && entry->type == TREE_DIR &&
      !g_ptr_array_find_with_equal_func(folders, entry->path, g_str_equal, NULL))
    g_ptr_array_add(folders, g_strdup(entry->path));
}

/* The folders that the configuration in TREE itself names, which may be the recipe's. */
static void
tree_folders_add(Tree *tree, GPtrArray *folders) {
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    gboolean conf = g_str_has_prefix(entry->path, "/etc/ld.so.conf") && entry->source != NULL;
    g_autofree char *text = NULL;
    if (!conf || !file_read(entry->source, FILE_OWN_MAX, &text, NULL, NULL))
      continue;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
      if (*g_strstrip(*line) == '/')
        folder_add(tree, *line, folders);
  }
}

/* The folders of TREE in the order in which ldconfig(8) takes them; those of the loader's own
 * begin at *OWN. g_ptr_array_unref; NULL on error. */
static GPtrArray *
folders_of(Tree *tree, const char *folder, guint *own, GError **error) {
  g_autoptr(Root) root = root_new(folder, error);
  if (root == NULL)
    return NULL;
  g_autoptr(GPtrArray) named = ldconf_read(root, "/etc/ld.so.conf");
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) own_ones = g_ptr_array_new_with_free_func(g_free);
  GPtrArray *result = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < named->len; i++)
    folder_add(tree, named->pdata[i], all);
  tree_folders_add(tree, all);
  for (guint i = 0; own_folders[i] != NULL; i++)
    folder_add(tree, own_folders[i], own_ones);
  for (guint i = 0; i < all->len; i++)
    if (!g_ptr_array_find_with_equal_func(own_ones, all->pdata[i], g_str_equal, NULL))
      g_ptr_array_add(result, g_strdup(all->pdata[i]));
  *own = result->len;
  for (guint i = 0; i < own_ones->len; i++)
    g_ptr_array_add(result, g_strdup(own_ones->pdata[i]));
  return result;
}

/* The libraries of TREE in the first COUNT of FOLDERS, and in the folders of variants below them.
 */
static GPtrArray *
libraries_of(Tree *tree, const GPtrArray *folders, guint count) {
  GPtrArray *libraries = g_ptr_array_new_with_free_func(library_free);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type != TREE_FILE && entry->type != TREE_SYMLINK)
      continue;
    g_autofree char *folder = g_path_get_dirname(entry->path), *variant = NULL;
    char *mark = strstr(folder, "/glibc-hwcaps/");
    if (mark != NULL) {
      variant = g_strdup(mark + strlen("/glibc-hwcaps/"));
      *mark = '\0';
    }
    guint order;
    if (g_ptr_array_find_with_equal_func((GPtrArray *)folders, folder, g_str_equal, &order) &&
        order < count)
      library_take(tree, entry, variant, order, libraries);
  }
  g_ptr_array_sort(libraries, libraries_compare);
  return libraries;
}

/* ---- the bytes ---------------------------------------------------------- */

static void
word_put(GByteArray *bytes, guint32 word) {
  guint32 little = GUINT32_TO_LE(word);
  g_byte_array_append(bytes, (const guint8 *)&little, sizeof little);
}

/* Where TEXT is from the beginning of the file, with BEFORE bytes before STRINGS; each once. */
static guint32
string_put(GByteArray *strings, GHashTable *known, const char *text, guint32 before) {
  gpointer place;
  if (!g_hash_table_lookup_extended(known, text, NULL, &place)) {
    place = GUINT_TO_POINTER(before + strings->len);
    g_hash_table_insert(known, (gpointer)text, place);
    g_byte_array_append(strings, (const guint8 *)text, strlen(text) + 1);
  }
  return GPOINTER_TO_UINT(place);
}

static int
variants_compare(gconstpointer a, gconstpointer b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The variants of LIBRARIES, sorted, each once; owned by LIBRARIES. */
static GPtrArray *
variants_of(const GPtrArray *libraries) {
  GPtrArray *variants = g_ptr_array_new();
  for (guint i = 0; i < libraries->len; i++) {
    char *variant = ((Library *)libraries->pdata[i])->variant;
    if (variant != NULL && !g_ptr_array_find_with_equal_func(variants, variant, g_str_equal, NULL))
      g_ptr_array_add(variants, variant);
  }
  g_ptr_array_sort(variants, variants_compare);
  return variants;
}

static void
entry_put(GByteArray *bytes, const Library *library, guint32 name, guint32 path,
          const GPtrArray *variants) {
  guint index = 0;
  if (library->variant != NULL)
    g_ptr_array_find_with_equal_func((GPtrArray *)variants, library->variant, g_str_equal, &index);
  word_put(bytes, library->flags);
  word_put(bytes, name);
  word_put(bytes, path);
  word_put(bytes, 0); /* the kernel's version, which is not asked any more */
  word_put(bytes, index);
  word_put(bytes, library->variant != NULL ? HWCAP_EXTENSION : 0);
}

/* The names of the variants, as an extension behind everything else. */
static void
extension_put(GByteArray *bytes, const GPtrArray *variants, const guint32 *names) {
  word_put(bytes, EXTENSION_MAGIC);
  word_put(bytes, 1);
  word_put(bytes, EXTENSION_HWCAPS);
  word_put(bytes, 0);
  word_put(bytes, bytes->len + 8);
  word_put(bytes, variants->len * 4);
  for (guint i = 0; i < variants->len; i++)
    word_put(bytes, names[i]);
}

static GBytes *
bytes_of(const GPtrArray *libraries) {
  g_autoptr(GByteArray) entries = g_byte_array_new(), strings = g_byte_array_new();
  g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) variants = variants_of(libraries);
  g_autofree guint32 *names = g_new0(guint32, variants->len + 1);
  GByteArray *all = g_byte_array_new();
  guint32 before = HEADER_BYTES + libraries->len * ENTRY_BYTES;
  for (guint i = 0; i < libraries->len; i++) {
    const Library *library = libraries->pdata[i];
    guint32 name = string_put(strings, known, library->name, before);
    guint32 path = string_put(strings, known, library->path, before);
    entry_put(entries, library, name, path, variants);
  }
  for (guint i = 0; i < variants->len; i++)
    names[i] = string_put(strings, known, variants->pdata[i], before);
  while (strings->len % 4 != 0)
    g_byte_array_append(strings, (const guint8 *)"", 1);
  g_byte_array_append(all, (const guint8 *)MAGIC, strlen(MAGIC));
  word_put(all, libraries->len);
  word_put(all, strings->len);
  word_put(all, LITTLE_ENDIAN_MARK);
  word_put(all, variants->len > 0 ? before + strings->len : 0);
  for (int i = 0; i < 3; i++)
    word_put(all, 0);
  g_byte_array_append(all, entries->data, entries->len);
  g_byte_array_append(all, strings->data, strings->len);
  if (variants->len > 0)
    extension_put(all, variants, names);
  return g_byte_array_free_to_bytes(all);
}

gboolean
library_cache_add(Tree *tree, const char *root, GError **error) {
  const TreeEntry *old = tree_find(tree, CACHE);
  guint own = 0;
  if (old != NULL && old->origin == ORIGIN_RECIPE)
    return TRUE;
  g_autoptr(GPtrArray) folders = folders_of(tree, root, &own, error);
  if (folders == NULL)
    return FALSE;
  /* Those that the loader finds by the index only: few, and mostly none. */
  g_autoptr(GPtrArray) elsewhere = libraries_of(tree, folders, own);
  if (elsewhere->len == 0 && old == NULL)
    return TRUE;
  g_autoptr(GPtrArray) libraries = libraries_of(tree, folders, folders->len);
  g_autoptr(GBytes) bytes = bytes_of(libraries);
  TreeFrom from = from_origin(ORIGIN_GLUE, "the loader's index");
  if (elsewhere->len > 0)
    from = (TreeFrom){.origin = ORIGIN_GLUE,
                      .kind = REASON_LOADER,
                      .by = ((const Library *)elsewhere->pdata[0])->path};
  return tree_add_data(tree, CACHE, g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes),
                       0644, from, error) != NULL;
}
