/* service.c - a systemd service as one application of a recipe. */
#include "draft/service-private.h"

#include "base/number.h"
#include "base/place.h"
#include "base/strings.h"
#include "draft/companions.h"
#include "draft/find.h"
#include "draft/socket-unit.h"
#include "draft/specifiers.h"
#include "recipe/capabilities.h"

#include <string.h>

#define OPEN_FILES_MOST                                                                            \
  ((gint64)1 << 16) /* more is not asked for: some daemons allocate a table of that size */

static Service *
service_new(const char *origin) {
  Service *service = g_new0(Service, 1);
  service->origin = g_strdup(origin);
  service->run = recipe_run_new("");
  service->applets = strings_new();
  service->writable = strings_new();
  service->include = strings_new();
  service->groups = strings_new();
  service->wanted = strings_new();
  service->after = strings_new();
  service->notes = strings_new();
  return service;
}

void
service_free(Service *service) {
  if (service == NULL)
    return;
  g_free(service->origin);
  g_free(service->program);
  g_free(service->user);
  g_free(service->group);
  g_free(service->home);
  g_free(service->port_from);
  recipe_run_unref(service->run);
  g_ptr_array_unref(service->applets);
  g_ptr_array_unref(service->writable);
  g_ptr_array_unref(service->include);
  g_ptr_array_unref(service->groups);
  g_ptr_array_unref(service->wanted);
  g_ptr_array_unref(service->after);
  g_free(service->ready);
  g_ptr_array_unref(service->notes);
  g_free(service);
}

void
service_set_directory(Service *service, char *folder) {
  g_free(service->run->directory);
  service->run->directory = folder;
}

void
service_add_before(Service *service, const char *text) {
  char *all = service->run->before == NULL ? g_strdup(text)
                                           : g_strconcat(service->run->before, "\n", text, NULL);
  g_free(service->run->before);
  service->run->before = all;
}

void
service_add_line(Service *service, const char *const *words, const char *line) {
  g_autoptr(GPtrArray) first = strings_new();
  for (guint i = 0; words[i] != NULL; i++)
    specifiers_needs(words[i], service->applets, first);
  for (guint i = 0; i < first->len; i++)
    if (service->run->before == NULL || strstr(service->run->before, first->pdata[i]) == NULL)
      service_add_before(service, first->pdata[i]);
  if (line != NULL)
    service_add_before(service, line);
}

void
service_prefix_error(GError **error, const UnitEntry *entry) {
  g_prefix_error(error, "%s: ", entry->key);
  place_prefix_error(error, entry->file, entry->line);
}

char **
service_words(const UnitEntry *entry, const WordsContext *context, GError **error) {
  char **words = words_split(entry->value, context, error);
  if (words == NULL)
    service_prefix_error(error, entry);
  return words;
}

/* The value of KEY, which has to be one word; "" where it is not there; NULL with ERROR. g_free. */
static char *
one_word(const Unit *unit, const char *key, const WordsContext *context, GError **error) {
  const UnitEntry *entry = unit_last(unit, SERVICE, key);
  if (entry == NULL)
    return g_strdup("");
  g_auto(GStrv) words = service_words(entry, context, error);
  if (words != NULL && words[0] != NULL && words[1] == NULL)
    return g_strdup(words[0]);
  if (words != NULL)
    place_set_error(error, entry->file, entry->line, "%s: '%s'; expected one word", key,
                    entry->value);
  return NULL;
}

void
service_note(Service *service, const Unit *unit, const UnitEntry *entry, const char *format, ...) {
  g_autofree char *file = unit_entry_place(unit, entry);
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  g_ptr_array_add(service->notes, place_message(file, entry->line, "%s", text));
}

/* ---- folders, user, type ----------------------------------------------- */

typedef struct {
  const char *key, *variable, *parent;
  gboolean owned; /* it belongs to the service's user */
  gboolean kept;  /* its content outlives a restart of the machine */
} FolderKind;

static void
make_folder(Service *service, const FolderKind *kind, const char *folder, const char *mode) {
  const char *user = service->user != NULL ? service->user : "root";
  g_autofree char *owner =
      g_strdup_printf("%s:%s", user, service->group != NULL ? service->group : "");
  const char *const make[] = {"mkdir", "-p", folder, NULL};
  const char *const give[] = {"chown", owner, folder, NULL};
  const char *const allow[] = {"chmod", mode != NULL ? mode : "0755", folder, NULL};
  const char *const *const lines[] = {make, give, allow};
  for (guint i = 0; i < (kind->owned ? G_N_ELEMENTS(lines) : 1); i++) {
    g_autofree char *line = words_join(lines[i]);
    service_add_before(service, line);
    strings_add_once(service->applets, lines[i][0]);
  }
  if (kind->kept)
    g_ptr_array_add(service->writable, g_strdup(folder));
}

