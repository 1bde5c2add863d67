/* dom0.h - what the embedded Xen host boots, assembled from Debian's packages
 * (unpacked, never installed) as scripts/dom0/contents says.
 */
#ifndef TINYX_XEN_DOM0_H
#define TINYX_XEN_DOM0_H

#include "base/error.h"

/* The cached folder (g_free) with
 *   xen          the hypervisor, unpacked (a multiboot kernel for QEMU's -kernel)
 *   vmlinuz      dom0's kernel
 *   dom0.cpio    dom0's initramfs
 *   id, id.pub   the SSH key that dom0 lets in; made with it, and only its owner can read it
 *   version      Xen's version, "4.17.7" */
char *dom0_image(GError **error);

/* scripts/dom0/contents: "KIND VALUE reason" a line. For tests. */
typedef struct {
  GPtrArray *packages, *programs, *modules; /* char*, NULL-terminated, in the file's order */
} Dom0Contents;

gboolean dom0_contents_parse(const char *text, const char *file, Dom0Contents *contents,
                             GError **error);
void dom0_contents_clear(Dom0Contents *contents);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Dom0Contents, dom0_contents_clear)

#endif
