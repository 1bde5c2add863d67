/* find.c - what a package runs: its unit, its init script, its desktop entry or its program. */
#include "draft/find.h"

#include "base/files.h"
#include "base/program.h"
#include "draft/initscript.h"
#include "draft/service-private.h"

#include <string.h>

#define INSTANCES "rootfs/unit.instances"
#define UNITS "/systemd/system/"
#define INIT_SCRIPTS "/etc/init.d/"
#define TEXT_MOST (1024 * 1024) /* bytes: a longer file is no configuration, but data */

void
found_clear(Found *found) {
  g_clear_pointer(&found->service, service_free);
  g_clear_pointer(&found->package, g_free);
}

char *
find_text(const Tree *installed, const char *path) {
  const TreeEntry *entry = tree_resolve(installed, path);
  g_autofree char *text = NULL;
  gsize size = 0;
  if (entry == NULL || entry->type != TREE_FILE)
    return NULL;
  if (entry->data != NULL) {
    const char *bytes = g_bytes_get_data(entry->data, &size);
    text = g_strndup(size > 0 ? bytes : "", size); /* no bytes are NULL */
  } else if (entry->size > TEXT_MOST || entry->source == NULL ||
             !file_read(entry->source, TEXT_MOST, &text, &size, NULL)) {
    return NULL;
  }
  return memchr(text, '\0', size) == NULL ? g_steal_pointer(&text) : NULL;
}

/* ---- units ------------------------------------------------------------- */

typedef struct {
  const TreeEntry *entry;
  Unit *unit;
  int score;
} Candidate;

static void
candidate_free(gpointer data) {
  Candidate *candidate = data;
  unit_free(candidate->unit);
  g_free(candidate);
}

static gboolean
is_unit(const TreeEntry *entry) {
  return entry->type == TREE_FILE && g_str_has_suffix(entry->path, ".service") &&
         strstr(entry->path, UNITS) != NULL &&
         strchr(strstr(entry->path, UNITS) + strlen(UNITS), '/') == NULL;
}

/* TRUE if UNIT and PACKAGE begin with the same word: "redis-server.service" and "redis",
 * "tor@default.service" and "tor". */
static gboolean
names_alike(const char *unit, const char *package) {
  gsize length = strcspn(unit, "@.");
  gsize common = 0;
  while (common < length && unit[common] == package[common])
    common++;
  return common >= 3 && (common == length || common == strlen(package) || package[common] == '-' ||
                         unit[common] == '-');
}

/* TRUE if a path or timer unit of the same name starts ENTRY: it is a helper then, no daemon. */
static gboolean
is_triggered(const Tree *installed, const TreeEntry *entry) {
  static const char *const kinds[] = {".path", ".timer"};
  gsize stem = strlen(entry->path) - strlen(".service");
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
    g_autofree char *other = g_strdup_printf("%.*s%s", (int)stem, entry->path, kinds[i]);
    if (tree_find(installed, other) != NULL)
      return TRUE;
  }
  return FALSE;
}

#define OWN_PACKAGE 100
#define DAEMON 70 /* the least score of a daemon of the package itself: helpers have less */
#define ALIKE 25  /* the least score of a unit that is called like the package */

/* How likely CANDIDATE is the service that a person means by PACKAGE; below 0: it is not. */
static int
score_unit(const Tree *installed, const Candidate *candidate, const char *package,
           const char *const *direct) {
  const Unit *unit = candidate->unit;
  const char *owner = candidate->entry->package, *type = unit_get(unit, "Service", "Type");
  g_autofree char *exact = g_strconcat(package, ".service", NULL);
  g_autofree char *exact_template = g_strconcat(package, "@.service", NULL);
  int score = 0;
  if (owner != NULL && strcmp(owner, package) == 0)
    score += OWN_PACKAGE;
  else if (owner != NULL && g_strv_contains(direct, owner))
    score += 50;
  else
    return -1;
  if (strcmp(unit->name, exact) == 0 || strcmp(unit->name, exact_template) == 0)
    score += 40;
  else if (names_alike(unit->name, package))
    score += 25;
  else if (score < 100) /* a service of another name, of a package that this one needs */
    score -= 40;
  if (unit_get(unit, "Install", "WantedBy") != NULL || unit_get(unit, "Install", "Alias") != NULL)
    score += 10;
  if (g_strcmp0(type, "oneshot") == 0)
    score -= 80;
  if (g_strcmp0(type, "dbus") == 0) /* often a helper that the bus starts */
    score -= 10;
  if (is_triggered(installed, candidate->entry))
    score -= 60;
  /* A template needs an instance. */
  if (strstr(unit->name, "@.") != NULL)
    score -= unit_get(unit, "Install", "DefaultInstance") != NULL ? 5 : 35;
  return score;
}

