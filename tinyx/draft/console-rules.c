/* console-rules.c - what a line of a try-out's console says is missing. */
#include "draft/console-rules.h"

#include "base/rulelines.h"

#include <string.h>

#define RULES "rootfs/tryout.rules"

static const char *const kinds[MISSED_KINDS] = {"command", "real", "library", "file", "module"};

typedef struct {
  MissedKind kind;
  GRegex *regex;
} ConsoleRule;

struct ConsoleRules {
  GArray *rules; /* ConsoleRule */
};

static void
rule_clear(gpointer data) {
  ConsoleRule *rule = data;
  g_clear_pointer(&rule->regex, g_regex_unref);
}

void
console_rules_free(ConsoleRules *rules) {
  if (rules == NULL)
    return;
  g_array_unref(rules->rules);
  g_free(rules);
}

static char *
take_rule(gpointer data, char *line, guint number) {
  (void)number;
  ConsoleRules *rules = data;
  g_auto(GStrv) parts = g_strsplit(line, " ", 2);
  g_autoptr(GError) why = NULL;
  ConsoleRule rule = {.kind = MISSED_COMMAND};
  while (rule.kind < MISSED_KINDS && strcmp(kinds[rule.kind], parts[0]) != 0)
    rule.kind++;
  if (rule.kind < MISSED_KINDS && parts[1] != NULL)
    rule.regex = g_regex_new(g_strstrip(parts[1]), G_REGEX_OPTIMIZE, 0, &why);
  if (rule.regex == NULL || g_regex_get_capture_count(rule.regex) != 1) {
    rule_clear(&rule);
    return g_strdup_printf("%s; expected command, real, library, file or module, and a regular "
                           "expression with one group",
                           why != NULL ? why->message : line);
  }
  g_array_append_val(rules->rules, rule);
  return NULL;
}

ConsoleRules *
console_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(ConsoleRules) rules = g_new0(ConsoleRules, 1);
  rules->rules = g_array_new(FALSE, TRUE, sizeof(ConsoleRule));
  g_array_set_clear_func(rules->rules, rule_clear);
  return rule_lines_read(text, size, file, take_rule, rules, error) ? g_steal_pointer(&rules)
                                                                    : NULL;
}

ConsoleRules *
console_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(RULES, &size, error);
  return text != NULL ? console_rules_parse(text, size, RULES, error) : NULL;
}

char *
console_rules_match(const ConsoleRules *rules, const char *line, MissedKind *kind) {
  for (guint i = 0; i < rules->rules->len; i++) {
    const ConsoleRule *rule = &g_array_index(rules->rules, ConsoleRule, i);
    g_autoptr(GMatchInfo) info = NULL;
    if (!g_regex_match(rule->regex, line, 0, &info))
      continue;
    g_autofree char *name = g_match_info_fetch(info, 1);
    *kind = rule->kind;
    return name != NULL && name[0] != '\0' ? g_steal_pointer(&name) : NULL;
  }
  return NULL;
}
