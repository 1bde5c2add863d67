/* glue-mounts.c - rootfs/mounts.rules, and what is mounted by them. */
#include "base/files.h"
#include "base/rulelines.h"
#include "base/strings.h"
#include "rootfs/glue-private.h"

#include <string.h>

#define DATA "rootfs/mounts.rules"

/* In the order in which they are mounted. */
static const char *const kinds[] = {"dev", "proc", "sys", "devpts", "shm", NULL};
/* Of rules: what is written to is a tmpfs in an initramfs, too (glue-writable.c); log is no mount,
 * but /dev/log with somebody who listens. */
static const char *const rule_kinds[] = {"dev", "proc",  "sys", "devpts",
                                         "shm", "tmpfs", "log", NULL};

typedef struct {
  char *kind;
  GPtrArray *facts; /* Fact*: any of them */
} MountRule;

typedef struct {
  char *glob; /* of base names */
  char *kind; /* NULL: all */
} MountExcept;

struct MountRules {
  GPtrArray *rules;   /* MountRule* */
  GPtrArray *excepts; /* MountExcept* */
  FactsWanted wanted;
};

static void
rule_free(gpointer data) {
  MountRule *rule = data;
  g_free(rule->kind);
  g_ptr_array_unref(rule->facts);
  g_free(rule);
}

static void
except_free(gpointer data) {
  MountExcept *except = data;
  g_free(except->glob);
  g_free(except->kind);
  g_free(except);
}

static void
free_fact(gpointer fact) {
  fact_free(fact);
}

void
mount_rules_free(MountRules *rules) {
  if (rules == NULL)
    return;
  g_ptr_array_unref(rules->rules);
  g_ptr_array_unref(rules->excepts);
  g_ptr_array_unref(rules->wanted.strings);
  g_ptr_array_unref(rules->wanted.ignored);
  g_hash_table_unref(rules->wanted.import_names);
  g_free(rules);
}

/* The facts that NAMES stand for; what was expected where one stands for none. */
static const char *
take_facts(MountRules *rules, MountRule *rule, const char *when, char **names) {
  for (; *names != NULL; names++) {
    Fact *fact = **names != '\0' ? fact_parse(when, *names, NULL) : NULL;
    if (fact == NULL)
      return g_str_equal(when, "fact") ? "facts that something says (tinyx/facts/facts.c)"
                                       : "names and strings that are not empty";
    g_ptr_array_add(rule->facts, fact);
    if (fact->kind == FACT_STRING)
      g_ptr_array_add(rules->wanted.strings, g_strdup(fact->value));
    if (fact->kind == FACT_IMPORT)
      g_hash_table_add(rules->wanted.import_names, fact->value);
  }
  return NULL;
}

/* The word of fact_parse() that WORDS, behind "when", begin with: "import", "fact", or none, for a
 * string. */
static const char *
when_of(char **words) {
  static const char *const own[] = {"import", "fact", NULL};
  return words[0] != NULL && g_strv_contains(own, words[0]) ? words[0] : NULL;
}

/* WORDS behind "except": GLOB..., or GLOB... for KIND. What was expected where they are not. */
static const char *
take_except(MountRules *rules, char **words) {
  guint count = g_strv_length(words);
  const char *kind = count > 2 && strcmp(words[count - 2], "for") == 0 ? words[count - 1] : NULL;
  if (kind != NULL && !g_strv_contains(rule_kinds, kind))
    return "proc, sys, dev, devpts, shm, tmpfs or log after \"for\"";
  for (guint i = 0; i < (kind != NULL ? count - 2 : count); i++) {
    MountExcept *except = g_new0(MountExcept, 1);
    except->glob = g_strdup(words[i]);
    except->kind = g_strdup(kind);
    g_ptr_array_add(rules->excepts, except);
  }
  return NULL;
}

static const char *
take_words(MountRules *rules, char **words) {
  if (g_strv_length(words) >= 2 && strcmp(words[0], "except") == 0)
    return take_except(rules, words + 1);
  const char *when = g_strv_length(words) > 3 ? when_of(words + 3) : NULL;
  if (g_strv_length(words) < (when != NULL ? 5 : 4) || strcmp(words[0], "mount") != 0 ||
      strcmp(words[2], "when") != 0)
    return "mount KIND when \"STRING\"... # REASON, mount KIND when import NAME... # REASON, mount "
           "KIND when fact FACT... # REASON, or except GLOB... # REASON, except GLOB... for KIND # "
           "REASON";
  if (!g_strv_contains(rule_kinds, words[1]))
    return "proc, sys, dev, devpts, shm, tmpfs or log after \"mount\"";
  MountRule *rule = g_new0(MountRule, 1);
  rule->kind = g_strdup(words[1]);
  rule->facts = g_ptr_array_new_with_free_func(free_fact);
  g_ptr_array_add(rules->rules, rule);
  return take_facts(rules, rule, when != NULL ? when : "string", words + (when != NULL ? 4 : 3));
}

static char *
take_rule(gpointer data, char *line, guint number) {
  (void)number;
  g_auto(GStrv) words = NULL;
  const char *expected = RULE_LINE_REASON;
  if (rule_line_reason(line) != NULL)
    expected =
        g_shell_parse_argv(line, NULL, &words, NULL) ? take_words(data, words) : "balanced quotes";
  return expected != NULL ? rule_line_bad(line, expected) : NULL;
}

