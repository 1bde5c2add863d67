/* keep.h - kconfig-heuristics/keep.config: what no test of an application can see, and what only
 * another machine than the test's would show. The search never takes it out, and a lock that was
 * made before it was written down gives way to it. */
#ifndef TINYX_KERNEL_KEEP_H
#define TINYX_KERNEL_KEEP_H

#include "kernel/kernel.h"

/* Its lines for PLATFORM (SymbolRequest*); g_ptr_array_unref. FOLDER is kconfig-heuristics. */
GPtrArray *keep_load(const char *folder, const Platform *platform, GError **error);

#endif
