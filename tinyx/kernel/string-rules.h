/* string-rules.h - kconfig-heuristics/strings.rules: which strings of a configuration may come from
 * others, since the kernel's build runs commands with some of them and opens files by others. */
#ifndef TINYX_KERNEL_STRING_RULES_H
#define TINYX_KERNEL_STRING_RULES_H

#include "kernel/kernel.h"

typedef struct StringRules StringRules;

/* TEXT is FILE's, which begins the messages. INPUT: "FILE:LINE: what; what was expected". */
StringRules *string_rules_parse(const char *text, gsize size, const char *file, GError **error);
StringRules *string_rules_load(GError **error);
void string_rules_free(StringRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StringRules, string_rules_free)

/* Why SYMBOL may not have VALUE, with what was expected; NULL: it may, or VALUE is no string.
 * g_free.
 */
char *string_rules_refuse(const StringRules *rules, const char *symbol, const char *value);

/* INPUT with its origin for the first of REQUESTS (SymbolRequest*) whose name or value is
 * malformed, or whose string is refused. What goes to Kconfig goes through this. */
gboolean string_rules_check(const GPtrArray *requests, GError **error);

#endif
