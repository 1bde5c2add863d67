/* string-rules.c - kconfig-heuristics/strings.rules: which strings of a configuration may come from
 * others. */
#include "kernel/string-rules.h"

#include "base/dotconfig.h"
#include "base/place.h"
#include "base/rulelines.h"
#include "base/split.h"

#include <string.h>

#define FILE_NAME "kconfig-heuristics/strings.rules"
#define PREFIX "CONFIG_"
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-"

/* What a symbol may have; NULL: only what the tree gives it. */
typedef struct {
  const char *word, *characters, *expected;
} Kind;

static const Kind kinds[] = {
    {"name", NAME_CHARACTERS, "only letters, digits and . _ + -"},
    {"text", NAME_CHARACTERS " ,:=/@()", "only letters, digits, spaces and . _ + - , : = / @ ( )"},
    {"tree", NULL, "it left out: it is for the kernel's own tree to say"},
};

typedef struct {
  const Kind *kind;
  char *reason;
} StringRule;

struct StringRules {
  GHashTable *rules; /* char*, without CONFIG_ -> StringRule* */
};

static void
rule_free(gpointer data) {
  StringRule *rule = data;
  g_free(rule->reason);
  g_free(rule);
}

void
string_rules_free(StringRules *rules) {
  if (rules == NULL)
    return;
  g_hash_table_unref(rules->rules);
  g_free(rules);
}

static const Kind *
kind_find(const char *word) {
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (strcmp(kinds[i].word, word) == 0)
      return &kinds[i];
  return NULL;
}

/* "CONFIG_NAME  KIND  # REASON". */
static char *
take_rule(gpointer data, char *line, guint number) {
  (void)number;
  StringRules *rules = data;
  const char *reason = rule_line_reason(line);
  g_auto(GStrv) words = split_words(line, " \t");
  const Kind *kind = g_strv_length(words) == 2 ? kind_find(words[1]) : NULL;
  StringRule *rule;
  if (kind == NULL || !g_str_has_prefix(words[0], PREFIX) ||
      !config_name_valid(words[0] + strlen(PREFIX)))
    return rule_line_bad(line, "CONFIG_NAME, then name, text or tree");
  if (reason == NULL)
    return rule_line_bad(line, RULE_LINE_REASON);
  if (g_hash_table_contains(rules->rules, words[0] + strlen(PREFIX)))
    return rule_line_bad(line, "it once: it is here a second time");
  rule = g_new0(StringRule, 1);
  rule->kind = kind;
  rule->reason = g_strdup(reason);
  g_hash_table_insert(rules->rules, g_strdup(words[0] + strlen(PREFIX)), rule);
  return NULL;
}

StringRules *
string_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(StringRules) rules = g_new0(StringRules, 1);
  rules->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, rule_free);
  return rule_lines_read(text, size, file, take_rule, rules, error) ? g_steal_pointer(&rules)
                                                                    : NULL;
}

StringRules *
string_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(FILE_NAME, &size, error);
  return text != NULL ? string_rules_parse(text, size, FILE_NAME, error) : NULL;
}

char *
string_rules_refuse(const StringRules *rules, const char *symbol, const char *value) {
  const StringRule *rule = g_hash_table_lookup(rules->rules, symbol);
  gsize length = strlen(value);
  if (value[0] != '"' || strcmp(value, "\"\"") == 0)
    return NULL;
  if (rule == NULL)
    return g_strdup("nothing is known of what the kernel's build does with that string; expected "
                    "\"\", or a line for it in " FILE_NAME);
  if (rule->kind->characters != NULL && length >= 2 &&
      1 + strspn(value + 1, rule->kind->characters) == length - 1)
    return NULL;
  return g_strdup_printf("%s; expected %s", rule->reason, rule->kind->expected);
}

/* Before Kconfig has adapted another's configuration to images it may say "m". */
static const char *
shape_check(const SymbolRequest *request) {
  if (!config_name_valid(request->symbol))
    return "a name of letters, digits and '_'";
  return strcmp(request->value, "m") == 0 ? NULL : config_value_check(request->value);
}

gboolean
string_rules_check(const GPtrArray *requests, GError **error) {
  g_autoptr(StringRules) rules = string_rules_load(error);
  for (guint i = 0; rules != NULL && i < requests->len; i++) {
    const SymbolRequest *request = requests->pdata[i];
    const char *expected = shape_check(request);
    g_autofree char *refused =
        expected == NULL ? string_rules_refuse(rules, request->symbol, request->value) : NULL;
    g_autofree char *value = place_excerpt(request->value);
    if (expected != NULL)
      return tinyx_fail(error, TINYX_ERROR_INPUT, "%s: \"%s=%s\"; expected %s", request->origin,
                        request->symbol, value, expected);
    if (refused != NULL)
      return tinyx_fail(error, TINYX_ERROR_INPUT, "%s: %s=%s: %s", request->origin, request->symbol,
                        value, refused);
  }
  return rules != NULL;
}
