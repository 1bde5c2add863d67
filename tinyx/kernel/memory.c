/* The arithmetic of Xen's PV domain builder: xc_dom_build_image() in
 * tools/libs/guest/xg_dom_core.c and alloc_pgtables_pv(), alloc_p2m_list() in xg_dom_x86.c
 * (Xen 4.17; 4.8 does the same).
 *
 * Page frames are given out from 0 upwards: padding up to the kernel, the kernel, three magic pages
 * (start_info, xenstore, console), page tables, the boot stack; then, as all that the initial page
 * tables map has to exist, padding to the next multiple of 4 MB that leaves 512 kB; behind that the
 * unpacked initrd (the note MOD_START_PFN: it needs no mapping) and the list of page frames (the
 * note INIT_P2M: it is mapped elsewhere, by tables of its own).
 */
#include "kernel/kernel.h"

#define PAGE G_GUINT64_CONSTANT(4096)
#define TABLE_SPAN (PAGE * 512) /* bytes that one lowest table maps */
#define ROUNDING G_GUINT64_CONSTANT(0x400000)
#define PADDING (G_GUINT64_CONSTANT(512) * 1024)
#define MAGIC_PAGES 3
#define BOOT_STACK 1
#define UPPER_TABLES 3 /* one at each of the levels 2 to 4 */
#define PAGES_PER_MB (1024 * 1024 / PAGE)
#define MEMORY_MAX (1 << 20) /* MB, a terabyte: beyond what a kernel and an initrd can ask for */

static guint64
pages_of(guint64 bytes) {
  return bytes / PAGE + (bytes % PAGE != 0);
}

/* Page frames that the initial mapping takes: a multiple of 4 MB. Its own tables lie in it. */
static guint64
mapped_pages(guint64 kernel_end) {
  guint64 used = (pages_of(kernel_end) + MAGIC_PAGES) * PAGE;
  guint64 extra = BOOT_STACK * PAGE + PADDING;
  guint64 tables = 0;
  for (;;) {
    guint64 end = (used + extra + tables) / ROUNDING * ROUNDING + ROUNDING;
    tables = (end / TABLE_SPAN + UPPER_TABLES) * PAGE;
    if (used + extra + tables <= end)
      return end / PAGE;
  }
}

int
kernel_least_memory(const KernelResult *kernel, guint64 initrd) {
  guint64 fixed = mapped_pages(kernel->phys_start + kernel->span) + pages_of(initrd);
  for (int memory = 1; memory < MEMORY_MAX; memory++) {
    guint64 total = (guint64)memory * PAGES_PER_MB;
    guint64 list = pages_of(total * 8); /* eight bytes a page frame */
    guint64 tables = pages_of(list * 8) + UPPER_TABLES - 1;
    if (fixed + list + tables <= total)
      return memory;
  }
  return MEMORY_MAX;
}
