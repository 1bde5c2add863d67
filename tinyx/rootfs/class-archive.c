/* class-archive.c - finds in archives of classes which jars they were made of.
 *
 * Format: the JDK's src/hotspot/share/cds/filemap.hpp. Its SharedClassPathEntry has the time of the
 * last change, and behind it the size, of each jar, both 64 bits wide in the machine's order, at a
 * multiple of 8. Where in the file these entries are depends on the version, so they are looked for
 * by the sizes of the jars that there are.
 */
#include "rootfs/class-archive.h"

#include "base/files.h"

#include <string.h>

#define WORD sizeof(guint64)
#define EARLIEST 315532800 /* 1980, the first year that a jar can have */

static gboolean
is_named(const TreeEntry *entry, const char *suffix) {
  return entry->type == TREE_FILE && entry->source != NULL && entry->size > 0 &&
         g_str_has_suffix(entry->path, suffix);
}

/* The jars of TREE by their size (guint64, the entry's). g_hash_table_unref. */
static GHashTable *
jars_by_size(Tree *tree) {
  GHashTable *jars = g_hash_table_new(g_int64_hash, g_int64_equal);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    TreeEntry *entry = entries->pdata[i];
    if (is_named(entry, ".jar"))
      g_hash_table_insert(jars, &entry->size, entry);
  }
  return jars;
}

static void
archive_read(const TreeEntry *archive, GHashTable *jars) {
  g_autoptr(GMappedFile) file = file_map(archive->source, G_MAXUINT64, NULL);
  const char *bytes = file != NULL ? g_mapped_file_get_contents(file) : NULL;
  gsize size = bytes != NULL ? g_mapped_file_get_length(file) : 0;
  guint64 before = 0, word;
  for (gsize at = 0; at + WORD <= size; at += WORD, before = word) {
    memcpy(&word, bytes + at, WORD);
    word = GUINT64_FROM_LE(word);
    TreeEntry *jar =
        before >= EARLIEST && before <= G_MAXUINT32 ? g_hash_table_lookup(jars, &word) : NULL;
    if (jar != NULL)
      jar->mtime = (gint64)before;
  }
}

void
class_archive_times(Tree *tree) {
  g_autoptr(GHashTable) jars = jars_by_size(tree);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len && g_hash_table_size(jars) > 0; i++)
    if (is_named(entries->pdata[i], ".jsa"))
      archive_read(entries->pdata[i], jars);
}
