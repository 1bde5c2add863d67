/* units.c - systemd units that run a recipe's applications in a Debian. */
#include "compare/units.h"

#include "base/files.h"

#include <string.h>

#define UNITS "/etc/systemd/system"

/* systemd replaces %x and $x in a command (systemd.service(5)). */
static char *
escaped(const char *command) {
  GString *text = g_string_new(command);
  g_string_replace(text, "%", "%%", 0);
  g_string_replace(text, "$", "$$", 0);
  return g_string_free(text, FALSE);
}

static char *
unit_name(const Recipe *recipe, const RecipeRun *run) {
  return g_strdup_printf("tinyx-%s%s%s", recipe->name, run->name[0] != '\0' ? "-" : "", run->name);
}

static char *
before_path(const Recipe *recipe, const RecipeRun *run) {
  g_autofree char *name = unit_name(recipe, run);
  return g_strdup_printf("/etc/tinyx/%s.before", name);
}

static void
append_end(GString *text, const RecipeRun *run) {
  static const char *const actions[] = {
      [RECIPE_POWEROFF] = "poweroff",
      [RECIPE_REBOOT] = "reboot",
  };
  if (run->on_exit != RECIPE_RESPAWN)
    g_string_append_printf(text, "SuccessAction=%s\nFailureAction=%s\n", actions[run->on_exit],
                           actions[run->on_exit]);
}

char *
units_of_run(const Recipe *recipe, const RecipeRun *run) {
  GString *text = g_string_new(NULL);
  g_autofree char *command = escaped(run->command);
  g_autofree char *before = before_path(recipe, run);
  g_string_append_printf(text, "[Unit]\nDescription=%s\nAfter=network.target\n",
                         recipe->description != NULL ? recipe->description : recipe->name);
  append_end(text, run);
  g_string_append_printf(text, "\n[Service]\nType=%s\n", run->forks ? "forking" : "exec");
  if (run->pid_file != NULL)
    g_string_append_printf(text, "PIDFile=%s\n", run->pid_file);
  if (run->before != NULL)
    g_string_append_printf(text, "ExecStartPre=+/bin/sh %s\n", before);
  g_string_append_printf(text, "ExecStart=%s\n", command);
  if (run->user != NULL)
    g_string_append_printf(text, "User=%s\n", run->user);
  if (run->group != NULL)
    g_string_append_printf(text, "Group=%s\n", run->group);
  if (run->directory != NULL)
    g_string_append_printf(text, "WorkingDirectory=%s\n", run->directory);
  for (guint i = 0; run->environment != NULL && run->environment[i] != NULL; i++) {
    g_autofree char *value = escaped(run->environment[i]);
    g_string_append_printf(text, "Environment=\"%s\"\n", value);
  }
  if (run->on_exit == RECIPE_RESPAWN)
    g_string_append(text, "Restart=always\n");
  g_string_append(text, "\n[Install]\nWantedBy=multi-user.target\n");
  return g_string_free(text, FALSE);
}

static gboolean
add_text(Tree *tree, const char *path, const char *text, const char *purpose, GError **error) {
  return tree_add_data(tree, path, text, -1, 0644, from_origin(ORIGIN_COMPARED, purpose), error) !=
         NULL;
}

static gboolean
enable(Tree *tree, const char *target, const char *unit, const char *file, GError **error) {
  g_autofree char *path = g_strdup_printf(UNITS "/%s.wants/%s", target, unit);
  return tree_add_symlink(tree, path, file, from_origin(ORIGIN_COMPARED, "enabled"), error) != NULL;
}

static gboolean
add_run(Tree *tree, const Recipe *recipe, const RecipeRun *run, GError **error) {
  g_autofree char *name = unit_name(recipe, run);
  g_autofree char *unit = g_strconcat(name, ".service", NULL);
  g_autofree char *path = g_build_filename(UNITS, unit, NULL);
  g_autofree char *text = units_of_run(recipe, run);
  g_autofree char *before = before_path(recipe, run);
  return add_text(tree, path, text, "runs the application", error) &&
         enable(tree, "multi-user.target", unit, path, error) &&
         (run->before == NULL ||
          add_text(tree, before, run->before, "before the application", error));
}

/* TRUE if LINK enables a service, or what would start one, of a package that came with the recipe.
 */
static gboolean
replaced(Tree *tree, const TreeEntry *link, GHashTable *base) {
  static const char *const kinds[] = {".service", ".socket", ".path"};
  const TreeEntry *unit = link->type == TREE_SYMLINK ? tree_resolve(tree, link->path) : NULL;
  if (unit == NULL || unit->package == NULL || g_hash_table_contains(base, unit->package))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (g_str_has_suffix(link->path, kinds[i]))
      return TRUE;
  return FALSE;
}

