/* config.h - from what was chosen to a verified .config. */
#ifndef TINYX_KERNEL_CONFIG_H
#define TINYX_KERNEL_CONFIG_H

#include "kernel/source.h"

/* The .config of CHOSEN (SymbolRequest*) for SOURCE and TOOLCHAIN, every symbol verified; from the
 * cache where all of that was seen before (then the tree need not be unpacked). Fills SOURCE's
 * version and date. g_free. */
char *config_make(KernelSource *source, const char *toolchain, const GPtrArray *chosen,
                  GError **error);

#endif
