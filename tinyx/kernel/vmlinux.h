/* vmlinux.h - does an ELF kernel have what Xen's PV domain builder asks for? */
#ifndef TINYX_KERNEL_VMLINUX_H
#define TINYX_KERNEL_VMLINUX_H

#include "base/error.h"

typedef struct {
  guint64 phys_start; /* physical address of the first loaded byte */
  guint64 span;       /* bytes from there to the end of the last loaded segment, .bss included */
} VmlinuxFacts;

/* Checks the Xen notes (xen/include/public/elfnote.h): entry point, virtual base, guest OS "linux",
 * Xen version "xen-3.0". Linux had a hypercall page's note, too, until XSA-466 took the page away.
 */
gboolean vmlinux_inspect(const char *path, VmlinuxFacts *facts, GError **error);

/* The same for bytes in memory; NAME is for messages. */
gboolean vmlinux_parse(const void *data, gsize size, const char *name, VmlinuxFacts *facts,
                       GError **error);

#endif
