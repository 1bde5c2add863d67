/* service-directives.c - which directives of a unit are left out with a note, or refused, as
 * rootfs/unit.directives says. */
#include "draft/service-private.h"

#include "base/files.h"
#include "base/place.h"

#include <string.h>

#define DIRECTIVES "rootfs/unit.directives"

/* What TEXT, that of rootfs/unit.directives, says about the directive KEY: "taken", "left", "told"
 * or "refused"; *REASON is what stands behind '#' there. Both g_free. */
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

gboolean
service_check_directives(Service *service, const Unit *unit, GError **error) {
  g_autofree char *path = data_path(DIRECTIVES);
  g_autofree char *text = NULL;
  if (!file_read(path, FILE_OWN_MAX, &text, NULL, error))
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
      place_set_error(error, entry->file, entry->line,
                      "%s=%s cannot be translated: %s; expected a service that runs by itself",
                      entry->key, entry->value, reason);
      return FALSE;
    }
    if (strcmp(word, "told") == 0)
      service_note(service, unit, entry, "%s=%s is left out%s%s", entry->key, entry->value,
                   reason[0] != '\0' ? ": " : "", reason);
  }
  return TRUE;
}
