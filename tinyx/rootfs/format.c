/* format.c - the forms that a root file system can have. */
#include "rootfs/rootfs.h"

#include <string.h>

static const struct {
  const char *name, *file, *compressor;
} formats[] = {
    [ROOTFS_CPIO] = {"cpio", "initramfs.cpio.xz", "xz"},
    [ROOTFS_CPIO_GZIP] = {"cpio.gz", "initramfs.cpio.gz", "gzip"},
    [ROOTFS_SQUASHFS] = {"squashfs", "rootfs.squashfs", NULL},
};

gboolean
rootfs_format_parse(const char *name, RootfsFormat *format) {
  for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
    if (strcmp(formats[i].name, name) == 0) {
      *format = (RootfsFormat)i;
      return TRUE;
    }
  return FALSE;
}

const char *
rootfs_format_name(RootfsFormat format) {
  return formats[format].name;
}

const char *
rootfs_format_file(RootfsFormat format) {
  return formats[format].file;
}

/* TRUE if an entry has a time of its own, which the kernel has to unpack with it. */
static gboolean
has_times(Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++)
    if (((const TreeEntry *)entries->pdata[i])->mtime != 0)
      return TRUE;
  return FALSE;
}

void
rootfs_format_facts(RootfsFormat format, Tree *tree, Facts *facts) {
  if (!rootfs_format_is_disk(format) && has_times(tree))
    facts_add(facts, FACTS_FROM_FORMAT, "times", NULL);
  facts_add(facts, FACTS_FROM_FORMAT, rootfs_format_is_disk(format) ? "squashfs" : "cpio", NULL);
  if (formats[format].compressor != NULL)
    facts_add(facts, FACTS_FROM_PACKING, formats[format].compressor, NULL);
}

gboolean
rootfs_format_is_disk(RootfsFormat format) {
  return format == ROOTFS_SQUASHFS;
}
