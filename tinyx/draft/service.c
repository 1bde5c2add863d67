#include "draft/service.h"

#include "base/files.h"
#include "draft/words.h"

#include <string.h>

#define DIRECTIVES "rootfs/unit.directives"
#define SERVICE "Service"

static Service *
service_new(const char *origin) {
  Service *service = g_new0(Service, 1);
  service->origin = g_strdup(origin);
  service->run.name = g_strdup("");
  service->applets = g_ptr_array_new_with_free_func(g_free);
  service->writable = g_ptr_array_new_with_free_func(g_free);
  service->notes = g_ptr_array_new_with_free_func(g_free);
  return service;
}

void
service_free(Service *service) {
  if (service == NULL)
    return;
  g_free(service->origin);
  g_free(service->program);
  g_free(service->run.name);
  g_free(service->run.command);
  g_free(service->run.before);
  g_free(service->run.user);
  g_free(service->run.group);
  g_free(service->run.directory);
  g_free(service->run.pid_file);
  g_strfreev(service->run.environment);
  g_ptr_array_unref(service->applets);
  g_ptr_array_unref(service->writable);
  g_ptr_array_unref(service->notes);
  g_free(service);
}

void
service_add_applet(Service *service, const char *name) {
  for (guint i = 0; i < service->applets->len; i++)
    if (strcmp(service->applets->pdata[i], name) == 0)
      return;
  g_ptr_array_add(service->applets, g_strdup(name));
}

/* ---- directives: taken, left, told, refused ---------------------------- */

/* The word for KEY in TEXT, which is the data file; REASON is what stands behind '#'. */
static char *
directive_word(const char *text, const char *key, char **reason) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *hash = strchr(lines[i], '#');
    if (hash != NULL)
      *hash = '\0';
    g_auto(GStrv) parts = g_strsplit_set(g_strstrip(lines[i]), " \t", 2);
    gsize length = parts[0] != NULL ? strlen(parts[0]) : 0;
    if (length == 0 || parts[1] == NULL)
      continue;
    gboolean start = parts[0][length - 1] == '*';
    if (start ? strncmp(parts[0], key, length - 1) != 0 : strcmp(parts[0], key) != 0)
      continue;
    *reason = hash != NULL ? g_strstrip(g_strdup(hash + 1)) : g_strdup("");
    return g_strdup(g_strstrip(parts[1]));
  }
  *reason = g_strdup("not known");
  return g_strdup("told");
}

static gboolean
check_directives(Service *service, const Unit *unit, GError **error) {
  g_autofree char *path = data_path(DIRECTIVES);
  g_autofree char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, error))
    return FALSE;
  for (guint i = 0; i < unit->entries->len; i++) {
    const UnitEntry *entry = unit->entries->pdata[i];
    g_autofree char *reason = NULL;
    g_autofree char *word = NULL;
    if (strcmp(entry->section, SERVICE) != 0 || entry->value[0] == '\0' ||
        g_str_has_prefix(entry->key, "X-"))
      continue;
    word = directive_word(text, entry->key, &reason);
    if (strcmp(word, "refused") == 0) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s:%d: %s=%s cannot be translated: %s; expected a service that runs by itself",
                  unit->file, entry->line, entry->key, entry->value, reason);
      return FALSE;
    }
    if (strcmp(word, "told") == 0)
      g_ptr_array_add(service->notes, g_strdup_printf("%s:%d: %s=%s is left out%s%s", unit->name,
                                                      entry->line, entry->key, entry->value,
                                                      reason[0] != '\0' ? ": " : "", reason));
  }
  return TRUE;
}

/* ---- environment ------------------------------------------------------- */

static void
put_variable(GHashTable *environment, const char *assignment) {
  const char *equals = strchr(assignment, '=');
  if (equals != NULL && equals > assignment)
    g_hash_table_replace(environment, g_strndup(assignment, (gsize)(equals - assignment)),
                         g_strdup(equals + 1));
}

