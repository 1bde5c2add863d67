/* companions.c - finds and adds the services that others require, and their order. */
#include "draft/companions.h"

#include "base/rulelines.h"
#include "base/split.h"
#include "base/strings.h"
#include "draft/draft-private.h"
#include "draft/find.h"
#include "draft/oneshot.h"
#include "draft/service-private.h"
#include "draft/words.h"
#include "rootfs/select.h"

#include <string.h>

#define DATA "rootfs/unit.companions"
#define BY_TYPE "Type=dbus"
#define MOST 8         /* companions of a draft */
#define WANTED_MOST 32 /* units that one requires, by others that end by themselves, too */
/* Tenths of a second: a service that waits longer is started all the same, and says what it lacks.
 */
#define WAIT 300

/* ---- rootfs/unit.companions -------------------------------------------- */

typedef struct {
  char *name, *ready, *command;
  char **units, **include;
} Known;

static void
known_free(gpointer data) {
  Known *known = data;
  g_free(known->name);
  g_free(known->ready);
  g_free(known->command);
  g_strfreev(known->units);
  g_strfreev(known->include);
  g_free(known);
}

static Known *
named(GPtrArray *all, const char *name, gboolean begins) {
  Known *last = all->len > 0 ? all->pdata[all->len - 1] : NULL;
  if (last != NULL && strcmp(last->name, name) == 0)
    return begins ? NULL : last;
  if (!begins)
    return NULL;
  Known *known = g_new0(Known, 1);
  known->name = g_strdup(name);
  g_ptr_array_add(all, known);
  return known;
}

static char *
take_line(gpointer data, char *line, guint number) {
  static const char expected[] =
      "NAME for UNIT..., then ready PATH, command PROGRAM..., include PATTERN... of that name";
  const char *reason = rule_line_reason(line);
  g_auto(GStrv) words = split_words(line, " \t");
  gboolean whole = g_strv_length(words) >= 3;
  Known *known = whole ? named(data, words[0], strcmp(words[1], "for") == 0) : NULL;
  (void)number;
  if (reason == NULL)
    return rule_line_bad(line, RULE_LINE_REASON);
  if (known == NULL)
    return rule_line_bad(line, expected);
  if (strcmp(words[1], "for") == 0)
    known->units = g_strdupv(words + 2);
  else if (strcmp(words[1], "include") == 0 && known->include == NULL)
    known->include = g_strdupv(words + 2);
  else if (strcmp(words[1], "ready") == 0 && known->ready == NULL)
    known->ready = g_strdup(words[2]);
  else if (strcmp(words[1], "command") == 0 && known->command == NULL)
    known->command = g_strjoinv(" ", words + 2);
  else
    return rule_line_bad(line, expected);
  return NULL;
}

static GPtrArray *
load_known(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(known_free);
  return text != NULL && rule_lines_read(text, size, DATA, take_line, all, error)
             ? g_steal_pointer(&all)
             : NULL;
}

static const Known *
find_known(const GPtrArray *all, const char *unit) {
  for (guint i = 0; i < all->len; i++) {
    const Known *known = all->pdata[i];
    if (g_strv_contains((const char *const *)known->units, unit))
      return known;
  }
  return NULL;
}

/* ---- what units say ---------------------------------------------------- */

static void
read_names(const Unit *unit, const char *key, GPtrArray *names) {
  g_autoptr(GPtrArray) all = unit_all(unit, "Unit", key);
  for (guint i = 0; i < all->len; i++) {
    g_auto(GStrv) words = split_words(((const UnitEntry *)all->pdata[i])->value, " \t");
    for (guint j = 0; words[j] != NULL; j++)
      strings_add_once(names, words[j]);
  }
}

