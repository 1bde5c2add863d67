/* table.c - the figures of a search, for report.json: kernel-PLATFORM.json beside the lock. */
#include "minimize/run.h"

#include "base/files.h"
#include "base/json.h"
#include "image/parts.h"

#include <string.h>

static void
add_kernel(JsonBuilder *json, const char *name, gint64 bytes, guint symbols, guint asked) {
  json_begin_object(json, name);
  json_put_int(json, "kernel_bytes", bytes);
  json_put_int(json, "symbols_y", symbols);
  json_put_int(json, "symbols_asked_above_platform", asked);
  json_builder_end_object(json);
}

char *
minimize_report_json(const MinimizeReport *report) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_put_bool(json, "complete", report->complete);
  add_kernel(json, "before", report->bytes_before, report->symbols_before, report->asked_before);
  add_kernel(json, "after", report->bytes_after, report->symbols_after, report->asked_after);
  json_put_int(json, "least_memory_mb", report->least_memory);
  json_put_int(json, "kernel_builds", report->builds);
  json_put_int(json, "boots", report->boots);
  json_put_int(json, "boots_of_patched_kernels", report->predictions);
  json_put_int(json, "objects_compiled", report->compiled);
  json_put_int(json, "objects_from_cache", report->cached);
  json_put_rounded(json, "build_seconds", report->build_seconds, 1);
  json_put_rounded(json, "boot_seconds", report->boot_seconds, 1);
  json_builder_end_object(json);
  return json_lines(json);
}

gboolean
minimize_write_table(const Recipe *recipe, const char *platform, const MinimizeReport *report,
                     GError **error) {
  g_autofree char *path = image_search_path(recipe, platform);
  g_autofree char *text = minimize_report_json(report);
  return file_write(path, text, strlen(text), 0644, error);
}