/* Lines of NAME=VALUE, of which a shell's quotes are taken off. */
static void
put_file(GHashTable *environment, const char *text) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree char *value = NULL, *assignment = NULL;
    char *line = g_strstrip(lines[i]), *equals = strchr(line, '=');
    if (*line == '#' || *line == ';' || equals == NULL)
      continue;
    *equals++ = '\0';
    if (g_str_has_prefix(line, "export "))
      line = g_strchug(line + strlen("export "));
    if (*equals == '"' || *equals == '\'')
      value = g_shell_unquote(equals, NULL);
    assignment = g_strconcat(line, "=", value != NULL ? value : equals, NULL);
    put_variable(environment, assignment);
  }
}

/* The text of PATH in the installation, or NULL. */
static char *
installed_text(const Tree *installed, const char *path) {
  const TreeEntry *entry = installed != NULL ? tree_resolve(installed, path) : NULL;
  char *text = NULL;
  if (entry != NULL && entry->type == TREE_FILE && entry->source != NULL)
    g_file_get_contents(entry->source, &text, NULL, NULL);
  else if (entry != NULL && entry->type == TREE_FILE && entry->data != NULL)
    text = g_strndup(g_bytes_get_data(entry->data, NULL), g_bytes_get_size(entry->data));
  return text;
}

static gboolean
read_environment(Service *service, const Unit *unit, const Tree *installed, WordsContext *context,
                 GError **error) {
  g_autoptr(GPtrArray) direct = unit_all(unit, SERVICE, "Environment");
  g_autoptr(GPtrArray) files = unit_all(unit, SERVICE, "EnvironmentFile");
  g_autoptr(GStrvBuilder) list = g_strv_builder_new();
  for (guint i = 0; i < direct->len; i++) {
    const UnitEntry *entry = direct->pdata[i];
    g_auto(GStrv) words = words_split(entry->value, context, error);
    if (words == NULL) {
      g_prefix_error(error, "%s:%d: Environment: ", unit->file, entry->line);
      return FALSE;
    }
    for (guint j = 0; words[j] != NULL; j++)
      put_variable(context->environment, words[j]);
  }
  for (guint i = 0; i < files->len; i++) {
    const UnitEntry *entry = files->pdata[i];
    const char *path = entry->value + (entry->value[0] == '-');
    g_auto(GStrv) words = words_split(path, context, NULL);
    g_autofree char *text =
        words != NULL && words[0] != NULL ? installed_text(installed, words[0]) : NULL;
    if (text != NULL)
      put_file(context->environment, text);
    else if (entry->value[0] != '-')
      g_ptr_array_add(service->notes,
                      g_strdup_printf("%s:%d: %s is not there", unit->name, entry->line, path));
  }
  g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(context->environment),
                                       (GCompareFunc)(void (*)(void))g_strcmp0);
  for (const GList *at = names; at != NULL; at = at->next) {
    g_autofree char *pair = g_strdup_printf(
        "%s=%s", (char *)at->data, (char *)g_hash_table_lookup(context->environment, at->data));
    g_strv_builder_add(list, pair);
  }
  service->run.environment = g_strv_builder_end(list);
  return TRUE;
}

/* ---- commands ---------------------------------------------------------- */

/* The absolute path of PROGRAM, searched as systemd does (sbin and bin folders). */
static char *
program_path(const Tree *installed, const char *program) {
  static const char *const folders[] = {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/",
                                        "/usr/bin/",        "/sbin/",          "/bin/"};
  for (guint i = 0; program[0] != '/' && i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *path = g_strconcat(folders[i], program, NULL);
    if (installed != NULL && tree_resolve(installed, path) != NULL)
      return g_steal_pointer(&path);
  }
  return g_strdup(program);
}

typedef struct {
  char **words;
  gboolean optional; /* '-': its failure does not matter */
  gboolean root;     /* '+' or '!': not as the user */
} Exec;

