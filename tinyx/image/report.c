/* report.c - writes report.json. */
#include "image/report.h"

#include <math.h>

static void
add_string(JsonBuilder *json, const char *name, const char *value) {
  json_builder_set_member_name(json, name);
  json_builder_add_string_value(json, value);
}

static void
add_int(JsonBuilder *json, const char *name, gint64 value) {
  json_builder_set_member_name(json, name);
  json_builder_add_int_value(json, value);
}

static void
add_seconds(JsonBuilder *json, const char *name, double value) {
  json_builder_set_member_name(json, name);
  json_builder_add_double_value(json, round(value * 100) / 100);
}

static void
begin(JsonBuilder *json, const char *name) {
  json_builder_set_member_name(json, name);
  json_builder_begin_object(json);
}

static void
add_kernel(JsonBuilder *json, const KernelResult *kernel, const char *file) {
  begin(json, "kernel");
  add_string(json, "version", kernel->version);
  add_int(json, "symbols_y", kernel->symbols_y);
  add_int(json, "symbols_asked", kernel->chosen->len);
  add_string(json, "file", file);
  add_int(json, "bytes", kernel->image_size);
  add_int(json, "packed_bytes", kernel->packed_size);
  add_int(json, "vmlinux_bytes", kernel->vmlinux_size);
  json_builder_end_object(json);
}

/* The lock, and what it took to find it. */
static gboolean
add_lock(JsonBuilder *json, const Report *report, GError **error) {
  g_autoptr(JsonParser) parser = json_parser_new();
  if (report->lock == NULL)
    return TRUE;
  begin(json, "lock");
  add_string(json, "file", report->lock->file);
  add_string(json, "linux", report->lock->version);
  add_int(json, "lines", report->lock->requests->len);
  add_int(json, "least_memory_mb", report->lock->least_memory);
  if (g_file_test(report->search, G_FILE_TEST_EXISTS)) {
    if (!json_parser_load_from_file(parser, report->search, error)) {
      g_prefix_error(error, "%s: ", report->search);
      return FALSE;
    }
    json_builder_set_member_name(json, "search");
    json_builder_add_value(json, json_node_copy(json_parser_get_root(parser)));
  }
  json_builder_end_object(json);
  return TRUE;
}

/* Switched on, whoever asked for it: also what the platform or Kconfig itself gives. */
static void
add_hardening(JsonBuilder *json, const FeatureCount *count) {
  begin(json, "hardening");
  add_int(json, "asked", count->asked);
  add_int(json, "on", count->on);
  add_int(json, "known", count->known);
  json_builder_end_object(json);
}

static void
add_packages(JsonBuilder *json, const GPtrArray *packages) {
  json_builder_set_member_name(json, "packages");
  json_builder_begin_array(json);
  for (guint i = 0; i < packages->len; i++) {
    const RootfsPackage *package = packages->pdata[i];
    json_builder_begin_object(json);
    add_string(json, "name", package->name);
    add_string(json, "version", package->version);
    add_int(json, "files", package->files);
    add_int(json, "bytes", (gint64)package->bytes);
    add_string(json, "reason", package->reason);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
}

static void
add_rootfs(JsonBuilder *json, const Report *report) {
  Tree *tree = report->plan->tree;
  begin(json, "rootfs");
  add_string(json, "format", rootfs_format_name(report->format));
  add_string(json, "file", rootfs_format_file(report->format));
  add_int(json, "bytes", report->rootfs_bytes);
  add_int(json, "unpacked_bytes", (gint64)tree_bytes(tree));
  add_int(json, "files", tree_count(tree, TREE_FILE));
  add_int(json, "folders", tree_count(tree, TREE_DIR));
  add_int(json, "symlinks", tree_count(tree, TREE_SYMLINK));
  json_builder_end_object(json);
}

/* What a traced test made of the files, and what remains suspect. */
static void
add_trace(JsonBuilder *json, const Report *report) {
  const FilesLock *lock = report->files_lock;
  guint64 bytes = 0;
  json_builder_set_member_name(json, "suspects");
  json_builder_add_int_value(json, report->plan->suspects->len);
  if (lock == NULL)
    return;
  for (guint i = 0; i < lock->lines->len; i++) {
    const FilesLine *line = lock->lines->pdata[i];
    const TreeEntry *entry =
        line->mark == FILES_ADD ? tree_find(report->plan->tree, line->path) : NULL;
    bytes += entry != NULL ? entry->size : 0;
  }
  begin(json, "trace");
  add_string(json, "file", lock->file);
  add_int(json, "opened", lock->opened);
  add_int(json, "unopened", lock->unopened);
  add_int(json, "unopened_bytes", (gint64)lock->unopened_bytes);
  add_int(json, "added", files_lock_count(lock, FILES_ADD));
  add_int(json, "added_bytes", (gint64)bytes);
  add_int(json, "dropped", report->plan->dropped_files);
  add_int(json, "dropped_bytes", (gint64)report->plan->dropped_bytes);
  add_int(json, "needed_unopened", files_lock_count(lock, FILES_KEEP));
  json_builder_end_object(json);
}

static void
add_seconds_a_stage(JsonBuilder *json, const Report *report) {
  begin(json, "seconds");
  add_seconds(json, "rootfs", report->rootfs_seconds);
  add_seconds(json, "kernel", report->kernel_seconds);
  add_seconds(json, "image", report->image_seconds);
  json_builder_end_object(json);
}

char *
report_text(const Report *report, Output *output, GError **error) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *text = NULL;
  json_builder_begin_object(json);
  add_string(json, "name", report->name);
  add_string(json, "platform", report->platform->name);
  add_string(json, "tinyx", TINYX_VERSION);
  add_string(json, "key", report->key);
  begin(json, "bytes");
  add_int(json, "kernel", report->kernel->image_size);
  add_int(json, rootfs_format_is_disk(report->format) ? "squashfs" : "initramfs",
          report->rootfs_bytes);
  add_int(json, "sum", report->kernel->image_size + report->rootfs_bytes);
  json_builder_end_object(json);
  add_kernel(json, report->kernel, report->platform->kernel);
  if (!add_lock(json, report, error))
    return NULL;
  add_hardening(json, &report->kernel->hardening);
  add_rootfs(json, report);
  add_trace(json, report);
  add_packages(json, report->plan->packages);
  add_int(json, "least_memory_mb", report->least_memory);
  add_int(json, "memory_mb", report->memory);
  add_seconds_a_stage(json, report);
  if (!output_describe(output, json, error))
    return NULL;
  json_builder_end_object(json);
  root = json_builder_get_root(json);
  text = json_to_string(root, TRUE);
  return g_strconcat(text, "\n", NULL);
}
