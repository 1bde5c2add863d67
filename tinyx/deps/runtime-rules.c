/* runtime-rules.c - what a program opens only when it runs, as data: rootfs/runtime.rules. */
#include "deps/runtime-rules.h"

#include "base/place.h"
#include "base/split.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

typedef enum { WHEN_NEEDED, WHEN_IMPORT, WHEN_FILE } ConditionKind;

typedef struct {
  ConditionKind kind;
  char **patterns;
} Condition;

typedef struct {
  const char *file;
  int line;
} Place;

static const char *const condition_words[] = {"needed", "import", "file"};
static const char *const action_words[] = {"library", "file", "tree", "nss", "suggest", "suspect"};

static gboolean
rule_bad(const Place *place, GError **error, const char *what, const char *word,
         const char *expected) {
  g_autofree char *shown = place_excerpt(word);
  place_set_error(error, place->file, place->line, "%s \"%s\"; expected %s", what, shown, expected);
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
parse_conditions(const Place *place, const char *text, RuntimeRule *rule, GError **error) {
  g_auto(GStrv) words = split_words(text, " \t");
  if (words[0] == NULL || strcmp(words[0], "when") != 0)
    return rule_bad(place, error, "unknown word", words[0] != NULL ? words[0] : "",
                    "\"when CONDITION => ACTION # reason\"");
  for (guint i = 1; words[i] != NULL; i += 2) {
    int kind = word_index(words[i], condition_words, G_N_ELEMENTS(condition_words));
    if (kind < 0)
      return rule_bad(place, error, "unknown condition", words[i], "needed, import or file");
    if (words[i + 1] == NULL)
      return rule_bad(place, error, "nothing after", words[i], "names, separated by |");
    Condition *condition = g_new0(Condition, 1);
    condition->kind = (ConditionKind)kind;
    condition->patterns = g_strsplit(words[i + 1], "|", -1);
    g_ptr_array_add(rule->conditions, condition);
    for (guint k = 0; condition->patterns[k] != NULL; k++)
      if (condition->patterns[k][0] == '\0')
        return rule_bad(place, error, "an empty name in", words[i + 1], "names, separated by |");
  }
  if (rule->conditions->len == 0)
    return rule_bad(place, error, "no condition in", text, "needed, import or file, and names");
  return TRUE;
}

static gboolean
parse_argument(const Place *place, const char *word, RuntimeRule *rule, GError **error) {
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
    return rule_bad(place, error, "not a path:", word, "one that begins with /");
  if (!path && (argument->text[0] == '\0' || strchr(argument->text, '/') != NULL))
    return rule_bad(place, error, "not a name:", word, "one without /");
  return TRUE;
}

static gboolean
parse_action(const Place *place, const char *text, RuntimeRule *rule, GError **error) {
  g_auto(GStrv) words = split_words(text, " \t");
  int action =
      words[0] != NULL ? word_index(words[0], action_words, G_N_ELEMENTS(action_words)) : -1;
  if (action < 0)
    return rule_bad(place, error, "unknown action", words[0] != NULL ? words[0] : "",
                    "library, file, tree, nss, suggest or suspect");
  rule->action = (RuntimeRuleAction)action;
  for (guint i = 1; words[i] != NULL; i++)
    if (!parse_argument(place, words[i], rule, error))
      return FALSE;
  if (rule->arguments->len == 0)
    return rule_bad(place, error, "nothing after", words[0], "what the action is to bring in");
  return TRUE;
}

/* NULL with ERROR set, or the rule in LINE (which is changed). */
static RuntimeRule *
parse_rule(const Place *place, char *line, GError **error) {
  RuntimeRule *rule = rule_new(place->line);
  char *comment = strstr(line, " #");
  char *arrow = strstr(line, "=>");
  gboolean good = FALSE;
  if (comment == NULL || comment[2 + strspn(comment + 2, " \t")] == '\0') {
    rule_bad(place, error, "no reason in", line, "\"# reason\" at the end");
  } else if (arrow == NULL || arrow > comment) {
    rule_bad(place, error, "no \"=>\" in", line, "\"when CONDITION => ACTION # reason\"");
  } else {
    *comment = *arrow = '\0';
    rule->reason = g_strstrip(g_strdup(comment + 2));
    good =
        parse_conditions(place, line, rule, error) && parse_action(place, arrow + 2, rule, error);
  }
  if (!good)
    g_clear_pointer((gpointer *)&rule, rule_free);
  return rule;
}

GPtrArray *
runtime_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func(rule_free);
  Place place = {file, 0};
  for (gsize begin = 0; begin < size;) {
    const char *end = memchr(text + begin, '\n', size - begin);
    gsize length = end != NULL ? (gsize)(end - text) - begin : size - begin;
    g_autofree char *line = g_strndup(text + begin, length);
    gboolean whole = strlen(line) == length;
    begin += length + 1;
    place.line++;
    if (!whole) {
      rule_bad(&place, error, "a NUL byte after", line, "text");
      return NULL;
    }
    g_strstrip(line);
    if (line[0] == '\0' || line[0] == '#')
      continue;
    RuntimeRule *rule = parse_rule(&place, line, error);
    if (rule == NULL)
      return NULL;
    g_ptr_array_add(rules, rule);
  }
  return g_steal_pointer(&rules);
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
