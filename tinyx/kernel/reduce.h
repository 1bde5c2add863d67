/* reduce.h - the fewest lines that a person has to read for the same .config. */
#ifndef TINYX_KERNEL_REDUCE_H
#define TINYX_KERNEL_REDUCE_H

#include "kernel/kconfig.h"

/* The configuration of BASE (SymbolRequest*, a platform's) with EXTRA's requests winning over it.
 */
char *requests_apply(Kconfig *kconfig, const GPtrArray *base, const GPtrArray *extra,
                     GError **error);

/* Requests (SymbolRequest*, new) that over BASE lead to the .config of CHOSEN, none of which can be
 * left out; only Kconfig is asked, nothing is built. What of BASE does not hold in that .config is
 * overridden by a line of its own, so that nobody wonders. */
GPtrArray *requests_reduce(Kconfig *kconfig, const GPtrArray *base, const GPtrArray *chosen,
                           GError **error);

#endif
