/* store.c - a comparison written as JSON and read back. */
#include "compare/store.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

static void
add_string(JsonBuilder *json, const char *name, const char *value) {
  g_autofree char *valid = value != NULL ? g_utf8_make_valid(value, -1) : NULL;
  json_builder_set_member_name(json, name);
  if (valid != NULL)
    json_builder_add_string_value(json, valid);
  else
    json_builder_add_null_value(json);
}

/* Counts and bytes without a fraction, seconds and ratios with two digits of it. */
static void
add_number(JsonBuilder *json, const char *name, double value) {
  json_builder_set_member_name(json, name);
  if (fabs(value) < 1e15 && value == floor(value))
    json_builder_add_int_value(json, (gint64)value);
  else
    json_builder_add_double_value(json, round(value * 100) / 100);
}

static void
begin(JsonBuilder *json, const char *name) {
  json_builder_set_member_name(json, name);
  json_builder_begin_object(json);
}

static void
add_value(JsonBuilder *json, const Comparison *comparison, const Result *result, FigureId id,
          gboolean kept) {
  const FigureValue *value = &result->values[id];
  const Figure *figure = figure_get(id);
  double ratio = comparison_ratio(comparison, result, id);
  if (!value->asked && (!kept || value->text == NULL))
    return;
  begin(json, figure->name);
  if (!value->measured)
    add_string(json, "not_measured", value->text);
  else if (kept || !figure->ratio_only)
    add_number(json, "value", value->value);
  if (!kept && ratio >= 0)
    add_number(json, "ratio", ratio);
  if (value->measured && value->text != NULL)
    add_string(json, "text", value->text);
  json_builder_end_object(json);
}

static void
add_result(JsonBuilder *json, const Comparison *comparison, const Result *result, gboolean kept) {
  json_builder_begin_object(json);
  add_string(json, "id", result->id);
  add_string(json, "title", result->title);
  add_string(json, "note", result->note);
  if (kept) {
    add_string(json, "key", result->key);
    add_number(json, "least_low", result->least_low);
    add_number(json, "least_high", result->least_high);
  }
  begin(json, "figures");
  for (guint i = 0; i < FIGURE_COUNT; i++)
    add_value(json, comparison, result, (FigureId)i, kept);
  json_builder_end_object(json);
  json_builder_end_object(json);
}

/* What the figures are, and what the paper says of them. */
static void
add_figures(JsonBuilder *json, const Comparison *comparison) {
  static const char *const units[] = {
      [FIGURE_IN_BYTES] = "bytes",
      [FIGURE_IN_MEMORY] = "bytes",
      [FIGURE_IN_COUNT] = "",
      [FIGURE_IN_SECONDS] = "seconds",
      [FIGURE_IN_INSTRUCTIONS] = "instructions",
      [FIGURE_IN_RATE] = "ratio",
  };
  begin(json, "figures");
  for (guint i = 0; i < FIGURE_COUNT; i++) {
    const Figure *figure = figure_get((FigureId)i);
    const PaperFigure *paper = &comparison->paper[i];
    begin(json, figure->name);
    add_string(json, "what", figure->what);
    add_string(json, "unit", units[figure->unit]);
    if (paper->source != NULL) {
      begin(json, "paper");
      if (paper->tinyx >= 0)
        add_number(json, "tinyx", paper->tinyx);
      if (paper->debian >= 0)
        add_number(json, "debian", paper->debian);
      if (paper->ratio >= 0)
        add_number(json, "ratio", paper->ratio);
      add_string(json, "source", paper->source);
      json_builder_end_object(json);
    }
    json_builder_end_object(json);
  }
  json_builder_end_object(json);
}

char *
store_text(const Comparison *comparison, gboolean kept) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *text = NULL;
  json_builder_begin_object(json);
  add_string(json, "name", comparison->name);
  add_string(json, "description", comparison->description);
  add_string(json, "date", comparison->date);
  add_string(json, "platform", comparison->platform);
  add_string(json, "host", comparison->host);
  if (!kept)
    add_figures(json, comparison);
  json_builder_set_member_name(json, "sides");
  json_builder_begin_array(json);
  for (guint i = 0; i < comparison->results->len; i++)
    add_result(json, comparison, comparison->results->pdata[i], kept);
  json_builder_end_array(json);
  json_builder_end_object(json);
  root = json_builder_get_root(json);
  text = json_to_string(root, TRUE);
  return g_strconcat(text, "\n", NULL);
}

