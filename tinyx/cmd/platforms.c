/* platforms.c - `tinyx platforms`: what images can be made for, and what can be run here. */
#include "cmd/cmd.h"
#include "guest/launcher.h"
#include "platform/platform.h"

#include "base/json.h"
#include "base/plain.h"

static const char description[] =
    "Lists the platforms that --platform takes: what each is, which kernel file it boots, what "
    "starts\n"
    "its guests, what a machine needs for that, and whether this one has it.";

/* Why none of PLATFORM's launchers can start guests here; NULL: *LAUNCHER can. g_free. */
static char *
why_not(const Platform *platform, const Launcher **launcher) {
  g_autoptr(GString) why = g_string_new(NULL);
  const GuestHostOptions options = {0};
  for (guint i = 0; platform->launchers[i] != NULL; i++) {
    g_autoptr(GError) problem = NULL;
    *launcher = launcher_find(platform->launchers[i]);
    if (*launcher != NULL && (*launcher)->check(&options, &problem))
      return NULL;
    g_string_append_printf(why, "%s%s: %s", why->len > 0 ? "; " : "", platform->launchers[i],
                           problem != NULL ? problem->message : "no such launcher");
  }
  return why->len > 0 ? g_strdup(why->str) : g_strdup("it names no launcher");
}

static void
show(const Platform *platform) {
  const Launcher *launcher = NULL;
  g_autofree char *why = why_not(platform, &launcher);
  plain_print("%s%s\n", platform->name,
              g_str_equal(platform->name, PLATFORM_DEFAULT) ? " (default)" : "");
  plain_print("  %-8s %s\n", "what", platform->description);
  plain_print("  %-8s %s; console %s, disk %s\n", "boots", platform->kernel, platform->console,
              platform->disk);
  plain_print("  %-8s %s\n", "needs", platform->needs);
  if (why == NULL)
    plain_print("  %-8s yes, by %s\n", "here", launcher->name);
  else
    plain_print("  %-8s no: %s\n", "here", why);
}

static void
put(JsonBuilder *json, const Platform *platform) {
  const Launcher *launcher = NULL;
  g_autofree char *why = why_not(platform, &launcher);
  json_builder_begin_object(json);
  json_put_string(json, "name", platform->name);
  json_put_bool(json, "is_default", g_str_equal(platform->name, PLATFORM_DEFAULT));
  json_put_string(json, "what", platform->description);
  json_put_string(json, "boots", platform->kernel);
  json_put_string(json, "console", platform->console);
  json_put_string(json, "disk", platform->disk);
  json_put_string(json, "needs", platform->needs);
  json_put_bool(json, "here", why == NULL);
  json_put_string(json, "launcher", why == NULL ? launcher->name : NULL);
  json_put_string(json, "why_not", why);
  json_builder_end_object(json);
}

/* All of them as text, or into JSON where that is not NULL. */
static gboolean
show_all(char *const *names, JsonBuilder *json, GError **error) {
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr(Platform) platform = platform_load(names[i], error);
    if (platform == NULL)
      return FALSE;
    if (json != NULL)
      put(json, platform);
    else
      show(platform);
  }
  return TRUE;
}

static gboolean
show_json(char *const *names, GError **error) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_begin_array(json, "platforms");
  if (!show_all(names, json, error))
    return FALSE;
  json_builder_end_array(json);
  json_builder_end_object(json);
  g_autofree char *text = json_lines(json);
  plain_show(text);
  return TRUE;
}

int
cmd_platforms(int argc, char **argv) {
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
                                  G_OPTION_ENTRY_NULL};
  g_auto(GStrv) names = platform_names();
  GError *error = NULL;
  int status = cmd_parse(&argc, &argv, "", description, entries);
  if (status < 0 && argc != 1)
    status = cmd_usage("platforms", "expected no argument, got '%s'", argv[1]);
  if (status >= 0)
    return status;
  if (names[0] == NULL && platform_load(PLATFORM_DEFAULT, &error) == NULL)
    return cmd_fail(error);
  return (as_json ? show_json(names, &error) : show_all(names, NULL, &error)) ? 0 : cmd_fail(error);
}
