/* table.c - the figures of a search, for report.json: kernel-PLATFORM.json beside the lock. */
#include "minimize/run.h"

#include "base/files.h"
#include "image/parts.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

static void
add_int(JsonBuilder *json, const char *name, gint64 value) {
  json_builder_set_member_name(json, name);
  json_builder_add_int_value(json, value);
}

static void
add_seconds(JsonBuilder *json, const char *name, double value) {
  json_builder_set_member_name(json, name);
  json_builder_add_double_value(json, round(value));
}

static void
add_kernel(JsonBuilder *json, const char *name, gint64 bytes, guint symbols, guint asked) {
  json_builder_set_member_name(json, name);
  json_builder_begin_object(json);
  add_int(json, "kernel_bytes", bytes);
  add_int(json, "symbols_y", symbols);
  add_int(json, "symbols_asked_above_platform", asked);
  json_builder_end_object(json);
}

gboolean
minimize_write_table(const Recipe *recipe, const char *platform, const MinimizeReport *report,
                     GError **error) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  g_autofree char *path = image_search_path(recipe, platform);
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *text = NULL, *whole = NULL;
  json_builder_begin_object(json);
  json_builder_set_member_name(json, "complete");
  json_builder_add_boolean_value(json, report->complete);
  add_kernel(json, "before", report->bytes_before, report->symbols_before, report->asked_before);
  add_kernel(json, "after", report->bytes_after, report->symbols_after, report->asked_after);
  add_int(json, "least_memory_mb", report->least_memory);
  add_int(json, "kernel_builds", report->builds);
  add_int(json, "boots", report->boots);
  add_int(json, "boots_of_patched_kernels", report->predictions);
  add_int(json, "objects_compiled", report->compiled);
  add_int(json, "objects_from_cache", report->cached);
  add_seconds(json, "build_seconds", report->build_seconds);
  add_seconds(json, "boot_seconds", report->boot_seconds);
  json_builder_end_object(json);
  root = json_builder_get_root(json);
  text = json_to_string(root, TRUE);
  whole = g_strconcat(text, "\n", NULL);
  return file_write(path, whole, strlen(whole), 0644, error);
}
