/* xen-pv.c - the room of Xen's paravirtualised domains: the notes that libxenguest asks for, and
 * the arithmetic of its PV domain builder: xc_dom_build_image() in tools/libs/guest/xg_dom_core.c,
 * alloc_pgtables_pv() and alloc_p2m_list() in xg_dom_x86.c (Xen 4.17; 4.8 does the same).
 *
 * Page frames are given out from 0 upwards: padding up to the kernel, the kernel, three magic pages
 * (start_info, xenstore, console), page tables, the boot stack; then, as all that the initial page
 * tables map has to exist, padding to the next multiple of 4 MB that leaves 512 kB; behind that the
 * initrd (the note MOD_START_PFN: it needs no mapping) and the list of page frames (the note
 * INIT_P2M: it is mapped elsewhere, by tables of its own).
 */
#include "platform/xen-config.h"
#include "platform/xen.h"

#define TABLE_SPAN (XEN_PAGE * 512) /* bytes that one lowest table maps */
#define ROUNDING G_GUINT64_CONSTANT(0x400000)
#define PADDING (G_GUINT64_CONSTANT(512) * 1024)
#define MAGIC_PAGES 3
#define BOOT_STACK 1
#define UPPER_TABLES 3 /* one at each of the levels 2 to 4 */
#define PAGES_PER_MB (1024 * 1024 / XEN_PAGE)
#define MEMORY_MAX (1 << 20) /* MB, a terabyte: beyond what a kernel and an initrd can ask for */

/* Linux had a note of a hypercall page, too, until XSA-466 took the page away. */
static gboolean
check_kernel(const Vmlinux *kernel, GError **error) {
  const char *missing = NULL;
  if (!xen_note_has_size(kernel, XEN_NOTE_ENTRY, 8))
    missing = "ENTRY";
  else if (!xen_note_has_size(kernel, XEN_NOTE_VIRT_BASE, 8))
    missing = "VIRT_BASE";
  else if (!xen_note_is(kernel, XEN_NOTE_XEN_VERSION, "xen-3.0"))
    missing = "XEN_VERSION \"xen-3.0\"";
  else if (!xen_note_is(kernel, XEN_NOTE_GUEST_OS, "linux"))
    missing = "GUEST_OS \"linux\"";
  if (missing == NULL)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_UNBOOTABLE,
              "%s: no Xen note %s: Xen's PV domain builder would refuse this kernel; expected "
              "CONFIG_XEN_PV to have put it in",
              kernel->name, missing);
  return FALSE;
}

/* Page frames that the initial mapping takes: a multiple of 4 MB. Its own tables lie in it. */
static guint64
mapped_pages(guint64 kernel_end) {
  guint64 used = (xen_pages(kernel_end) + MAGIC_PAGES) * XEN_PAGE;
  guint64 extra = BOOT_STACK * XEN_PAGE + PADDING;
  guint64 tables = 0;
  for (;;) {
    guint64 end = (used + extra + tables) / ROUNDING * ROUNDING + ROUNDING;
    tables = (end / TABLE_SPAN + UPPER_TABLES) * XEN_PAGE;
    if (used + extra + tables <= end)
      return end / XEN_PAGE;
  }
}

static int
least_memory(const VmlinuxFacts *kernel, guint64 initrd) {
  const guint64 most = (guint64)MEMORY_MAX * PAGES_PER_MB;
  if (xen_pages(kernel->phys_start) >= most || xen_pages(kernel->span) >= most)
    return MEMORY_MAX;
  guint64 fixed = mapped_pages(kernel->phys_start + kernel->span) + xen_pages(initrd);
  for (int memory = 1; memory < MEMORY_MAX; memory++) {
    guint64 total = (guint64)memory * PAGES_PER_MB;
    guint64 list = xen_pages(total * 8); /* eight bytes a page frame */
    guint64 tables = xen_pages(list * 8) + UPPER_TABLES - 1;
    if (fixed + list + tables <= total)
      return memory;
  }
  return MEMORY_MAX;
}

static void
launch_files(const Platform *platform, const PlatformImage *image, GPtrArray *files) {
  XenConfig config = xen_config_of(platform, image);
  platform_add_file(files, g_strconcat(image->name, ".xl.cfg", NULL), xen_config_xl(&config),
                    FALSE);
  config.kernel = image->vmlinux; /* spares the older libxenguest that chaos links the unpacking */
  platform_add_file(files, g_strconcat(image->name, ".chaos.json", NULL), xen_config_chaos(&config),
                    FALSE);
}

const PlatformRoom platform_xen_pv = {.name = "xen-pv",
                                      .check_kernel = check_kernel,
                                      .least_memory = least_memory,
                                      .finish_rootfs = xen_finish_rootfs,
                                      .launch_files = launch_files,
                                      .export_files = xen_export_files};
