/* diagnose.c - from a guest's failed system calls to the lines of a recipe that cure them. */
#include "trace/diagnose.h"

#include "trace/strace-line.h"

#include <string.h>

#define MARK "tinyx: failed: " /* rootfs/glue/watch-say */
#define NO_CALL "ENOSYS"

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
  const FailureRule *rule = failure_rules_find(rules, failed->error, call->name, args);
  if (rule == NULL)
    return;
  failed->cure = g_strdup(rule->cure);
  failed->reason = g_strdup(rule->reason);
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
