/* service-process.c - what a unit's process is like from its start: Nice=, OOMScoreAdjust=,
 * IgnoreSIGPIPE=. */
#include "draft/service-private.h"

#include "base/number.h"
#include "base/strings.h"

/* The number of ENTRY, "-5" or "+10", with its sign; NULL, with a note, where it is not at most
 * MOST either way. g_free. */
static char *
signed_number(Service *service, const Unit *unit, const UnitEntry *entry, guint64 most) {
  guint64 number = 0;
  const char *digits = entry->value + (entry->value[0] == '-' || entry->value[0] == '+');
  if (number_parse(digits, most, &number))
    return g_strdup_printf("%s%" G_GUINT64_FORMAT, entry->value[0] == '-' ? "-" : "", number);
  service_note(service, unit, entry, "%s=%s is left out: expected a number from -%u to %u",
               entry->key, entry->value, (unsigned)most, (unsigned)most);
  return NULL;
}

/* A renice(1) line: root's shell sets it, and the command that it becomes keeps it. */
static void
read_nice(Service *service, const Unit *unit) {
  const UnitEntry *entry = unit_last(unit, SERVICE, "Nice");
  g_autofree char *number = entry != NULL ? signed_number(service, unit, entry, 20) : NULL;
  if (number == NULL)
    return;
  g_autofree char *line = g_strdup_printf("renice -n %s -p $$", number);
  strings_add_once(service->applets, "renice");
  service_add_before(service, line);
}

/* The same of how likely the kernel ends it where memory is short, which an image without procfs
 * cannot say; nor may a container. */
static void
read_oom_score(Service *service, const Unit *unit) {
  const UnitEntry *entry = unit_last(unit, SERVICE, "OOMScoreAdjust");
  g_autofree char *number = entry != NULL ? signed_number(service, unit, entry, 1000) : NULL;
  if (number == NULL)
    return;
  g_autofree char *line =
      g_strdup_printf("{ echo %s >/proc/self/oom_score_adj; } 2>/dev/null || :", number);
  service_add_before(service, line);
}

/* rootfs/glue/run ignores it, as systemd does unless a unit says no. */
static void
read_pipe_signal(Service *service, const Unit *unit) {
  const char *value = unit_get(unit, SERVICE, "IgnoreSIGPIPE");
  if (value != NULL && value[0] != '\0' && !service_is_true(value))
    service_add_before(service, "trap - PIPE");
}

void
service_read_process(Service *service, const Unit *unit) {
  read_nice(service, unit);
  read_oom_score(service, unit);
  read_pipe_signal(service, unit);
}
