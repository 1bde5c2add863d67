/* memory.c - estimates the memory that a guest takes to unpack its files and to start. */
#include "image/memory.h"

#include "image/figures.h"

#define PAGE G_GUINT64_CONSTANT(4096)
#define MB (1024.0 * 1024.0)

/* What the least memory in which tests pass leaves, in the recipes of docs/recipes.md, when the
 * kernel, the packed and the unpacked files are taken off: 3.0 (sqlite) to 6.4 MB (php). The
 * difference is what the applications hold themselves; the rest is the same for all: tables, slabs,
 * the unpacking's own buffers, init. */
#define KERNEL_WORKS (3 * MB)
/* The kernel has 64 bytes for each page of 4096, and keeps some free. */
#define PAGES_COST 0.98
#define ENTRY_COST 1500.0 /* bytes of an inode, its name and what holds them */
/* Of files on a disk only those that are in use have to be in memory at a time: 30 % of them in the
 * least memory in which the tests of node (38 MB, of 98 unpacked) and openjdk (64 of 182) pass. */
#define DISK_SHARE 0.25
/* Below this the kernel does not lie, wherever it is: the first 2 MB are mapped by themselves. */
#define LOW_MEMORY G_GUINT64_CONSTANT(0x200000)

int
memory_estimate(const VmlinuxFacts *kernel, guint64 loaded, guint64 unpacked, guint entries) {
  double fixed = (double)(kernel->span + MIN(kernel->phys_start, LOW_MEMORY)) + KERNEL_WORKS;
  /* Both are there until the last file is unpacked. */
  double files = loaded > 0 ? (double)(loaded + unpacked) + entries * ENTRY_COST
                            : (double)unpacked * DISK_SHARE;
  return (int)((fixed + files) / PAGES_COST / MB) + 1;
}

static guint64
whole_pages(Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  guint64 bytes = 0;
  for (guint i = 0; i < entries->len; i++)
    bytes += (((const TreeEntry *)entries->pdata[i])->size + PAGE - 1) / PAGE * PAGE;
  return bytes;
}

/* TRUE where a package's update could be the difference. */
static gboolean
is_like(gint64 bytes, gint64 others) {
  return ABS(bytes - others) * 50 <= bytes;
}

/* What tests found of an image with such files, or the search that made its kernel; 0: neither. */
static int
measured_least(const Recipe *recipe, const Report *report) {
  g_auto(Figures) figures = {0};
  if (figures_load(recipe, report->platform->name, &figures, NULL) && figures.date != NULL &&
      figures.passed && figures.least_tested && is_like(report->rootfs_bytes, figures.rootfs_bytes))
    return figures.least_memory;
  return report->lock != NULL ? report->lock->least_memory : 0;
}

int
memory_to_start(const Recipe *recipe, const Report *report, gboolean *measured) {
  Tree *tree = report->plan->tree;
  gboolean disk = rootfs_format_is_disk(report->format);
  int least = measured_least(recipe, report);
  *measured = least > 0;
  if (least == 0)
    least = memory_estimate(&report->kernel->facts, disk ? 0 : (guint64)report->rootfs_bytes,
                            whole_pages(tree), tree_entries(tree)->len);
  return MAX(least, report->least_memory);
}