static gboolean
exec_parse(const Unit *unit, const UnitEntry *entry, const Tree *installed,
           const WordsContext *context, Exec *exec, GError **error) {
  const char *value = entry->value;
  gboolean named = FALSE;
  *exec = (Exec){0};
  for (; *value != '\0' && strchr("@-:+!|", *value) != NULL; value++) {
    named |= *value == '@';
    exec->optional |= *value == '-';
    exec->root |= *value == '+' || *value == '!';
  }
  exec->words = words_command(value, context, error);
  if (exec->words != NULL && exec->words[0] == NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "no program; expected one");
  if (exec->words == NULL || exec->words[0] == NULL) {
    g_prefix_error(error, "%s:%d: %s: ", unit->file, entry->line, entry->key);
    g_clear_pointer(&exec->words, g_strfreev);
    return FALSE;
  }
  if (named && exec->words[1] != NULL) { /* the second word is what argv[0] should be */
    g_free(exec->words[1]);
    memmove(&exec->words[1], &exec->words[2],
            (g_strv_length(&exec->words[2]) + 1) * sizeof(char *));
  }
  char *program = program_path(installed, exec->words[0]);
  g_free(exec->words[0]);
  exec->words[0] = program;
  return TRUE;
}

void
service_add_before(Service *service, const char *text) {
  char *all = service->run.before == NULL ? g_strdup(text)
                                          : g_strconcat(service->run.before, "; ", text, NULL);
  g_free(service->run.before);
  service->run.before = all;
}

/* One ExecStartPre, or all but the last ExecStart of a oneshot. */
static void
add_before_exec(Service *service, const Exec *exec) {
  g_autofree char *line = words_join((const char *const *)exec->words);
  if (!exec->root && service->run.group != NULL) {
    g_autofree char *both = g_strdup_printf(
        "%s:%s", service->run.user != NULL ? service->run.user : "root", service->run.group);
    g_autofree char *account = g_shell_quote(both);
    g_autofree char *as_both = g_strdup_printf("setuidgid %s %s", account, line);
    service_add_before(service, as_both);
  } else if (!exec->root && service->run.user != NULL) {
    g_autofree char *quoted = g_shell_quote(line), *user = g_shell_quote(service->run.user);
    g_autofree char *as_user = g_strdup_printf("su -m -s /bin/sh %s -c %s", user, quoted);
    service_add_before(service, as_user);
  } else {
    service_add_before(service, line);
  }
}

static gboolean
read_commands(Service *service, const Unit *unit, const Tree *installed,
              const WordsContext *context, GError **error) {
  g_autoptr(GPtrArray) before = unit_all(unit, SERVICE, "ExecStartPre");
  g_autoptr(GPtrArray) start = unit_all(unit, SERVICE, "ExecStart");
  if (start->len == 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: no ExecStart= in [Service]; expected a service that runs a program",
                unit->file);
    return FALSE;
  }
  for (guint i = 0; i < before->len + start->len; i++) {
    const UnitEntry *entry = i < before->len ? before->pdata[i] : start->pdata[i - before->len];
    Exec exec;
    if (!exec_parse(unit, entry, installed, context, &exec, error))
      return FALSE;
    if (i + 1 < before->len + start->len) {
      add_before_exec(service, &exec);
    } else {
      service->run.command = words_join((const char *const *)exec.words);
      service->program = g_strdup(exec.words[0]);
      if (exec.root) /* "+": with full rights, whatever User= says */
        g_clear_pointer(&service->run.user, g_free);
    }
    g_strfreev(exec.words);
  }
  return TRUE;
}

/* ---- folders, user, type ----------------------------------------------- */

typedef struct {
  const char *key, *variable, *parent;
  gboolean owned, kept; /* by the user; over a restart of the machine */
} FolderKind;

