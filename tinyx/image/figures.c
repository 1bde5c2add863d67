/* figures.c - reads and writes recipes/NAME/tested-PLATFORM.json. */
#include "image/figures.h"

#include "base/files.h"
#include "base/json.h"
#include "image/output.h"

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

gboolean
figures_load(const Recipe *recipe, const char *platform, Figures *figures, GError **error) {
  g_autofree char *path = figures_path(recipe, platform);
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *object;
  memset(figures, 0, sizeof *figures);
  figures->answer = -1;
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return TRUE;
  object = json_load(parser, path, error);
  if (object == NULL)
    return FALSE;
  figures->date = g_strdup(json_object_get_string_member_with_default(object, "date", "unknown"));
  figures->linux = g_strdup(json_object_get_string_member_with_default(object, "linux", "unknown"));
  figures->passed = json_object_get_boolean_member_with_default(object, "passed", FALSE);
  figures->locked = json_object_get_boolean_member_with_default(object, "lock", FALSE);
  figures->kernel_bytes = json_get_int(object, "kernel_bytes");
  figures->rootfs_bytes = json_get_int(object, "rootfs_bytes");
  figures->symbols = (int)json_get_int(object, "symbols_y");
  figures->packages = (int)json_get_int(object, "packages");
  figures->memory = (int)json_get_int(object, "memory_mb");
  figures->least_memory = (int)json_get_int(object, "least_memory_mb");
  figures->least_tested =
      json_object_get_boolean_member_with_default(object, "least_memory_tested", figures->locked);
  figures->answer = json_object_get_double_member_with_default(object, "answer_seconds", -1);
  return TRUE;
}

/* TRUE where REPORT has all that is asked of it. */
static gboolean
add_report(JsonBuilder *json, JsonObject *report, int tested) {
  JsonObject *kernel = json_get_object(report, "kernel");
  JsonObject *rootfs = json_get_object(report, "rootfs");
  JsonObject *lock = json_get_object(report, "lock");
  if (kernel == NULL || rootfs == NULL || !json_object_has_member(report, "packages"))
    return FALSE;
  gint64 least = tested > 0 ? tested : lock != NULL ? json_get_int(lock, "least_memory_mb") : 0;
  json_put_string(json, "linux",
                  json_object_get_string_member_with_default(kernel, "version", "unknown"));
  json_put_int(json, "kernel_bytes", json_get_int(kernel, "packed_bytes"));
  json_put_int(json, "rootfs_bytes", json_get_int(rootfs, "bytes"));
  json_put_int(json, "symbols_y", json_get_int(kernel, "symbols_y"));
  json_put_int(json, "packages",
               json_array_get_length(json_object_get_array_member(report, "packages")));
  json_put_int(json, "least_memory_mb",
               least > 0 ? least : json_get_int(report, "least_memory_mb"));
  json_put_bool(json, "least_memory_tested", least > 0);
  json_put_bool(json, "lock", lock != NULL);
  return TRUE;
}

gboolean
figures_record(const Recipe *recipe, const char *platform, const char *folder,
               const FigureTest *test, GError **error) {
  g_autofree char *path = figures_path(recipe, platform);
  g_autofree char *report_path = g_build_filename(folder, OUTPUT_REPORT, NULL);
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autoptr(JsonBuilder) json = json_builder_new();
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char *date = g_date_time_format(now, "%Y-%m-%d");
  JsonObject *report = json_load(parser, report_path, error);
  if (report == NULL)
    return FALSE;
  json_builder_begin_object(json);
  json_put_string(json, "date", date);
  json_put_bool(json, "passed", test->passed);
  if (!add_report(json, report, test->least)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: expected what tinyx build writes",
                report_path);
    return FALSE;
  }
  json_put_int(json, "memory_mb", test->memory);
  if (test->answer >= 0)
    json_put_rounded(json, "answer_seconds", test->answer, 10);
  json_builder_end_object(json);
  g_autofree char *text = json_lines(json);
  return file_write(path, text, strlen(text), 0644, error);
}
