/* glue-disks.c - device nodes of further disks and of their partitions. */
#include "base/files.h"
#include "rootfs/glue-private.h"

#include <string.h>

#define MINORS 16       /* of a disk: xen-blkfront.c (202), virtio_blk.c (PART_BITS) */
#define DISKS_MOST 16   /* xen-blkfront.c numbers those behind xvdp otherwise (EXTENDED) */
#define DISKS_ASKED 4   /* with the feature "block": so many disks ... */
#define PARTS_ASKED 4   /* ... with so many partitions */
#define TEXT_MOST 65536 /* bytes of a file of the recipe that is looked through */

typedef struct {
  Tree *tree;
  const PlatformNode *first; /* the first disk */
  Facts *facts;
  const Recipe *recipe;
  const char *unknown; /* to the kernel, unless with=block asks for it */
  GError **error;
} Disks;

/* Disk NUMBER (0: the first), and its partition PART (0: the whole disk). */
static gboolean
add_node(const Disks *disks, unsigned number, unsigned part) {
  gsize length = strlen(disks->first->path);
  g_autofree char *whole = g_strdup(disks->first->path);
  whole[length - 1] = (char)('a' + number);
  g_autofree char *path = part > 0 ? g_strdup_printf("%s%u", whole, part) : g_strdup(whole);
  return tree_find(disks->tree, path) != NULL ||
         tree_add_node(disks->tree, path, TREE_BLOCK, disks->first->mode, disks->first->major,
                       disks->first->minor + number * MINORS + part,
                       from_origin(ORIGIN_GLUE, "a disk or its partition"), disks->error) != NULL;
}

static gboolean
is_asked(const Recipe *recipe) {
  return recipe->with != NULL && g_strv_contains((const char *const *)recipe->with, "block");
}

/* The nodes that TEXT names. */
static gboolean
add_named(const Disks *disks, const char *text) {
  gsize length = strlen(disks->first->path) - 1;
  g_autofree char *stem = g_strndup(disks->first->path, length);
  for (const char *at = strstr(text, stem); at != NULL; at = strstr(at, stem)) {
    at += length;
    if (*at < 'a' || *at >= 'a' + DISKS_MOST)
      continue;
    guint64 part = g_ascii_strtoull(at + 1, NULL, 10);
    if (part < MINORS && !add_node(disks, (unsigned)(*at - 'a'), (unsigned)part))
      return FALSE;
    if (!is_asked(disks->recipe) && (*at != 'a' || part > 0)) {
      g_autofree char *note = g_strdup_printf(
          "the recipe names %s%c, and the kernel knows no %s unless with=block asks for them", stem,
          *at, disks->unknown);
      facts_note(disks->facts, note);
    }
  }
  return TRUE;
}

/* What the recipe's commands and its own files say. */
static gboolean
add_by_texts(const Disks *disks) {
  for (guint i = 0; i < disks->recipe->runs->len; i++) {
    const RecipeRun *run = disks->recipe->runs->pdata[i];
    if (!add_named(disks, run->command) || (run->before != NULL && !add_named(disks, run->before)))
      return FALSE;
  }
  const GPtrArray *entries = tree_entries(disks->tree);
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type == TREE_FILE && entry->origin == ORIGIN_RECIPE && entry->size <= TEXT_MOST)
      g_ptr_array_add(paths, g_strdup(entry->path)); /* nodes change the list */
  }
  for (guint i = 0; i < paths->len; i++) {
    gsize size = 0;
    g_autofree char *text = tree_text(disks->tree, paths->pdata[i], &size);
    if (text != NULL && memchr(text, '\0', size) == NULL && !add_named(disks, text))
      return FALSE;
  }
  return TRUE;
}

gboolean
glue_add_disks(Tree *tree, const Recipe *recipe, const Platform *platform, RootfsFormat format,
               Facts *facts, GError **error) {
  const PlatformNode *first = NULL;
  for (guint i = 0; i < platform->nodes->len && first == NULL; i++) {
    const PlatformNode *node = platform->nodes->pdata[i];
    if (node->is_block && g_str_has_suffix(node->path, "a"))
      first = node;
  }
  if (first == NULL)
    return TRUE;
  const Disks disks = {
      tree, first, facts, recipe, format == ROOTFS_SQUASHFS ? "ext4 file systems" : "disks", error};
  for (unsigned i = 0; is_asked(recipe) && i < DISKS_ASKED; i++)
    for (unsigned part = 0; part <= PARTS_ASKED; part++)
      if (!add_node(&disks, i, part))
        return FALSE;
  return add_by_texts(&disks);
}