static void
make_folder(Service *service, const FolderKind *kind, const char *folder, const char *mode) {
  const char *user = service->run.user != NULL ? service->run.user : "root";
  g_autofree char *owner =
      g_strdup_printf("%s:%s", user, service->run.group != NULL ? service->run.group : "");
  const char *const make[] = {"mkdir", "-p", folder, NULL};
  const char *const give[] = {"chown", owner, folder, NULL};
  const char *const allow[] = {"chmod", mode != NULL ? mode : "0755", folder, NULL};
  const char *const *const lines[] = {make, give, allow};
  for (guint i = 0; i < (kind->owned ? G_N_ELEMENTS(lines) : 1); i++) {
    g_autofree char *line = words_join(lines[i]);
    service_add_before(service, line);
    service_add_applet(service, lines[i][0]);
  }
  if (kind->kept)
    g_ptr_array_add(service->writable, g_strdup(folder));
}

/* RuntimeDirectory= and its like; each has a variable of the environment (systemd.exec(5)). */
static void
read_folders(Service *service, const Unit *unit, const WordsContext *context) {
  static const FolderKind kinds[] = {
      {"RuntimeDirectory", "RUNTIME_DIRECTORY", "/run", TRUE, FALSE},
      {"StateDirectory", "STATE_DIRECTORY", "/var/lib", TRUE, TRUE},
      {"CacheDirectory", "CACHE_DIRECTORY", "/var/cache", TRUE, TRUE},
      {"LogsDirectory", "LOGS_DIRECTORY", "/var/log", TRUE, TRUE},
      {"ConfigurationDirectory", "CONFIGURATION_DIRECTORY", "/etc", FALSE, FALSE}};
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
    g_autofree char *mode_key = g_strconcat(kinds[i].key, "Mode", NULL);
    const char *value = unit_get(unit, SERVICE, kinds[i].key, NULL);
    const char *mode = unit_get(unit, SERVICE, mode_key, NULL);
    g_auto(GStrv) words = value != NULL ? words_split(value, context, NULL) : NULL;
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint j = 0; words != NULL && words[j] != NULL; j++) {
      g_autofree char *folder =
          g_strdup_printf("%s/%.*s", kinds[i].parent, (int)strcspn(words[j], ":"), words[j]);
      make_folder(service, &kinds[i], folder, mode);
      g_string_append_printf(all, "%s%s", j > 0 ? ":" : "", folder);
    }
    if (all->len > 0)
      g_hash_table_replace(context->environment, g_strdup(kinds[i].variable), g_strdup(all->str));
  }
}

static gboolean
is_true(const char *value) {
  static const char *const words[] = {"yes", "true", "on", "1", NULL};
  return value != NULL && g_strv_contains(words, value);
}

static void
read_user(Service *service, const Unit *unit) {
  const char *user = unit_get(unit, SERVICE, "User", NULL);
  const char *group = unit_get(unit, SERVICE, "Group", NULL);
  if (is_true(unit_get(unit, SERVICE, "DynamicUser", NULL))) {
    service->run.user = g_strdup("nobody");
    g_ptr_array_add(service->notes,
                    g_strdup_printf("%s: DynamicUser=yes: it runs as nobody", unit->name));
  } else if (user != NULL && strcmp(user, "root") != 0 && strcmp(user, "0") != 0) {
    service->run.user = g_strdup(user);
    /* The user's own group is not another one. */
    if (group != NULL && strcmp(group, user) != 0)
      service->run.group = g_strdup(group);
  }
}

/* Without file capabilities over exec, a port below 1024 is allowed to everybody instead. */
static void
read_capabilities(Service *service, const Unit *unit) {
  int line = 0;
  const char *given = unit_get(unit, SERVICE, "AmbientCapabilities", &line);
  g_auto(GStrv) words = given != NULL ? g_strsplit(given, " ", -1) : NULL;
  for (guint i = 0; words != NULL && words[i] != NULL && service->run.user != NULL; i++) {
    if (strcmp(words[i], "CAP_NET_BIND_SERVICE") == 0) {
      service_add_before(service, "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start");
      service->sysctl = TRUE;
    } else if (words[i][0] != '\0') {
      g_ptr_array_add(service->notes,
                      g_strdup_printf("%s:%d: AmbientCapabilities=%s is left out: it runs as %s "
                                      "without it",
                                      unit->name, line, words[i], service->run.user));
    }
  }
}

