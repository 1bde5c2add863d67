/* report.c - writes report.json. */
#include "image/report.h"

#include "base/json.h"
#include "image/absent.h"
#include "kernel/checklist.h"

static void
add_kernel(JsonBuilder *json, const KernelResult *kernel, const char *file) {
  json_begin_object(json, "kernel");
  json_put_string(json, "version", kernel->version);
  json_put_int(json, "symbols_y", kernel->symbols_y);
  json_put_int(json, "symbols_asked", kernel->chosen->len);
  json_put_string(json, "file", file);
  json_put_int(json, "bytes", kernel->image_size);
  json_put_int(json, "packed_bytes", kernel->packed_size);
  json_put_int(json, "vmlinux_bytes", kernel->vmlinux_size);
  json_builder_end_object(json);
}

/* The lock, and what it took to find it. */
static gboolean
add_lock(JsonBuilder *json, const Report *report, GError **error) {
  g_autoptr(JsonParser) parser = json_parser_new();
  if (report->lock == NULL)
    return TRUE;
  json_begin_object(json, "lock");
  json_put_string(json, "file", report->lock->file);
  json_put_string(json, "linux", report->lock->version);
  json_put_int(json, "lines", report->lock->requests->len);
  json_put_int(json, "least_memory_mb", report->lock->least_memory);
  if (g_file_test(report->search, G_FILE_TEST_EXISTS)) {
    if (json_load(parser, report->search, error) == NULL)
      return FALSE;
    json_builder_set_member_name(json, "search");
    json_builder_add_value(json, json_node_copy(json_parser_get_root(parser)));
  }
  json_builder_end_object(json);
  return TRUE;
}