/* The folders that UNIT asks for by KIND are made before the start; ALL gets their paths, with
 * colons between them. */
static gboolean
read_folder_kind(Service *service, const Unit *unit, const FolderKind *kind,
                 const WordsContext *context, GString *all, GError **error) {
  g_autoptr(GPtrArray) entries = unit_all(unit, SERVICE, kind->key);
  g_autofree char *mode_key = g_strconcat(kind->key, "Mode", NULL);
  const char *mode = unit_get(unit, SERVICE, mode_key);
  for (guint i = 0; i < entries->len; i++) {
    g_auto(GStrv) words = service_words(entries->pdata[i], context, error);
    if (words == NULL)
      return FALSE;
    for (guint j = 0; words[j] != NULL; j++) {
      g_autofree char *folder =
          g_strdup_printf("%s/%.*s", kind->parent, (int)strcspn(words[j], ":"), words[j]);
      make_folder(service, kind, folder, mode);
      g_string_append_printf(all, "%s%s", all->len > 0 ? ":" : "", folder);
    }
  }
  return TRUE;
}

/* RuntimeDirectory= and the like. The program finds each kind's folders in a variable of its
 * environment (systemd.exec(5)). */
static gboolean
read_folders(Service *service, const Unit *unit, const WordsContext *context, GError **error) {
  static const FolderKind kinds[] = {
      {"RuntimeDirectory", "RUNTIME_DIRECTORY", "/run", TRUE, FALSE},
      {"StateDirectory", "STATE_DIRECTORY", "/var/lib", TRUE, TRUE},
      {"CacheDirectory", "CACHE_DIRECTORY", "/var/cache", TRUE, TRUE},
      {"LogsDirectory", "LOGS_DIRECTORY", "/var/log", TRUE, TRUE},
      {"ConfigurationDirectory", "CONFIGURATION_DIRECTORY", "/etc", FALSE, FALSE}};
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
    g_autoptr(GString) all = g_string_new(NULL);
    if (!read_folder_kind(service, unit, &kinds[i], context, all, error))
      return FALSE;
    if (all->len > 0)
      g_hash_table_replace(context->environment, g_strdup(kinds[i].variable), g_strdup(all->str));
  }
  return TRUE;
}

/* The name of the instance is that of a person who has an account: the user gets a home as people
 * have. ENTRY is User=. */
static void
make_home(Service *service, const Unit *unit, const UnitEntry *entry) {
  static const FolderKind kind = {.owned = TRUE, .kept = TRUE};
  service->home = g_build_filename("/home", service->user, NULL);
  make_folder(service, &kind, service->home, "0700");
  service_note(service, unit, entry, "%s=%s: it runs as %s, the instance's name, whose home is %s",
               entry->key, entry->value, service->user, service->home);
}

static gboolean
is_root(const char *name) {
  return name[0] == '\0' || strcmp(name, "root") == 0 || strcmp(name, "0") == 0;
}

static gboolean
read_user(Service *service, const Unit *unit, const WordsContext *context, GError **error) {
  const UnitEntry *entry = unit_last(unit, SERVICE, "User");
  g_autofree char *user = one_word(unit, "User", context, error);
  g_autofree char *group = user != NULL ? one_word(unit, "Group", context, error) : NULL;
  if (group == NULL)
    return FALSE;
  /* Group= with the user's own name says nothing new. */
  if (!is_root(group) && strcmp(group, user) != 0)
    service->group = g_strdup(group);
  if (service_is_true(unit_get(unit, SERVICE, "DynamicUser"))) {
    service->user = g_strdup("nobody");
    g_ptr_array_add(service->notes,
                    g_strdup_printf("%s: DynamicUser=yes: it runs as nobody", unit->name));
  } else if (!is_root(user)) {
    service->user = g_strdup(user);
    if (strcmp(entry->value, "%i") == 0 || strcmp(entry->value, "%I") == 0)
      make_home(service, unit, entry);
  }
  return TRUE;
}

/* SupplementaryGroups=: root needs none, since it may read what a group may. */
static gboolean
read_groups(Service *service, const Unit *unit, const WordsContext *context, GError **error) {
  g_autoptr(GPtrArray) all = unit_all(unit, SERVICE, "SupplementaryGroups");
  for (guint i = 0; service->user != NULL && i < all->len; i++) {
    g_auto(GStrv) words = service_words(all->pdata[i], context, error);
    if (words == NULL)
      return FALSE;
    for (guint j = 0; words[j] != NULL; j++)
      strings_add_once(service->groups, words[j]);
  }
  return TRUE;
}

