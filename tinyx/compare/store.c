/* store.c - a comparison written as JSON and read back. */
#include "compare/store.h"

#include "base/json.h"

#include <math.h>
#include <string.h>

/* Counts and bytes without a fraction, seconds and ratios with two digits of it. */
static void
add_number(JsonBuilder *json, const char *name, double value) {
  gboolean large = fabs(value) >= 1e15; /* without a fraction, and too large to multiply it */
  double rounded = large ? value : round(value * 100) / 100;
  json_builder_set_member_name(json, name);
  if (!large && rounded == floor(rounded))
    json_builder_add_int_value(json, (gint64)rounded);
  else
    json_builder_add_double_value(json, rounded);
}

static void
add_value(JsonBuilder *json, const Comparison *comparison, const Result *result, FigureId id,
          gboolean kept) {
  const FigureValue *value = &result->values[id];
  const Figure *figure = figure_get(id);
  double ratio = comparison_ratio(comparison, result, id);
  if (!value->asked && (!kept || value->text == NULL))
    return;
  json_begin_object(json, figure->name);
  if (!value->measured)
    json_put_string(json, "not_measured", value->text);
  else if (kept || !figure->ratio_only)
    add_number(json, "value", value->value);
  if (!kept && ratio >= 0)
    add_number(json, "ratio", ratio);
  if (value->measured && value->text != NULL)
    json_put_string(json, "text", value->text);
  json_builder_end_object(json);
}

static void
add_result(JsonBuilder *json, const Comparison *comparison, const Result *result, gboolean kept) {
  json_builder_begin_object(json);
  json_put_string(json, "id", result->id);
  json_put_string(json, "title", result->title);
  json_put_string(json, "note", result->note);
  if (kept) {
    json_put_string(json, "key", result->key);
    add_number(json, "least_low", result->least_low);
    add_number(json, "least_high", result->least_high);
  }
  json_begin_object(json, "figures");
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
  json_begin_object(json, "figures");
  for (guint i = 0; i < FIGURE_COUNT; i++) {
    const Figure *figure = figure_get((FigureId)i);
    const PaperFigure *paper = &comparison->paper[i];
    json_begin_object(json, figure->name);
    json_put_string(json, "what", figure->what);
    json_put_string(json, "unit", units[figure->unit]);
    if (paper->source != NULL) {
      json_begin_object(json, "paper");
      if (paper->tinyx >= 0)
        add_number(json, "tinyx", paper->tinyx);
      if (paper->debian >= 0)
        add_number(json, "debian", paper->debian);
      if (paper->ratio >= 0)
        add_number(json, "ratio", paper->ratio);
      json_put_string(json, "section", paper->section);
      json_put_string(json, "source", paper->source);
      json_builder_end_object(json);
    }
    json_builder_end_object(json);
  }
  json_builder_end_object(json);
}

char *
store_text(const Comparison *comparison, gboolean kept) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_put_string(json, "name", comparison->name);
  json_put_string(json, "description", comparison->description);
  json_put_string(json, "date", comparison->date);
  json_put_string(json, "platform", comparison->platform);
  json_put_string(json, "host", comparison->host);
  if (!kept)
    add_figures(json, comparison);
  json_begin_array(json, "sides");
  for (guint i = 0; i < comparison->results->len; i++)
    add_result(json, comparison, comparison->results->pdata[i], kept);
  json_builder_end_array(json);
  json_builder_end_object(json);
  return json_lines(json);
}

static gpointer
corrupt(const char *file, const char *what, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: %s; expected what tinyx compare wrote",
              file, what);
  return NULL;
}

static void
read_value(Result *result, FigureId id, JsonObject *object) {
  const char *why = json_get_string(object, "not_measured");
  double value = json_get_double(object, "value");
  if (why != NULL)
    result_set_why(result, id, "%s", why);
  else if (json_has_number(object, "value") && isfinite(value) && value >= 0)
    result_set(result, id, value, json_get_string(object, "text"));
}

/* A whole number of MB, or 0. */
static int
int_member(JsonObject *object, const char *name) {
  gint64 value = json_get_int(object, name);
  return value > 0 && value < 1 << 20 ? (int)value : 0;
}

static gboolean
read_result(Comparison *comparison, JsonNode *node, const char *file, GError **error) {
  JsonObject *object = json_object_of(node);
  const char *id = json_get_string(object, "id");
  const char *title = json_get_string(object, "title");
  JsonObject *figures = json_get_object(object, "figures");
  if (id == NULL || title == NULL || figures == NULL)
    return corrupt(file, "a system without id, title or figures", error) != NULL;
  Result *result = comparison_add(comparison, id, title);
  result->key = g_strdup(json_get_string(object, "key"));
  result->note = g_strdup(json_get_string(object, "note"));
  result->least_low = int_member(object, "least_low");
  result->least_high = int_member(object, "least_high");
  for (guint i = 0; i < FIGURE_COUNT; i++) {
    JsonObject *value = json_get_object(figures, figure_get((FigureId)i)->name);
    if (value != NULL)
      read_value(result, (FigureId)i, value);
  }
  return TRUE;
}

Comparison *
store_parse(const char *text, gssize size, const char *file, GError **error) {
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autoptr(GError) problem = NULL;
  g_autoptr(Comparison) comparison = NULL;
  JsonNode *root = json_parse_root(parser, text, size, &problem);
  if (root == NULL)
    return corrupt(file, problem->message, error);
  JsonObject *object = json_object_of(root);
  const char *name = json_get_string(object, "name");
  JsonArray *array = json_get_array(object, "sides");
  if (name == NULL || array == NULL)
    return corrupt(file, "no name, or no \"sides\"", error);
  comparison = comparison_new(name);
  comparison->description = g_strdup(json_get_string(object, "description"));
  comparison->date = g_strdup(json_get_string(object, "date"));
  comparison->platform = g_strdup(json_get_string(object, "platform"));
  comparison->host = g_strdup(json_get_string(object, "host"));
  for (guint i = 0; i < json_array_get_length(array); i++)
    if (!read_result(comparison, json_array_get_element(array, i), file, error))
      return NULL;
  return g_steal_pointer(&comparison);
}
