/* source-entry.c - finds one source's options in a file of sources.list(5), of either form. */
#include "deps/source-entry.h"

#include "deps/deb822.h"

#include <string.h>

/* Each switches a part of apt-secure(8) off. */
static const char *const careless[] = {"trusted", "allow-insecure", "allow-weak",
                                       "allow-downgrade-to-insecure"};

void
source_entry_clear(SourceEntry *entry) {
  g_clear_pointer(&entry->signed_by, g_free);
  g_clear_pointer(&entry->careless, g_free);
}

/* apt's words for "yes" (StringToBool in its strutl.cc). */
static gboolean
is_yes(const char *value) {
  static const char *const words[] = {"yes", "true", "with", "on", "enable", "1"};
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_ascii_strcasecmp(value, words[i]) == 0)
      return TRUE;
  return FALSE;
}

/* apt adds the slash at the end of an address where it is not there. */
static gboolean
is_same_uri(const char *a, const char *b) {
  gsize length_a = strlen(a), length_b = strlen(b);
  while (length_a > 0 && a[length_a - 1] == '/')
    length_a--;
  while (length_b > 0 && b[length_b - 1] == '/')
    length_b--;
  return length_a == length_b && strncmp(a, b, length_a) == 0;
}

static gboolean
has_word(const char *field, const char *word, gboolean (*same)(const char *, const char *)) {
  g_auto(GStrv) words = g_strsplit_set(field != NULL ? field : "", " \t\n", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0' && same(words[i], word))
      return TRUE;
  return FALSE;
}

static gboolean
is_same(const char *a, const char *b) {
  return strcmp(a, b) == 0;
}

static void
take_option(SourceEntry *entry, const char *name, const char *value) {
  if (g_ascii_strcasecmp(name, "signed-by") == 0 && entry->signed_by == NULL && *value != '\0')
    entry->signed_by = g_strdup(value);
  for (guint i = 0; i < G_N_ELEMENTS(careless); i++)
    if (entry->careless == NULL && g_ascii_strcasecmp(name, careless[i]) == 0 && is_yes(value))
      entry->careless = g_strdup_printf("%s=%s", careless[i], value);
}

static void
take_stanza(SourceEntry *entry, const Deb822Stanza *stanza) {
  GHashTableIter iter;
  gpointer name, value;
  g_hash_table_iter_init(&iter, stanza->fields);
  while (g_hash_table_iter_next(&iter, &name, &value))
    take_option(entry, name, value);
}

static gboolean
find_stanza(const char *text, gsize size, const char *file, const char *uri, const char *suite,
            SourceEntry *entry, GError **error) {
  g_autoptr(GPtrArray) stanzas = deb822_parse(text, size, file, error);
  for (guint i = 0; stanzas != NULL && i < stanzas->len; i++) {
    const Deb822Stanza *stanza = stanzas->pdata[i];
    const char *enabled = deb822_get(stanza, "Enabled");
    if ((enabled == NULL || is_yes(enabled)) &&
        has_word(deb822_get(stanza, "Types"), "deb", is_same) &&
        has_word(deb822_get(stanza, "URIs"), uri, is_same_uri) &&
        has_word(deb822_get(stanza, "Suites"), suite, is_same))
      take_stanza(entry, stanza);
  }
  return stanzas != NULL;
}

/* "[ NAME=VALUE NAME+=VALUE ] REST": takes the options out of *LINE, which is then REST. */
static char **
options_of(char **line) {
  char *end = (*line)[0] == '[' ? strchr(*line, ']') : NULL;
  if (end == NULL)
    return g_new0(char *, 1);
  *end = '\0';
  char **options = g_strsplit_set(*line + 1, " \t", -1);
  *line = g_strchug(end + 1);
  return options;
}

/* "deb [OPTIONS] URI SUITE COMPONENT…" */
static void
take_line(SourceEntry *entry, char *line, const char *uri, const char *suite) {
  if (strncmp(line, "deb", 3) != 0 || strchr(" \t", line[3]) == NULL || line[3] == '\0')
    return;
  char *rest = g_strchug(line + 3);
  g_auto(GStrv) options = options_of(&rest);
  g_auto(GStrv) words = g_strsplit_set(rest, " \t", -1);
  const char *found[2] = {NULL, NULL};
  for (guint i = 0, count = 0; words[i] != NULL && count < 2; i++)
    if (words[i][0] != '\0')
      found[count++] = words[i];
  if (found[1] == NULL || !is_same_uri(found[0], uri) || strcmp(found[1], suite) != 0)
    return;
  for (guint i = 0; options[i] != NULL; i++) {
    char *equals = strchr(options[i], '=');
    if (equals == NULL || equals == options[i])
      continue;
    *equals = '\0';
    if (equals[-1] == '+')
      equals[-1] = '\0';
    take_option(entry, options[i], equals + 1);
  }
}

gboolean
source_entry_find(const char *text, gsize size, const char *file, const char *uri,
                  const char *suite, SourceEntry *entry, GError **error) {
  if (g_str_has_suffix(file, ".sources"))
    return find_stanza(text, size, file, uri, suite, entry, error);
  g_autofree char *copy = g_strndup(text, size); /* ends at a NUL byte, as for apt */
  g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *comment = strchr(lines[i], '#');
    if (comment != NULL)
      *comment = '\0';
    take_line(entry, g_strstrip(lines[i]), uri, suite);
  }
  return TRUE;
}
