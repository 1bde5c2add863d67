#include "draft/draft.h"

#include "base/files.h"
#include "deps/deb822.h"
#include "deps/packages.h"
#include "draft/find.h"
#include "draft/ports.h"
#include "draft/scan.h"
#include "draft/try.h"
#include "draft/users.h"
#include "rootfs/install.h"

#include <string.h>

#define MEMORY 128 /* MB; the image's own need counts where it is more */
#define KNOWN "rootfs/ports.known"
#define OPEN_UP "rootfs/open-up"

void
draft_clear(Draft *draft) {
  g_clear_pointer(&draft->name, g_free);
  g_clear_pointer(&draft->description, g_free);
  g_clear_pointer(&draft->packages, g_ptr_array_unref);
  g_clear_pointer(&draft->services, g_ptr_array_unref);
  g_clear_pointer(&draft->ports, g_array_unref);
  g_clear_pointer(&draft->port_from, g_ptr_array_unref);
  g_clear_pointer(&draft->include, g_ptr_array_unref);
  g_clear_pointer(&draft->with, g_ptr_array_unref);
  g_clear_pointer(&draft->notes, g_ptr_array_unref);
  g_clear_pointer(&draft->files, g_hash_table_unref);
}

static void
free_service(gpointer data) {
  service_free(data);
}

static void
draft_init(Draft *draft) {
  draft->memory = MEMORY;
  draft->packages = g_ptr_array_new_with_free_func(g_free);
  draft->services = g_ptr_array_new_with_free_func(free_service);
  draft->ports = g_array_new(FALSE, TRUE, sizeof(int));
  draft->port_from = g_ptr_array_new_with_free_func(g_free);
  draft->include = g_ptr_array_new_with_free_func(g_free);
  draft->with = g_ptr_array_new_with_free_func(g_free);
  draft->notes = g_ptr_array_new_with_free_func(g_free);
  draft->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void
add_once(GPtrArray *words, const char *word) {
  for (guint i = 0; i < words->len; i++)
    if (strcmp(words->pdata[i], word) == 0)
      return;
  g_ptr_array_add(words, g_strdup(word));
}

static gboolean
contains(const GPtrArray *words, const char *word) {
  for (guint i = 0; word != NULL && i < words->len; i++)
    if (strcmp(words->pdata[i], word) == 0)
      return TRUE;
  return FALSE;
}

/* ---- ports ------------------------------------------------------------- */

/* Text files below /etc that PACKAGES brought, those that the command names first. */
static GPtrArray *
configuration_files(const Draft *draft, const Service *service, Tree *installed) {
  GPtrArray *files = g_ptr_array_new();
  g_auto(GStrv) words = g_strsplit_set(service->run.command, " =:,'\"", -1);
  const GPtrArray *entries = tree_entries(installed);
  for (int named = 1; named >= 0; named--)
    for (guint i = 0; i < entries->len; i++) {
      const TreeEntry *entry = entries->pdata[i];
      gboolean is_named = g_strv_contains((const char *const *)words, entry->path);
      gboolean ours = contains(draft->packages, entry->package) ||
                      (entry->package == NULL && installation_is_new(entry));
      if (entry->type == TREE_FILE && is_named == named &&
          (is_named ||
           (ours && g_str_has_prefix(entry->path, "/etc/") &&
            !g_str_has_prefix(entry->path, "/etc/init.d/") &&
            !g_str_has_prefix(entry->path, "/etc/ssl/") &&
            !g_str_has_prefix(entry->path, "/etc/logrotate.d/") &&
            strstr(entry->path, "/conf.avail/") == NULL && strstr(entry->path, "example") == NULL)))
        g_ptr_array_add(files, (gpointer)entry);
    }
  return files;
}

/* The socket unit of SERVICE: systemd would open it, and the daemon without systemd opens the same.
 */
static int
port_of_socket(const Service *service, const Tree *installed, char **from) {
  g_autofree char *stem = g_strndup(service->origin, strcspn(service->origin, "@."));
  g_autofree char *path = g_strdup_printf("/lib/systemd/system/%s.socket", stem);
  g_autofree char *text = find_text(installed, path);
  g_autoptr(Unit) unit = text != NULL ? unit_parse(text, strlen(text), path, NULL) : NULL;
  const char *stream = unit != NULL ? unit_get(unit, "Socket", "ListenStream", NULL) : NULL;
  const char *digits = stream != NULL ? strrchr(stream, ':') : NULL;
  guint64 port = 0;
  if (stream != NULL)
    g_ascii_string_to_unsigned(digits != NULL ? digits + 1 : stream, 10, 1, 65535, &port, NULL);
  if (port > 0)
    *from = g_strdup(path);
  return (int)port;
}

/* The port that TEXT, which is ports.known, has for NAME; 0 if it has none. */
static int
known_port(const char *text, const char *name) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  gsize length = strlen(name);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strncmp(lines[i], name, length) == 0 && lines[i][length] == ' ')
      return (int)g_ascii_strtoll(lines[i] + length + 1, NULL, 10);
  return 0;
}

