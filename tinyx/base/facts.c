/* facts.c - reads the "name=value" lines and blobs that scripts of ours print. */
#include "base/facts.h"

#include <string.h>

/* A console may hold any byte. */
static char *
text_of(const char *bytes, gsize size) {
  char *text = g_malloc(size + 1);
  for (gsize i = 0; i < size; i++)
    text[i] = bytes[i] != '\0' ? bytes[i] : '?';
  text[size] = '\0';
  return text;
}

/* "blob NAME BYTES": TRUE, and *SIZE. NAME is cut off in HEAD. */
static gboolean
parse_blob_head(char *head, gsize *size) {
  char *space = strchr(head, ' ');
  guint64 value;
  if (space == NULL || !g_ascii_string_to_unsigned(space + 1, 10, 0, G_MAXINT, &value, NULL))
    return FALSE;
  *space = '\0';
  *size = (gsize)value;
  return TRUE;
}

GHashTable *
facts_parse(const char *text, gsize size) {
  GHashTable *facts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  const char *end = text + size;
  while (text < end) {
    const char *newline = memchr(text, '\n', (gsize)(end - text));
    const char *line_end = newline != NULL ? newline : end;
    g_autofree char *line = text_of(text, (gsize)(line_end - text));
    char *equals = strchr(line, '=');
    gsize length;
    text = newline != NULL ? newline + 1 : end;
    if (g_str_has_prefix(line, "blob ") && parse_blob_head(line + 5, &length)) {
      length = MIN(length, (gsize)(end - text));
      g_hash_table_replace(facts, g_strdup(line + 5), text_of(text, length));
      text += length;
    } else if (equals != NULL && equals != line) {
      g_hash_table_replace(facts, g_strndup(line, (gsize)(equals - line)), g_strdup(equals + 1));
    }
  }
  return facts;
}

double
facts_seconds(GHashTable *facts, const char *name) {
  const char *value = g_hash_table_lookup(facts, name);
  char *end;
  double seconds = value != NULL ? g_ascii_strtod(value, &end) : -1;
  return value == NULL || end == value || *end != '\0' ? -1 : seconds;
}
