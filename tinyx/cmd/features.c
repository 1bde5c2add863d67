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

int
cmd_features(int argc, char **argv) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autofree char *name = NULL;
  g_autoptr(Platform) platform = NULL;
  g_autoptr(RuleSet) set = NULL;
  GError *error = NULL;
  const char *const *names = NULL;
  const GOptionEntry entries[] = {
      {"platform", 'p', 0, G_OPTION_ARG_STRING, &name,
       "The platform whose costs and options are shown; default: " PLATFORM_DEFAULT, "NAME"},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "[NAME...]", description, entries);
  if (status >= 0)
    return status;
  names = (const char *const *)argv + 1;
  platform = platform_load(name != NULL ? name : PLATFORM_DEFAULT, &error);
  set = platform != NULL ? rules_load(data, &error) : NULL;
  if (set == NULL || !features_check(set, names, "features", &error))
    return cmd_fail(error);
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    g_autofree char *text = feature_text(rule, platform, argc > 1);
    if (argc == 1 || g_strv_contains(names, rule->name))
      plain_show(text);
  }
  return 0;
}
