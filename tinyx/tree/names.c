/* names.c - which entries of the plan are names of one file (hard links). */
#include "tree/tree.h"

#include <string.h>
#include <sys/stat.h>

typedef struct {
  dev_t device;
  ino_t number;
} Inode;

static guint
inode_hash(gconstpointer key) {
  const Inode *inode = key;
  guint64 number = inode->number;
  return g_int64_hash(&number);
}

static gboolean
inode_equal(gconstpointer a, gconstpointer b) {
  const Inode *left = a, *right = b;
  return left->device == right->device && left->number == right->number;
}

static gboolean
are_one(const TreeEntry *first, const TreeEntry *second) {
  return strcmp(first->source, second->source) != 0 && first->mode == second->mode &&
         first->uid == second->uid && first->gid == second->gid && first->mtime == second->mtime;
}

/* The place in ENTRIES of the first name of the file that entry INDEX is. */
static guint
first_name(const GPtrArray *entries, guint index, GHashTable *seen) {
  const TreeEntry *entry = entries->pdata[index];
  struct stat info;
  if (entry->type != TREE_FILE || entry->source == NULL || entry->size == 0 ||
      stat(entry->source, &info) != 0 || info.st_nlink < 2)
    return index;
  Inode *inode = g_new(Inode, 1);
  *inode = (Inode){info.st_dev, info.st_ino};
  gpointer first;
  if (!g_hash_table_lookup_extended(seen, inode, NULL, &first)) {
    g_hash_table_insert(seen, inode, GUINT_TO_POINTER(index));
    return index;
  }
  g_free(inode);
  return are_one(entries->pdata[GPOINTER_TO_UINT(first)], entry) ? GPOINTER_TO_UINT(first) : index;
}

GArray *
tree_names(Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  g_autoptr(GHashTable) seen = g_hash_table_new_full(inode_hash, inode_equal, g_free, NULL);
  GArray *names = g_array_sized_new(FALSE, TRUE, sizeof(TreeName), entries->len);
  g_array_set_size(names, entries->len);
  for (guint i = 0; i < entries->len; i++) {
    guint first = first_name(entries, i, seen);
    g_array_index(names, TreeName, i).first = first;
    g_array_index(names, TreeName, first).count++;
  }
  for (guint i = 0; i < entries->len; i++) {
    TreeName *name = &g_array_index(names, TreeName, i);
    name->count = g_array_index(names, TreeName, name->first).count;
  }
  return names;
}

guint64
tree_bytes(Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  g_autoptr(GArray) names = tree_names(tree);
  guint64 bytes = 0;
  for (guint i = 0; i < entries->len; i++)
    if (g_array_index(names, TreeName, i).first == i)
      bytes += ((const TreeEntry *)entries->pdata[i])->size; /* 0 for all but files */
  return bytes;
}