static gboolean
read_type(Service *service, const Unit *unit, const WordsContext *context, GError **error) {
  int line = 0;
  const char *type = unit_get(unit, SERVICE, "Type", &line);
  const char *input = unit_get(unit, SERVICE, "StandardInput", NULL);
  const char *pid_file = unit_get(unit, SERVICE, "PIDFile", NULL);
  if (input != NULL && strcmp(input, "socket") == 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: StandardInput=socket cannot be translated: it is started for each connection; "
                "expected a service that listens itself",
                unit->file);
    return FALSE;
  }
  service->run.forks = g_strcmp0(type, "forking") == 0;
  if (g_strcmp0(type, "oneshot") == 0)
    service->run.on_exit = RECIPE_POWEROFF;
  if (g_strcmp0(type, "dbus") == 0)
    g_ptr_array_add(service->notes,
                    g_strdup_printf("%s:%d: Type=dbus: there is no message bus", unit->name, line));
  g_auto(GStrv) words = pid_file != NULL ? words_split(pid_file, context, NULL) : NULL;
  if (service->run.forks && words != NULL && words[0] != NULL)
    service->run.pid_file =
        words[0][0] == '/' ? g_strdup(words[0]) : g_build_filename("/run", words[0], NULL);
  return TRUE;
}

static void
read_directory(Service *service, const Unit *unit, const WordsContext *context) {
  const char *value = unit_get(unit, SERVICE, "WorkingDirectory", NULL);
  const char *umask_text = unit_get(unit, SERVICE, "UMask", NULL);
  const char *path = value != NULL ? value + (value[0] == '-') : "/";
  g_auto(GStrv) words = words_split(path, context, NULL);
  if (words != NULL && words[0] != NULL && words[0][0] == '/')
    service->run.directory = g_strdup(words[0]);
  else
    service->run.directory = g_strdup("/");
  if (umask_text != NULL) {
    g_autofree char *line = g_strdup_printf("umask %s", umask_text);
    service_add_before(service, line);
  }
}

/* systemd does not start it where its conditions do not hold; here it is started, and may miss what
 * they ask for. */
static void
read_conditions(Service *service, const Unit *unit, const Tree *installed) {
  static const char *const keys[] = {"ConditionPathExists", "ConditionFileNotEmpty",
                                     "AssertPathExists"};
  for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
    g_autoptr(GPtrArray) all = unit_all(unit, "Unit", keys[i]);
    for (guint j = 0; j < all->len; j++) {
      const UnitEntry *entry = all->pdata[j];
      if (entry->value[0] == '/' && !g_str_has_prefix(entry->value, "/run/") &&
          !g_str_has_prefix(entry->value, "/sys/") && !g_str_has_prefix(entry->value, "/dev/") &&
          installed != NULL && tree_resolve(installed, entry->value) == NULL)
        g_ptr_array_add(
            service->notes,
            g_strdup_printf("%s:%d: %s=%s: it starts only where that is, and no package "
                            "brings it: write files%s",
                            unit->name, entry->line, entry->key, entry->value, entry->value));
    }
  }
}

Service *
service_from_unit(const Unit *unit, const Tree *installed, GError **error) {
  g_autoptr(Service) service = service_new(unit->name);
  g_autoptr(GHashTable) environment =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  WordsContext context = {.unit = unit->name, .environment = environment};
  if (!check_directives(service, unit, error) || !read_type(service, unit, &context, error))
    return NULL;
  read_user(service, unit);
  context.user = service->run.user;
  read_folders(service, unit, &context);
  read_capabilities(service, unit);
  read_conditions(service, unit, installed);
  read_directory(service, unit, &context);
  if (!read_environment(service, unit, installed, &context, error) ||
      !read_commands(service, unit, installed, &context, error))
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
  service->run.command = g_strdup(command);
  service->run.directory = g_strdup("/");
  service->run.environment = g_new0(char *, 1);
  service->program = g_strdup(words[0]);
  return g_steal_pointer(&service);
}
