/* runtime-rules.c - what a program opens only when it runs, as data: rootfs/runtime.rules. */
#include "deps/runtime-rules.h"

#include "base/place.h"
#include "base/rulelines.h"
#include "base/split.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

typedef enum { WHEN_NEEDED, WHEN_IMPORT, WHEN_FILE } ConditionKind;

typedef struct {
  ConditionKind kind;
  char **patterns;
} Condition;

static const char *const condition_words[] = {"needed", "import", "file"};
static const char *const action_words[] = {"library", "file", "tree", "nss", "suggest", "suspect"};

/* FALSE; *WRONG becomes what is said of the line. */
static gboolean
rule_bad(char **wrong, const char *what, const char *word, const char *expected) {
  g_autofree char *shown = place_excerpt(word);
  *wrong = g_strdup_printf("%s \"%s\"; expected %s", what, shown, expected);
  return FALSE;
}

static void
condition_free(gpointer data) {
  Condition *condition = data;
  g_strfreev(condition->patterns);
  g_free(condition);
}

static void
argument_free(gpointer data) {
  RuntimeRuleArgument *argument = data;
  g_free(argument->text);
  g_free(argument);
}

static void
rule_free(gpointer data) {
  RuntimeRule *rule = data;
  g_ptr_array_unref(rule->conditions);
  g_ptr_array_unref(rule->arguments);
  g_free(rule->reason);
  g_free(rule);
}

static RuntimeRule *
rule_new(int line) {
  RuntimeRule *rule = g_new0(RuntimeRule, 1);
  rule->line = line;
  rule->conditions = g_ptr_array_new_with_free_func(condition_free);
  rule->arguments = g_ptr_array_new_with_free_func(argument_free);
  return rule;
}

static int
word_index(const char *word, const char *const *words, gsize count) {
  for (gsize i = 0; i < count; i++)
    if (strcmp(word, words[i]) == 0)
      return (int)i;
  return -1;
}

static gboolean
parse_conditions(const char *text, RuntimeRule *rule, char **wrong) {
  g_auto(GStrv) words = split_words(text, " \t");
  if (words[0] == NULL || strcmp(words[0], "when") != 0)
    return rule_bad(wrong, "unknown word", words[0] != NULL ? words[0] : "",
                    "\"when CONDITION => ACTION # reason\"");
  for (guint i = 1; words[i] != NULL; i += 2) {
    int kind = word_index(words[i], condition_words, G_N_ELEMENTS(condition_words));
    if (kind < 0)
      return rule_bad(wrong, "unknown condition", words[i], "needed, import or file");
    if (words[i + 1] == NULL)
      return rule_bad(wrong, "nothing after", words[i], "names, separated by |");
    Condition *condition = g_new0(Condition, 1);
    condition->kind = (ConditionKind)kind;
    condition->patterns = g_strsplit(words[i + 1], "|", -1);
    g_ptr_array_add(rule->conditions, condition);
    for (guint k = 0; condition->patterns[k] != NULL; k++)
      if (condition->patterns[k][0] == '\0')
        return rule_bad(wrong, "an empty name in", words[i + 1], "names, separated by |");
  }
  if (rule->conditions->len == 0)
    return rule_bad(wrong, "no condition in", text, "needed, import or file, and names");
  return TRUE;
}

static gboolean
parse_argument(const char *word, RuntimeRule *rule, char **wrong) {
  RuntimeRuleArgument *argument = g_new0(RuntimeRuleArgument, 1);
  g_ptr_array_add(rule->arguments, argument);
  gsize length = strlen(word);
  argument->optional = word[length - 1] == '?';
  argument->text = g_strndup(word, length - argument->optional);
  if (strpbrk(argument->text, "*[") != NULL)
    argument->optional = TRUE;
  gboolean path = rule->action != RUNTIME_RULE_LIBRARY && rule->action != RUNTIME_RULE_NSS &&
                  rule->action != RUNTIME_RULE_SUSPECT;
  if (path && argument->text[0] != '/')
    return rule_bad(wrong, "not a path:", word, "one that begins with /");
  if (!path && (argument->text[0] == '\0' || strchr(argument->text, '/') != NULL))
    return rule_bad(wrong, "not a name:", word, "one without /");
  return TRUE;
}