void
companions_read(Service *service, const Unit *unit) {
  static const char *const strong[] = {"Requires", "Requisite", "BindsTo"};
  static const char *const weak[] = {"Wants", "After"};
  gboolean bus = g_strcmp0(unit_get(unit, SERVICE, "Type"), "dbus") == 0 ||
                 unit_get(unit, SERVICE, "BusName") != NULL;
  if (bus)
    strings_add_once(service->wanted, BY_TYPE);
  for (guint i = 0; i < G_N_ELEMENTS(strong); i++)
    read_names(unit, strong[i], service->wanted);
  for (guint i = 0; i < service->wanted->len; i++)
    strings_add_once(service->after, service->wanted->pdata[i]);
  for (guint i = 0; i < G_N_ELEMENTS(weak); i++)
    read_names(unit, weak[i], service->after);
}

/* ---- adding them ------------------------------------------------------- */

/* The service of DRAFT that UNIT, or KNOWN (may be NULL), stands for; NULL: none. */
static Service *
find_service_of(const Draft *draft, const char *unit, const Known *known) {
  for (guint i = 0; i < draft->services->len; i++) {
    Service *service = draft->services->pdata[i];
    if (strcmp(service->origin, unit) == 0 ||
        (known != NULL && g_strcmp0(service->run->command, known->command) == 0))
      return service;
  }
  return NULL;
}

/* "x@y.service" as the name of an application; g_free. */
static char *
run_name(const char *unit) {
  char *name = g_ascii_strdown(unit, -1);
  if (g_str_has_suffix(name, ".service"))
    name[strlen(name) - strlen(".service")] = '\0';
  for (char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum(*c))
      *c = '-';
  return name;
}

static gboolean
take(Draft *draft, Tree *installed, Service *service, const char *name, const char *package,
     GError **error) {
  service->companion = TRUE;
  if (package != NULL)
    strv_add_once(&draft->recipe->packages, package);
  draft_take_service(draft, service, name);
  return draft_add_accounts(draft, installed, service, error);
}

static gboolean
add_known(Draft *draft, Tree *installed, const Service *for_whom, const Known *known,
          GError **error) {
  g_autofree char *origin = g_strdup_printf("%s, of " DATA, known->name);
  g_autofree char *folder = known->ready != NULL ? g_path_get_dirname(known->ready) : NULL;
  Service *service = service_from_command(origin, known->command, error);
  if (service == NULL)
    return FALSE;
  const TreeEntry *program = tree_resolve(installed, service->program);
  if (program == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: it needs %s, and no package brings %s; expected the package of that as well",
                for_whom->origin, known->name, service->program);
    service_free(service);
    return FALSE;
  }
  for (guint i = 0; known->include != NULL && known->include[i] != NULL; i++)
    if (include_matches(installed, known->include[i]))
      strv_add_once(&draft->recipe->include, known->include[i]);
  if (folder != NULL) {
    const char *const make[] = {"mkdir", "-p", folder, NULL};
    g_autofree char *line = words_join(make);
    strings_add_once(service->applets, "mkdir");
    service_add_before(service, line);
    /* An old socket would say that it serves. */
    const char *const clear[] = {"rm", "-f", known->ready, NULL};
    g_autofree char *second = words_join(clear);
    strings_add_once(service->applets, "rm");
    service_add_before(service, second);
    service->ready = g_strdup(known->ready);
  }
  return take(draft, installed, service, known->name, program->package, error);
}

/* systemd's own prepare a whole machine (its users, its clock): what they do is in the image, or
 * the kernel's. */
static gboolean
is_systemds(const Found *found) {
  static const char *const packages[] = {"systemd", "udev", NULL};
  return found->package != NULL && g_strv_contains(packages, found->package);
}

/* The unit of FOUND, which FOR_WHOM requires, ends by itself. */
static gboolean
add_oneshot(Draft *draft, Tree *installed, Service *for_whom, const Found *found, GError **error) {
  if (is_systemds(found)) {
    g_ptr_array_add(draft->notes, g_strdup_printf("%s requires %s of systemd, which is left out",
                                                  for_whom->origin, found->service->origin));
    return TRUE;
  }
  if (found->package != NULL)
    strv_add_once(&draft->recipe->packages, found->package);
  return oneshot_add(draft, installed, for_whom, found->service, error);
}

