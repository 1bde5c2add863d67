/* yield.h - which lines of a lock, a platform or a rule give way to what somebody else asks for.
 *
 * A lock was found for what the recipe asked then. A feature that the user names needs more: it
 * depends on what the lock has switched off, or on another member of a choice (SLAB_FREELIST_RANDOM
 * on SLUB, where the lock has SLOB). Who asks by name, wins.
 *
 * Of a choice Kconfig can have one member only. Where a recipe asks for another one than its
 * platform does (HZ_1000, where the platform has HZ_100), the stronger asker's stays, as it would
 * if both asked for values of the same symbol.
 */
#ifndef TINYX_KERNEL_YIELD_H
#define TINYX_KERNEL_YIELD_H

#include "base/dotconfig.h"
#include "kernel/kernel.h"

/* TRUE if what ASKER wants for a symbol replaces what OTHER wants for it. Fragments know of each
 * other: what they contradict each other in is a mistake in one of them. */
gboolean asker_wins_over(SymbolAsker asker, SymbolAsker other);

/* Looks for lines among CHOSEN (SymbolRequest*) that keep what stronger askers want from being so
 * in CONFIG, by FACTS (SymbolFacts*, same order): lines of the lock, and members of a choice of
 * which another is wanted. Adds them to YIELDED (yield_key() -> what they give way to, char*, "" if
 * that is no news; both owned). FALSE: none was added. */
gboolean yield_find(const GPtrArray *chosen, const DotConfig *config, const GPtrArray *facts,
                    GHashTable *yielded);

/* Names what ASKER says about SYMBOL in YIELDED: of two that ask for the same, one may give way and
 * the other be what it gave way to. g_free. */
char *yield_key(SymbolAsker asker, const char *symbol);
/* TRUE if what ASKER says about SYMBOL is in YIELDED, which may be NULL. */
gboolean yield_has(GHashTable *yielded, SymbolAsker asker, const char *symbol);

#endif