/* By what the daemon is called: what tinyx's own data knows (OURS), or the machine's /etc/services.
 */
static int
port_by_names(const Draft *draft, const Service *service, gboolean ours, char **from) {
  g_autofree char *path = data_path(KNOWN);
  g_autofree char *known = NULL;
  g_autofree char *program = g_path_get_basename(service->program);
  g_autofree char *stem = g_strndup(service->origin, strcspn(service->origin, "@."));
  g_autofree char *no_d =
      g_str_has_suffix(program, "d") ? g_strndup(program, strlen(program) - 1) : g_strdup(program);
  g_autofree char *no_server = g_strndup(draft->name, strcspn(draft->name, "-"));
  const char *const names[] = {program, stem, draft->name, no_d, no_server};
  g_file_get_contents(path, &known, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    int port = ours ? known_port(known != NULL ? known : "", names[i]) : ports_by_name(names[i]);
    if (port == 0)
      continue;
    *from = g_strdup_printf("%s has %s", ours ? KNOWN : "/etc/services", names[i]);
    return port;
  }
  return 0;
}

static int
port_find(const Draft *draft, const Service *service, Tree *installed, const PortRules *rules,
          gboolean *ipv6, char **from) {
  g_autoptr(GPtrArray) files = configuration_files(draft, service, installed);
  int port = ports_in_command(rules, service->run.command);
  if (port > 0)
    *from = g_strdup("the command");
  else /* better than an expression that meets the package's configuration */
    port = port_by_names(draft, service, TRUE, from);
  for (guint i = 0; i < files->len; i++) {
    const TreeEntry *entry = files->pdata[i];
    g_autofree char *text = find_text(installed, entry->path);
    *ipv6 |= text != NULL && ports_text_has_ipv6(text);
  }
  for (int commented = 0; commented < 2 && port == 0; commented++) {
    for (guint i = 0; i < files->len && port == 0; i++) {
      const TreeEntry *entry = files->pdata[i];
      g_autofree char *text = find_text(installed, entry->path);
      int line = 0;
      port = text != NULL ? ports_in_text(rules, text, commented == 1, &line) : 0;
      if (port > 0)
        *from = g_strdup_printf("%s:%d%s", entry->path, line,
                                commented == 1 ? ", which is commented out" : "");
    }
    if (port == 0 && commented == 0)
      port = port_of_socket(service, installed, from);
    if (port == 0 && commented == 0)
      port = port_by_names(draft, service, FALSE, from);
  }
  return port;
}

/* All files below FOLDER, which is PATH in the image, become files of the draft. */
static void
add_files(Draft *draft, const char *folder, const char *path) {
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *source = g_build_filename(folder, name, NULL);
    g_autofree char *inside = g_build_filename(path, name, NULL);
    char *text = NULL;
    if (strcmp(inside, "/arguments") == 0 || strcmp(inside, "/packages") == 0)
      continue;
    if (g_file_test(source, G_FILE_TEST_IS_DIR))
      add_files(draft, source, inside);
    else if (g_file_get_contents(source, &text, NULL, NULL)) {
      g_hash_table_replace(draft->files, g_strdup(inside), text);
      g_ptr_array_add(draft->notes, g_strdup_printf("files%s is from rootfs/open-up: without it it "
                                                    "would serve the loopback only, or not start",
                                                    inside));
    }
  }
}