/* Adds the service of UNIT, if an installed file describes it: as an application, or where it ends
 * by itself, before FOR_WHOM. Without it the draft goes on: the note says what was not found. */
static gboolean
add_unit(Draft *draft, Tree *installed, Service *for_whom, const char *unit, GError **error) {
  g_autoptr(GError) why = NULL;
  g_auto(Found) found = {0};
  if (!g_str_has_suffix(unit, ".service"))
    return TRUE;
  if (!find_named(installed, unit, &found, &why)) {
    g_ptr_array_add(draft->notes, g_strdup_printf("%s requires %s, which is left out: %s",
                                                  for_whom->origin, unit, why->message));
    return TRUE;
  }
  if (found.service->run->on_exit == RECIPE_POWEROFF)
    return add_oneshot(draft, installed, for_whom, &found, error);
  g_autofree char *name = run_name(unit);
  return take(draft, installed, g_steal_pointer(&found.service), name, found.package, error);
}

/* ---- the order --------------------------------------------------------- */

/* What holds, for a shell, once SERVICE has started; g_free. */
static char *
started_text(const Draft *draft, const Service *service) {
  if (service->ready != NULL)
    return g_strdup_printf("[ -e %s ]", service->ready);
  if (service->run->pid_file != NULL)
    return g_strdup_printf("[ -s %s ]", service->run->pid_file);
  if (service == draft->services->pdata[0]) /* its name is the recipe's */
    return g_strdup("(. /etc/tinyx/config; [ -e \"/run/tinyx-pid-$name\" ])");
  return g_strdup_printf("[ -e /run/tinyx-pid-%s ]", service->run->name);
}

static gboolean
comes_after(const GPtrArray *known, const Service *one, const Service *other) {
  for (guint i = 0; i < one->after->len; i++) {
    const Known *companion = find_known(known, one->after->pdata[i]);
    if (strcmp(one->after->pdata[i], other->origin) == 0 ||
        (companion != NULL && g_strcmp0(other->run->command, companion->command) == 0))
      return TRUE;
  }
  return FALSE;
}

/* SERVICE waits, before anything else, for what it comes after. Of two that name each other neither
 * waits, as systemd breaks such a circle. */
static void
add_waits(Draft *draft, const GPtrArray *known, Service *service) {
  g_autoptr(GString) lines = g_string_new(NULL);
  for (guint i = 0; i < draft->services->len; i++) {
    Service *other = draft->services->pdata[i];
    if (other == service || !comes_after(known, service, other) ||
        comes_after(known, other, service))
      continue;
    g_autofree char *started = started_text(draft, other);
    g_string_append_printf(
        lines, "left=%d; until %s || [ $left = 0 ]; do left=$((left - 1)); sleep 0.1; done\n", WAIT,
        started);
    strv_add_once(&draft->recipe->applets, "sleep");
  }
  if (lines->len == 0)
    return;
  g_string_append(lines, service->run->before != NULL ? service->run->before : "");
  g_free(service->run->before);
  service->run->before = g_strchomp(g_string_free(g_steal_pointer(&lines), FALSE));
}

gboolean
companions_add(Draft *draft, Tree *installed, GError **error) {
  g_autoptr(GPtrArray) known = load_known(error);
  if (known == NULL)
    return FALSE;
  guint most = draft->services->len + MOST;
  for (guint i = 0; i < draft->services->len; i++) {
    Service *service = draft->services->pdata[i];
    for (guint j = 0; j < MIN(service->wanted->len, WANTED_MOST) && draft->services->len < most;
         j++) {
      const char *unit = service->wanted->pdata[j];
      const Known *companion = find_known(known, unit);
      if (find_service_of(draft, unit, companion) != NULL)
        continue;
      if (companion != NULL ? !add_known(draft, installed, service, companion, error)
                            : !add_unit(draft, installed, service, unit, error))
        return FALSE;
    }
  }
  for (guint i = 0; i < draft->services->len; i++)
    add_waits(draft, known, draft->services->pdata[i]);
  return TRUE;
}
