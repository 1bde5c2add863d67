#include "draft/learn.h"

#include "base/files.h"
#include "draft/service.h"
#include "draft/words.h"

#include <string.h>

#define RULES "rootfs/tryout.rules"
#define APPLETS "rootfs/script.applets"

typedef enum { COMMAND, REAL, LIBRARY, PLAIN_FILE, MODULE, KINDS } Kind;
static const char *const kinds[KINDS] = {"command", "real", "library", "file", "module"};

typedef struct {
  Kind kind;
  GRegex *regex;
} Rule;

static void
rule_clear(gpointer data) {
  Rule *rule = data;
  g_clear_pointer(&rule->regex, g_regex_unref);
}

char **
applet_words(GError **error) {
  g_autofree char *path = data_path(APPLETS);
  g_autofree char *data = NULL;
  g_autoptr(GStrvBuilder) names = g_strv_builder_new();
  if (!g_file_get_contents(path, &data, NULL, error))
    return NULL;
  g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto(GStrv) words = g_strsplit(lines[i][0] == '#' ? "" : lines[i], " ", -1);
    for (guint j = 0; words[j] != NULL; j++)
      if (words[j][0] != '\0')
        g_strv_builder_add(names, words[j]);
  }
  return g_strv_builder_end(names);
}

static gboolean
rule_parse(const char *line, int number, GArray *rules, GError **error) {
  g_auto(GStrv) parts = g_strsplit(line, " ", 2);
  g_autoptr(GError) why = NULL;
  Rule rule = {.kind = COMMAND};
  while (rule.kind < KINDS && strcmp(kinds[rule.kind], parts[0]) != 0)
    rule.kind++;
  if (rule.kind < KINDS && parts[1] != NULL)
    rule.regex = g_regex_new(g_strstrip(parts[1]), G_REGEX_OPTIMIZE, 0, &why);
  if (rule.regex == NULL || g_regex_get_capture_count(rule.regex) != 1) {
    g_set_error(
        error, TINYX_ERROR, TINYX_ERROR_INPUT,
        "%s:%d: %s; expected command, real, library, file or module, and a regular expression "
        "with one group",
        RULES, number, why != NULL ? why->message : line);
    rule_clear(&rule);
    return FALSE;
  }
  g_array_append_val(rules, rule);
  return TRUE;
}

static GArray *
rules_read(GError **error) {
  g_autofree char *path = data_path(RULES);
  g_autofree char *text = NULL;
  g_autoptr(GArray) rules = g_array_new(FALSE, TRUE, sizeof(Rule));
  g_array_set_clear_func(rules, rule_clear);
  if (!g_file_get_contents(path, &text, NULL, error))
    return NULL;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0' && lines[i][0] != '#' && !rule_parse(lines[i], i + 1, rules, error))
      return NULL;
  return g_steal_pointer(&rules);
}

/* ---- where it is in the installation ----------------------------------- */

static char *
find_command(const Tree *installed, const char *name) {
  static const char *const folders[] = {"", "/usr/sbin/", "/usr/bin/"};
  for (guint i = name[0] == '/' ? 0 : 1; i < (name[0] == '/' ? 1 : G_N_ELEMENTS(folders)); i++) {
    g_autofree char *path = g_strconcat(folders[i], name, NULL);
    const TreeEntry *entry = tree_resolve(installed, path);
    if (entry != NULL && entry->type == TREE_FILE) /* a link takes what it leads to along */
      return g_strdup(tree_find(installed, path) != NULL ? path : entry->path);
  }
  return NULL;
}

/* The first path below /usr/lib or /usr/share that ends with /NAME, or as python's module with
 * /NAME.py or /NAME/__init__.py. */
static char *
find_end(Tree *installed, const char *name) {
  const GPtrArray *entries = tree_entries(installed);
  g_autofree char *end = g_strconcat("/", name, NULL);
  g_autofree char *module = g_strconcat(end, ".py", NULL);
  g_autofree char *package = g_strconcat(end, "/__init__.py", NULL);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    const char *path = entry->path;
    if (entry->type == TREE_DIR)
      continue;
    if (!g_str_has_prefix(path, "/usr/lib") && !g_str_has_prefix(path, "/usr/share"))
      continue;
    if (g_str_has_suffix(path, end) || g_str_has_suffix(path, module))
      return g_strdup(path);
    if (g_str_has_suffix(path, package)) {
      g_autofree char *folder = g_path_get_dirname(path);
      return g_strconcat(folder, "/*", NULL);
    }
  }
  return NULL;
}

static char *
find_kind(Tree *installed, Kind kind, const char *name) {
  if (kind == COMMAND || kind == REAL)
    return find_command(installed, name);
  if (kind != PLAIN_FILE)
    return find_end(installed, name);
  const TreeEntry *entry = tree_resolve(installed, name);
  if (entry == NULL || entry->type == TREE_SYMLINK)
    return NULL;
  return entry->type == TREE_DIR ? g_strconcat(entry->path, "/*", NULL) : g_strdup(name);
}

/* The folder in which PATH was to be made, as far as that is for state; NULL: not. g_free. */
static char *
state_folder(const char *path) {
  static const char *const places[] = {"/var/", "/run/"};
  g_autofree char *folder = g_path_get_dirname(path);
  for (guint i = 0; i < G_N_ELEMENTS(places); i++)
    if (g_str_has_prefix(folder, places[i]))
      return g_steal_pointer(&folder);
  return NULL;
}

