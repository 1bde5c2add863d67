/* features.c - `tinyx features`: what can be asked for by name, and its price. */
#include "kernel/features.h"
#include "base/files.h"
#include "base/plain.h"
#include "cmd/cmd.h"
#include "platform/platform.h"

static const char description[] =
    "Lists the features that `tinyx build --with NAME` or a recipe's with= can ask for: what each\n"
    "is, the bytes that it adds to the kernel's file, as measured, and on which evidence it is "
    "there\n"
    "without being asked for. With names, only these, and the kernel options that they stand for.";

static void
show_json(const RuleSet *set, const Platform *platform, const char *const *names) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_put_string(json, "platform", platform->name);
  json_begin_array(json, "features");
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    if (names[0] == NULL || g_strv_contains(names, rule->name))
      feature_put(json, rule, platform);
  }
  json_builder_end_array(json);
  json_builder_end_object(json);
  g_autofree char *text = json_lines(json);
  plain_show(text);
}

static void
show_text(const RuleSet *set, const Platform *platform, const char *const *names) {
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    g_autofree char *text = feature_text(rule, platform, names[0] != NULL);
    if (names[0] == NULL || g_strv_contains(names, rule->name))
      plain_show(text);
  }
}

int
cmd_features(int argc, char **argv) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autofree char *name = NULL;
  g_autoptr(Platform) platform = NULL;
  g_autoptr(RuleSet) set = NULL;
  GError *error = NULL;
  const char *const *names = NULL;
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
      {"platform", 'p', 0, G_OPTION_ARG_STRING, &name,
       "The platform whose costs and options are shown; default: " PLATFORM_DEFAULT, "NAME"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON, with the options of each", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "[NAME...]", description, entries);
  if (status >= 0)
    return status;
  names = (const char *const *)argv + 1;
  platform = platform_load(name != NULL ? name : PLATFORM_DEFAULT, &error);
  set = platform != NULL ? rules_load(data, &error) : NULL;
  if (set == NULL || !features_check(set, names, "features", &error))
    return cmd_fail(error);
  if (as_json)
    show_json(set, platform, names);
  else
    show_text(set, platform, names);
  return 0;
}
