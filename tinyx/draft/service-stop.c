/* service-stop.c - how a unit is stopped: KillSignal=, KillMode=, ExecStop=, TimeoutStopSec=. */
#include "draft/service-private.h"

#include "base/number.h"
#include "base/split.h"
#include "recipe/checks.h"

#include <string.h>

/* "SIGQUIT", "QUIT" or "-QUIT" as a recipe has it; NULL: no such name. g_free. */
static char *
signal_name(const char *text) {
  const char *name = text + (text[0] == '-');
  name += g_str_has_prefix(name, "SIG") ? strlen("SIG") : 0;
  g_autofree char *wrong = recipe_check_signal(name);
  return wrong == NULL ? g_strdup(name) : NULL;
}

/* A time of systemd.time(7) in seconds, rounded up: "90", "5min", "1min 30s", "500ms". 0: it is
 * none, or endless. */
static guint64
seconds_of(const char *text) {
  static const struct {
    const char *unit;
    guint64 milliseconds;
  } units[] = {{"", 1000},        {"s", 1000},       {"sec", 1000},      {"second", 1000},
               {"seconds", 1000}, {"ms", 1},         {"msec", 1},        {"m", 60000},
               {"min", 60000},    {"minute", 60000}, {"minutes", 60000}, {"h", 3600000},
               {"hr", 3600000},   {"hour", 3600000}, {"hours", 3600000}};
  guint64 total = 0, number;
  while (*(text += strspn(text, " \t")) != '\0') {
    if (!number_take(&text, 10, 1000000, &number))
      return 0;
    text += strspn(text, " \t");
    gsize length = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    gsize i = 0;
    while (i < G_N_ELEMENTS(units) &&
           (strlen(units[i].unit) != length || strncmp(units[i].unit, text, length) != 0))
      i++;
    if (i == G_N_ELEMENTS(units))
      return 0;
    total += number * units[i].milliseconds;
    text += length;
  }
  return (total + 999) / 1000;
}

static void
read_time(Service *service, const Unit *unit) {
  const UnitEntry *entry = unit_last(unit, SERVICE, "TimeoutStopSec");
  if (entry == NULL)
    entry = unit_last(unit, SERVICE, "TimeoutSec");
  guint64 seconds = entry != NULL ? seconds_of(entry->value) : 0;
  if (seconds > 0 && seconds < RECIPE_STOP_SECONDS)
    service->run->stop_seconds = (int)seconds;
}

/* "kill -s QUIT $MAINPID" and the like say the signal; "start-stop-daemon --stop --retry QUIT/5"
 * does, too. NULL for any other command. g_free. */
static char *
signal_of_command(const char *command) {
  g_auto(GStrv) words = split_words(command + strspn(command, "@-:+!|"), " \t");
  g_autofree char *name = g_path_get_basename(words[0] != NULL ? words[0] : ".");
  gboolean kill = strcmp(name, "kill") == 0;
  if (!kill && strcmp(name, "start-stop-daemon") != 0)
    return NULL;
  for (guint i = 1; words[i] != NULL; i++) {
    const char *word = words[i];
    if (words[i + 1] != NULL &&
        (g_str_equal(word, "-s") || g_str_equal(word, "--signal") || g_str_equal(word, "--retry")))
      word = words[++i];
    else if (!kill || word[0] != '-')
      continue;
    g_autofree char *first = g_strndup(word, strcspn(word, "/"));
    char *found = signal_name(first);
    if (found != NULL)
      return found;
  }
  return NULL;
}

/* COMMAND, an ExecStop= that is no signal. */
static void
read_command(Service *service, const Unit *unit, const UnitEntry *command, const Tree *installed,
             const WordsContext *context) {
  RecipeRun *run = service->run;
  g_autofree char *lines = service_stop_lines(service, command, installed, context);
  if (lines == NULL) {
    service_note(service, unit, command,
                 "%s=%s is left out: SIG%s ends it; write it as stop= if it has to be",
                 command->key, command->value,
                 run->stop_signal != NULL ? run->stop_signal : "TERM");
    return;
  }
  char *all = run->stop == NULL ? g_strdup(lines) : g_strconcat(run->stop, "\n", lines, NULL);
  g_free(run->stop);
  run->stop = all;
}

/* KillMode=mixed and process: the first process alone is asked. */
static void
read_mode(Service *service, const Unit *unit) {
  static const char *const first[] = {"mixed", "process", NULL};
  const char *mode = unit_get(unit, SERVICE, "KillMode");
  service->run->stop_main = mode != NULL && g_strv_contains(first, mode);
}

void
service_read_stop(Service *service, const Unit *unit, const Tree *installed,
                  const WordsContext *context) {
  const UnitEntry *entry = unit_last(unit, SERVICE, "KillSignal");
  g_autoptr(GPtrArray) commands = unit_all(unit, SERVICE, "ExecStop");
  g_autoptr(GPtrArray) others = g_ptr_array_new();
  char *name = entry != NULL ? signal_name(entry->value) : NULL;
  read_time(service, unit);
  read_mode(service, unit);
  for (guint i = 0; i < commands->len; i++) {
    const UnitEntry *command = commands->pdata[i];
    char *found = signal_of_command(command->value);
    if (found != NULL) {
      g_free(name);
      name = found;
    } else if (!g_str_has_prefix(command->value, "/bin/true")) {
      g_ptr_array_add(others, (gpointer)command);
    }
  }
  if (g_strcmp0(name, "TERM") == 0)
    g_clear_pointer(&name, g_free);
  g_free(service->run->stop_signal);
  service->run->stop_signal = name;
  for (guint i = 0; i < others->len; i++)
    read_command(service, unit, others->pdata[i], installed, context);
}
