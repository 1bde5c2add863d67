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

/* Takes FAILED, which may be NULL. */
static void
add_failed(GPtrArray *list, FailedCall *failed) {
  if (failed != NULL && !is_known(list, failed))
    g_ptr_array_add(list, failed);
  else if (failed != NULL)
    failed_free(failed);
}

GPtrArray *
diagnose_list_new(void) {
  return g_ptr_array_new_with_free_func(failed_free);
}

GPtrArray *
diagnose_console(const FailureRules *rules, const RuleSet *features, const char *console) {
  GPtrArray *list = diagnose_list_new();
  g_auto(GStrv) lines = g_strsplit(console, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *mark = strstr(g_strchomp(lines[i]), MARK);
    if (mark != NULL)
      add_failed(list, failed_call(rules, features, mark + strlen(MARK)));
  }
  return list;
}

/* TRUE if LINE of a trace is a failure for want of something that an image can have. */
static gboolean
is_want(const char *line) {
  static const char *const errors[] = {" = -1 ENOSYS ", " = -1 EAFNOSUPPORT ",
                                       " = -1 EPROTONOSUPPORT "};
  static const char *const missing[] = {" = -1 ENOENT ", " = -1 ENXIO ", " = -1 ENODEV "};
  static const char *const folders[] = {"\"/dev/", "\"/proc/", "\"/sys/"};
  for (guint i = 0; i < G_N_ELEMENTS(errors); i++)
    if (strstr(line, errors[i]) != NULL)
      return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(missing); i++)
    for (guint j = 0; j < G_N_ELEMENTS(folders) && strstr(line, missing[i]) != NULL; j++)
      if (strstr(line, folders[j]) != NULL)
        return TRUE;
  return FALSE;
}

void
diagnose_trace(const FailureRules *rules, const RuleSet *features, const char *text,
               GPtrArray *list) {
  guint programs = 0;
  while (*text != '\0') {
    gsize length = strcspn(text, "\n");
    g_autofree char *line = g_strndup(text, length);
    const char *call = line + strspn(line, "0123456789"); /* strace -f: the process */
    call += strspn(call, " ");
    programs += g_str_has_prefix(call, "execve(") && g_str_has_suffix(call, " = 0");
    if (programs > 1 && is_want(call))
      add_failed(list, failed_call(rules, features, call));
    text += length + (text[length] == '\n');
  }
}
