/* console-rules.h - what a line of a try-out's console says is missing, by the regular expressions
 * in rootfs/tryout.rules. */
#ifndef TINYX_DRAFT_CONSOLE_RULES_H
#define TINYX_DRAFT_CONSOLE_RULES_H

#include "base/error.h"

typedef enum {
  MISSED_COMMAND,
  MISSED_REAL, /* a program that an applet of BusyBox stands in for, and should not */
  MISSED_LIBRARY,
  MISSED_FILE,
  MISSED_MODULE, /* of Python */
  MISSED_KINDS
} MissedKind;

typedef struct ConsoleRules ConsoleRules;

/* Parses TEXT, the content of FILE: "KIND REGEX" lines, each with one group; "#" begins a comment
 * line. INPUT with "FILE:LINE". */
ConsoleRules *console_rules_parse(const char *text, gsize size, const char *file, GError **error);
/* Those of rootfs/tryout.rules. */
ConsoleRules *console_rules_load(GError **error);
void console_rules_free(ConsoleRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConsoleRules, console_rules_free)

/* What the first rule that matches LINE, which is UTF-8, takes for the name of what is missing, and
 * its *KIND; NULL: no rule matches, or the name is empty. g_free. */
char *console_rules_match(const ConsoleRules *rules, const char *line, MissedKind *kind);

#endif