static gpointer
corrupt(const char *file, const char *what, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: %s; expected what tinyx compare wrote",
              file, what);
  return NULL;
}

/* The member NAME of OBJECT, if it is a string. */
static const char *
string_member(JsonObject *object, const char *name) {
  JsonNode *node = json_object_get_member(object, name);
  return node != NULL && JSON_NODE_HOLDS_VALUE(node) &&
                 json_node_get_value_type(node) == G_TYPE_STRING
             ? json_node_get_string(node)
             : NULL;
}

static void
read_value(Result *result, FigureId id, JsonObject *object) {
  const char *why = string_member(object, "not_measured");
  JsonNode *node = json_object_get_member(object, "value");
  if (why != NULL) {
    result_set_why(result, id, "%s", why);
  } else if (node != NULL && JSON_NODE_HOLDS_VALUE(node)) {
    double value = json_node_get_double(node);
    if (json_node_get_value_type(node) == G_TYPE_INT64)
      value = (double)json_node_get_int(node);
    if (isfinite(value) && value >= 0)
      result_set(result, id, value, string_member(object, "text"));
  }
}

/* A whole number of MB, or 0. */
static int
int_member(JsonObject *object, const char *name) {
  JsonNode *node = json_object_get_member(object, name);
  gint64 value =
      node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64
          ? json_node_get_int(node)
          : 0;
  return value > 0 && value < 1 << 20 ? (int)value : 0;
}

static gboolean
read_result(Comparison *comparison, JsonNode *node, const char *file, GError **error) {
  JsonObject *object = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
  const char *id = object != NULL ? string_member(object, "id") : NULL;
  const char *title = object != NULL ? string_member(object, "title") : NULL;
  JsonNode *figures = object != NULL ? json_object_get_member(object, "figures") : NULL;
  if (id == NULL || title == NULL || figures == NULL || !JSON_NODE_HOLDS_OBJECT(figures))
    return corrupt(file, "a system without id, title or figures", error) != NULL;
  Result *result = comparison_add(comparison, id, title);
  result->key = g_strdup(string_member(object, "key"));
  result->note = g_strdup(string_member(object, "note"));
  result->least_low = int_member(object, "least_low");
  result->least_high = int_member(object, "least_high");
  for (guint i = 0; i < FIGURE_COUNT; i++) {
    JsonNode *value =
        json_object_get_member(json_node_get_object(figures), figure_get((FigureId)i)->name);
    if (value != NULL && JSON_NODE_HOLDS_OBJECT(value))
      read_value(result, (FigureId)i, json_node_get_object(value));
  }
  return TRUE;
}

Comparison *
store_parse(const char *text, gssize size, const char *file, GError **error) {
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autoptr(GError) problem = NULL;
  g_autoptr(Comparison) comparison = NULL;
  if (!json_parser_load_from_data(parser, text, size, &problem))
    return corrupt(file, problem->message, error);
  JsonNode *root = json_parser_get_root(parser);
  JsonObject *object =
      root != NULL && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
  const char *name = object != NULL ? string_member(object, "name") : NULL;
  JsonNode *results = object != NULL ? json_object_get_member(object, "sides") : NULL;
  if (name == NULL || results == NULL || !JSON_NODE_HOLDS_ARRAY(results))
    return corrupt(file, "no name, or no \"sides\"", error);
  comparison = comparison_new(name);
  comparison->description = g_strdup(string_member(object, "description"));
  comparison->date = g_strdup(string_member(object, "date"));
  comparison->platform = g_strdup(string_member(object, "platform"));
  comparison->host = g_strdup(string_member(object, "host"));
  JsonArray *array = json_node_get_array(results);
  for (guint i = 0; i < json_array_get_length(array); i++)
    if (!read_result(comparison, json_array_get_element(array, i), file, error))
      return NULL;
  return g_steal_pointer(&comparison);
}