static gint
by_score(gconstpointer a, gconstpointer b) {
  const Candidate *first = *(const Candidate *const *)a, *second = *(const Candidate *const *)b;
  return second->score != first->score ? second->score - first->score
                                       : strcmp(first->entry->path, second->entry->path);
}

/* The units of PACKAGE and of the packages in DIRECT (Candidate*), the likeliest first. */
static GPtrArray *
find_units(Tree *installed, const char *package, const char *const *direct) {
  GPtrArray *found = g_ptr_array_new_with_free_func(candidate_free);
  const GPtrArray *entries = tree_entries(installed);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    g_autofree char *text = is_unit(entry) ? find_text(installed, entry->path) : NULL;
    Candidate *candidate;
    Unit *unit = text != NULL ? unit_parse(text, strlen(text), entry->path, NULL) : NULL;
    if (unit == NULL)
      continue;
    candidate = g_new0(Candidate, 1);
    candidate->entry = entry;
    candidate->unit = unit;
    candidate->score = score_unit(installed, candidate, package, direct);
    if (candidate->score > 0)
      g_ptr_array_add(found, candidate);
    else
      candidate_free(candidate);
  }
  g_ptr_array_sort(found, by_score);
  return found;
}

/* The instance of the template STEM that rootfs/unit.instances has; NULL: none. g_free. */
static char *
known_instance(const char *stem) {
  g_autofree char *path = data_path(INSTANCES);
  g_autofree char *text = NULL;
  file_read(path, TEXT_MOST, &text, NULL, NULL);
  g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto(GStrv) words = g_strsplit(lines[i], " ", -1);
    if (g_strv_length(words) >= 2 && strcmp(words[0], stem) == 0)
      return g_strdup(words[1]);
  }
  return NULL;
}

/* Gives a template the name of an instance: "x@.service" becomes "x@main.service". */
static void
name_instance(Unit *unit) {
  g_auto(GStrv) parts = g_strsplit(unit->name, "@.", 2);
  if (parts[1] == NULL)
    return;
  g_autofree char *known = known_instance(parts[0]);
  const char *given = unit_get(unit, "Install", "DefaultInstance");
  given = given != NULL ? given : known;
  g_free(unit->name);
  unit->name = g_strdup_printf("%s@%s.%s", parts[0], given != NULL ? given : "main", parts[1]);
  if (given == NULL)
    g_ptr_array_add(unit->notes, g_strdup_printf("%s names no instance: it is started as %s",
                                                 unit->file, unit->name));
}

#define DROP_IN ".d/"

/* TRUE if PATH is a drop-in of the unit FILE (".../systemd/system/x.service"), in any of
   systemd's folders. */
static gboolean
is_drop_in(const char *path, const char *file) {
  const char *below = strstr(path, UNITS);
  gsize length = strlen(strstr(file, UNITS));
  return below != NULL && g_str_has_suffix(path, ".conf") &&
         strncmp(below, strstr(file, UNITS), length) == 0 &&
         g_str_has_prefix(below + length, DROP_IN) &&
         strchr(below + length + strlen(DROP_IN), '/') == NULL;
}

static gint
by_base_name(gconstpointer a, gconstpointer b) {
  const char *first = strrchr(*(char *const *)a, '/'), *second = strrchr(*(char *const *)b, '/');
  int order = strcmp(first, second);
  return order != 0 ? order : strcmp(*(char *const *)a, *(char *const *)b);
}

/* systemd.unit(5): drop-ins are read after the unit, by the order of their names; of one name that
   in /etc is read alone. */
static gboolean
add_drop_ins(Tree *installed, Unit *unit, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new();
  const GPtrArray *entries = tree_entries(installed);
  /* "x@y.service.d" counts beside "x@.service.d" */
  g_autofree char *folder = g_path_get_dirname(unit->file);
  g_autofree char *instance = g_build_filename(folder, unit->name, NULL);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type != TREE_DIR &&
        (is_drop_in(entry->path, unit->file) || is_drop_in(entry->path, instance)))
      g_ptr_array_add(paths, entry->path);
  }
  g_ptr_array_sort(paths, by_base_name);
  for (guint i = 0; i < paths->len; i++) {
    const char *path = paths->pdata[i];
    if (i > 0 && strcmp(strrchr(path, '/'), strrchr(paths->pdata[i - 1], '/')) == 0)
      continue; /* "/etc" comes before "/lib" and "/usr" */
    g_autofree char *text = find_text(installed, path);
    if (text != NULL && !unit_add(unit, text, strlen(text), path, error))
      return FALSE;
  }
  return TRUE;
}

