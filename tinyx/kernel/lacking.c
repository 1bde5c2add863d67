/* lacking.c - compares what the evidence asks for with what a configuration has. */
#include "kernel/lacking.h"

#include "base/files.h"
#include "kernel/choose.h"
#include "kernel/fragment.h"
#include "kernel/lock.h"

#include <string.h>

static void
lacking_free(gpointer data) {
  LackingFeature *feature = data;
  g_free(feature->name);
  g_free(feature->what);
  g_free(feature->why);
  g_free(feature->by);
  g_free(feature);
}

/* It asks for symbols on PLATFORM, and CONFIG has none of them. */
static gboolean
is_off(const Rule *rule, const Platform *platform, const DotConfig *config) {
  guint asked = 0;
  for (guint i = 0; i < rule->requests->len; i++) {
    const SymbolRequest *request = rule->requests->pdata[i];
    if (!symbol_request_is_for(request, platform) || strcmp(request->value, "y") != 0)
      continue;
    asked++;
    if (config_is_yes(config, request->symbol))
      return FALSE;
  }
  return asked > 0;
}

static char *
taken_out_by(const KernelInput *input, const char *name) {
  const Lock *lock = input->lock;
  if (input->without != NULL && g_strv_contains(input->without, name))
    return g_strdup("without=");
  if (lock != NULL && g_strv_contains((const char *const *)lock->rules, name))
    return g_path_get_basename(lock->file);
  return NULL;
}

GPtrArray *
kernel_lacking(const KernelInput *input, const RuleSet *set, const DotConfig *config,
               GError **error) {
  g_autoptr(Facts) facts = choose_facts(input, set, NULL, error);
  if (facts == NULL)
    return NULL;
  GPtrArray *list = g_ptr_array_new_with_free_func(lacking_free);
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    g_autofree char *why = rule->guess ? NULL : rule_reason(rule, facts);
    if (why == NULL || !is_off(rule, input->platform, config))
      continue;
    LackingFeature *feature = g_new0(LackingFeature, 1);
    feature->name = g_strdup(rule->name);
    feature->what = g_strdup(rule->what);
    feature->why = g_steal_pointer(&why);
    feature->by = taken_out_by(input, rule->name);
    g_ptr_array_add(list, feature);
  }
  return list;
}

/* Some feature of NAMES, which is no guess, asks for SYMBOL. */
static gboolean
names_ask(const KernelInput *input, const RuleSet *set, const char *const *names,
          const char *symbol) {
  for (guint i = 0; names != NULL && i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    if (rule->guess || !g_strv_contains(names, rule->name))
      continue;
    const SymbolRequest *line = symbol_request_find(rule->requests, symbol);
    if (line != NULL && symbol_request_is_for(line, input->platform) &&
        strcmp(line->value, "y") == 0)
      return TRUE;
  }
  return FALSE;
}

gboolean
kernel_leaves_out(const KernelInput *input, const char *feature, const char *symbol, gboolean *out,
                  GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  const SymbolRequest *request = symbol_request_find(input->requests, symbol);
  const Lock *lock = input->lock;
  *out = request != NULL && strcmp(request->value, "y") != 0;
  if (request != NULL)
    return TRUE;
  g_autoptr(RuleSet) set = rules_load(data, error);
  if (set == NULL)
    return FALSE;
  if (input->without != NULL &&
      (g_strv_contains(input->without, feature) || names_ask(input, set, input->without, symbol))) {
    *out = TRUE;
    return TRUE;
  }
  const SymbolRequest *line = lock != NULL ? symbol_request_find(lock->requests, symbol) : NULL;
  *out = lock != NULL && (line == NULL || strcmp(line->value, "y") != 0) &&
         !g_strv_contains((const char *const *)lock->rules, feature) &&
         !names_ask(input, set, input->with, symbol);
  return TRUE;
}
