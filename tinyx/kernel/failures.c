/* failures.c - kconfig-heuristics/failures.rules: what cures a system call that failed. */
#include "kernel/failures.h"

#include "base/rulelines.h"
#include "base/split.h"

#include <fnmatch.h>
#include <string.h>

#define DATA "kconfig-heuristics/failures.rules"

enum { WORD_ERROR, WORD_CALL, WORD_PATTERN, WORD_ARROW, WORD_CURE };

struct FailureRules {
  GPtrArray *rules; /* FailureRule* */
};

static void
failure_free(gpointer data) {
  FailureRule *rule = data;
  g_free(rule->error);
  g_free(rule->call);
  g_free(rule->pattern);
  g_free(rule->cure);
  g_free(rule->reason);
  g_free(rule);
}

void
failure_rules_free(FailureRules *rules) {
  if (rules == NULL)
    return;
  g_ptr_array_unref(rules->rules);
  g_free(rules);
}

static char *
take_rule(gpointer data, char *line, guint number) {
  (void)number;
  FailureRules *rules = data;
  const char *reason = rule_line_reason(line);
  g_auto(GStrv) words = split_words(line, " \t");
  if (reason == NULL)
    return rule_line_bad(line, RULE_LINE_REASON);
  if (g_strv_length(words) <= WORD_CURE || strcmp(words[WORD_ARROW], "=>") != 0 ||
      words[WORD_CURE][0] != '[')
    return rule_line_bad(line, "ERROR CALL PATTERN => [SECTION] LINE");
  FailureRule *rule = g_new0(FailureRule, 1);
  rule->error = g_strdup(words[WORD_ERROR]);
  rule->call = g_strdup(words[WORD_CALL]);
  rule->pattern = g_strdup(words[WORD_PATTERN]);
  rule->cure = g_strjoinv(" ", words + WORD_CURE);
  rule->reason = g_strdup(reason);
  g_ptr_array_add(rules->rules, rule);
  return NULL;
}

FailureRules *
failure_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(FailureRules) rules = g_new0(FailureRules, 1);
  rules->rules = g_ptr_array_new_with_free_func(failure_free);
  return rule_lines_read(text, size, file, take_rule, rules, error) ? g_steal_pointer(&rules)
                                                                    : NULL;
}

FailureRules *
failure_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  return text != NULL ? failure_rules_parse(text, size, DATA, error) : NULL;
}

const FailureRule *
failure_rules_find(const FailureRules *rules, const char *error, const char *call,
                   const char *args) {
  for (guint i = 0; i < rules->rules->len; i++) {
    const FailureRule *rule = rules->rules->pdata[i];
    if (fnmatch(rule->error, error, 0) == 0 && fnmatch(rule->call, call, 0) == 0 &&
        fnmatch(rule->pattern, args, 0) == 0)
      return rule;
  }
  return NULL;
}

void
failure_rules_find_path(const FailureRules *rules, const RuleSet *features, const char *path,
                        char **cure, char **why) {
  g_autoptr(Facts) facts = facts_new();
  g_autofree char *args = g_strdup_printf("AT_FDCWD, \"%s\", O_RDONLY", path);
  facts_add(facts, FACTS_FROM_BYTES, path, NULL);
  for (guint i = 0; i < features->rules->len; i++) {
    const Rule *rule = features->rules->pdata[i];
    g_autofree char *shown = rule_reason(rule, facts);
    if (shown == NULL)
      continue;
    *cure = g_strdup_printf("[kernel] with=%s", rule->name);
    *why = g_strdup(rule->what);
    return;
  }
  const FailureRule *rule = failure_rules_find(rules, "ENOENT", "openat", args);
  if (rule != NULL) {
    *cure = g_strdup(rule->cure);
    *why = g_strdup(rule->reason);
  }
}