/* Translates the likeliest of UNITS that can be: with ALIKE of those that are called like the
 * package, else of the others. TRUE with *FOUND filled; FALSE with the error of the first that
 * could not be translated, or without an error where there was none to try. */
static gboolean
from_units(Tree *installed, const GPtrArray *units, gboolean alike, const char *const *over,
           Found *found, GPtrArray *notes, GError **error) {
  g_autoptr(GError) first = NULL;
  for (guint i = 0; i < units->len; i++) {
    const Candidate *candidate = units->pdata[i];
    g_autoptr(GError) why = NULL;
    if (alike != (candidate->score >= ALIKE))
      continue;
    name_instance(candidate->unit);
    if (over != NULL && g_strv_contains(over, candidate->unit->name)) {
      g_ptr_array_add(notes, g_strdup_printf("%s was passed over: when it was tried, it opened no "
                                             "TCP port",
                                             candidate->unit->name));
      continue;
    }
    if (found->service != NULL) {
      found->others += candidate->score >= DAEMON;
      g_ptr_array_add(notes, g_strdup_printf("%s is another service of %s", candidate->unit->name,
                                             candidate->entry->package));
      continue;
    }
    if (add_drop_ins(installed, candidate->unit, &why))
      found->service = service_from_unit(candidate->unit, installed, &why);
    if (found->service != NULL)
      found->package = g_strdup(candidate->entry->package);
    else if (first == NULL)
      first = g_steal_pointer(&why);
    else
      g_ptr_array_add(notes, g_strdup(why->message));
  }
  if (found->service == NULL && first != NULL)
    g_propagate_error(error, g_steal_pointer(&first));
  return found->service != NULL;
}

/* TRUE if ENTRY, a unit file, is the one of NAME, or the template of the instance NAME. */
static gboolean
is_file_of(const TreeEntry *entry, const char *name) {
  g_autofree char *base = g_path_get_basename(entry->path);
  const char *at = strchr(name, '@'), *dot = strrchr(name, '.');
  if (strcmp(base, name) == 0)
    return TRUE;
  if (at == NULL || dot < at)
    return FALSE;
  g_autofree char *template = g_strdup_printf("%.*s@%s", (int)(at - name), name, dot);
  return strcmp(base, template) == 0;
}

gboolean
find_named(Tree *installed, const char *name, Found *found, GError **error) {
  const GPtrArray *entries = tree_entries(installed);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (!is_unit(entry) || !is_file_of(entry, name))
      continue;
    g_autofree char *text = find_text(installed, entry->path);
    g_autoptr(Unit) unit = text != NULL ? unit_parse(text, strlen(text), entry->path, error) : NULL;
    if (unit == NULL || !add_drop_ins(installed, unit, error))
      return FALSE;
    g_free(unit->name);
    unit->name = g_strdup(name);
    found->service = service_from_unit(unit, installed, error);
    found->package = g_strdup(entry->package);
    return found->service != NULL;
  }
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "no package brings it");
  return FALSE;
}

/* ---- without a unit ---------------------------------------------------- */

/* Reads the init script of the package OWNER, whose name must be like ALIKE (NULL: any name will
 * do). */
static gboolean
from_init_script(Tree *installed, const char *owner, const char *alike, Found *found) {
  const GPtrArray *entries = tree_entries(installed);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (!g_str_has_prefix(entry->path, INIT_SCRIPTS) || g_strcmp0(entry->package, owner) != 0 ||
        (alike != NULL && !names_alike(entry->path + strlen(INIT_SCRIPTS), alike)))
      continue;
    g_autofree char *text = find_text(installed, entry->path);
    if (text != NULL)
      found->service = service_from_init_script(entry->path, text, installed);
    if (found->service == NULL)
      continue;
    found->package = g_strdup(owner);
    return TRUE;
  }
  return FALSE;
}

/* Runs the init script of PACKAGE itself, since nothing could be read from it. */
static gboolean
from_whole_script(Tree *installed, const char *package, Found *found) {
  const GPtrArray *entries = tree_entries(installed);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (!g_str_has_prefix(entry->path, INIT_SCRIPTS) || g_strcmp0(entry->package, package) != 0 ||
        !names_alike(entry->path + strlen(INIT_SCRIPTS), package))
      continue;
    g_autofree char *command = g_strdup_printf("/bin/sh %s start", entry->path);
    found->service = service_from_command(entry->path, command, NULL);
    found->service->run->forks = TRUE;
    g_ptr_array_add(found->service->notes,
                    g_strdup_printf("%s has no call of start-stop-daemon that could be read: it is "
                                    "run as it is, and the end of its daemon is not noticed",
                                    entry->path));
    found->package = g_strdup(package);
    return TRUE;
  }
  return FALSE;
}

