/* json.c - objects of JSON, written member by member and read without trust. */
#include "base/json.h"

#include <math.h>

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

static char *
text_of(JsonBuilder *json, gboolean indented) {
  g_autoptr(JsonNode) root = json_builder_get_root(json);
  g_autofree char *text = json_to_string(root, indented);
  return g_strconcat(text, "\n", NULL);
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

static JsonObject *
root_object(JsonParser *parser) {
  JsonNode *root = json_parser_get_root(parser);
  return root != NULL && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
}

JsonObject *
json_load(JsonParser *parser, const char *path, GError **error) {
  if (!json_parser_load_from_file(parser, path, error)) {
    g_prefix_error(error, "%s: ", path);
    return NULL;
  }
  JsonObject *object = root_object(parser);
  if (object == NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: expected a JSON object", path);
  return object;
}

JsonObject *
json_parse(JsonParser *parser, const char *text, gssize size) {
  return json_parser_load_from_data(parser, text, size, NULL) ? root_object(parser) : NULL;
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
  return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

const char *
json_get_string(JsonObject *object, const char *name) {
  JsonNode *node = value_of(object, name, G_TYPE_STRING);
  return node != NULL ? json_node_get_string(node) : NULL;
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

char **
json_get_strings(JsonObject *object, const char *name) {
  JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
  g_autoptr(GStrvBuilder) values = g_strv_builder_new();
  for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
    JsonNode *element = json_array_get_element(array, i);
    if (json_node_get_value_type(element) == G_TYPE_STRING)
      g_strv_builder_add(values, json_node_get_string(element));
  }
  return g_strv_builder_end(values);
}
