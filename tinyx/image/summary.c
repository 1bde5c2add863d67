/* summary.c - tells report.json in a few lines. */
#include "image/image.h"

#include "base/files.h"
#include "image/output.h"

static gint64
number(JsonObject *object, const char *name) {
  return object != NULL ? json_object_get_int_member_with_default(object, name, 0) : 0;
}

static const char *
string(JsonObject *object, const char *name) {
  return json_object_get_string_member_with_default(object, name, "?");
}

static JsonObject *
member(JsonObject *object, const char *name) {
  JsonNode *node = json_object_get_member(object, name);
  return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static void
add_size(GString *text, const char *what, const char *file, gint64 bytes, const char *rest) {
  g_autofree char *size = size_text((guint64)bytes);
  g_string_append_printf(text, "  %-10s %-18s %9s%s%s\n", what, file, size,
                         rest[0] != '\0' ? "   " : "", rest);
}

static char *
summary_of(JsonObject *report, const char *folder) {
  JsonObject *bytes = member(report, "bytes"), *kernel = member(report, "kernel");
  JsonObject *rootfs = member(report, "rootfs");
  GString *text = g_string_new(NULL);
  gboolean from_disk = number(bytes, "squashfs") > 0;
  g_autofree char *symbols = NULL, *files = NULL;
  if (bytes == NULL || kernel == NULL || rootfs == NULL)
    return g_string_free(text, FALSE);
  symbols = g_strdup_printf("Linux %s, %d symbols =y", string(kernel, "version"),
                            (int)number(kernel, "symbols_y"));
  files = g_strdup_printf("%d files of %u packages", (int)number(rootfs, "files"),
                          json_array_get_length(json_object_get_array_member(report, "packages")));
  g_string_append_printf(text, "%s for %s\n", string(report, "name"), string(report, "platform"));
  add_size(text, "kernel", string(kernel, "file"), number(bytes, "kernel"), symbols);
  add_size(text, from_disk ? "disk" : "initramfs", string(rootfs, "file"), number(rootfs, "bytes"),
           files);
  add_size(text, "together", "", number(bytes, "sum"), "");
  g_string_append_printf(text, "  %-10s at least %d MB; configured: %d MB\n", "memory",
                         (int)number(report, "least_memory_mb"), (int)number(report, "memory_mb"));
  g_string_append_printf(text, "  %-10s %s\n", "folder", folder);
  return g_string_free(text, FALSE);
}

char *
image_summary(const char *folder, GError **error) {
  g_autofree char *path = g_build_filename(folder, OUTPUT_REPORT, NULL);
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonNode *node;
  if (!json_parser_load_from_file(parser, path, error)) {
    g_prefix_error(error, "%s: ", path);
    return NULL;
  }
  node = json_parser_get_root(parser);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: expected a JSON object", path);
    return NULL;
  }
  return summary_of(json_node_get_object(node), folder);
}