/* FOLDER/arguments, of which lines with '#' are comments, goes to the end of the command. */
static void
add_arguments(Draft *draft, Service *service, const char *folder) {
  g_autofree char *path = g_build_filename(folder, "arguments", NULL);
  g_autofree char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL))
    return;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (g_strstrip(lines[i])[0] == '\0' || lines[i][0] == '#')
      continue;
    char *command = g_strdup_printf("%s %s", service->run.command, lines[i]);
    g_free(service->run.command);
    service->run.command = command;
    g_ptr_array_add(
        draft->notes,
        g_strdup_printf("it listens on the loopback only unless told otherwise: %s tells "
                        "it",
                        lines[i]));
  }
}

/* FOLDER/packages: those that it only recommends, one a line, and yet does not start without. */
static void
add_packages(Draft *draft, const char *folder) {
  g_autofree char *path = g_build_filename(folder, "packages", NULL);
  g_autofree char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL))
    return;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_strstrip(lines[i])[0] != '\0' && lines[i][0] != '#')
      add_once(draft->packages, lines[i]);
}

/* A daemon that listens on the loopback alone serves nobody: in a machine of its own it is the only
 * program. The changed configuration goes to files/, and is said. */
static void
open_up(Draft *draft, Service *service, Tree *installed, const PortRules *rules) {
  g_autoptr(GPtrArray) files = configuration_files(draft, service, installed);
  g_autofree char *program = g_path_get_basename(service->program);
  g_autofree char *known = g_build_filename(OPEN_UP, program, NULL);
  g_autofree char *folder = data_path(known);
  char *command = ports_open_up(rules, service->run.command, FALSE, NULL);
  if (command != NULL) {
    g_ptr_array_add(
        draft->notes,
        g_strdup_printf("%s listens on the loopback only: the command has 0.0.0.0 instead",
                        service->origin));
    g_free(service->run.command);
    service->run.command = command;
  }
  for (guint i = 0; i < files->len; i++) {
    const TreeEntry *entry = files->pdata[i];
    g_autofree char *text = find_text(installed, entry->path);
    int line = 0;
    char *opened = text != NULL ? ports_open_up(rules, text, FALSE, &line) : NULL;
    if (opened == NULL)
      continue;
    g_ptr_array_add(draft->notes,
                    g_strdup_printf("%s:%d: it listens on the loopback only; files%s has "
                                    "0.0.0.0 instead",
                                    entry->path, line, entry->path));
    g_hash_table_replace(draft->files, g_strdup(entry->path), opened);
  }
  add_files(draft, folder, "/");
  add_arguments(draft, service, folder);
  add_packages(draft, folder);
}

static gboolean
add_port(Draft *draft, Service *service, Tree *installed, int given, GError **error) {
  g_autofree char *from = NULL;
  gboolean ipv6 = FALSE;
  g_autoptr(PortRules) rules = port_rules_load(error);
  if (rules == NULL)
    return FALSE;
  int found = service->run.on_exit == RECIPE_POWEROFF
                  ? 0
                  : port_find(draft, service, installed, rules, &ipv6, &from);
  int port = given > 0 ? given : found;
  if (given > 0) {
    g_free(from);
    from = g_strdup("given");
  }
  if (service->run.on_exit != RECIPE_POWEROFF)
    open_up(draft, service, installed, rules);
  if (ipv6)
    add_once(draft->with, "ipv6");
  for (guint i = 0; port > 0 && i < draft->ports->len; i++)
    if (g_array_index(draft->ports, int, i) == port) {
      const Service *other = draft->services->pdata[i];
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "'%s' and '%s' both listen on port %d (%s; %s); expected a port for each "
                  "(--port, once for each package)",
                  other->run.command, service->run.command, port,
                  (char *)draft->port_from->pdata[i], from);
      return FALSE;
    }
  if (port == 0 && service->run.on_exit != RECIPE_POWEROFF)
    g_ptr_array_add(draft->notes,
                    g_strdup_printf("%s: no port was found in its command or configuration; --port "
                                    "gives one",
                                    service->origin));
  g_array_append_val(draft->ports, port);
  g_ptr_array_add(draft->port_from, from != NULL ? g_steal_pointer(&from) : g_strdup(""));
  return TRUE;
}

/* ---- the whole --------------------------------------------------------- */

