/* deb822.c - parses Debian control data and the relations between packages. */
#include "deps/deb822.h"

#include "base/place.h"
#include <string.h>

static gboolean
deb822_bad(GError **error, const char *file, int line, const char *what, const char *text,
           const char *expected) {
  g_autofree char *shown = place_excerpt(text);
  place_set_error(error, file, line, "%s \"%s\"; expected %s", what, shown, expected);
  return FALSE;
}

static void
stanza_free(gpointer data) {
  Deb822Stanza *stanza = data;
  g_hash_table_unref(stanza->fields);
  g_free(stanza);
}

typedef struct {
  const char *file;
  int line;
  GPtrArray *stanzas;
  Deb822Stanza *stanza; /* the open one, or NULL */
  GString *value;       /* of the last field, not yet stored */
  char *name;           /* its lower-case name; NULL: none is open */
} Parser;

static void
parser_close_field(Parser *parser) {
  if (parser->name == NULL)
    return;
  g_hash_table_insert(parser->stanza->fields, g_steal_pointer(&parser->name),
                      g_strdup(parser->value->str));
  g_string_truncate(parser->value, 0);
}

/* Field names: US-ASCII without control characters, space and colon; no '#' or '-' first. */
static gboolean
field_name_valid(const char *name, gsize length) {
  if (length == 0 || name[0] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (name[i] <= ' ' || name[i] > '~')
      return FALSE;
  return TRUE;
}

static gboolean
parser_field(Parser *parser, char *line, GError **error) {
  char *colon = strchr(line, ':');
  if (colon == NULL || !field_name_valid(line, (gsize)(colon - line)))
    return deb822_bad(error, parser->file, parser->line, "no field name in", line,
                      "\"Name: value\"");
  parser_close_field(parser);
  if (parser->stanza == NULL) {
    parser->stanza = g_new0(Deb822Stanza, 1);
    parser->stanza->line = parser->line;
    parser->stanza->fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_ptr_array_add(parser->stanzas, parser->stanza);
  }
  g_autofree char *name = g_ascii_strdown(line, colon - line);
  if (g_hash_table_contains(parser->stanza->fields, name))
    return deb822_bad(error, parser->file, parser->line, "a second field", name,
                      "each field once in a paragraph");
  parser->name = g_steal_pointer(&name);
  g_string_assign(parser->value, g_strstrip(colon + 1));
  return TRUE;
}

static gboolean
parser_line(Parser *parser, char *line, GError **error) {
  if (line[0] == '#')
    return TRUE;
  gboolean indented = line[0] == ' ' || line[0] == '\t';
  g_strchomp(line);
  if (line[0] == '\0') {
    parser_close_field(parser);
    parser->stanza = NULL;
    return TRUE;
  }
  if (!indented)
    return parser_field(parser, line, error);
  if (parser->name == NULL)
    return deb822_bad(error, parser->file, parser->line, "a continuation of nothing:", line,
                      "a field first");
  g_string_append_c(parser->value, '\n');
  g_string_append(parser->value, line + 1);
  return TRUE;
}

static gboolean
parser_run(Parser *parser, const char *text, gsize size, GError **error) {
  for (gsize begin = 0; begin < size;) {
    const char *end = memchr(text + begin, '\n', size - begin);
    gsize length = end != NULL ? (gsize)(end - text) - begin : size - begin;
    g_autofree char *line = g_strndup(text + begin, length);
    parser->line++;
    begin += length + 1;
    if (strlen(line) != length)
      return deb822_bad(error, parser->file, parser->line, "a NUL byte after", line, "text");
    if (!parser_line(parser, line, error))
      return FALSE;
  }
  parser_close_field(parser);
  return TRUE;
}

GPtrArray *
deb822_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(GPtrArray) stanzas = g_ptr_array_new_with_free_func(stanza_free);
  Parser parser = {.file = file, .stanzas = stanzas, .value = g_string_new(NULL)};
  gboolean good = parser_run(&parser, text, size, error);
  g_string_free(parser.value, TRUE);
  g_free(parser.name);
  return good ? g_steal_pointer(&stanzas) : NULL;
}

const char *
deb822_get(const Deb822Stanza *stanza, const char *name) {
  g_autofree char *lower = g_ascii_strdown(name, -1);
  return g_hash_table_lookup(stanza->fields, lower);
}

gboolean
deb822_name_valid(const char *name) {
  gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
  return length >= 2 && name[length] == '\0' && g_ascii_isalnum(name[0]);
}

