/* xen.h - what the rooms of Xen's platforms share. Only this folder includes it. */
#ifndef TINYX_PLATFORM_XEN_H
#define TINYX_PLATFORM_XEN_H

#include "platform/room.h"

/* xen/include/public/elfnote.h: types of the notes whose owner is "Xen". */
typedef enum {
  XEN_NOTE_ENTRY = 1,
  XEN_NOTE_VIRT_BASE = 3,
  XEN_NOTE_XEN_VERSION = 5,
  XEN_NOTE_GUEST_OS = 6,
  XEN_NOTE_PHYS32_ENTRY = 18,
} XenNoteType;

/* TRUE if KERNEL has such a note of SIZE bytes. */
gboolean xen_note_has_size(const Vmlinux *kernel, XenNoteType type, gsize size);
/* TRUE if its note says TEXT. */
gboolean xen_note_is(const Vmlinux *kernel, XenNoteType type, const char *text);

/* A page frame in a domain, in bytes; how many of them BYTES take. */
#define XEN_PAGE G_GUINT64_CONSTANT(4096)
guint64 xen_pages(guint64 bytes);

/* libxenguest must not unpack an initramfs that is packed by gzip: see xen.c. */
gboolean xen_finish_rootfs(const char *path, GError **error);

/* PlatformRoom.export_files of xl's platforms: an xl.cfg with relative paths, and run-xen.sh. */
char *xen_export_files(const Platform *platform, const PlatformImage *image, const char *folder,
                       GPtrArray *scripts, GPtrArray *beside);

#endif
