/* features.c - which features there are, what each costs, and how much of one a kernel has. */
#include "kernel/features.h"

#include "base/dotconfig.h"
#include "base/files.h"
#include "base/near.h"
#include "base/strings.h"
#include "kernel/fragment.h"

#include <string.h>

void
feature_names_clear(FeatureNames *names) {
  g_clear_pointer(&names->with, g_strfreev);
  g_clear_pointer(&names->without, g_strfreev);
}

static gboolean
contains(char *const *names, const char *name) {
  return names != NULL && g_strv_contains((const char *const *)names, name);
}

gboolean
features_check(const RuleSet *set, const char *const *names, const char *who, GError **error) {
  g_autoptr(GPtrArray) known = g_ptr_array_new();
  for (guint i = 0; i < set->rules->len; i++)
    g_ptr_array_add(known, ((const Rule *)set->rules->pdata[i])->name);
  g_ptr_array_add(known, NULL);
  for (guint i = 0; names != NULL && names[i] != NULL; i++) {
    if (rules_find(set, names[i]) != NULL)
      continue;
    g_autofree char *near = near_or_all(names[i], (const char *const *)known->pdata, "there are");
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: '%s' is not a feature%s", who, names[i],
                near);
    return FALSE;
  }
  return TRUE;
}

/* The names of one side: known, and in one list only. */
static gboolean
check_side(const RuleSet *set, const FeatureNames *names, GError **error) {
  const char *with = names->with_place != NULL ? names->with_place : "--with";
  const char *without = names->without_place != NULL ? names->without_place : "--without";
  for (guint i = 0; names->with != NULL && names->with[i] != NULL; i++)
    if (contains(names->without, names->with[i])) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s and %s both name '%s'; expected one",
                  with, without, names->with[i]);
      return FALSE;
    }
  return features_check(set, (const char *const *)names->with, with, error) &&
         features_check(set, (const char *const *)names->without, without, error);
}

/* MORE and what of BASE is not in AGAINST; sorted, each once. g_strfreev. */
static char **
joined(char *const *base, char *const *more, char *const *against) {
  g_autoptr(GPtrArray) names = strings_new();
  for (guint i = 0; more != NULL && more[i] != NULL; i++)
    strings_add_once(names, more[i]);
  for (guint i = 0; base != NULL && base[i] != NULL; i++)
    if (!contains(against, base[i]))
      strings_add_once(names, base[i]);
  strings_sort(names);
  return strings_copy(names);
}

gboolean
features_merge(const FeatureNames *base, const FeatureNames *more, FeatureNames *all,
               GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(RuleSet) set = rules_load(data, error);
  if (set == NULL || !check_side(set, base, error) || !check_side(set, more, error))
    return FALSE;
  all->with = joined(base->with, more->with, more->without);
  all->without = joined(base->without, more->without, more->with);
  return TRUE;
}

char *
feature_cost_text(const Rule *rule, const char *platform) {
  const RuleCost *cost = rule_cost(rule, platform);
  if (cost == NULL)
    return g_strdup("not measured");
  g_autofree char *size = size_text((guint64)ABS(cost->bytes));
  return g_strdup_printf("%s%s (Linux %s, %s)", cost->bytes < 0 ? "-" : "", size, cost->version,
                         cost->platform);
}

char *
feature_text(const Rule *rule, const Platform *platform, gboolean symbols) {
  g_autofree char *cost = feature_cost_text(rule, platform->name);
  GString *text = g_string_new(NULL);
  g_string_append_printf(text, "%-16s %s\n%-16s   cost: %s\n", rule->name, rule->what, "", cost);
  if (rule->whens->len == 0)
    g_string_append_printf(text, "%-16s   asked for by name only\n", "");
  for (guint i = 0; i < rule->whens->len; i++) {
    const RuleWhen *when = rule->whens->pdata[i];
    g_autofree char *names = g_strjoinv(" ", when->names);
    g_string_append_printf(text, "%-16s   asked for by %s %s\n", "", when->word, names);
  }
  if (rule->stands)
    g_string_append_printf(text, "%-16s   then as if by name: no search takes it out\n", "");
  for (guint i = 0; symbols && i < rule->requests->len; i++) {
    const SymbolRequest *request = rule->requests->pdata[i];
    if (symbol_request_is_for(request, platform))
      g_string_append_printf(text, "%-16s   CONFIG_%s=%s  # %s%s\n", "", request->symbol,
                             request->value, request->may_vanish ? "may vanish: " : "",
                             request->reason);
  }
  return g_string_free(text, FALSE);
}

static void
put_evidence(JsonBuilder *json, const Rule *rule) {
  json_begin_array(json, "evidence");
  for (guint i = 0; i < rule->whens->len; i++) {
    const RuleWhen *when = rule->whens->pdata[i];
    json_builder_begin_object(json);
    json_put_string(json, "kind", when->word);
    json_put_strings(json, "names", (const char *const *)when->names);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
}

static void
put_options(JsonBuilder *json, const Rule *rule, const Platform *platform) {
  json_begin_array(json, "options");
  for (guint i = 0; i < rule->requests->len; i++) {
    const SymbolRequest *request = rule->requests->pdata[i];
    if (!symbol_request_is_for(request, platform))
      continue;
    json_builder_begin_object(json);
    json_put_string(json, "option", request->symbol);
    json_put_string(json, "value", request->value);
    json_put_bool(json, "may_vanish", request->may_vanish);
    json_put_string(json, "reason", request->reason);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
}

void
feature_put(JsonBuilder *json, const Rule *rule, const Platform *platform) {
  const RuleCost *cost = rule_cost(rule, platform->name);
  json_builder_begin_object(json);
  json_put_string(json, "name", rule->name);
  json_put_string(json, "what", rule->what);
  if (cost != NULL) {
    json_put_int(json, "cost_bytes", cost->bytes);
    json_put_string(json, "cost_linux", cost->version);
  }
  json_put_bool(json, "by_name_only", rule->whens->len == 0);
  json_put_bool(json, "stands", rule->stands);
  put_evidence(json, rule);
  put_options(json, rule, platform);
  json_builder_end_object(json);
}

gboolean
feature_count(const char *data, const char *name, const GPtrArray *chosen, const DotConfig *config,
              FeatureCount *count, GError **error) {
  g_autoptr(RuleSet) set = rules_load(data, error);
  if (set == NULL)
    return FALSE;
  const Rule *rule = rules_find(set, name);
  memset(count, 0, sizeof *count);
  for (guint i = 0; rule != NULL && i < rule->requests->len; i++) {
    const SymbolRequest *request = rule->requests->pdata[i];
    count->known++;
    count->on += config_value_equal(request->value, config_value(config, request->symbol));
    for (guint k = 0; k < chosen->len; k++) {
      const SymbolRequest *other = chosen->pdata[k];
      count->asked += other->asker == ASKED_BY_NAME && g_str_equal(other->symbol, request->symbol);
    }
  }
  return TRUE;
}
