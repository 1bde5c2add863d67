/* secret-rules.c - reads rootfs/secrets.rules, and finds the rule for a path. */
#include "rootfs/secret-rules.h"

#include "base/rulelines.h"
#include "rootfs/patterns.h"

#include <string.h>

#define DATA "rootfs/secrets.rules"

static const char *const actions[] = {[SECRET_OMIT] = "omit",
                                      [SECRET_EMPTY] = "empty",
                                      [SECRET_MAKE] = "make",
                                      [SECRET_KNOWN] = "known"};

struct SecretRules {
  GPtrArray *list; /* SecretRule*, in the file's order */
};

static void
rule_free(gpointer data) {
  SecretRule *rule = data;
  g_free(rule->pattern);
  g_free(rule->command);
  g_strfreev(rule->applets);
  g_strfreev(rule->programs);
  g_free(rule->reason);
  g_free(rule);
}

void
secret_rules_free(SecretRules *rules) {
  if (rules == NULL)
    return;
  g_ptr_array_unref(rules->list);
  g_free(rules);
}

/* Cuts the first word off *TEXT; "" at its end. g_free. */
static char *
take_word(const char **text) {
  const char *start = *text + strspn(*text, " \t");
  gsize length = strcspn(start, " \t");
  *text = start + length;
  return g_strndup(start, length);
}

/* The words of COMMAND that are absolute paths below a folder of programs. */
static char **
programs_of(const char *command) {
  g_autoptr(GStrvBuilder) programs = g_strv_builder_new();
  g_auto(GStrv) words = g_strsplit_set(command, " \t;&|(){}<>\"'", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (pattern_matches("/bin", words[i]) || pattern_matches("/sbin", words[i]) ||
        pattern_matches("/usr/*bin", words[i]))
      g_strv_builder_add(programs, words[i]);
  return g_strv_builder_end(programs);
}

/* REST, of a rule "make": "[with APPLET...] by COMMAND"; what was expected, or NULL. */
static const char *
take_making(SecretRule *rule, const char *rest) {
  g_autoptr(GStrvBuilder) applets = g_strv_builder_new();
  g_autofree char *word = take_word(&rest);
  if (strcmp(word, "with") == 0)
    for (;;) {
      g_free(word);
      word = take_word(&rest);
      if (*word == '\0' || strcmp(word, "by") == 0)
        break;
      g_strv_builder_add(applets, word);
    }
  rest += strspn(rest, " \t");
  if (strcmp(word, "by") != 0 || *rest == '\0')
    return "\"by COMMAND\", or \"with APPLET... by COMMAND\", after the path";
  if (strstr(rest, "$path") == NULL)
    return "a command that makes \"$path\"";
  g_strfreev(rule->applets);
  rule->applets = g_strv_builder_end(applets);
  rule->command = g_strdup(rest);
  rule->programs = programs_of(rest);
  return NULL;
}

/* The rule in TEXT; what was expected, or NULL. */
static const char *
parse_rule(SecretRule *rule, const char *text) {
  g_autofree char *action = take_word(&text);
  rule->pattern = take_word(&text);
  rule->action = G_N_ELEMENTS(actions);
  for (guint i = 0; i < G_N_ELEMENTS(actions); i++)
    if (strcmp(actions[i], action) == 0)
      rule->action = (SecretAction)i;
  if (rule->action == G_N_ELEMENTS(actions))
    return "omit, empty, make or known";
  if (rule->pattern[0] != '/' || rule->pattern[1] == '\0' || g_str_has_suffix(rule->pattern, "/"))
    return "an absolute path, without a slash at its end, as the second word";
  if (rule->action == SECRET_MAKE)
    return take_making(rule, text);
  return text[strspn(text, " \t")] == '\0' ? NULL : "nothing between the path and the reason";
}

static char *
take_rule(gpointer data, char *line, guint number) {
  SecretRules *rules = data;
  const char *reason = rule_line_reason(line);
  SecretRule *rule = g_new0(SecretRule, 1);
  rule->applets = g_new0(char *, 1);
  rule->number = number;
  rule->reason = g_strdup(reason);
  g_ptr_array_add(rules->list, rule);
  const char *expected = reason != NULL ? parse_rule(rule, line) : RULE_LINE_REASON;
  return expected != NULL ? rule_line_bad(line, expected) : NULL;
}

SecretRules *
secret_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(SecretRules) rules = g_new0(SecretRules, 1);
  rules->list = g_ptr_array_new_with_free_func(rule_free);
  return rule_lines_read(text, size, file, take_rule, rules, error) ? g_steal_pointer(&rules)
                                                                    : NULL;
}

SecretRules *
secret_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  return text != NULL ? secret_rules_parse(text, size, DATA, error) : NULL;
}

static gboolean
has_programs(const SecretRule *rule, const Tree *installed) {
  for (char **program = rule->programs; program != NULL && *program != NULL; program++) {
    const TreeEntry *entry = tree_resolve(installed, *program);
    if (entry == NULL || entry->type != TREE_FILE)
      return FALSE;
  }
  return TRUE;
}

const SecretRule *
secret_rules_find(const SecretRules *rules, const char *path, const Tree *installed) {
  for (guint i = 0; i < rules->list->len; i++) {
    const SecretRule *rule = rules->list->pdata[i];
    if (rule->action != SECRET_KNOWN && pattern_matches(rule->pattern, path) &&
        (installed == NULL || has_programs(rule, installed)))
      return rule;
  }
  return NULL;
}

gboolean
secret_rules_known(const SecretRules *rules, const char *path) {
  for (guint i = 0; i < rules->list->len; i++) {
    const SecretRule *rule = rules->list->pdata[i];
    if (rule->action == SECRET_KNOWN && pattern_matches(rule->pattern, path))
      return TRUE;
  }
  return FALSE;
}
