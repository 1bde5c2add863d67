/* unit.h - systemd unit files as data: systemd.syntax(7).
 *
 * Sections, keys and values with their lines; comments, continuation lines, and the rule that an
 * empty value forgets the earlier ones of its key. What the directives mean is service.h's.
 */
#ifndef TINYX_DRAFT_UNIT_H
#define TINYX_DRAFT_UNIT_H

#include "base/error.h"

typedef struct {
  char *section, *key, *value; /* value: continuation lines joined by a space */
  guint line;
  char *file; /* in which it stands */
} UnitEntry;

typedef struct {
  char *file;         /* the unit's own, for messages */
  char *name;         /* "redis-server.service" */
  GPtrArray *entries; /* UnitEntry*, in their order */
  GPtrArray *notes;   /* char*: lines that were passed over, and the like; for people */
} Unit;

/* Parses TEXT as FILE would hold it. As systemd does, a line that is none of a unit is passed over,
 * with a note: "FILE:LINE: ...". INPUT for what is no text. */
Unit *unit_parse(const char *text, gsize size, const char *file, GError **error);
/* Adds what the drop-in FILE has in TEXT, as if it stood at the unit's end (systemd.unit(5)). */
gboolean unit_add(Unit *unit, const char *text, gsize size, const char *file, GError **error);
void unit_free(Unit *unit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Unit, unit_free)

/* What a note calls the file of ENTRY: "x.service", or "x.service.d/y.conf" of a drop-in. g_free.
 */
char *unit_entry_place(const Unit *unit, const UnitEntry *entry);
/* The last value of KEY, or NULL; owned by UNIT. */
const char *unit_get(const Unit *unit, const char *section, const char *key);
/* The same as an entry, which has its place; NULL also where the last value is empty. */
const UnitEntry *unit_last(const Unit *unit, const char *section, const char *key);
/* All values of KEY (UnitEntry*, not owned) since the last empty one; g_ptr_array_unref. */
GPtrArray *unit_all(const Unit *unit, const char *section, const char *key);

#endif
