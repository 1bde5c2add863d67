#include "draft/unit.h"

#include <string.h>

static void
entry_free(gpointer data) {
  UnitEntry *entry = data;
  g_free(entry->section);
  g_free(entry->key);
  g_free(entry->value);
  g_free(entry);
}

void
unit_free(Unit *unit) {
  if (unit == NULL)
    return;
  g_free(unit->file);
  g_free(unit->name);
  g_ptr_array_unref(unit->entries);
  g_free(unit);
}

/* One logical line, continuation lines included. */
static gboolean
add_line(Unit *unit, char *line, int number, char **section, GError **error) {
  gsize length = strlen(line);
  char *equals = strchr(line, '=');
  if (line[0] == '[' && length > 2 && line[length - 1] == ']') {
    g_free(*section);
    *section = g_strndup(line + 1, length - 2);
    return TRUE;
  }
  if (*section == NULL || equals == NULL || equals == line) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s:%d: '%s' is no line of a unit; expected %s", unit->file, number, line,
                *section == NULL ? "[Section] first" : "Key=value");
    return FALSE;
  }
  UnitEntry *entry = g_new0(UnitEntry, 1);
  entry->section = g_strdup(*section);
  entry->key = g_strchomp(g_strndup(line, (gsize)(equals - line)));
  entry->value = g_strstrip(g_strdup(equals + 1));
  entry->line = number;
  g_ptr_array_add(unit->entries, entry);
  return TRUE;
}

/* Comments between continuation lines do not end them. */
static gboolean
add_lines(Unit *unit, const char *text, GError **error) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  g_autoptr(GString) whole = g_string_new(NULL);
  g_autofree char *section = NULL;
  gboolean open = FALSE;
  int first = 0;
  for (int i = 0; lines[i] != NULL; i++) {
    char *line = g_strchomp(lines[i]);
    const char *begin = line + strspn(line, " \t");
    gsize length = strlen(begin);
    if (*begin == '#' || *begin == ';' || (*begin == '\0' && !open))
      continue;
    if (!open) {
      g_string_truncate(whole, 0);
      first = i + 1;
    }
    open = length > 0 && begin[length - 1] == '\\' && lines[i + 1] != NULL;
    g_string_append_len(whole, begin, (gssize)(open ? length - 1 : length));
    if (open)
      g_string_append_c(whole, ' ');
    else if (!add_line(unit, g_strstrip(whole->str), first, &section, error))
      return FALSE;
  }
  return TRUE;
}

Unit *
unit_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(Unit) unit = g_new0(Unit, 1);
  g_autofree char *copy = g_strndup(text, size);
  unit->file = g_strdup(file);
  unit->name = g_path_get_basename(file);
  unit->entries = g_ptr_array_new_with_free_func(entry_free);
  if (memchr(text, '\0', size) != NULL || !g_utf8_validate(text, (gssize)size, NULL)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: not a text file; expected UTF-8", file);
    return NULL;
  }
  return add_lines(unit, copy, error) ? g_steal_pointer(&unit) : NULL;
}

static gboolean
is_at(const UnitEntry *entry, const char *section, const char *key) {
  return strcmp(entry->section, section) == 0 && strcmp(entry->key, key) == 0;
}

const char *
unit_get(const Unit *unit, const char *section, const char *key, int *line) {
  for (guint i = unit->entries->len; i-- > 0;) {
    const UnitEntry *entry = unit->entries->pdata[i];
    if (!is_at(entry, section, key))
      continue;
    if (line != NULL)
      *line = entry->line;
    return entry->value[0] != '\0' ? entry->value : NULL;
  }
  return NULL;
}

GPtrArray *
unit_all(const Unit *unit, const char *section, const char *key) {
  GPtrArray *all = g_ptr_array_new();
  for (guint i = 0; i < unit->entries->len; i++) {
    UnitEntry *entry = unit->entries->pdata[i];
    if (!is_at(entry, section, key))
      continue;
    if (entry->value[0] == '\0')
      g_ptr_array_set_size(all, 0);
    else
      g_ptr_array_add(all, entry);
  }
  return all;
}
