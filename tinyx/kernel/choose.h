/* choose.h - which symbols are asked for, by whom and why: platform, then rules, then requests. */
#ifndef TINYX_KERNEL_CHOOSE_H
#define TINYX_KERNEL_CHOOSE_H

#include "kernel/kernel.h"
#include "kernel/rules.h"

/* All that is asked for INPUT (SymbolRequest*, sorted by symbol, one a symbol). DATA is the folder
 * kconfig-heuristics/. NOTES (may be NULL) gets what the evidence cannot tell, and rules that were
 * ruled out by name (char*). Names in INPUT that no feature has are an error. */
GPtrArray *choose_symbols(const KernelInput *input, const char *data, GPtrArray *notes,
                          GError **error);

/* What the files of INPUT show of what SET looks for, INPUT's facts, and what it asks for by name;
 * NOTES as above. facts_free. */
Facts *choose_facts(const KernelInput *input, const RuleSet *set, GPtrArray *notes, GError **error);

/* Names of the rules that hold for INPUT (char*, sorted); g_ptr_array_unref. */
GPtrArray *choose_rules(const KernelInput *input, const char *data, GError **error);

/* CHOSEN as "CONFIG_X=y  # reason (origin)" lines. g_free. */
char *chosen_text(const GPtrArray *chosen, const char *header);
/* CHOSEN as Kconfig reads it (KCONFIG_ALLCONFIG). g_free. */
char *chosen_allconfig(const GPtrArray *chosen);

#endif