/* The first line of the description of PACKAGE, in dpkg's database. */
static char *
description_of(const Tree *installed, const char *package) {
  const TreeEntry *entry = tree_resolve(installed, "/var/lib/dpkg/status");
  g_autofree char *text = NULL;
  gsize size;
  if (entry == NULL || entry->source == NULL ||
      !g_file_get_contents(entry->source, &text, &size, NULL))
    return g_strdup(package);
  g_autoptr(GPtrArray) stanzas = deb822_parse(text, size, "status", NULL);
  for (guint i = 0; stanzas != NULL && i < stanzas->len; i++) {
    const char *value = deb822_get(stanzas->pdata[i], "Description");
    if (g_strcmp0(deb822_get(stanzas->pdata[i], "Package"), package) == 0 && value != NULL)
      return g_strndup(value, strcspn(value, "\n"));
  }
  return g_strdup(package);
}

static gboolean
add_application(Draft *draft, Tree *installed, const char *package, const char *const *direct,
                const char *command, int port, GError **error) {
  g_auto(Found) found = {0};
  add_once(draft->packages, package);
  if (command != NULL) {
    g_autoptr(GError) none = NULL;
    /* The unit still says who runs it, and what comes before. */
    find_service(installed, package, direct, &found, draft->notes, &none);
    if (found.service != NULL && found.service->run.on_exit == RECIPE_RESPAWN) {
      g_autoptr(Service) given = service_from_command("--command", command, error);
      if (given == NULL)
        return FALSE;
      g_free(found.service->run.command);
      g_free(found.service->program);
      found.service->run.command = g_strdup(command);
      found.service->program = g_strdup(given->program);
      found.service->run.forks = FALSE;
      g_clear_pointer(&found.service->run.pid_file, g_free);
    } else {
      found_clear(&found);
      found.service = service_from_command("--command", command, error);
      if (found.service == NULL)
        return FALSE;
      found.package = g_strdup(package);
    }
  } else if (!find_service(installed, package, direct, &found, draft->notes, error)) {
    return FALSE;
  }
  Service *service = found.service;
  add_once(draft->packages, found.package);
  if (draft->services->len > 0) {
    g_free(service->run.name);
    service->run.name = g_strdelimit(g_strdup(package), "+.", '-');
  }
  for (guint i = 0; i < service->notes->len; i++)
    g_ptr_array_add(draft->notes, g_strdup(service->notes->pdata[i]));
  if (!scan_start(service, installed, draft->packages, draft->include, error) ||
      !add_port(draft, service, installed, port, error))
    return FALSE;
  if (service->run.group != NULL)
    users_add_group(draft, installed, service->run.group);
  if (service->run.user != NULL)
    users_add(draft, installed, service->run.user);
  g_ptr_array_add(draft->services, service);
  found.service = NULL;
  return TRUE;
}

gboolean
draft_from_tree(const DraftOptions *options, const Tree *installed, const char *const *direct,
                Draft *draft, GError **error) {
  guint commands = options->commands != NULL ? g_strv_length((char **)options->commands) : 0;
  guint packages = g_strv_length((char **)options->packages);
  draft_init(draft);
  draft->name = g_strdup(options->packages[0]);
  draft->description = description_of(installed, options->packages[0]);
  if (commands > packages || options->n_ports > packages) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%u packages, %u --command, %u --port; expected at most one of each for a package",
                packages, commands, options->n_ports);
    return FALSE;
  }
  for (guint i = 0; i < packages; i++)
    if (!add_application(draft, (Tree *)installed, options->packages[i], direct,
                         i < commands ? options->commands[i] : NULL,
                         i < options->n_ports ? options->ports[i] : 0, error))
      return FALSE;
  scan_plugins(installed, direct, draft->include);
  return TRUE;
}

gboolean
draft_make(const DraftOptions *options, Draft *draft, GError **error) {
  g_auto(Installation) installation = {0};
  /* First, because it says which package is unknown, and quickly. */
  g_autoptr(GPtrArray) closure = package_closure(options->packages, NULL, NULL, error);
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  if (closure == NULL || !installation_get(options->packages, &installation, error))
    return FALSE;
  for (guint i = 0; i < closure->len; i++) {
    const PackageDep *package = closure->pdata[i];
    if (package->asked_by != NULL && g_strv_contains(options->packages, package->asked_by))
      g_strv_builder_add(builder, package->name);
  }
  g_auto(GStrv) direct = g_strv_builder_end(builder);
  return draft_from_tree(options, installation.tree, (const char *const *)direct, draft, error) &&
         (options->untried || draft_try(draft, installation.tree, error));
}
