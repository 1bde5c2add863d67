/* xen-pvh.c - the room of Xen's PVH domains: a kernel that is entered in 32-bit mode, in memory
 * that the processor itself translates (xen/docs/misc/pvh.pandoc). */
#include "platform/xen-config.h"
#include "platform/xen.h"

#define MB G_GUINT64_CONSTANT(0x100000)

static gboolean
check_kernel(const Vmlinux *kernel, GError **error) {
  if (xen_note_has_size(kernel, XEN_NOTE_PHYS32_ENTRY, 4) ||
      xen_note_has_size(kernel, XEN_NOTE_PHYS32_ENTRY, 8))
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_UNBOOTABLE,
              "%s: no Xen note PHYS32_ENTRY: Xen's domain builder would not start this kernel as "
              "PVH; expected CONFIG_XEN_PVH to have put it in",
              kernel->name);
  return FALSE;
}

/* The kernel where it was linked to, and behind it, each at a page of its own, the module list and
 * the initrd (xc_dom_build_image() and alloc_magic_pages_hvm() in tools/libs/guest/). What lies
 * below the kernel has to exist, too. */
static int
least_memory(const VmlinuxFacts *kernel, guint64 initrd) {
  guint64 pages =
      xen_pages(kernel->phys_start + kernel->span) + xen_pages(initrd) + 1 /* start info */;
  return (int)((pages * XEN_PAGE + MB - 1) / MB);
}

static void
launch_files(const Platform *platform, const PlatformImage *image, GPtrArray *files) {
  XenConfig config = xen_config_of(platform, image);
  platform_add_file(files, g_strconcat(image->name, ".xl.cfg", NULL), xen_config_xl(&config),
                    FALSE);
}

const PlatformRoom platform_xen_pvh = {.name = "xen-pvh",
                                       .check_kernel = check_kernel,
                                       .least_memory = least_memory,
                                       .finish_rootfs = xen_finish_rootfs,
                                       .launch_files = launch_files,
                                       .export_files = xen_export_files};
