/* runtime-rules.h - what a program opens only when it runs, as data: rootfs/runtime.rules.
 *
 * A line a rule:
 *
 *   when CONDITION [CONDITION…] => ACTION ARGUMENT… # reason
 *
 * All conditions of a line must hold for one file:
 *   needed A|B    a DT_NEEDED entry is one of these (glob(7))
 *   import A|B    an undefined dynamic symbol is one of these
 *   file A|B      the file's own resolved path is one of these (glob(7), "*" stops at "/")
 * Actions:
 *   library NAME…  looked up as dlopen(3) would for that file
 *   file PATH…     files of the root (globs allowed)
 *   tree PATH…     all files below these folders (globs allowed)
 *   nss DATABASE…  nsswitch.conf and the modules that it names for these databases
 *   suggest PATH…  not brought in; said to the person, if it exists in the root
 *   suspect WORD   the file finds more when it runs: named among the suspects
 * "?" after a NAME or PATH: no complaint where it does not exist; a glob never complains.
 */
#ifndef TINYX_DEPS_RUNTIME_RULES_H
#define TINYX_DEPS_RUNTIME_RULES_H

#include "deps/content.h"

typedef enum {
  RUNTIME_RULE_LIBRARY,
  RUNTIME_RULE_FILE,
  RUNTIME_RULE_TREE,
  RUNTIME_RULE_NSS,
  RUNTIME_RULE_SUGGEST,
  RUNTIME_RULE_SUSPECT
} RuntimeRuleAction;

typedef struct {
  char *text;
  gboolean optional; /* it had a "?" or is a glob */
} RuntimeRuleArgument;

typedef struct {
  int line;
  GPtrArray *conditions; /* private */
  RuntimeRuleAction action;
  GPtrArray *arguments; /* RuntimeRuleArgument* */
  char *reason;
} RuntimeRule;

/* The rules (RuntimeRule*) of TEXT; FILE is for messages. INPUT: "FILE:LINE: what; what was
 * expected". */
GPtrArray *runtime_rules_parse(const char *text, gsize size, const char *file, GError **error);
/* The rules (RuntimeRule*, owned by RULES) that hold for CONTENT, or NULL if none does. */
GPtrArray *runtime_rules_match(const GPtrArray *rules, const Content *content);

#endif
