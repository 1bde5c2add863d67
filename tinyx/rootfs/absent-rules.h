/* absent-rules.h - rootfs/absent.rules: what an image may lack of what its programs name. */
#ifndef TINYX_ROOTFS_ABSENT_RULES_H
#define TINYX_ROOTFS_ABSENT_RULES_H

#include "facts/program.h"

typedef struct {
  char *kind;       /* "family", "helper", "locale" or "node" */
  char *name;       /* "IPv6" */
  GPtrArray *facts; /* Fact*: any of them shows that it is wanted */
  char **has;       /* "CONFIG_IPV6", or a glob of paths: any of them, and the image has it */
  char *cure;       /* "[kernel] with=ipv6" */
  char *reason;
} AbsentRule;

typedef struct {
  GPtrArray *rules;    /* AbsentRule* */
  GPtrArray *unmissed; /* char*: globs of paths */
  GPtrArray *excepts;  /* char*: globs of base names of files whose paths say nothing */
  GPtrArray *calls;    /* CallWanted* of the rules' conditions "call" */
  guint64 account;     /* the mask of the capabilities that a program with a user= does not need */
} AbsentRules;

/* INPUT: "FILE:LINE: what; what was expected". */
AbsentRules *absent_rules_parse(const char *text, gsize size, const char *file, GError **error);
AbsentRules *absent_rules_load(GError **error);
void absent_rules_free(AbsentRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AbsentRules, absent_rules_free)

/* Adds what RULES look for in programs: imports to NAMES (a set of char*), strings to STRINGS,
 * which stay the rules'; calls are in RULES. */
void absent_rules_wanted(const AbsentRules *rules, GHashTable *names, GPtrArray *strings);

#endif