/* The packages have enabled their own units at installation; two daemons on one port is one too
 * many. What a unit starts does not tell whose it is: it may be a script around the program. */
static void
disable_packages(Tree *tree, GHashTable *base) {
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (g_str_has_prefix(entry->path, UNITS "/") && strstr(entry->path, ".wants/") != NULL &&
        replaced(tree, entry, base))
      g_ptr_array_add(links, g_strdup(entry->path));
  }
  for (guint i = 0; i < links->len; i++)
    tree_remove(tree, links->pdata[i]);
}

static gboolean
add_network(Tree *tree, const Platform *platform, GError **error) {
  static const char *const units[][2] = {{"multi-user.target", "systemd-networkd.service"},
                                         {"sockets.target", "systemd-networkd.socket"},
                                         {"sysinit.target", "systemd-network-generator.service"}};
  for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
    g_autofree char *file = g_build_filename("/usr/lib/systemd/system", units[i][1], NULL);
    if (!enable(tree, units[i][0], units[i][1], file, error))
      return FALSE;
  }
  g_autofree char *fstab =
      g_strdup_printf("/dev/%s / ext4 errors=remount-ro 0 1\n", platform->disk);
  return add_text(tree, "/etc/hostname", "debian\n", "host name", error) &&
         add_text(tree, "/etc/fstab", fstab, "root is mounted for writing", error);
}

static gboolean
add_script(Tree *tree, const char *glue, const char *name, const char *what, GError **error) {
  g_autofree char *file = g_build_filename(glue, name, NULL);
  g_autofree char *path = g_build_filename("/etc/tinyx", name, NULL);
  return tree_add_file(tree, path, file, 0755, from_origin(ORIGIN_COMPARED, what), error) != NULL;
}

static gboolean
add_figures(Tree *tree, const Recipe *recipe, const char *glue, GError **error) {
  g_autoptr(GString) text = g_string_new("[Unit]\nDescription=what tinyx compare reads\nAfter=");
  for (guint i = 0; i < recipe->runs->len; i++) {
    g_autofree char *name = unit_name(recipe, recipe->runs->pdata[i]);
    g_string_append_printf(text, "%s%s.service", i > 0 ? " " : "", name);
  }
  g_string_append(text, "\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n"
                        "ExecStop=/bin/sh -c 'exec /bin/sh /etc/tinyx/stop >/dev/console'\n");
  return add_text(tree, UNITS "/tinyx-figures.service", text->str, "memory in use, at shutdown",
                  error) &&
         enable(tree, "multi-user.target", "tinyx-figures.service", UNITS "/tinyx-figures.service",
                error) &&
         add_script(tree, glue, "stop", "memory in use, at shutdown", error);
}

/* The script reads the console alone: a login there would take every other line from it. */
static gboolean
add_shutdown(Tree *tree, const Platform *platform, const char *glue, GError **error) {
  static const char unit[] = "[Unit]\nDescription=the host's word to shut down\n\n[Service]\n"
                             "ExecStart=/bin/sh /etc/tinyx/console\nRestart=always\n";
  g_autofree char *login = g_strdup_printf(UNITS "/serial-getty@%s.service", platform->console);
  if (platform->shutdown != PLATFORM_SHUTDOWN_CONSOLE)
    return TRUE;
  return tree_add_symlink(tree, login, "/dev/null", from_origin(ORIGIN_COMPARED, "no login"),
                          error) != NULL &&
         add_text(tree, UNITS "/tinyx-console.service", unit, "ends the guest", error) &&
         enable(tree, "multi-user.target", "tinyx-console.service", UNITS "/tinyx-console.service",
                error) &&
         add_script(tree, glue, "console", "ends the guest", error);
}

char *
units_scripts_hash(const Platform *platform, const char *glue, GError **error) {
  gboolean by_console = platform->shutdown == PLATFORM_SHUTDOWN_CONSOLE;
  g_autofree char *stop = g_build_filename(glue, "stop", NULL);
  g_autofree char *console = g_build_filename(glue, "console", NULL);
  g_autofree char *stop_sum = file_sha256(stop, error);
  g_autofree char *console_sum = stop_sum == NULL ? NULL
                                 : by_console     ? file_sha256(console, error)
                                                  : g_strdup("none");
  return console_sum != NULL ? sha256_of_strings(stop_sum, console_sum, NULL) : NULL;
}

gboolean
units_add(Tree *tree, const Recipe *recipe, const Platform *platform, GHashTable *base,
          const char *glue, GError **error) {
  disable_packages(tree, base);
  for (guint i = 0; i < recipe->runs->len; i++)
    if (!add_run(tree, recipe, recipe->runs->pdata[i], error))
      return FALSE;
  return add_network(tree, platform, error) && add_shutdown(tree, platform, glue, error) &&
         add_figures(tree, recipe, glue, error);
}
