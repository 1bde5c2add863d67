/* apply.c - the run-time rules that bring in files, and nsswitch.conf. */
#include "deps/closure-private.h"

#include <string.h>

#define NSSWITCH "/etc/nsswitch.conf"

/* The mark on a file for which no rule holds, so that it is not asked again. */
static void
remember_rules(Resolver *resolver, Content *content) {
  if (content->rules == NULL) {
    GPtrArray *matching = runtime_rules_match(resolver->rules, content);
    content->rules = matching != NULL ? matching : g_ptr_array_new();
  }
}

const GPtrArray *
closure_rules(Resolver *resolver, Content *content) {
  remember_rules(resolver, content);
  return content->rules;
}

static void
queue_tree(Resolver *resolver, const char *folder, const Reason *reason, int depth) {
  /* A link to a folder above would otherwise lead round for ever. */
  if (depth > 40)
    return;
  g_autoptr(GPtrArray) names = root_names(resolver->root, folder);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
    const RootPath *there = root_resolve(resolver->root, path);
    if (there->node->type == NODE_FOLDER && there->links->len == 0)
      queue_tree(resolver, path, reason, depth + 1);
    else if (there->node->type == NODE_FILE)
      closure_queue_file(resolver, path, reason);
  }
}

static void
apply_argument(Resolver *resolver, const Content *content, const RuntimeRule *rule,
               const RuntimeRuleArgument *argument) {
  Reason reason = {DEP_RULE, content->node->path, rule->reason};
  g_autoptr(GPtrArray) paths = root_glob(resolver->root, argument->text);
  if (paths->len == 0 && !argument->optional && rule->action != RUNTIME_RULE_SUGGEST)
    closure_say(resolver->missing, "%s: %s: %s: not found", reason.needed_by, rule->reason,
                argument->text);
  for (guint i = 0; i < paths->len; i++) {
    const char *path = paths->pdata[i];
    const RootNode *node = root_resolve(resolver->root, path)->node;
    if (rule->action == RUNTIME_RULE_SUGGEST && node->type != NODE_MISSING)
      closure_say(resolver->notes, "left out: %s: %s", path, rule->reason);
    else if (rule->action == RUNTIME_RULE_TREE && node->type == NODE_FOLDER)
      queue_tree(resolver, node->path, &reason, 0);
    else if (rule->action == RUNTIME_RULE_FILE && (node->type == NODE_FILE || !argument->optional))
      closure_queue_file(resolver, path, &reason);
  }
}

void
closure_apply_file_rules(Resolver *resolver, Content *content) {
  if (content->rules_applied)
    return;
  content->rules_applied = TRUE;
  const GPtrArray *rules = closure_rules(resolver, content);
  for (guint i = 0; i < rules->len; i++) {
    const RuntimeRule *rule = rules->pdata[i];
    if (rule->action == RUNTIME_RULE_LIBRARY || rule->action == RUNTIME_RULE_NSS ||
        rule->action == RUNTIME_RULE_SUSPECT)
      continue;
    for (guint k = 0; k < rule->arguments->len; k++)
      apply_argument(resolver, content, rule, rule->arguments->pdata[k]);
  }
}

static gboolean
rule_has_database(const RuntimeRule *rule, const char *database) {
  for (guint i = 0; i < rule->arguments->len; i++)
    if (strcmp(((RuntimeRuleArgument *)rule->arguments->pdata[i])->text, database) == 0)
      return TRUE;
  return FALSE;
}

/* "hosts:  files mdns4 [NOTFOUND=return] dns" */
static void
nss_line(const RuntimeRule *rule, char *line, gboolean built_in, GPtrArray *modules) {
  line[strcspn(line, "#")] = '\0';
  char *colon = strchr(line, ':');
  if (colon == NULL)
    return;
  *colon = '\0';
  if (!rule_has_database(rule, g_strstrip(line)))
    return;
  gboolean bracket = FALSE;
  g_auto(GStrv) words = g_strsplit_set(colon + 1, " \t", -1);
  for (guint i = 0; words[i] != NULL; i++) {
    const char *word = words[i];
    gboolean inside = bracket || word[0] == '[';
    bracket = inside && strchr(word, ']') == NULL;
    if (word[0] == '\0' || inside || strchr(word, '/') != NULL ||
        (built_in && (strcmp(word, "files") == 0 || strcmp(word, "dns") == 0)))
      continue;
    g_ptr_array_add(modules, g_strdup_printf("libnss_%s.so.2", word));
  }
}

GPtrArray *
closure_nss_modules(Resolver *resolver, const char *asker, const RuntimeRule *rule,
                    gboolean built_in) {
  GPtrArray *modules = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *text = root_text(resolver->root, NSSWITCH);
  if (text == NULL)
    return modules;
  Reason reason = {DEP_RULE, asker, "which name services are asked, and in which order"};
  closure_queue_file(resolver, NSSWITCH, &reason);
  if (resolver->without_nss)
    return modules;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    nss_line(rule, lines[i], built_in, modules);
  return modules;
}
