/* memory.h - how much memory a guest of an image takes to unpack its files and to start. */
#ifndef TINYX_IMAGE_MEMORY_H
#define TINYX_IMAGE_MEMORY_H

#include "image/report.h"

/* MB with which the guest of REPORT's image (rootfs_bytes, least_memory and lock are filled) can be
 * expected to unpack its files and to start its applications: what was measured of this recipe's
 * image by `tinyx test --least --record` or `tinyx minimize` (*MEASURED), else an estimate from the
 * sizes, to which comes what the applications take for themselves. Never less than least_memory. */
int memory_to_start(const Recipe *recipe, const Report *report, gboolean *measured);
/* The same estimate from sizes alone, in MB: KERNEL as it lies in memory, LOADED bytes of an
 * initramfs as it is handed over (0: a disk), UNPACKED bytes of all files in whole pages, ENTRIES
 * of the file system. */
int memory_estimate(const VmlinuxFacts *kernel, guint64 loaded, guint64 unpacked, guint entries);

#endif