/* ---- learning ---------------------------------------------------------- */

typedef struct {
  Draft *draft;
  Tree *installed;
  char **applets;
  int count;
} Learner;

/* A folder that nobody makes: made before the start, for who runs it. FALSE: it is. */
static gboolean
make_folder(Service *service, const char *folder) {
  const char *const make[] = {"mkdir", "-p", folder, NULL};
  g_autofree char *line = words_join(make);
  if (service->run.before != NULL && strstr(service->run.before, line) != NULL)
    return FALSE;
  service_add_before(service, line);
  service_add_applet(service, "mkdir");
  if (service->run.user != NULL) {
    g_autofree char *owner = g_strconcat(service->run.user, ":", NULL);
    const char *const give[] = {"chown", owner, folder, NULL};
    g_autofree char *second = words_join(give);
    service_add_before(service, second);
    service_add_applet(service, "chown");
  }
  return TRUE;
}

/* A program's own folder, "/usr/lib/erlang/lib", none that all share. */
static gboolean
is_own_folder(const char *folder) {
  static const char *const places[] = {"/usr/lib/", "/usr/share/"};
  for (guint i = 0; i < G_N_ELEMENTS(places); i++)
    if (g_str_has_prefix(folder, places[i]) && strchr(folder + strlen(places[i]), '/') != NULL)
      return TRUE;
  return FALSE;
}

/* One by one, the modules of a library would take a round each: the third that is missed in a
 * folder brings the folder. Takes PATH; g_free. */
static char *
or_folder(const Draft *draft, char *path) {
  g_autofree char *folder = g_path_get_dirname(path);
  guint missed = 0;
  for (guint i = 0; i < draft->include->len; i++) {
    g_autofree char *other = g_path_get_dirname(draft->include->pdata[i]);
    missed += strcmp(other, folder) == 0;
  }
  if (missed < 2 || !is_own_folder(folder))
    return path;
  g_free(path);
  return g_strconcat(folder, "/*", NULL);
}

static void
learned(Learner *learner, const char *what) {
  g_ptr_array_add(learner->draft->notes, g_strdup_printf("%s was missed when it was tried", what));
  learner->count++;
}

static void
learn_applet(Learner *learner, const char *name) {
  Service *service = learner->draft->services->pdata[0];
  if (g_ptr_array_find_with_equal_func(service->applets, name, g_str_equal, NULL))
    return;
  service_add_applet(service, name);
  learned(learner, name);
}

static void
learn_folder(Learner *learner, const char *folder) {
  if (make_folder(learner->draft->services->pdata[0], folder))
    learned(learner, folder);
}

static void
learn_path(Learner *learner, const char *path) {
  GPtrArray *include = learner->draft->include;
  if (g_ptr_array_find_with_equal_func(include, path, g_str_equal, NULL))
    return;
  g_ptr_array_add(include, g_strdup(path));
  learned(learner, path);
}

/* FALSE: NAME is no applet of the service, or the installation has nothing in its place. */
static gboolean
drop_applet(Learner *learner, const char *name) {
  Service *service = learner->draft->services->pdata[0];
  guint at;
  if (!g_ptr_array_find_with_equal_func(service->applets, name, g_str_equal, &at))
    return FALSE;
  g_autofree char *whole = find_command(learner->installed, name);
  if (whole != NULL)
    g_ptr_array_remove_index(service->applets, at);
  return whole != NULL;
}

static void
learn_name(Learner *learner, Kind kind, const char *name) {
  g_autofree char *base = g_path_get_basename(name);
  if (kind == COMMAND && g_strv_contains((const char *const *)learner->applets, base)) {
    learn_applet(learner, base);
    return;
  }
  if (kind == REAL && !drop_applet(learner, base))
    return;
  char *path = find_kind(learner->installed, kind, name);
  g_autofree char *folder = path == NULL && kind == PLAIN_FILE ? state_folder(name) : NULL;
  if (folder != NULL && tree_find(learner->installed, folder) == NULL) {
    learn_folder(learner, folder);
    return;
  }
  if (path == NULL)
    path = g_steal_pointer(&folder);
  if (path != NULL && (kind == PLAIN_FILE || kind == MODULE))
    path = or_folder(learner->draft, path);
  if (path != NULL)
    learn_path(learner, path);
  g_free(path);
}

static void
learn_line(Learner *learner, const GArray *rules, const char *line) {
  for (guint i = 0; i < rules->len; i++) {
    const Rule *rule = &g_array_index(rules, Rule, i);
    g_autoptr(GMatchInfo) info = NULL;
    if (!g_regex_match(rule->regex, line, 0, &info))
      continue;
    g_autofree char *name = g_match_info_fetch(info, 1);
    if (name != NULL && name[0] != '\0')
      learn_name(learner, rule->kind, name);
    return;
  }
}

int
learn_from_console(Draft *draft, const Tree *installed, const char *console, GError **error) {
  g_autoptr(GArray) rules = rules_read(error);
  g_auto(GStrv) applets = rules != NULL ? applet_words(error) : NULL;
  if (applets == NULL)
    return -1;
  Learner learner = {.draft = draft, .installed = (Tree *)installed, .applets = applets};
  g_autofree char *valid = g_utf8_make_valid(console, -1);
  g_auto(GStrv) lines = g_strsplit_set(valid, "\r\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    learn_line(&learner, rules, lines[i]);
  return learner.count;
}
