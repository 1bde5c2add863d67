/* yield.h - which lines of a lock give way to what was asked for after it was made.
 *
 * A lock was found for what the recipe asked then. A feature that the user names needs more: it
 * depends on what the lock has switched off, or on another member of a choice (SLAB_FREELIST_RANDOM
 * on SLUB, where the lock has SLOB). Who asks by name, wins.
 */
#ifndef TINYX_KERNEL_YIELD_H
#define TINYX_KERNEL_YIELD_H

#include "base/dotconfig.h"
#include "kernel/kernel.h"

/* Looks for lines of the lock among CHOSEN (SymbolRequest*) that keep what rules, features and
 * requests ask for from being so in CONFIG, by FACTS (SymbolFacts*, same order).
 * Adds them to YIELDED (symbol char* -> what they give way to, char*; both owned). FALSE: none was
 * added.
 */
gboolean yield_find(const GPtrArray *chosen, const DotConfig *config, const GPtrArray *facts,
                    GHashTable *yielded);

#endif
