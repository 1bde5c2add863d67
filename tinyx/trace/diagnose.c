/* diagnose.c - from a guest's failed system calls to the lines of a recipe that cure them. */
#include "trace/diagnose.h"

#include "base/rulelines.h"
#include "base/split.h"
#include "trace/strace-line.h"

#include <fnmatch.h>
#include <string.h>

#define DATA "kconfig-heuristics/failures.rules"
#define MARK "tinyx: failed: " /* rootfs/glue/watch-say */
#define NO_CALL "ENOSYS"

enum { WORD_ERROR, WORD_CALL, WORD_PATTERN, WORD_ARROW, WORD_CURE };

typedef struct {
  char *error, *call, *pattern, *cure, *reason;
} FailureRule;

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

static void
failed_free(gpointer data) {
  FailedCall *failed = data;
  g_free(failed->call);
  g_free(failed->error);
  g_free(failed->cure);
  g_free(failed->reason);
  g_free(failed);
}

/* What a rule of a feature may ask for: the call itself where the kernel has none of that name, and
 * the paths among the arguments. */
static Facts *
facts_of(const StraceCall *call, const char *error) {
  Facts *facts = facts_new();
  if (strcmp(error, NO_CALL) == 0)
    facts_add(facts, FACTS_FROM_CODE, call->name, NULL);
  for (guint i = 0; i < call->args->len; i++) {
    g_autofree char *text = strace_string(call->args->pdata[i]);
    if (text != NULL && text[0] == '/')
      facts_add(facts, FACTS_FROM_BYTES, text, NULL);
  }
  return facts;
}

static gboolean
cure_by_feature(FailedCall *failed, const StraceCall *call, const RuleSet *features) {
  g_autoptr(Facts) facts = facts_of(call, failed->error);
  for (guint i = 0; i < features->rules->len; i++) {
    const Rule *rule = features->rules->pdata[i];
    g_autofree char *shown = rule_reason(rule, facts);
    if (shown == NULL)
      continue;
    failed->cure = g_strdup_printf("[kernel] with=%s", rule->name);
    failed->reason = g_strdup(rule->what);
    return TRUE;
  }
  return FALSE;
}

static void
cure_by_rule(FailedCall *failed, const StraceCall *call, const FailureRules *rules) {
  const char *args = failed->call + strlen(call->name) + 1;
  for (guint i = 0; i < rules->rules->len; i++) {
    const FailureRule *rule = rules->rules->pdata[i];
    if (fnmatch(rule->error, failed->error, 0) != 0 || fnmatch(rule->call, call->name, 0) != 0 ||
        fnmatch(rule->pattern, args, 0) != 0)
      continue;
    failed->cure = g_strdup(rule->cure);
    failed->reason = g_strdup(rule->reason);
    return;
  }
}

/* "-1 ENOENT (No such file or directory)" -> "ENOENT"; NULL for what is no error. */
static char *
error_of(const StraceCall *call) {
  const char *name = call->result != NULL && g_str_has_prefix(call->result, "-1 ")
                         ? call->result + strlen("-1 ")
                         : "";
  gsize length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
  return length > 0 ? g_strndup(name, length) : NULL;
}

static FailedCall *
failed_call(const FailureRules *rules, const RuleSet *features, const char *text) {
  g_autoptr(StraceCall) call = strace_call_parse(text);
  g_autofree char *error = call != NULL ? error_of(call) : NULL;
  if (error == NULL)
    return NULL;
  FailedCall *failed = g_new0(FailedCall, 1);
  g_autofree char *args = NULL;
  g_ptr_array_add(call->args, NULL);
  args = g_strjoinv(", ", (char **)call->args->pdata);
  g_ptr_array_remove_index(call->args, call->args->len - 1);
  failed->call = g_strdup_printf("%s(%s)", call->name, args);
  failed->error = g_steal_pointer(&error);
  if (!cure_by_feature(failed, call, features))
    cure_by_rule(failed, call, rules);
  return failed;
}

static gboolean
is_known(const GPtrArray *list, const FailedCall *failed) {
  for (guint i = 0; i < list->len; i++) {
    const FailedCall *other = list->pdata[i];
    if (strcmp(other->error, failed->error) == 0 &&
        (failed->cure != NULL ? g_strcmp0(other->cure, failed->cure) == 0
                              : strcmp(other->call, failed->call) == 0))
      return TRUE;
  }
  return FALSE;
}

GPtrArray *
diagnose_console(const FailureRules *rules, const RuleSet *features, const char *console) {
  GPtrArray *list = g_ptr_array_new_with_free_func(failed_free);
  g_auto(GStrv) lines = g_strsplit(console, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *mark = strstr(g_strchomp(lines[i]), MARK);
    FailedCall *failed = mark != NULL ? failed_call(rules, features, mark + strlen(MARK)) : NULL;
    if (failed != NULL && !is_known(list, failed))
      g_ptr_array_add(list, failed);
    else if (failed != NULL)
      failed_free(failed);
  }
  return list;
}
