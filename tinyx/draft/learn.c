/* learn.c - what a draft lacks, read from the console of its try-out. */
#include "draft/learn.h"

#include "base/strings.h"
#include "draft/console-rules.h"
#include "draft/service.h"
#include "draft/words.h"
#include "rootfs/scripts.h"
#include "rootfs/select.h"

#include <string.h>

/* ---- where it is in the installation ----------------------------------- */

/* The path of the program NAME for include=. A symbolic link is named as it is, since it takes what
 * it leads to along; a path through a folder that is one (/bin) is named by its real folder. */
static char *
find_command(const Tree *installed, const char *name) {
  g_autofree char *path = tree_find_program(installed, name);
  if (path == NULL || tree_find(installed, path) != NULL)
    return g_steal_pointer(&path);
  return g_strdup(tree_resolve(installed, path)->path);
}

/* The first path below /usr/lib or /usr/share that ends with /NAME; or, for a module of Python,
 * with /NAME.py, or the folder of /NAME/__init__.py as a pattern for all in it. NULL; g_free. */
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
find_kind(Tree *installed, MissedKind kind, const char *name) {
  if (kind == MISSED_COMMAND || kind == MISSED_REAL)
    return find_command(installed, name);
  if (kind != MISSED_FILE)
    return find_end(installed, name);
  const TreeEntry *entry = tree_resolve(installed, name);
  if (entry == NULL || entry->type == TREE_SYMLINK)
    return NULL;
  if (entry->type != TREE_DIR)
    return g_strdup(name);
  g_autofree char *all = g_strconcat(entry->path, "/*", NULL);
  return g_strdup(include_matches(installed, all) ? all : entry->path);
}

/* The folder of PATH, if it is one in which a daemon makes files of its own (below /var or /run);
 * else NULL. g_free. */
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
  int count; /* of what was added */
} Learner;

/* SERVICE makes FOLDER before it starts, and gives it to the user that it runs as. FALSE: it does
 * so already. */
static gboolean
make_folder(Draft *draft, Service *service, const char *folder) {
  const char *const make[] = {"mkdir", "-p", folder, NULL};
  g_autofree char *line = words_join(make);
  if (service->run->before != NULL && strstr(service->run->before, line) != NULL)
    return FALSE;
  service_add_before(service, line);
  strv_add_once(&draft->recipe->applets, "mkdir");
  if (service->run->user != NULL) {
    g_autofree char *owner = g_strconcat(service->run->user, ":", NULL);
    const char *const give[] = {"chown", owner, folder, NULL};
    g_autofree char *second = words_join(give);
    service_add_before(service, second);
    strv_add_once(&draft->recipe->applets, "chown");
  }
  return TRUE;
}

/* TRUE for a folder that one program has for itself, as "/usr/lib/erlang/lib"; FALSE for those that
 * all share, as "/usr/lib". */
static gboolean
is_own_folder(const char *folder) {
  static const char *const places[] = {"/usr/lib/", "/usr/share/"};
  for (guint i = 0; i < G_N_ELEMENTS(places); i++)
    if (g_str_has_prefix(folder, places[i]) && strchr(folder + strlen(places[i]), '/') != NULL)
      return TRUE;
  return FALSE;
}

/* What to include for the missing PATH: PATH, or everything in its folder. The console names one
 * missing module a try-out, and a library has many: once two files of a program's own folder were
 * missing, the third one brings the whole folder. Takes PATH; g_free. */
static char *
or_folder(const Draft *draft, char *path) {
  g_autofree char *folder = g_path_get_dirname(path);
  guint missed = 0;
  char *const *include = draft->recipe->include;
  for (guint i = 0; include[i] != NULL; i++) {
    g_autofree char *other = g_path_get_dirname(include[i]);
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
  if (strv_add_once(&learner->draft->recipe->applets, name))
    learned(learner, name);
}

static void
learn_folder(Learner *learner, const char *folder) {
  if (make_folder(learner->draft, learner->draft->services->pdata[0], folder))
    learned(learner, folder);
}

/* A path that include= cannot say, or that matches nothing there (a folder without files), would be
 * refused by the build. */
static gboolean
can_include(const Learner *learner, const char *path) {
  return strpbrk(path, " \t;,") == NULL && include_matches(learner->installed, path);
}

static void
learn_path(Learner *learner, const char *path) {
  if (can_include(learner, path) && strv_add_once(&learner->draft->recipe->include, path))
    learned(learner, path);
}

/* The applet NAME gives way to the program of that name. FALSE: the recipe has no such applet, or
 * the installation no such program. */
static gboolean
drop_applet(Learner *learner, const char *name) {
  g_autofree char *whole = find_command(learner->installed, name);
  return whole != NULL && strv_remove(&learner->draft->recipe->applets, name);
}

static void
learn_name(Learner *learner, MissedKind kind, const char *name) {
  g_autofree char *base = g_path_get_basename(name);
  if (kind == MISSED_COMMAND && g_strv_contains((const char *const *)learner->applets, base)) {
    learn_applet(learner, base);
    return;
  }
  if (kind == MISSED_REAL && !drop_applet(learner, base))
    return;
  char *path = find_kind(learner->installed, kind, name);
  g_autofree char *folder = path == NULL && kind == MISSED_FILE ? state_folder(name) : NULL;
  if (folder != NULL && tree_find(learner->installed, folder) == NULL) {
    learn_folder(learner, folder);
    return;
  }
  if (path == NULL)
    path = g_steal_pointer(&folder);
  if (path != NULL && (kind == MISSED_FILE || kind == MISSED_MODULE))
    path = or_folder(learner->draft, path);
  if (path != NULL)
    learn_path(learner, path);
  g_free(path);
}

static void
learn_line(Learner *learner, const ConsoleRules *rules, const char *line) {
  MissedKind kind;
  g_autofree char *name = console_rules_match(rules, line, &kind);
  if (name != NULL)
    learn_name(learner, kind, name);
}

int
learn_from_console(Draft *draft, const Tree *installed, const char *console, GError **error) {
  g_autoptr(ConsoleRules) rules = console_rules_load(error);
  g_auto(GStrv) applets = rules != NULL ? scripts_common_applets(error) : NULL;
  if (applets == NULL)
    return -1;
  Learner learner = {.draft = draft, .installed = (Tree *)installed, .applets = applets};
  g_autofree char *valid = g_utf8_make_valid(console, -1);
  g_auto(GStrv) lines = g_strsplit_set(valid, "\r\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    learn_line(&learner, rules, lines[i]);
  return learner.count;
}
