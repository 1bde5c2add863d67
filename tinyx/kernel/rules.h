/* rules.h - the feature rules: kconfig-heuristics/features/NAME.config.
 *
 *   # feature: epoll
 *   # what: epoll_create and its family
 *   # when: import epoll_create epoll_create1
 *   # when: syscall epoll_create1
 *   # when: call fcntl:2=6  (the imported function fcntl is called with 6 as its argument 2)
 *   # when: fact net:ipv6  (a kind and value that facts/facts.c has an emitter for)
 *   # except: libfoo.so.*  REASON (files of which that evidence does not count)
 *   # guess: REASON  (see below)
 *   # stands: REASON  (see below)
 *   # note: for people
 *   # cost: 6.1.192 xen-pv 1234  (bytes that the bzImage grew by: scripts/measure-features)
 *   CONFIG_EPOLL=y  # event loops wait on it
 *
 * One "when" that holds is enough; a rule without one holds only where it is asked for by name: by
 * KernelInput.with, or the fact "feature:NAME". A guess that is asked for by name still is no more
 * than evidence: the minimiser may take it out, and a lock that knows the rule decides. A rule that
 * stands is the opposite: where its evidence holds it counts as asked for by name, so that no
 * search takes it out and no lock is without it. It is for what no test can see; --without it is
 * the word against it.
 */
#ifndef TINYX_KERNEL_RULES_H
#define TINYX_KERNEL_RULES_H

#include "facts/program.h"
#include "kernel/kernel.h"

typedef struct {
  char *name;
  char *what;
  char *file;          /* "features/epoll.config" */
  GPtrArray *whens;    /* RuleWhen* */
  GPtrArray *except;   /* char*: globs of base names */
  GPtrArray *requests; /* SymbolRequest* */
  gboolean guess;
  gboolean stands;
  GPtrArray *costs; /* RuleCost*, one a platform; those that were measured */
} Rule;

typedef struct {
  char *word;       /* "import", "fact", … */
  char **names;     /* any of them, as the rule has them */
  GPtrArray *facts; /* Fact*: the same */
} RuleWhen;

typedef struct {
  char *version;  /* the Linux that it was measured on: "6.1.192" */
  char *platform; /* and for which platform */
  gint64 bytes;   /* that the bzImage of recipes/nginx grew by */
} RuleCost;

/* SYSCALLS: name -> GINT_TO_POINTER(number), to check names by (rules_load has it; NULL: not
 * checked). */
Rule *rule_parse(const char *text, gsize size, const char *file, GHashTable *syscalls,
                 GError **error);
void rule_free(Rule *rule);
/* What RULE was measured to cost on PLATFORM; NULL: it was not measured there. */
const RuleCost *rule_cost(const Rule *rule, const char *platform);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rule, rule_free)

typedef struct {
  GPtrArray *rules;     /* Rule*, sorted by file name */
  FactsWanted wanted;   /* what they ask for */
  GHashTable *syscalls; /* name -> number */
} RuleSet;

/* Reads every *.config of FOLDER/features, FOLDER/syscalls-x86_64 and FOLDER/no-evidence. */
RuleSet *rules_load(const char *folder, GError **error);
void rules_free(RuleSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RuleSet, rules_free)

/* The rule NAME, or NULL. */
const Rule *rules_find(const RuleSet *set, const char *name);

/* TRUE if the fact "feature:NAME" asks for RULE. */
gboolean rule_by_name(const Rule *rule, const Facts *facts);
/* Why RULE applies ("import epoll_create1 in /usr/sbin/nginx"), or NULL: it does not. g_free. */
char *rule_reason(const Rule *rule, const Facts *facts);

#endif
