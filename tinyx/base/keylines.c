/* keylines.c - where in a file of [sections] and key=value lines each of them stands. */
#include "base/keylines.h"

#include "base/place.h"

#include <string.h>

/* What has been scanned of a file. */
typedef struct {
  const KeyLinesFormat *format;
  const char *file;
  GHashTable *lines; /* the result */
  char *section;     /* the one in which the next line stands; NULL: none yet */
} Scan;

static gboolean
scan_section(Scan *scan, const char *line, guint number, GError **error) {
  const char *end = strchr(line, ']');
  if (end == NULL || end[1] != '\0') {
    place_set_error(error, scan->file, number, "'%s' is not a section; expected [name]", line);
    return FALSE;
  }
  g_free(scan->section);
  scan->section = g_strndup(line + 1, (gsize)(end - line - 1));
  if (!scan->format->is_section(scan->section)) {
    g_autofree char *expected = scan->format->expected(NULL);
    place_set_error(error, scan->file, number, "unknown section [%s]; %s", scan->section, expected);
    return FALSE;
  }
  if (g_hash_table_insert(scan->lines, g_strdup(line), GUINT_TO_POINTER(number)))
    return TRUE;
  place_set_error(error, scan->file, number, "section [%s] is there twice", scan->section);
  return FALSE;
}

static gboolean
scan_key(Scan *scan, const char *line, guint number, GError **error) {
  const char *equals = strchr(line, '=');
  if (scan->section == NULL || equals == NULL || equals == line) {
    g_autofree char *expected = scan->section == NULL
                                    ? g_strdup_printf("[%s] first", scan->format->first)
                                    : g_strdup("key=value");
    place_set_error(error, scan->file, number, "'%s' is neither a section nor a key; expected %s",
                    line, expected);
    return FALSE;
  }
  g_autofree char *name = g_strchomp(g_strndup(line, (gsize)(equals - line)));
  if (!scan->format->is_key(scan->section, name)) {
    g_autofree char *expected = scan->format->expected(scan->section);
    place_set_error(error, scan->file, number, "unknown key '%s' in [%s]; %s", name, scan->section,
                    expected);
    return FALSE;
  }
  if (g_hash_table_insert(scan->lines, g_strdup_printf("%s/%s", scan->section, name),
                          GUINT_TO_POINTER(number)))
    return TRUE;
  place_set_error(error, scan->file, number, "key '%s' is there twice in [%s]", name,
                  scan->section);
  return FALSE;
}

static gboolean
scan_lines(Scan *scan, const char *text, GError **error) {
  g_auto(GStrv) all = g_strsplit(text, "\n", -1);
  for (guint i = 0; all[i] != NULL; i++) {
    const char *line = g_strstrip(all[i]);
    if (line[0] == '\0' || line[0] == '#')
      continue;
    if (!(line[0] == '[' ? scan_section : scan_key)(scan, line, i + 1, error))
      return FALSE;
  }
  return TRUE;
}

GHashTable *
key_lines_scan(const KeyLinesFormat *format, const char *text, const char *file, GError **error) {
  g_autoptr(GHashTable) lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Scan scan = {.format = format, .file = file, .lines = lines};
  gboolean good = scan_lines(&scan, text, error);
  g_free(scan.section);
  return good ? g_steal_pointer(&lines) : NULL;
}

guint
key_lines_find(GHashTable *lines, const char *section, const char *key) {
  g_autofree char *name = g_strdup_printf("%s/%s", section, key);
  return lines != NULL ? GPOINTER_TO_UINT(g_hash_table_lookup(lines, name)) : 0;
}