static void
relation_free(gpointer data) {
  Deb822Relation *relation = data;
  g_free(relation->name);
  g_free(relation->version);
  g_free(relation);
}

static gboolean
parse_operator(const char *text, gsize *length, Deb822Operator *op) {
  static const struct {
    const char *text;
    Deb822Operator op;
  } operators[] = {{">>", DEB822_GREATER},
                   {">=", DEB822_GREATER_EQUAL},
                   {"<<", DEB822_LESS},
                   {"<=", DEB822_LESS_EQUAL},
                   {"=", DEB822_EQUAL},
                   /* obsolete forms, with the meaning that dpkg gives them */
                   {">", DEB822_GREATER_EQUAL},
                   {"<", DEB822_LESS_EQUAL}};
  for (gsize i = 0; i < G_N_ELEMENTS(operators); i++)
    if (g_str_has_prefix(text, operators[i].text)) {
      *length = strlen(operators[i].text);
      *op = operators[i].op;
      return TRUE;
    }
  return FALSE;
}

/* "(>= 1.0)" at TEXT; returns what follows it, or NULL. */
static const char *
parse_version(const char *text, Deb822Relation *relation) {
  gsize length;
  const char *end = strchr(text, ')');
  text++;
  text += strspn(text, " \t\n");
  if (end == NULL || !parse_operator(text, &length, &relation->op))
    return NULL;
  text += length;
  relation->version = text < end ? g_strstrip(g_strndup(text, (gsize)(end - text))) : g_strdup("");
  if (relation->version[0] == '\0' || strpbrk(relation->version, " \t\n(") != NULL)
    return NULL;
  return end + 1;
}

/* One alternative. Architecture and profile restrictions ("[amd64]", "<!nocheck>") belong to source
 * packages; binary packages have none left. */
static Deb822Relation *
parse_relation(const char *text) {
  Deb822Relation *relation = g_new0(Deb822Relation, 1);
  gsize length = strcspn(text, ": \t\n(");
  relation->name = g_strndup(text, length);
  const char *rest = text + length;
  if (*rest == ':')
    rest += 1 + strspn(rest + 1, "abcdefghijklmnopqrstuvwxyz0123456789-");
  rest += strspn(rest, " \t\n");
  if (*rest == '(')
    rest = parse_version(rest, relation);
  if (rest == NULL || rest[strspn(rest, " \t\n")] != '\0' || !deb822_name_valid(relation->name))
    g_clear_pointer((gpointer *)&relation, relation_free);
  return relation;
}

static GPtrArray *
parse_alternatives(const char *text, const char *file, int line, GError **error) {
  g_autoptr(GPtrArray) group = g_ptr_array_new_with_free_func(relation_free);
  g_auto(GStrv) parts = g_strsplit(text, "|", -1);
  for (guint i = 0; i < MAX(g_strv_length(parts), 1); i++) {
    /* Nothing at all splits into no part, but is a slip as well. */
    const char *part = parts[i] != NULL ? g_strstrip(parts[i]) : "";
    Deb822Relation *relation = parse_relation(part);
    if (relation == NULL) {
      deb822_bad(error, file, line, "not a relation:", part, "\"name (>= version)\"");
      return NULL;
    }
    g_ptr_array_add(group, relation);
  }
  return g_steal_pointer(&group);
}

GPtrArray *
deb822_relations_parse(const char *text, const char *file, int line, GError **error) {
  g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
  g_auto(GStrv) parts = g_strsplit(text, ",", -1);
  for (guint i = 0; parts[i] != NULL; i++) {
    g_strstrip(parts[i]);
    if (parts[i][0] == '\0' && parts[i + 1] == NULL)
      break; /* nothing at all, or a comma at the end, which dpkg accepts */
    GPtrArray *group = parse_alternatives(parts[i], file, line, error);
    if (group == NULL)
      return NULL;
    g_ptr_array_add(groups, group);
  }
  return g_steal_pointer(&groups);
}

gboolean
deb822_relation_accepts(const Deb822Relation *relation, const char *version) {
  if (relation->op == DEB822_ANY || version == NULL)
    return relation->op == DEB822_ANY;
  int order = deb822_version_compare(version, relation->version);
  switch (relation->op) {
  case DEB822_LESS:
    return order < 0;
  case DEB822_LESS_EQUAL:
    return order <= 0;
  case DEB822_EQUAL:
    return order == 0;
  case DEB822_GREATER_EQUAL:
    return order >= 0;
  default:
    return order > 0;
  }
}
