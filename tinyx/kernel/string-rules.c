/* string-rules.c - kconfig-heuristics/strings.rules: which strings of a configuration may come from
 * others. */
#include "kernel/string-rules.h"

#include "base/dotconfig.h"
#include "base/files.h"
#include "base/place.h"
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

/* "CONFIG_NAME  KIND  # REASON". What is wrong with LINE, or NULL. */
static const char *
line_read(StringRules *rules, const char *line) {
  const char *hash = strchr(line, '#');
  g_autofree char *head = g_strndup(line, hash != NULL ? (gsize)(hash - line) : strlen(line));
  g_autofree char *reason = g_strstrip(g_strdup(hash != NULL ? hash + 1 : ""));
  g_auto(GStrv) words = split_words(head, " \t");
  const Kind *kind = g_strv_length(words) == 2 ? kind_find(words[1]) : NULL;
  StringRule *rule;
  if (kind == NULL || !g_str_has_prefix(words[0], PREFIX) ||
      !config_name_valid(words[0] + strlen(PREFIX)))
    return "expected CONFIG_NAME, then name, text or tree";
  if (*reason == '\0')
    return "expected \"  # REASON\" behind it";
  if (g_hash_table_contains(rules->rules, words[0] + strlen(PREFIX)))
    return "it is here a second time; expected it once";
  rule = g_new0(StringRule, 1);
  rule->kind = kind;
  rule->reason = g_steal_pointer(&reason);
  g_hash_table_insert(rules->rules, g_strdup(words[0] + strlen(PREFIX)), rule);
  return NULL;
}

StringRules *
string_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_auto(GStrv) lines = split_lines(text, size, file, error);
  g_autoptr(StringRules) rules = g_new0(StringRules, 1);
  rules->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, rule_free);
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    const char *line = g_strstrip(lines[i]);
    const char *wrong = *line == '\0' || *line == '#' ? NULL : line_read(rules, line);
    if (wrong != NULL) {
      place_set_error(error, file, i + 1, "\"%s\": %s", line, wrong);
      return NULL;
    }
  }
  return lines != NULL ? g_steal_pointer(&rules) : NULL;
}

StringRules *
string_rules_load(GError **error) {
  g_autofree char *path = data_path(FILE_NAME);
  g_autofree char *text = NULL;
  gsize size;
  return file_read(path, FILE_OWN_MAX, &text, &size, error)
             ? string_rules_parse(text, size, FILE_NAME, error)
             : NULL;
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