/* AmbientCapabilities= gives rights to a program that does not run as root; CapabilityBoundingSet=
 * is all that one which does may ever have. Of the latter's inverted form ("~CAP_X"), which names
 * what is taken away, no list can be made: then the rules decide, as without any. */
static void
read_capabilities(Service *service, const Unit *unit) {
  const char *key = service->user != NULL ? "AmbientCapabilities" : "CapabilityBoundingSet";
  g_autoptr(GPtrArray) all = unit_all(unit, SERVICE, key);
  g_autoptr(GPtrArray) names = strings_new();
  for (guint i = 0; i < all->len; i++) {
    const UnitEntry *given = all->pdata[i];
    g_auto(GStrv) words = g_strsplit_set(given->value, " \t", -1);
    if (given->value[0] == '~')
      return;
    for (guint j = 0; words[j] != NULL; j++) {
      const char *name = capability_name(words[j]);
      if (name != NULL)
        strings_add_once(names, name);
      else if (words[j][0] != '\0')
        service_note(service, unit, given, "%s=%s is left out: no such capability is known", key,
                     words[j]);
    }
  }
  if (names->len == 0)
    return;
  g_strfreev(service->run->capabilities);
  service->run->capabilities = strings_copy(names);
}

static gboolean
read_type(Service *service, const Unit *unit, const WordsContext *context, GError **error) {
  const char *type = unit_get(unit, SERVICE, "Type");
  g_autofree char *pid_file = one_word(unit, "PIDFile", context, error);
  if (pid_file == NULL)
    return FALSE;
  service->run->forks = g_strcmp0(type, "forking") == 0;
  if (g_strcmp0(type, "oneshot") == 0)
    service->run->on_exit = RECIPE_POWEROFF;
  if (service->run->forks && pid_file[0] != '\0')
    service->run->pid_file =
        pid_file[0] == '/' ? g_strdup(pid_file) : g_build_filename("/run", pid_file, NULL);
  return TRUE;
}

/* The home of the user of SERVICE; NULL: no file says where it is. g_free. */
static char *
home_of(const Service *service, const Tree *installed) {
  g_autofree char *text = installed != NULL ? find_text(installed, "/etc/passwd") : NULL;
  g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
  if (service->home != NULL || service->user == NULL)
    return g_strdup(service->home != NULL ? service->home : "/root");
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto(GStrv) fields = g_strsplit(lines[i], ":", -1);
    if (g_strv_length(fields) >= 6 && strcmp(fields[0], service->user) == 0 && fields[5][0] == '/')
      return g_strdup(fields[5]);
  }
  return NULL;
}

static gboolean
read_directory(Service *service, const Unit *unit, const Tree *installed,
               const WordsContext *context, GError **error) {
  const UnitEntry *entry = unit_last(unit, SERVICE, "WorkingDirectory");
  const char *umask_text = unit_get(unit, SERVICE, "UMask");
  g_autofree char *whole = one_word(unit, "WorkingDirectory", context, error);
  if (whole == NULL)
    return FALSE;
  const char *path = whole + (whole[0] == '-');
  char *folder = NULL;
  if (strcmp(path, "~") == 0)
    folder = home_of(service, installed);
  else if (path[0] == '/' &&
           (path == whole || (installed != NULL && tree_resolve(installed, path) != NULL)))
    folder = g_strdup(path);
  if (folder != NULL)
    service_set_directory(service, folder);
  else if (entry != NULL)
    service_note(service, unit, entry, "%s=%s is left out: %s", entry->key, entry->value,
                 path[0] == '~'   ? "no package says where the user's home is"
                 : path[0] == '/' ? "it is not there, and need not be"
                                  : "it is no absolute path");
  if (umask_text != NULL) {
    g_autofree char *line = g_strdup_printf("umask %s", umask_text);
    service_add_before(service, line);
  }
  return TRUE;
}

/* One value of a limit, as systemd.exec(5) has it: a number, with K, M, G and so on as powers of
 * 1024. G_MAXINT64 for "infinity"; -1: it is none. */
static gint64
limit_value(const char *text) {
  static const char units[] = "KMGTPE";
  guint64 value;
  if (strcmp(text, "infinity") == 0)
    return G_MAXINT64;
  if (!number_take(&text, 10, G_MAXINT64, &value))
    return -1;
  const char *unit = *text != '\0' ? strchr(units, *text) : NULL;
  guint bits = unit != NULL ? 10 * (guint)(unit - units + 1) : 0;
  text += unit != NULL;
  return *text == '\0' && value < (guint64)G_MAXINT64 >> bits ? (gint64)(value << bits) : -1;
}

