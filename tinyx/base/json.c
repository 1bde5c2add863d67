/* json.c - objects of JSON, written member by member and read without trust. */
#include "base/json.h"

#include "base/files.h"
#include "base/number.h"
#include "base/plain.h"

#include <math.h>
#include <string.h>

/* ---- writing ------------------------------------------------------------ */

static void
add_string(JsonBuilder *json, const char *value) {
  g_autofree char *valid = g_utf8_make_valid(value, -1);
  json_builder_add_string_value(json, valid);
}

void
json_put_string(JsonBuilder *json, const char *name, const char *value) {
  json_builder_set_member_name(json, name);
  if (value != NULL)
    add_string(json, value);
  else
    json_builder_add_null_value(json);
}

void
json_put_int(JsonBuilder *json, const char *name, gint64 value) {
  json_builder_set_member_name(json, name);
  json_builder_add_int_value(json, value);
}

void
json_put_bool(JsonBuilder *json, const char *name, gboolean value) {
  json_builder_set_member_name(json, name);
  json_builder_add_boolean_value(json, value);
}

void
json_put_rounded(JsonBuilder *json, const char *name, double value, double per) {
  json_builder_set_member_name(json, name);
  json_builder_add_double_value(json, round(value * per) / per);
}

void
json_put_strings(JsonBuilder *json, const char *name, const char *const *values) {
  json_begin_array(json, name);
  for (guint i = 0; values[i] != NULL; i++)
    add_string(json, values[i]);
  json_builder_end_array(json);
}

void
json_begin_object(JsonBuilder *json, const char *name) {
  json_builder_set_member_name(json, name);
  json_builder_begin_object(json);
}

void
json_begin_array(JsonBuilder *json, const char *name) {
  json_builder_set_member_name(json, name);
  json_builder_begin_array(json);
}

/* JSON's own escape for what plain.h does not show; json-glib has it for the controls of ASCII
 * alone. Such a character can only be in a string. */
static void
append_unseen(GString *out, const char *at) {
  gunichar character = g_utf8_get_char(at);
  if (character < 0x10000)
    g_string_append_printf(out, "\\u%04x", character);
  else
    g_string_append_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (character >> 10),
                           0xdc00 + (character & 0x3ff));
}

static char *
text_of(JsonBuilder *json, gboolean indented) {
  g_autoptr(JsonNode) root = json_builder_get_root(json);
  g_autofree char *text = json_to_string(root, indented);
  GString *out = g_string_new(NULL);
  gboolean seen;
  gsize length;
  for (const char *at = text; (length = plain_next(at, &seen)) > 0; at += length)
    if (seen || *at == '\n' || *at == '\t')
      g_string_append_len(out, at, (gssize)length);
    else
      append_unseen(out, at);
  g_string_append_c(out, '\n');
  return g_string_free(out, FALSE);
}

char *
json_line(JsonBuilder *json) {
  return text_of(json, FALSE);
}

char *
json_lines(JsonBuilder *json) {
  return text_of(json, TRUE);
}

/* ---- reading ------------------------------------------------------------ */

/* What is wrong with the characters of TEXT, or NULL; *AT is where. Outside of strings JSON has
 * only those of "[]{},:" and of words and numbers, so that this and json-glib see the same strings.
 */
static const char *
shape_check(const char *text, gsize size, gsize *at) {
  guint depth = 0;
  gboolean quoted = FALSE;
  for (gsize i = 0; i < size; i++) {
    char c = text[i];
    *at = i;
    if (c == '\0')
      return "a NUL byte";
    if (quoted) {
      i += c == '\\';
      quoted = c != '"';
    } else if (c == '"') {
      quoted = TRUE;
    } else if (c == '[' || c == '{') {
      if (++depth > JSON_DEPTH_MAX)
        return "more than " G_STRINGIFY(JSON_DEPTH_MAX) " arrays and objects in each other";
    } else if (c == ']' || c == '}') {
      depth -= depth > 0;
    } else if (!g_ascii_isalnum(c) && strchr(" \t\r\n,:+-.", c) == NULL) {
      return "a character that JSON has only in strings";
    }
  }
  return NULL;
}

JsonNode *
json_parse_root(JsonParser *parser, const char *text, gssize size, GError **error) {
  gsize length = size < 0 ? strlen(text) : (gsize)size, at = 0;
  const char *wrong = shape_check(text, length, &at);
  g_autoptr(GError) problem = NULL;
  guint line = 1;
  if (wrong == NULL) {
    JsonNode *root = json_parser_load_from_data(parser, text, (gssize)length, &problem)
                         ? json_parser_get_root(parser)
                         : NULL;
    if (root == NULL)
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s; expected JSON",
                  problem != NULL ? problem->message : "it is empty");
    return root;
  }
  for (gsize i = 0; i < at; i++)
    line += text[i] == '\n';
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "line %u: %s; expected JSON", line, wrong);
  return NULL;
}

JsonObject *
json_load(JsonParser *parser, const char *path, GError **error) {
  g_autofree char *text = NULL;
  gsize size;
  JsonNode *root;
  JsonObject *object;
  if (!file_read(path, JSON_BYTES_MAX, &text, &size, error))
    return NULL;
  root = json_parse_root(parser, text, (gssize)size, error);
  if (root == NULL) {
    g_prefix_error(error, "%s: ", path);
    return NULL;
  }
  object = json_object_of(root);
  if (object == NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: expected a JSON object", path);
  return object;
}

JsonObject *
json_parse(JsonParser *parser, const char *text, gssize size) {
  return json_object_of(json_parse_root(parser, text, size, NULL));
}

JsonObject *
json_object_of(JsonNode *node) {
  return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static const char *
json_string_of(JsonNode *node) {
  return node != NULL && json_node_get_value_type(node) == G_TYPE_STRING
             ? json_node_get_string(node)
             : NULL;
}

/* The member NAME if it is a value of TYPE. */
static JsonNode *
value_of(JsonObject *object, const char *name, GType type) {
  JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;
  return node != NULL && json_node_get_value_type(node) == type ? node : NULL;
}

JsonObject *
json_get_object(JsonObject *object, const char *name) {
  JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;
  return json_object_of(node);
}

JsonArray *
json_get_array(JsonObject *object, const char *name) {
  JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;
  return node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

const char *
json_get_string(JsonObject *object, const char *name) {
  return json_string_of(value_of(object, name, G_TYPE_STRING));
}

gint64
json_get_int(JsonObject *object, const char *name) {
  JsonNode *node = value_of(object, name, G_TYPE_INT64);
  return node != NULL ? json_node_get_int(node) : 0;
}

double
json_get_double(JsonObject *object, const char *name) {
  JsonNode *node = value_of(object, name, G_TYPE_DOUBLE);
  return node != NULL ? json_node_get_double(node) : (double)json_get_int(object, name);
}

gboolean
json_has_number(JsonObject *object, const char *name) {
  return value_of(object, name, G_TYPE_DOUBLE) != NULL ||
         value_of(object, name, G_TYPE_INT64) != NULL;
}

double
json_get_number(JsonObject *object, const char *name, double most) {
  return number_clamp(json_get_double(object, name), 0, most);
}

char **
json_get_strings(JsonObject *object, const char *name) {
  JsonArray *array = json_get_array(object, name);
  g_autoptr(GStrvBuilder) values = g_strv_builder_new();
  for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
    const char *value = json_string_of(json_array_get_element(array, i));
    if (value != NULL)
      g_strv_builder_add(values, value);
  }
  return g_strv_builder_end(values);
}
