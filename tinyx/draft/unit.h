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
  int line;
} UnitEntry;

typedef struct {
  char *file;         /* for messages */
  char *name;         /* "redis-server.service" */
  GPtrArray *entries; /* UnitEntry*, in their order */
} Unit;

/* Parses TEXT as FILE would hold it. INPUT, with "FILE:LINE", for what is no unit file. */
Unit *unit_parse(const char *text, gsize size, const char *file, GError **error);
void unit_free(Unit *unit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Unit, unit_free)

/* The last value of KEY, or NULL; owned by UNIT. LINE (may be NULL) gets its line. */
const char *unit_get(const Unit *unit, const char *section, const char *key, int *line);
/* All values of KEY (UnitEntry*, not owned) since the last empty one; g_ptr_array_unref. */
GPtrArray *unit_all(const Unit *unit, const char *section, const char *key);

#endif