MountRules *
mount_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(MountRules) rules = g_new0(MountRules, 1);
  rules->rules = g_ptr_array_new_with_free_func(rule_free);
  rules->excepts = g_ptr_array_new_with_free_func(except_free);
  rules->wanted.strings = g_ptr_array_new_with_free_func(g_free);
  rules->wanted.ignored = g_ptr_array_new_with_free_func(g_free);
  rules->wanted.imports = TRUE;
  rules->wanted.import_names = g_hash_table_new(g_str_hash, g_str_equal);
  return rule_lines_read(text, size, file, take_rule, rules, error) ? g_steal_pointer(&rules)
                                                                    : NULL;
}

MountRules *
mount_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  g_autoptr(MountRules) rules = text != NULL ? mount_rules_parse(text, size, DATA, error) : NULL;
  if (rules == NULL || !facts_load_ignored(rules->wanted.ignored, error))
    return NULL;
  return g_steal_pointer(&rules);
}

const FactsWanted *
mount_rules_wanted(const MountRules *rules) {
  return &rules->wanted;
}

GPtrArray *
mount_rules_strings(const MountRules *rules, const char *kind) {
  GPtrArray *strings = g_ptr_array_new();
  for (guint i = 0; i < rules->rules->len; i++) {
    const MountRule *rule = rules->rules->pdata[i];
    for (guint j = 0; strcmp(rule->kind, kind) == 0 && j < rule->facts->len; j++) {
      const Fact *fact = rule->facts->pdata[j];
      if (fact->kind == FACT_STRING)
        g_ptr_array_add(strings, fact->value);
    }
  }
  return strings;
}

const Fact *
mount_rules_match(const MountRules *rules, const char *kind, const Facts *facts) {
  g_autoptr(GPtrArray) silent = g_ptr_array_new();
  for (guint i = 0; i < rules->excepts->len; i++) {
    const MountExcept *except = rules->excepts->pdata[i];
    if (except->kind == NULL || strcmp(except->kind, kind) == 0)
      g_ptr_array_add(silent, except->glob);
  }
  for (guint i = 0; i < rules->rules->len; i++) {
    const MountRule *rule = rules->rules->pdata[i];
    for (guint j = 0; strcmp(rule->kind, kind) == 0 && j < rule->facts->len; j++) {
      const Fact *wanted = rule->facts->pdata[j];
      const Fact *found = facts_find(facts, wanted->kind, wanted->value, silent);
      if (found != NULL)
        return found;
    }
  }
  return NULL;
}

/* The mounts that the recipe names, in the order of mounting; "run" and "tmp" are none: they are
 * folders for glue_writable(). */
static char **
named_mounts(const Recipe *recipe) {
  g_autoptr(GStrvBuilder) words = g_strv_builder_new();
  for (guint i = 0; kinds[i] != NULL; i++)
    if (g_strv_contains((const char *const *)recipe->mounts, kinds[i]))
      g_strv_builder_add(words, kinds[i]);
  return g_strv_builder_end(words);
}

/* TRUE if the glue itself reads /proc: reap finds a daemon without a pid file there, and rc looks
 * there whether a UDP port is open. */
static gboolean
needs_proc(const Recipe *recipe) {
  if (recipe->ready_udp > 0)
    return TRUE;
  for (guint i = 0; i < recipe->runs->len; i++) {
    const RecipeRun *run = recipe->runs->pdata[i];
    if (glue_reaps(run))
      return TRUE;
  }
  return FALSE;
}

/* The mounts that FACTS ask for. /dev/shm is never one of them, since a plain folder does the same:
 * an initramfs is in memory, and in a squashfs image /dev/shm is one of the writable folders. */
static char **
asked_mounts(const Recipe *recipe, Facts *facts, const MountRules *rules) {
  g_autoptr(GStrvBuilder) words = g_strv_builder_new();
  for (guint i = 0; kinds[i] != NULL; i++) {
    const Fact *shown = mount_rules_match(rules, kinds[i], facts);
    gboolean needed = strcmp(kinds[i], "proc") == 0 && needs_proc(recipe);
    if (strcmp(kinds[i], "shm") == 0 || (shown == NULL && !needed))
      continue;
    g_strv_builder_add(words, kinds[i]);
    facts_add(facts, FACTS_FROM_MOUNTS, kinds[i], shown != NULL ? shown->file : NULL);
  }
  const Fact *attributes = mount_rules_match(rules, "tmpfs", facts);
  if (attributes != NULL)
    facts_add(facts, FACTS_FROM_WRITABLE, "tmpfs", attributes->file);
  return g_strv_builder_end(words);
}

char **
glue_mounts(const Recipe *recipe, Facts *facts, GError **error) {
  if (recipe->mounts != NULL && recipe->mounts[0] != NULL) {
    char **named = named_mounts(recipe);
    for (guint i = 0; named[i] != NULL; i++)
      facts_add(facts, FACTS_FROM_MOUNTS, named[i], NULL);
    return named;
  }
  g_autoptr(MountRules) rules = mount_rules_load(error);
  return rules != NULL ? asked_mounts(recipe, facts, rules) : NULL;
}

gboolean
glue_decide_log(const Recipe *recipe, gboolean sockets, Facts *facts, char **lost, GError **error) {
  g_autoptr(MountRules) rules = mount_rules_load(error);
  if (rules == NULL)
    return FALSE;
  const Fact *shown = mount_rules_match(rules, "log", facts);
  gboolean asked = strv_has(recipe->with, GLUE_LOG_FEATURE) || strv_has(recipe->applets, "logger");
  if (sockets && (asked || shown != NULL))
    facts_add(facts, FACTS_FROM_APPLETS, GLUE_LOG_APPLET, shown != NULL ? shown->file : NULL);
  else if (shown != NULL)
    *lost = fact_text(shown);
  return TRUE;
}

gboolean
glue_logs(const Facts *facts) {
  return facts_find(facts, FACT_APPLET, GLUE_LOG_APPLET, NULL) != NULL;
}
