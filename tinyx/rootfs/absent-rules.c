/* absent-rules.c - reads rootfs/absent.rules. */
#include "rootfs/absent-rules.h"

#include "base/rulelines.h"
#include "base/split.h"
#include "facts/calls.h"
#include "recipe/capabilities.h"

#include <string.h>

#define DATA "rootfs/absent.rules"

static const char *const kinds[] = {"family", "helper", "locale", "node", NULL};

static void
rule_free(gpointer data) {
  AbsentRule *rule = data;
  g_free(rule->kind);
  g_free(rule->name);
  g_ptr_array_unref(rule->facts);
  g_strfreev(rule->has);
  g_free(rule->cure);
  g_free(rule->reason);
  g_free(rule);
}

void
absent_rules_free(AbsentRules *rules) {
  if (rules == NULL)
    return;
  g_ptr_array_unref(rules->rules);
  g_ptr_array_unref(rules->unmissed);
  g_ptr_array_unref(rules->excepts);
  g_ptr_array_unref(rules->calls);
  g_free(rules);
}

static void
free_fact(gpointer fact) {
  fact_free(fact);
}

/* Where WORD is among WORDS, from FIRST; their number if it is not there. */
static guint
find_word(char *const *words, guint first, const char *word) {
  while (words[first] != NULL && strcmp(words[first], word) != 0)
    first++;
  return first;
}

/* Copies of WORDS from FIRST to before END. g_strfreev. */
static char **
slice(char *const *words, guint first, guint end) {
  g_autoptr(GStrvBuilder) part = g_strv_builder_new();
  for (guint i = first; i < end; i++)
    g_strv_builder_add(part, words[i]);
  return g_strv_builder_end(part);
}

#define EXPECTED_RULE                                                                              \
  "KIND NAME when CONDITION VALUE... unless HAS... => [SECTION] LINE  # REASON, unmissed GLOB, "   \
  "or "                                                                                            \
  "account CAPABILITY..."

static gboolean
take_fact(AbsentRules *rules, AbsentRule *rule, const char *when, const char *value) {
  Fact *fact = fact_parse(when, value, NULL);
  if (fact == NULL)
    return FALSE;
  g_ptr_array_add(rule->facts, fact);
  if (fact->kind != FACT_CALL)
    return TRUE;
  CallWanted *call = call_wanted_parse(value);
  if (call != NULL)
    g_ptr_array_add(rules->calls, call);
  return call != NULL;
}

/* What of a rule stands behind KIND and NAME; what was expected instead, or NULL. */
static const char *
take_words(AbsentRules *rules, AbsentRule *rule, char *const *words) {
  guint count = g_strv_length((char **)words), unless = find_word(words, 4, "unless");
  guint arrow = unless < count ? find_word(words, unless, "=>") : count;
  if (strcmp(words[2], "when") != 0 || unless < 5 || arrow < unless + 2 || arrow + 2 >= count ||
      words[arrow + 1][0] != '[')
    return EXPECTED_RULE;
  for (guint i = 4; i < unless; i++)
    if (!take_fact(rules, rule, words[3], words[i]))
      return "a condition: " FACTS_WHEN_EXPECTED ", and what it can say";
  g_auto(GStrv) cure = slice(words, arrow + 1, count);
  rule->has = slice(words, unless + 1, arrow);
  rule->cure = g_strjoinv(" ", cure);
  return NULL;
}

static const char *
take_rule(AbsentRules *rules, char *const *words, const char *reason) {
  if (!g_strv_contains(kinds, words[0]))
    return "family, helper, locale, node, unmissed, except or account";
  if (g_strv_length((char **)words) < 5)
    return EXPECTED_RULE;
  AbsentRule *rule = g_new0(AbsentRule, 1);
  rule->kind = g_strdup(words[0]);
  rule->name = g_strdup(words[1]);
  rule->facts = g_ptr_array_new_with_free_func(free_fact);
  rule->reason = g_strdup(reason);
  g_ptr_array_add(rules->rules, rule);
  return take_words(rules, rule, words);
}

static const char *
take_account(AbsentRules *rules, char *const *words) {
  for (guint i = 1; words[i] != NULL; i++)
    if (!capability_valid(words[i]))
      return "names of capabilities(7) without CAP_";
  rules->account |= capabilities_mask((const char *const *)words + 1);
  return NULL;
}

static char *
take_line(gpointer data, char *line, guint number) {
  AbsentRules *rules = data;
  g_autofree char *whole = g_strdup(line);
  (void)number;
  const char *reason = rule_line_reason(line);
  g_auto(GStrv) words = split_words(line, " \t");
  const char *expected = NULL;
  if (reason == NULL)
    expected = RULE_LINE_REASON;
  else if (words[0] == NULL || words[1] == NULL)
    expected = EXPECTED_RULE;
  else if (strcmp(words[0], "unmissed") == 0 && words[2] == NULL && words[1][0] == '/')
    g_ptr_array_add(rules->unmissed, g_strdup(words[1]));
  else if (strcmp(words[0], "except") == 0 && words[2] == NULL)
    g_ptr_array_add(rules->excepts, g_strdup(words[1]));
  else if (strcmp(words[0], "account") == 0)
    expected = take_account(rules, words);
  else
    expected = take_rule(rules, words, reason);
  return expected != NULL ? rule_line_bad(whole, expected) : NULL;
}

AbsentRules *
absent_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(AbsentRules) rules = g_new0(AbsentRules, 1);
  rules->rules = g_ptr_array_new_with_free_func(rule_free);
  rules->unmissed = g_ptr_array_new_with_free_func(g_free);
  rules->excepts = g_ptr_array_new_with_free_func(g_free);
  rules->calls = g_ptr_array_new_with_free_func((GDestroyNotify)call_wanted_free);
  return rule_lines_read(text, size, file, take_line, rules, error) ? g_steal_pointer(&rules)
                                                                    : NULL;
}

AbsentRules *
absent_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  return text != NULL ? absent_rules_parse(text, size, DATA, error) : NULL;
}

void
absent_rules_wanted(const AbsentRules *rules, GHashTable *names, GPtrArray *strings) {
  for (guint i = 0; i < rules->rules->len; i++) {
    const AbsentRule *rule = rules->rules->pdata[i];
    for (guint k = 0; k < rule->facts->len; k++) {
      const Fact *fact = rule->facts->pdata[k];
      if (fact->kind == FACT_IMPORT)
        g_hash_table_add(names, fact->value);
      else if (fact->kind == FACT_STRING)
        g_ptr_array_add(strings, fact->value);
    }
  }
}
