/* room.h - the C code of one platform: what its .conf cannot say. Only this folder includes it. */
#ifndef TINYX_PLATFORM_ROOM_H
#define TINYX_PLATFORM_ROOM_H

#include "platform/platform.h"

/* Every function but check_kernel may be NULL: then nothing is to be done. */
struct PlatformRoom {
  const char *name; /* room= in a .conf */
  /* UNBOOTABLE for a kernel that the loader would refuse. */
  gboolean (*check_kernel)(const Vmlinux *kernel, GError **error);
  /* MB, as platform_least_memory(). */
  int (*least_memory)(const VmlinuxFacts *kernel, guint64 initrd);
  gboolean (*finish_rootfs)(const char *path, GError **error);
  /* Adds PlatformFile* to FILES. */
  void (*launch_files)(const Platform *platform, const PlatformImage *image, GPtrArray *files);
  /* As platform_export(). */
  char *(*export_files)(const Platform *platform, const PlatformImage *image, const char *folder,
                        GPtrArray *scripts, GPtrArray *beside);
};

extern const PlatformRoom platform_xen_pv, platform_xen_pvh, platform_qemu_microvm;

/* Adds a file to the list of launch_files(); TEXT is taken. */
void platform_add_file(GPtrArray *files, char *name, char *text, gboolean is_program);

#endif
