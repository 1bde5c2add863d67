/* config.h - from what was chosen to a verified .config. */
#ifndef TINYX_KERNEL_CONFIG_H
#define TINYX_KERNEL_CONFIG_H

#include "kernel/source.h"

/* The .config of CHOSEN (SymbolRequest*) for SOURCE and TOOLCHAIN, every symbol verified; from the
 * cache where all of that was seen before (then the tree need not be unpacked). Fills SOURCE's
 * version and date. Where it does not become what was asked, lines of the lock that are in the way
 * go to YIELDED (yield.h; may be NULL). g_free. */
char *config_make(KernelSource *source, const char *toolchain, const GPtrArray *chosen,
                  GHashTable *yielded, GError **error);

/* Writes to PATH what Kconfig is to read for CHOSEN: the tree's own tiny fragments, then these.
 * INPUT for a value that the kernel's build would run or open: every value passes here
 * (kernel/string-rules.h). */
gboolean config_write_fragment(const KernelSource *source, const GPtrArray *chosen,
                               const char *path, GError **error);

/* The build folder in which SOURCE is configured, with the tree's Kconfig programs in it; taken for
 * us until *LOCK is freed. g_free. */
char *config_folder(KernelSource *source, CacheLock **lock, GError **error);

#endif
