/* verify.h - is what was asked what came out? Kconfig drops what it does not like without a word.
 */
#ifndef TINYX_KERNEL_VERIFY_H
#define TINYX_KERNEL_VERIFY_H

#include "base/dotconfig.h"
#include "kernel/kernel.h"

/* Compares each of CHOSEN (SymbolRequest*) with CONFIG and what Kconfig says about
 * it (FACTS: SymbolFacts*, same order). Differences, but for symbols that may vanish, are one INPUT
 * error with a line each: symbol, asked, got, where it was asked, what selects or blocks it. What a
 * platform asks for goes along, and is only said, where a person turned off what it depends on. */
gboolean verify_config(const GPtrArray *chosen, const DotConfig *config, const GPtrArray *facts,
                       GError **error);

#endif
