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

void
rootfs_format_facts(RootfsFormat format, GPtrArray *facts) {
  g_ptr_array_add(facts,
                  g_strdup(rootfs_format_is_disk(format) ? "format:squashfs" : "format:cpio"));
  if (formats[format].compressor != NULL)
    g_ptr_array_add(facts, g_strconcat("compressor:", formats[format].compressor, NULL));
}

gboolean
rootfs_format_is_disk(RootfsFormat format) {
  return format == ROOTFS_SQUASHFS;
}
