/* summary.c - tells report.json in a few lines. */
#include "image/image.h"

#include "base/files.h"
#include "base/json.h"
#include "base/plain.h"
#include "image/absent.h"
#include "image/output.h"

#include <string.h>

#define NAMES_WIDTH 60 /* characters of what is named in a line */

static const char *
string(JsonObject *object, const char *name) {
  return json_object_get_string_member_with_default(object, name, "?");
}

static void
add_size(GString *text, const char *what, const char *file, gint64 bytes, const char *rest) {
  g_autofree char *size = size_text((guint64)bytes);
  plain_append(text, "  %-10s %-18s %9s%s%s\n", what, file, size, rest[0] != '\0' ? "   " : "",
               rest);
}

static JsonArray *
list(JsonObject *object, const char *name) {
  JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;
  return node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

/* Secrets that the image has, and those that it makes: nothing for an image without any. */
static void
add_secrets(GString *text, JsonObject *secrets) {
  JsonArray *made = list(secrets, "made_at_boot");
  JsonArray *allowed = list(secrets, "allowed");
  for (guint i = 0; made != NULL && i < json_array_get_length(made); i++) {
    JsonObject *one = json_array_get_object_element(made, i);
    plain_append(text, "  %-10s %s: made at the first boot\n", i == 0 ? "secrets" : "",
                 string(one, "path"));
  }
  for (guint i = 0; allowed != NULL && i < json_array_get_length(allowed); i++)
    plain_append(text, "  %-10s %s: in the image, as allow-secret= has it\n",
                 i == 0 ? "allowed" : "", json_array_get_string_element(allowed, i));
}

/* The names of LIST's objects of KIND from FIRST on, as many as fit into a line, and how many more
 * there are; the index behind them. */
static guint
add_names(GString *text, JsonArray *absent, guint first) {
  const char *kind = string(json_array_get_object_element(absent, first), "kind");
  guint end = first, shown = 0;
  gsize begin = text->len;
  const char *last = "";
  guint names = 0;
  for (; end < json_array_get_length(absent); end++) {
    JsonObject *one = json_array_get_object_element(absent, end);
    const char *name = string(one, "name");
    if (strcmp(string(one, "kind"), kind) != 0)
      break;
    if (strcmp(name, last) == 0) /* of another application of the image */
      continue;
    last = name;
    if (names++ > shown || (shown > 0 && text->len - begin + strlen(name) > NAMES_WIDTH))
      continue;
    plain_append(text, "%s%s", shown > 0 ? ", " : "", name);
    shown++;
  }
  if (shown < names)
    g_string_append_printf(text, ", %u more", names - shown);
  return end;
}

/* What the image's files name, and it lacks: a line a kind, and where the rest stands. */
static void
add_absent(GString *text, JsonArray *absent) {
  guint next = 0;
  for (guint i = 0; absent != NULL && i < json_array_get_length(absent); i = next) {
    const char *kind = string(json_array_get_object_element(absent, i), "kind");
    plain_append(text, "  %-10s %s: ", i == 0 ? "not in it" : "", absent_kind_title(kind));
    next = add_names(text, absent, i);
    g_string_append_c(text, '\n');
  }
  if (next > 0)
    plain_append(text, "  %-10s who names it, and what brings it: %s\n", "", IMAGE_ABSENT);
}

static void
add_memory(GString *text, JsonObject *report, gboolean from_disk) {
  gboolean measured =
      json_object_get_boolean_member_with_default(report, "start_memory_measured", FALSE);
  plain_append(
      text, "  %-10s %d MB to create a guest, %s%d MB to %s and start%s; configured: %d MB\n",
      "memory", (int)json_get_int(report, "least_memory_mb"), measured ? "" : "about ",
      (int)json_get_int(report, "start_memory_mb"), from_disk ? "read its files" : "unpack",
      measured ? " (measured)" : " (estimated; what the application takes comes on top)",
      (int)json_get_int(report, "memory_mb"));
}

static char *
summary_of(JsonObject *report, const char *folder) {
  JsonObject *bytes = json_get_object(report, "bytes"), *kernel = json_get_object(report, "kernel");
  JsonObject *rootfs = json_get_object(report, "rootfs");
  GString *text = g_string_new(NULL);
  gboolean from_disk = json_get_int(bytes, "squashfs") > 0;
  g_autofree char *symbols = NULL, *files = NULL;
  if (bytes == NULL || kernel == NULL || rootfs == NULL)
    return g_string_free(text, FALSE);
  symbols = g_strdup_printf("Linux %s, %d symbols =y", string(kernel, "version"),
                            (int)json_get_int(kernel, "symbols_y"));
  files = json_get_int(rootfs, "packages") > 0
              ? g_strdup_printf("%d files, with %d packages", (int)json_get_int(rootfs, "files"),
                                (int)json_get_int(rootfs, "packages"))
              : g_strdup_printf("%d files, of no package", (int)json_get_int(rootfs, "files"));
  plain_append(text, "%s for %s\n", string(report, "name"), string(report, "platform"));
  add_size(text, "kernel", string(kernel, "file"), json_get_int(bytes, "kernel"), symbols);
  add_size(text, from_disk ? "disk" : "initramfs", string(rootfs, "file"),
           json_get_int(rootfs, "bytes"), files);
  add_size(text, "together", "", json_get_int(bytes, "sum"), "");
  add_memory(text, report, from_disk);
  add_secrets(text, json_get_object(report, "secrets"));
  add_absent(text, list(report, "absent"));
  plain_append(text, "  %-10s %s\n", "folder", folder);
  return g_string_free(text, FALSE);
}

/* report.json of the image in FOLDER; the object is PARSER's. */
static JsonObject *
load_report(JsonParser *parser, const char *folder, GError **error) {
  g_autofree char *path = g_build_filename(folder, OUTPUT_REPORT, NULL);
  return json_load(parser, path, error);
}

gboolean
image_check_platform(const char *folder, const Platform *platform, GError **error) {
  g_autoptr(JsonParser) parser = json_parser_new();
  const char *name = json_get_string(load_report(parser, folder, NULL), "platform");
  if (name == NULL || strcmp(name, platform->name) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: an image for %s; expected one for %s (--platform)", folder, name,
              platform->name);
  return FALSE;
}

char *
image_summary(const char *folder, GError **error) {
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *report = load_report(parser, folder, error);
  return report != NULL ? summary_of(report, folder) : NULL;
}
