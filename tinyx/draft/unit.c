/* unit.c - systemd unit files as data: systemd.syntax(7). */
#include "draft/unit.h"

#include "base/place.h"

#include <string.h>

static void
entry_free(gpointer data) {
  UnitEntry *entry = data;
  g_free(entry->section);
  g_free(entry->key);
  g_free(entry->value);
  g_free(entry->file);
  g_free(entry);
}

void
unit_free(Unit *unit) {
  if (unit == NULL)
    return;
  g_free(unit->file);
  g_free(unit->name);
  g_ptr_array_unref(unit->entries);
  g_ptr_array_unref(unit->notes);
  g_free(unit);
}

/* One LINE, with its continuation lines; it begins in line NUMBER of FILE. */
static void
add_line(Unit *unit, const char *file, char *line, guint number, char **section) {
  gsize length = strlen(line);
  char *equals = strchr(line, '=');
  if (line[0] == '[' && length > 2 && line[length - 1] == ']') {
    g_free(*section);
    *section = g_strndup(line + 1, length - 2);
    return;
  }
  gboolean valid = g_utf8_validate(line, -1, NULL);
  if (!valid || *section == NULL || equals == NULL || equals == line) {
    g_autofree char *shown = g_utf8_make_valid(line, -1);
    g_ptr_array_add(unit->notes,
                    place_message(file, number,
                                  "'%s' is no line of a unit, and passed over; expected %s", shown,
                                  !valid             ? "UTF-8"
                                  : *section == NULL ? "[Section] first"
                                                     : "Key=value"));
    return;
  }
  UnitEntry *entry = g_new0(UnitEntry, 1);
  entry->section = g_strdup(*section);
  entry->key = g_strchomp(g_strndup(line, (gsize)(equals - line)));
  entry->value = g_strstrip(g_strdup(equals + 1));
  entry->line = number;
  entry->file = g_strdup(file);
  g_ptr_array_add(unit->entries, entry);
}

/* A line that ends with a backslash goes on in the next one; comments in between are no end. */
static void
add_lines(Unit *unit, const char *file, const char *text) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  g_autoptr(GString) whole = g_string_new(NULL);
  g_autofree char *section = NULL;
  gboolean open = FALSE;
  guint first = 0;
  for (guint i = 0; lines[i] != NULL; i++) {
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
    else
      add_line(unit, file, g_strstrip(whole->str), first, &section);
  }
}

gboolean
unit_add(Unit *unit, const char *text, gsize size, const char *file, GError **error) {
  g_autofree char *copy = g_strndup(text, size);
  if (memchr(text, '\0', size) != NULL) {
    place_set_error(error, file, 0, "not a text file; expected UTF-8");
    return FALSE;
  }
  add_lines(unit, file, copy);
  return TRUE;
}

Unit *
unit_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(Unit) unit = g_new0(Unit, 1);
  unit->file = g_strdup(file);
  unit->name = g_path_get_basename(file);
  unit->entries = g_ptr_array_new_with_free_func(entry_free);
  unit->notes = g_ptr_array_new_with_free_func(g_free);
  return unit_add(unit, text, size, file, error) ? g_steal_pointer(&unit) : NULL;
}

char *
unit_entry_place(const Unit *unit, const UnitEntry *entry) {
  g_autofree char *folder = NULL, *above = NULL, *name = NULL;
  if (strcmp(entry->file, unit->file) == 0)
    return g_strdup(unit->name);
  folder = g_path_get_dirname(entry->file);
  above = g_path_get_basename(folder);
  name = g_path_get_basename(entry->file);
  return g_build_filename(above, name, NULL);
}

static gboolean
is_at(const UnitEntry *entry, const char *section, const char *key) {
  return strcmp(entry->section, section) == 0 && strcmp(entry->key, key) == 0;
}

const UnitEntry *
unit_last(const Unit *unit, const char *section, const char *key) {
  for (guint i = unit->entries->len; i-- > 0;) {
    const UnitEntry *entry = unit->entries->pdata[i];
    if (is_at(entry, section, key))
      return entry->value[0] != '\0' ? entry : NULL;
  }
  return NULL;
}

const char *
unit_get(const Unit *unit, const char *section, const char *key) {
  const UnitEntry *entry = unit_last(unit, section, key);
  return entry != NULL ? entry->value : NULL;
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