/* A published list, what of it the kernel has, and why it has not the rest. */
static gboolean
add_checklist(JsonBuilder *json, const KernelResult *kernel, GError **error) {
  g_autofree char *path = g_build_filename(kernel->folder, "kernel.config", NULL);
  g_autoptr(Checklist) list = checklist_load(error);
  g_autoptr(DotConfig) config = list != NULL ? config_load(path, error) : NULL;
  if (config == NULL)
    return FALSE;
  json_begin_object(json, "checklist");
  json_put_string(json, "name", list->name);
  json_put_int(json, "on", checklist_count(list, config, kernel->version));
  json_put_int(json, "known", list->items->len);
  json_begin_array(json, "items");
  for (guint i = 0; i < list->items->len; i++) {
    const ChecklistItem *item = list->items->pdata[i];
    gboolean on = checklist_item_holds(item, config, kernel->version);
    json_builder_begin_object(json);
    json_put_string(json, "group", item->group);
    json_put_string(json, "condition", item->condition);
    json_put_bool(json, "on", on);
    if (!on)
      json_put_string(json, "why", item->why);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  json_builder_end_object(json);
  return TRUE;
}

/* Switched on, whoever asked for it: also what the platform or Kconfig itself gives. */
static gboolean
add_hardening(JsonBuilder *json, const KernelResult *kernel, GError **error) {
  const FeatureCount *count = &kernel->hardening;
  json_begin_object(json, "hardening");
  json_put_int(json, "asked", count->asked);
  json_put_int(json, "on", count->on);
  json_put_int(json, "known", count->known);
  if (!add_checklist(json, kernel, error))
    return FALSE;
  json_builder_end_object(json);
  return TRUE;
}

static void
add_packages(JsonBuilder *json, const GPtrArray *packages) {
  json_begin_array(json, "packages");
  for (guint i = 0; i < packages->len; i++) {
    const RootfsPackage *package = packages->pdata[i];
    json_builder_begin_object(json);
    json_put_string(json, "name", package->name);
    json_put_string(json, "version", package->version);
    json_put_int(json, "files", package->files);
    json_put_int(json, "bytes", (gint64)package->bytes);
    json_put_string(json, "reason", package->reason);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
}

static void
add_paths(JsonBuilder *json, const char *name, const GPtrArray *paths) {
  json_begin_array(json, name);
  for (guint i = 0; i < paths->len; i++)
    json_builder_add_string_value(json, paths->pdata[i]);
  json_builder_end_array(json);
}

/* What the installation had of its own: made by each domain, left out, or let in by the recipe. */
static void
add_secrets(JsonBuilder *json, const Secrets *secrets) {
  json_begin_object(json, "secrets");
  json_begin_array(json, "made_at_boot");
  for (guint i = 0; i < secrets->made->len; i++) {
    const SecretMade *made = secrets->made->pdata[i];
    json_builder_begin_object(json);
    json_put_string(json, "path", made->path);
    json_put_string(json, "by", made->command);
    json_put_string(json, "reason", made->reason);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  add_paths(json, "left_out", secrets->omitted);
  add_paths(json, "allowed", secrets->allowed);
  json_builder_end_object(json);
}

static void
add_absent(JsonBuilder *json, const GPtrArray *list) {
  json_begin_array(json, "absent");
  for (guint i = 0; i < list->len; i++) {
    const Absent *absent = list->pdata[i];
    json_builder_begin_object(json);
    json_put_string(json, "kind", absent_kind_name(absent->kind));
    json_put_string(json, "name", absent->name);
    json_put_string(json, "by", absent->by);
    if (absent->cure != NULL)
      json_put_string(json, "cure", absent->cure);
    if (absent->why != NULL)
      json_put_string(json, "why", absent->why);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
}

static void
add_rootfs(JsonBuilder *json, const Report *report) {
  Tree *tree = report->plan->tree;
  json_begin_object(json, "rootfs");
  json_put_string(json, "format", rootfs_format_name(report->format));
  json_put_string(json, "file", rootfs_format_file(report->format));
  json_put_int(json, "bytes", report->rootfs_bytes);
  json_put_int(json, "unpacked_bytes", (gint64)tree_bytes(tree));
  json_put_int(json, "files", tree_count(tree, TREE_FILE));
  json_put_int(json, "packages", rootfs_package_count(report->plan->packages));
  json_put_int(json, "folders", tree_count(tree, TREE_DIR));
  json_put_int(json, "symlinks", tree_count(tree, TREE_SYMLINK));
  json_builder_end_object(json);
}

/* What a traced test made of the files, and what remains suspect. */
static void
add_trace(JsonBuilder *json, const Report *report) {
  const FilesLock *lock = report->files_lock;
  guint64 bytes = 0;
  json_put_int(json, "suspects", report->plan->suspects->len);
  if (lock == NULL)
    return;
  for (guint i = 0; i < lock->lines->len; i++) {
    const FilesLine *line = lock->lines->pdata[i];
    const TreeEntry *entry =
        line->mark == FILES_ADD ? tree_find(report->plan->tree, line->path) : NULL;
    bytes += entry != NULL ? entry->size : 0;
  }
  json_begin_object(json, "trace");
  json_put_string(json, "file", lock->file);
  json_put_int(json, "opened", lock->opened);
  json_put_int(json, "unopened", lock->unopened);
  json_put_int(json, "unopened_bytes", (gint64)lock->unopened_bytes);
  json_put_int(json, "added", files_lock_count(lock, FILES_ADD));
  json_put_int(json, "added_bytes", (gint64)bytes);
  json_put_int(json, "dropped", report->plan->dropped_files);
  json_put_int(json, "dropped_bytes", (gint64)report->plan->dropped_bytes);
  json_put_int(json, "needed_unopened", files_lock_count(lock, FILES_KEEP));
  json_builder_end_object(json);
}

static void
add_seconds_a_stage(JsonBuilder *json, const Report *report) {
  json_begin_object(json, "seconds");
  json_put_rounded(json, "rootfs", report->rootfs_seconds, 100);
  json_put_rounded(json, "kernel", report->kernel_seconds, 100);
  json_put_rounded(json, "image", report->image_seconds, 100);
  json_builder_end_object(json);
}

char *
report_text(const Report *report, Output *output, GError **error) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_put_string(json, "name", report->name);
  json_put_string(json, "platform", report->platform->name);
  json_put_string(json, "tinyx", TINYX_VERSION);
  json_put_string(json, "key", report->key);
  json_begin_object(json, "bytes");
  json_put_int(json, "kernel", report->kernel->image_size);
  json_put_int(json, rootfs_format_is_disk(report->format) ? "squashfs" : "initramfs",
               report->rootfs_bytes);
  json_put_int(json, "sum", report->kernel->image_size + report->rootfs_bytes);
  json_builder_end_object(json);
  add_kernel(json, report->kernel, report->platform->kernel);
  if (!add_lock(json, report, error) || !add_hardening(json, report->kernel, error))
    return NULL;
  add_rootfs(json, report);
  add_secrets(json, report->plan->secrets);
  add_trace(json, report);
  add_absent(json, report->absent);
  add_packages(json, report->plan->packages);
  json_put_int(json, "least_memory_mb", report->least_memory);
  json_put_int(json, "start_memory_mb", report->start_memory);
  json_put_bool(json, "start_memory_measured", report->start_measured);
  json_put_int(json, "memory_mb", report->memory);
  add_seconds_a_stage(json, report);
  if (!output_describe(output, json, error))
    return NULL;
  json_builder_end_object(json);
  return json_lines(json);
}
