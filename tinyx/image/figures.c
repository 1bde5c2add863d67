/* figures.c - reads and writes recipes/NAME/tested-PLATFORM.json. */
#include "image/figures.h"

#include "base/files.h"
#include "image/output.h"

#include <math.h>
#include <string.h>

void
figures_clear(Figures *figures) {
  g_clear_pointer(&figures->date, g_free);
  g_clear_pointer(&figures->linux, g_free);
}

static char *
figures_path(const Recipe *recipe, const char *platform) {
  g_autofree char *name = g_strdup_printf("tested-%s.json", platform);
  return g_build_filename(recipe->folder, name, NULL);
}

static JsonObject *
load_object(JsonParser *parser, const char *path, GError **error) {
  JsonNode *node;
  if (!json_parser_load_from_file(parser, path, error)) {
    g_prefix_error(error, "%s: ", path);
    return NULL;
  }
  node = json_parser_get_root(parser);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT(node))
    return json_node_get_object(node);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: expected a JSON object", path);
  return NULL;
}

static gint64
number(JsonObject *object, const char *name) {
  return json_object_get_int_member_with_default(object, name, 0);
}

gboolean
figures_load(const Recipe *recipe, const char *platform, Figures *figures, GError **error) {
  g_autofree char *path = figures_path(recipe, platform);
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *object;
  memset(figures, 0, sizeof *figures);
  figures->answer = -1;
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return TRUE;
  object = load_object(parser, path, error);
  if (object == NULL)
    return FALSE;
  figures->date = g_strdup(json_object_get_string_member_with_default(object, "date", "unknown"));
  figures->linux = g_strdup(json_object_get_string_member_with_default(object, "linux", "unknown"));
  figures->passed = json_object_get_boolean_member_with_default(object, "passed", FALSE);
  figures->locked = json_object_get_boolean_member_with_default(object, "lock", FALSE);
  figures->kernel_bytes = number(object, "kernel_bytes");
  figures->rootfs_bytes = number(object, "rootfs_bytes");
  figures->symbols = (int)number(object, "symbols_y");
  figures->packages = (int)number(object, "packages");
  figures->memory = (int)number(object, "memory_mb");
  figures->least_memory = (int)number(object, "least_memory_mb");
  figures->least_tested =
      json_object_get_boolean_member_with_default(object, "least_memory_tested", figures->locked);
  figures->answer = json_object_get_double_member_with_default(object, "answer_seconds", -1);
  return TRUE;
}

static void
add_int(JsonBuilder *json, const char *name, gint64 value) {
  json_builder_set_member_name(json, name);
  json_builder_add_int_value(json, value);
}

static void
add_bool(JsonBuilder *json, const char *name, gboolean value) {
  json_builder_set_member_name(json, name);
  json_builder_add_boolean_value(json, value);
}

static void
add_string(JsonBuilder *json, const char *name, const char *value) {
  json_builder_set_member_name(json, name);
  json_builder_add_string_value(json, value);
}

/* TRUE where REPORT has all that is asked of it. */
static gboolean
add_report(JsonBuilder *json, JsonObject *report, int tested) {
  JsonObject *kernel = json_object_has_member(report, "kernel")
                           ? json_object_get_object_member(report, "kernel")
                           : NULL;
  JsonObject *rootfs = json_object_has_member(report, "rootfs")
                           ? json_object_get_object_member(report, "rootfs")
                           : NULL;
  JsonObject *lock =
      json_object_has_member(report, "lock") ? json_object_get_object_member(report, "lock") : NULL;
  if (kernel == NULL || rootfs == NULL || !json_object_has_member(report, "packages"))
    return FALSE;
  gint64 least = tested > 0 ? tested : lock != NULL ? number(lock, "least_memory_mb") : 0;
  add_string(json, "linux",
             json_object_get_string_member_with_default(kernel, "version", "unknown"));
  add_int(json, "kernel_bytes", number(kernel, "packed_bytes"));
  add_int(json, "rootfs_bytes", number(rootfs, "bytes"));
  add_int(json, "symbols_y", number(kernel, "symbols_y"));
  add_int(json, "packages",
          json_array_get_length(json_object_get_array_member(report, "packages")));
  add_int(json, "least_memory_mb", least > 0 ? least : number(report, "least_memory_mb"));
  add_bool(json, "least_memory_tested", least > 0);
  add_bool(json, "lock", lock != NULL);
  return TRUE;
}

gboolean
figures_record(const Recipe *recipe, const char *platform, const char *folder,
               const FigureTest *test, GError **error) {
  g_autofree char *path = figures_path(recipe, platform), *text = NULL;
  g_autofree char *report_path = g_build_filename(folder, OUTPUT_REPORT, NULL);
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autoptr(JsonBuilder) json = json_builder_new();
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char *date = g_date_time_format(now, "%Y-%m-%d");
  JsonObject *report = load_object(parser, report_path, error);
  if (report == NULL)
    return FALSE;
  json_builder_begin_object(json);
  add_string(json, "date", date);
  add_bool(json, "passed", test->passed);
  if (!add_report(json, report, test->least)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: expected what tinyx build writes",
                report_path);
    return FALSE;
  }
  add_int(json, "memory_mb", test->memory);
  if (test->answer >= 0) {
    json_builder_set_member_name(json, "answer_seconds");
    json_builder_add_double_value(json, round(test->answer * 10) / 10);
  }
  json_builder_end_object(json);
  root = json_builder_get_root(json);
  g_autofree char *lines = json_to_string(root, TRUE);
  text = g_strconcat(lines, "\n", NULL);
  return file_write(path, text, strlen(text), 0644, error);
}