/* The limits become ulimit(1) lines before the start. Of "SOFT:HARD" the hard one is taken. */
static void
read_limits(Service *service, const Unit *unit) {
  const UnitEntry *files = unit_last(unit, SERVICE, "LimitNOFILE");
  const UnitEntry *memory = unit_last(unit, SERVICE, "LimitMEMLOCK");
  const UnitEntry *const both[] = {files, memory};
  for (guint i = 0; i < G_N_ELEMENTS(both); i++) {
    if (both[i] == NULL)
      continue;
    const char *colon = strchr(both[i]->value, ':');
    gint64 value = limit_value(colon != NULL ? colon + 1 : both[i]->value);
    g_autofree char *line = NULL;
    if (value < 0)
      service_note(service, unit, both[i], "%s=%s is left out: expected a number, or infinity",
                   both[i]->key, both[i]->value);
    else if (both[i] == files)
      line = g_strdup_printf("ulimit -n %" G_GINT64_FORMAT, MIN(value, OPEN_FILES_MOST));
    else if (value == G_MAXINT64)
      line = g_strdup("ulimit -l unlimited");
    else
      line = g_strdup_printf("ulimit -l %" G_GINT64_FORMAT, value / 1024);
    if (line != NULL)
      service_add_before(service, line);
  }
}

/* systemd does not start a service whose conditions do not hold. The image starts it all the same,
 * so a file that a condition asks for and nobody brings is worth a note. */
static void
read_conditions(Service *service, const Unit *unit, const Tree *installed,
                const WordsContext *context) {
  static const char *const keys[] = {"ConditionPathExists", "ConditionFileNotEmpty",
                                     "AssertPathExists"};
  for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
    g_autoptr(GPtrArray) all = unit_all(unit, "Unit", keys[i]);
    for (guint j = 0; j < all->len; j++) {
      const UnitEntry *entry = all->pdata[j];
      g_auto(GStrv) words = words_split(entry->value, context, NULL);
      const char *path = words != NULL && words[0] != NULL ? words[0] : "";
      if (path[0] == '/' && !g_str_has_prefix(path, "/run/") && !g_str_has_prefix(path, "/sys/") &&
          !g_str_has_prefix(path, "/dev/") && installed != NULL &&
          tree_resolve(installed, path) == NULL)
        service_note(service, unit, entry,
                     "%s=%s: it starts only where that is, and no package brings it: write files%s",
                     entry->key, entry->value, path);
    }
  }
}

Service *
service_from_unit(const Unit *unit, const Tree *installed, GError **error) {
  g_autoptr(Service) service = service_new(unit->name);
  g_autoptr(GHashTable) environment =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  WordsContext context = {
      .unit = unit->name, .file = unit->file, .installed = installed, .environment = environment};
  for (guint i = 0; i < unit->notes->len; i++)
    g_ptr_array_add(service->notes, g_strdup(unit->notes->pdata[i]));
  if (!service_check_directives(service, unit, error) || !read_type(service, unit, &context, error))
    return NULL;
  if (!read_user(service, unit, &context, error) || !read_groups(service, unit, &context, error))
    return NULL;
  if (!read_folders(service, unit, &context, error))
    return NULL;
  companions_read(service, unit);
  read_capabilities(service, unit);
  read_limits(service, unit);
  service_read_process(service, unit);
  read_conditions(service, unit, installed, &context);
  if (!read_directory(service, unit, installed, &context, error) ||
      !service_read_credentials(service, unit, installed, &context, error) ||
      !service_read_environment(service, unit, installed, &context, error) ||
      !service_read_commands(service, unit, installed, &context, error))
    return NULL;
  service_read_stop(service, unit, installed, &context);
  gboolean served = g_strcmp0(unit_get(unit, SERVICE, "StandardInput"), "socket") == 0;
  if (served ? !socket_unit_serve(service, unit, installed, error)
             : !socket_unit_check(service, unit, installed, error))
    return NULL;
  return g_steal_pointer(&service);
}

Service *
service_from_command(const char *origin, const char *command, GError **error) {
  g_autoptr(Service) service = service_new(origin);
  g_auto(GStrv) words = NULL;
  if (!g_shell_parse_argv(command, NULL, &words, error)) {
    g_prefix_error(error, "%s: '%s': ", origin, command);
    return NULL;
  }
  service->run->command = g_strdup(command);
  service->program = g_strdup(words[0]);
  return g_steal_pointer(&service);
}