/* The path of the program that EXEC, the command of a desktop entry, starts: what "env NAME=VALUE"
 * comes before is meant. NULL where a shell is started, or the program is not installed. g_free. */
static char *
desktop_program(const Tree *installed, const char *exec) {
  static const char *const shells[] = {"sh", "bash", "dash", NULL};
  g_auto(GStrv) words = NULL;
  if (!g_shell_parse_argv(exec, NULL, &words, NULL))
    return NULL;
  for (guint i = 0; words[i] != NULL; i++) {
    g_autofree char *name = g_path_get_basename(words[i]);
    if (strcmp(name, "env") == 0 || strchr(words[i], '=') != NULL)
      continue;
    char *path = service_program_path(installed, words[i]);
    if (path[0] == '/' && tree_resolve(installed, path) != NULL && !g_strv_contains(shells, name))
      return path;
    g_free(path);
    return NULL;
  }
  return NULL;
}

/* Runs the program of PACKAGE's desktop entry once, with --version: there is no display. */
static gboolean
from_desktop(Tree *installed, const char *package, Found *found) {
  const GPtrArray *entries = tree_entries(installed);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (!g_str_has_prefix(entry->path, "/usr/share/applications/") ||
        !g_str_has_suffix(entry->path, ".desktop") || g_strcmp0(entry->package, package) != 0)
      continue;
    g_autofree char *text = find_text(installed, entry->path);
    g_autoptr(Unit) unit = text != NULL ? unit_parse(text, strlen(text), entry->path, NULL) : NULL;
    const char *exec = unit != NULL ? unit_get(unit, "Desktop Entry", "Exec") : NULL;
    g_autofree char *path = exec != NULL ? desktop_program(installed, exec) : NULL;
    if (path == NULL)
      continue;
    g_autofree char *command = g_strconcat(path, " --version", NULL);
    found->service = service_from_command(entry->path, command, NULL);
    if (found->service == NULL)
      continue;
    found->service->run->on_exit = RECIPE_POWEROFF;
    g_ptr_array_add(found->service->notes,
                    g_strdup_printf("%s is a program of the desktop: there is no display, it only "
                                    "says its version",
                                    path));
    found->package = g_strdup(package);
    return TRUE;
  }
  return FALSE;
}

/* Runs the only program of PACKAGE, or the one with its name, once, with --version. */
static gboolean
from_program(Tree *installed, const char *package, Found *found) {
  const GPtrArray *entries = tree_entries(installed);
  const char *only = NULL;
  guint count = 0;
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    g_autofree char *name = g_path_get_basename(entry->path);
    g_autofree char *folder = g_path_get_dirname(entry->path);
    gboolean in_path = g_strv_contains(program_folders(), folder) || strcmp(folder, GAMES) == 0;
    if (!in_path || (entry->type != TREE_FILE && entry->type != TREE_SYMLINK) ||
        g_strcmp0(entry->package, package) != 0)
      continue;
    if (count++ == 0 || strcmp(name, package) == 0)
      only = entry->path;
  }
  if (only == NULL)
    return FALSE;
  g_autofree char *command = g_strconcat(only, " --version", NULL);
  found->service = service_from_command(only, command, NULL);
  found->service->run->on_exit = RECIPE_POWEROFF;
  found->package = g_strdup(package);
  return TRUE;
}

gboolean
find_service(Tree *installed, const char *package, const char *const *direct,
             const char *const *over, Found *found, GPtrArray *notes, GError **error) {
  g_autoptr(GPtrArray) units = find_units(installed, package, direct);
  g_autoptr(GError) why = NULL;
  if (from_units(installed, units, TRUE, over, found, notes, &why) ||
      from_init_script(installed, package, NULL, found) ||
      (why == NULL && from_units(installed, units, FALSE, over, found, notes, &why)))
    return TRUE;
  if (why != NULL) {
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
  }
  for (guint i = 0; direct[i] != NULL; i++)
    if (from_init_script(installed, direct[i], package, found))
      return TRUE;
  if (from_whole_script(installed, package, found) || from_desktop(installed, package, found) ||
      from_program(installed, package, found))
    return TRUE;
  /* A package that has nothing itself, but depends on others. */
  for (guint i = 0; direct[i] != NULL; i++)
    if (from_init_script(installed, direct[i], NULL, found))
      return TRUE;
  for (guint i = 0; direct[i] != NULL; i++)
    if (g_str_has_prefix(direct[i], package) && from_program(installed, direct[i], found))
      return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s has no program: no systemd unit, no init script, no desktop entry and nothing in "
              "bin or sbin; expected a package that can be run (or --command)",
              package);
  return FALSE;
}
