/* failures.h - the line of a recipe that cures a system call which failed in a guest.
 *
 * The rules are data: kconfig-heuristics/failures.rules, whose head describes its lines.
 */
#ifndef TINYX_KERNEL_FAILURES_H
#define TINYX_KERNEL_FAILURES_H

#include "kernel/rules.h"

typedef struct {
  char *error, *call, *pattern; /* globs */
  char *cure;                   /* "[image] mounts=proc" */
  char *reason;
} FailureRule;

typedef struct FailureRules FailureRules;

/* INPUT: "FILE:LINE: what; what was expected". */
FailureRules *failure_rules_parse(const char *text, gsize size, const char *file, GError **error);
FailureRules *failure_rules_load(GError **error);
void failure_rules_free(FailureRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FailureRules, failure_rules_free)

/* The first rule for CALL ("socket") that failed with ERROR ("EAFNOSUPPORT") on ARGS, as strace
 * writes them; NULL: there is none. Owned by RULES. */
const FailureRule *failure_rules_find(const FailureRules *rules, const char *error,
                                      const char *call, const char *args);
/* What cures that PATH is not there, by a rule of FEATURES whose evidence it is as a string, or
 * else by one of RULES for a call that opens it: *CURE and *WHY, g_free; both are left alone where
 * none is known. */
void failure_rules_find_path(const FailureRules *rules, const RuleSet *features, const char *path,
                             char **cure, char **why);

#endif
