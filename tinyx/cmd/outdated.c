/* outdated.c - `tinyx outdated`: which built images hold what the archive has newer. */
#include "upkeep/outdated.h"

#include "base/json.h"
#include "base/plain.h"
#include "base/strings.h"
#include "cmd/cmd.h"

static const char description[] =
    "Compares images that have been built (without a name all in out/; a recipe's NAME, or "
    "folders)\n"
    "with the package lists that tinyx installs from: which of their packages, and whether their\n"
    "kernel, the archive has newer, with the names of the advisories (CVE-, DSA-) that the newer\n"
    "package's changelog has since then. \"security\" is what comes from the suite of security\n"
    "updates, whatever its changelog says. Status 0: all are current, 1: something is newer, 2: "
    "it\n"
    "could not be told. A build (tinyx build NAME) takes what is newer.";

#define NAMES_SHOWN 8 /* a kernel's are thousands */

/* The newest, by their names. g_free. */
static char *
names_text(const GPtrArray *advisories) {
  GString *text = g_string_new(NULL);
  guint shown = MIN(advisories->len, NAMES_SHOWN);
  for (guint i = advisories->len - shown; i < advisories->len; i++)
    g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", (char *)advisories->pdata[i]);
  if (shown < advisories->len)
    g_string_append_printf(text, " and %u more (--json has all)", advisories->len - shown);
  return g_string_free(text, FALSE);
}

static void
show_package(const OutdatedPackage *package) {
  g_autofree char *names = package->advisories != NULL ? names_text(package->advisories) : NULL;
  if (package->newer == NULL) {
    plain_print("  %-24s %s -> no longer in the archive\n", package->package, package->version);
    return;
  }
  plain_print("  %-24s %s -> %s%s\n", package->package, package->version, package->newer,
              package->security ? "  security" : "");
  if (g_str_has_prefix(package->package, "linux-source-"))
    plain_print("  %-24s   first (as root): apt-get install %s\n", "", package->package);
  if (names != NULL && names[0] != '\0')
    plain_print("  %-24s   %s\n", "", names);
  if (package->why_unread != NULL)
    plain_print("  %-24s   its changelog cannot be read: %s\n", "", package->why_unread);
}

static void
show(const OutdatedImage *image) {
  plain_print("%s (%s, %s): ", image->folder, image->name != NULL ? image->name : "?",
              image->platform != NULL ? image->platform : "?");
  if (image->outdated->len == 0)
    plain_print("current, %u packages with the kernel\n", image->packages);
  else
    plain_print("%u of %u packages are outdated\n", image->outdated->len, image->packages);
  for (guint i = 0; i < image->outdated->len; i++)
    show_package(image->outdated->pdata[i]);
}

static void
add_package(JsonBuilder *json, const OutdatedPackage *package) {
  json_builder_begin_object(json);
  json_put_string(json, "package", package->package);
  json_put_string(json, "version", package->version);
  json_put_string(json, "newer", package->newer);
  json_put_bool(json, "security", package->security);
  if (package->advisories != NULL) {
    g_auto(GStrv) names = strings_copy(package->advisories);
    json_put_strings(json, "advisories", (const char *const *)names);
  } else {
    json_put_string(json, "advisories", NULL);
  }
  json_put_string(json, "changelog_unread", package->why_unread);
  json_builder_end_object(json);
}

static void
show_json(const GPtrArray *images) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  g_autofree char *text = NULL;
  json_builder_begin_object(json);
  json_begin_array(json, "images");
  for (guint i = 0; i < images->len; i++) {
    const OutdatedImage *image = images->pdata[i];
    json_builder_begin_object(json);
    json_put_string(json, "folder", image->folder);
    json_put_string(json, "name", image->name);
    json_put_string(json, "platform", image->platform);
    json_put_int(json, "packages", image->packages);
    json_begin_array(json, "outdated");
    for (guint k = 0; k < image->outdated->len; k++)
      add_package(json, image->outdated->pdata[k]);
    json_builder_end_array(json);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  json_builder_end_object(json);
  text = json_lines(json);
  plain_show(text);
}

int
cmd_outdated(int argc, char **argv) {
  gboolean as_json = FALSE, no_changelogs = FALSE, any = FALSE;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"no-changelogs", 0, 0, G_OPTION_ARG_NONE, &no_changelogs,
       "Do not download the newer packages for the names of advisories", NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print the list as JSON", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "[NAME|FOLDER...]", description, entries);
  if (status >= 0)
    return status;
  g_auto(GStrv) folders = outdated_folders(argv + 1, &error);
  g_autoptr(GPtrArray) images =
      folders != NULL ? outdated_look(folders, !no_changelogs, &error) : NULL;
  if (images == NULL) {
    status = cmd_fail(error);
    return status == 1 ? 2 : status;
  }
  for (guint i = 0; i < images->len; i++) {
    any |= ((const OutdatedImage *)images->pdata[i])->outdated->len > 0;
    if (!as_json)
      show(images->pdata[i]);
  }
  if (as_json)
    show_json(images);
  return any ? 1 : 0;
}