static gboolean
parse_action(const char *text, RuntimeRule *rule, char **wrong) {
  g_auto(GStrv) words = split_words(text, " \t");
  int action =
      words[0] != NULL ? word_index(words[0], action_words, G_N_ELEMENTS(action_words)) : -1;
  if (action < 0)
    return rule_bad(wrong, "unknown action", words[0] != NULL ? words[0] : "",
                    "library, file, tree, nss, suggest or suspect");
  rule->action = (RuntimeRuleAction)action;
  for (guint i = 1; words[i] != NULL; i++)
    if (!parse_argument(words[i], rule, wrong))
      return FALSE;
  if (rule->arguments->len == 0)
    return rule_bad(wrong, "nothing after", words[0], "what the action is to bring in");
  return TRUE;
}

static char *
take_rule(gpointer rules, char *line, guint number) {
  RuntimeRule *rule = rule_new((int)number);
  char *text = NULL, **wrong = &text;
  char *comment = strstr(line, " #");
  char *arrow = strstr(line, "=>");
  gboolean good = FALSE;
  if (comment == NULL || comment[2 + strspn(comment + 2, " \t")] == '\0') {
    rule_bad(wrong, "no reason in", line, "\"# reason\" at the end");
  } else if (arrow == NULL || arrow > comment) {
    rule_bad(wrong, "no \"=>\" in", line, "\"when CONDITION => ACTION # reason\"");
  } else {
    *comment = *arrow = '\0';
    rule->reason = g_strstrip(g_strdup(comment + 2));
    good = parse_conditions(line, rule, wrong) && parse_action(arrow + 2, rule, wrong);
  }
  if (good)
    g_ptr_array_add(rules, rule);
  else
    rule_free(rule);
  return text;
}

GPtrArray *
runtime_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func(rule_free);
  return rule_lines_read(text, size, file, take_rule, rules, error) ? g_steal_pointer(&rules)
                                                                    : NULL;
}

static int
compare_key(const void *key, const void *entry) {
  return strcmp(key, *(char *const *)entry);
}

static gboolean
imports_one(const ElfInfo *elf, guint count, const char *name) {
  return bsearch(name, elf->imports, count, sizeof(char *), compare_key) != NULL;
}

static gboolean
needs_one(const ElfInfo *elf, const char *pattern) {
  for (guint i = 0; elf->needed[i] != NULL; i++)
    if (fnmatch(pattern, elf->needed[i], 0) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
condition_holds(const Condition *condition, const Content *content, guint imports) {
  for (guint i = 0; condition->patterns[i] != NULL; i++) {
    const char *pattern = condition->patterns[i];
    if (condition->kind == WHEN_FILE) {
      if (fnmatch(pattern, content->node->path, FNM_PATHNAME) == 0)
        return TRUE;
    } else if (content->kind == CONTENT_ELF) {
      if (condition->kind == WHEN_NEEDED ? needs_one(content->elf, pattern)
                                         : imports_one(content->elf, imports, pattern))
        return TRUE;
    }
  }
  return FALSE;
}

GPtrArray *
runtime_rules_match(const GPtrArray *rules, const Content *content) {
  GPtrArray *matching = NULL;
  guint imports = content->kind == CONTENT_ELF && content->elf->imports != NULL
                      ? g_strv_length(content->elf->imports)
                      : 0;
  for (guint i = 0; i < rules->len; i++) {
    RuntimeRule *rule = rules->pdata[i];
    gboolean holds = TRUE;
    for (guint k = 0; holds && k < rule->conditions->len; k++)
      holds = condition_holds(rule->conditions->pdata[k], content, imports);
    if (!holds)
      continue;
    if (matching == NULL)
      matching = g_ptr_array_new();
    g_ptr_array_add(matching, rule);
  }
  return matching;
}
