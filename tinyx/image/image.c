#include "image/image.h"

#include "base/files.h"
#include "base/msg.h"
#include "image/output.h"
#include "image/report.h"
#include "kernel/kernel.h"
#include "xen/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define INITRAMFS "initramfs.cpio.gz"
#define SQUASHFS "rootfs.squashfs"

void
image_clear(Image *image) {
  g_clear_pointer(&image->folder, g_free);
}

/* mtime of everything in the image; seconds since 1970 (reproducible-builds.org). */
static gint64
source_date_epoch(void) {
  const char *given = g_getenv("SOURCE_DATE_EPOCH");
  return given != NULL ? g_ascii_strtoll(given, NULL, 10) : 0;
}

/* Changes with everything that the result depends on: recipe, data, sources, and tinyx itself. */
static char *
image_key(const Recipe *recipe, const ImageOptions *options, GError **error) {
  g_autofree char *rootfs = rootfs_input_key(recipe, options->format, error);
  g_autofree char *kernel = NULL, *self = NULL, *epoch = NULL;
  if (rootfs == NULL)
    return NULL;
  kernel = kernel_input_key(options->kernel_source, options->platform, error);
  self = kernel != NULL ? file_sha256("/proc/self/exe", error) : NULL;
  if (self == NULL)
    return NULL;
  epoch = g_strdup_printf("%" G_GINT64_FORMAT, source_date_epoch());
  return sha256_of_strings(rootfs, kernel, self, epoch, recipe->name, NULL);
}

static void
kernel_file_free(gpointer file) {
  g_free(file);
}

/* The files of the plan as evidence; their strings stay the plan's. */
static GPtrArray *
evidence_files(Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  GPtrArray *files = g_ptr_array_new_with_free_func(kernel_file_free);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    KernelFile *file;
    /* The underlay's needs are facts (applets, mounts); only the application's files speak. */
    if (entry->type != TREE_FILE || entry->source == NULL ||
        g_strcmp0(entry->package, "busybox") == 0 || g_strcmp0(entry->package, "glue") == 0)
      continue;
    file = g_new0(KernelFile, 1);
    file->image_path = entry->path;
    file->source = entry->source;
    g_ptr_array_add(files, file);
  }
  return files;
}

static void
request_free(gpointer request) {
  symbol_request_free(request);
}

static GPtrArray *
recipe_requests(const Recipe *recipe) {
  GPtrArray *requests = g_ptr_array_new_with_free_func(request_free);
  for (guint i = 0; recipe->options[i] != NULL; i++) {
    g_auto(GStrv) pair = g_strsplit(recipe->options[i], "=", 2);
    g_ptr_array_add(requests,
                    symbol_request_new(pair[0], pair[1], recipe->file, "the recipe asks for it"));
  }
  return requests;
}

static gboolean
build_kernel(const Recipe *recipe, const ImageOptions *options, const RootfsPlan *plan,
             KernelResult *kernel, double *seconds, GError **error) {
  g_autoptr(GPtrArray) files = evidence_files(plan->tree);
  g_autoptr(GPtrArray) requests = recipe_requests(recipe);
  g_autofree char *text = NULL, *result = NULL;
  KernelInput input = {.source = options->kernel_source,
                       .platform = options->platform,
                       .files = files,
                       .facts = (const char *const *)plan->facts,
                       .requests = requests};
  msg_stage_begin("kernel");
  if (!kernel_build(&input, kernel, error)) {
    msg_stage_abort();
    g_prefix_error(error, "kernel: ");
    return FALSE;
  }
  text = size_text((guint64)kernel->bzimage_size);
  result = g_strdup_printf("Linux %s, %u symbols, bzImage %s%s", kernel->version, kernel->symbols_y,
                           text, kernel->from_cache ? ", from the cache" : "");
  *seconds = msg_stage_end(result);
  return TRUE;
}

static RootfsPlan *
plan_rootfs(const Recipe *recipe, const ImageOptions *options, double *seconds, GError **error) {
  RootfsPlan *plan;
  g_autofree char *text = NULL, *result = NULL;
  msg_stage_begin("root file system");
  plan = rootfs_plan(recipe, options->format, error);
  if (plan == NULL) {
    msg_stage_abort();
    g_prefix_error(error, "root file system: ");
    return NULL;
  }
  text = size_text(tree_bytes(plan->tree));
  result = g_strdup_printf("%u files, %s of %u packages", tree_count(plan->tree, TREE_FILE), text,
                           plan->packages->len);
  *seconds = msg_stage_end(result);
  return plan;
}

/* libxenguest unpacks a gzip'd initramfs into the domain's memory, where the kernel then holds it
 * twice; so a domain would need as much memory again as the files have. It takes a file's last four
 * bytes for the unpacked size, and hands the file over as it is where that size is too small
 * (xg_dom_core.c: xc_dom_check_gzip, xc_dom_build_module). Zeros after the end are skipped by
 * gzip(1) and by the kernel (init/initramfs.c, unpack_to_rootfs). */
static gboolean
append_zeros(const char *path, GError **error) {
  static const char zeros[4];
  FILE *stream = fopen(path, "a");
  if (stream != NULL && fwrite(zeros, sizeof zeros, 1, stream) == 1 && fclose(stream) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot write: %s", path,
              g_strerror(errno));
  return FALSE;
}

/* Writes the root file system; *LOADED is how many bytes libxenguest puts into the domain. */
static gboolean
write_rootfs(Output *output, RootfsPlan *plan, RootfsFormat format, guint64 *loaded,
             GError **error) {
  static const char *const gzip[] = {"gzip", "-9n", NULL};
  const char *path;
  if (format == ROOTFS_SQUASHFS) {
    *loaded = 0;
    return tree_write_squashfs(plan->tree, output_new(output, SQUASHFS), source_date_epoch(),
                               error);
  }
  path = output_new(output, INITRAMFS);
  if (!tree_write_cpio(plan->tree, path, gzip, source_date_epoch(), error) ||
      !append_zeros(path, error))
    return FALSE;
  *loaded = (guint64)file_size(path);
  return TRUE;
}

static gboolean
write_configs(Output *output, const Recipe *recipe, const Report *report, GError **error) {
  gboolean squashfs = report->format == ROOTFS_SQUASHFS;
  g_autofree char *cmdline = xen_config_cmdline("hvc0", NULL, squashfs);
  g_autofree char *bzimage = g_build_filename(report->folder, "bzImage", NULL);
  g_autofree char *vmlinux = g_build_filename(report->folder, "vmlinux", NULL);
  g_autofree char *rootfs = g_build_filename(report->folder, squashfs ? SQUASHFS : INITRAMFS, NULL);
  g_autofree char *xl_name = g_strconcat(recipe->name, ".xl.cfg", NULL);
  g_autofree char *chaos_name = g_strconcat(recipe->name, ".chaos.json", NULL);
  g_autofree char *xl = NULL, *chaos = NULL;
  XenConfig config = {.name = recipe->name,
                      .kernel = bzimage,
                      .ramdisk = squashfs ? NULL : rootfs,
                      .disk = squashfs ? rootfs : NULL,
                      .cmdline = cmdline,
                      .memory = MAX(recipe->memory, report->least_memory),
                      .network = TRUE};
  xl = xen_config_xl(&config);
  config.kernel = vmlinux; /* spares the older libxenguest that chaos links the unpacking */
  chaos = xen_config_chaos(&config);
  return output_text(output, xl_name, xl, error) && output_text(output, chaos_name, chaos, error);
}

static gboolean
write_manifest(Output *output, const Recipe *recipe, const Report *report, GError **error) {
  g_autofree char *header = g_strdup_printf(
      "# application: %s\n# platform: %s\n# kernel: Linux %s\n# least-memory-mb: %d\n",
      recipe->name, report->platform, report->kernel->version, report->least_memory);
  g_autofree char *text = tree_manifest_text(report->plan->tree, header);
  return output_text(output, "manifest.txt", text, error);
}

static gboolean
write_all(Output *output, const Recipe *recipe, Report *report, GError **error) {
  static const char *const kernel_files[] = {"vmlinux", "bzImage", "kernel.config",
                                             "chosen.config"};
  const char *const stale[] = {report->format == ROOTFS_SQUASHFS ? INITRAMFS : SQUASHFS, NULL};
  g_autofree char *json = NULL;
  guint64 loaded = 0;
  for (guint i = 0; i < G_N_ELEMENTS(kernel_files); i++) {
    g_autofree char *from = g_build_filename(report->kernel->folder, kernel_files[i], NULL);
    if (!output_copy(output, kernel_files[i], from, error))
      return FALSE;
  }
  if (!write_rootfs(output, report->plan, report->format, &loaded, error))
    return FALSE;
  report->rootfs_bytes =
      file_size(output_path(output, report->format == ROOTFS_SQUASHFS ? SQUASHFS : INITRAMFS));
  report->least_memory = kernel_least_memory(report->kernel, loaded);
  report->memory = MAX(recipe->memory, report->least_memory);
  if (!write_configs(output, recipe, report, error) ||
      !write_manifest(output, recipe, report, error))
    return FALSE;
  report->image_seconds = msg_stage_seconds();
  json = report_text(report, output, error);
  return json != NULL && output_commit(output, json, stale, error);
}

static gboolean
build_new(const Recipe *recipe, const ImageOptions *options, const char *folder, const char *key,
          GError **error) {
  g_autoptr(Output) output = output_open(folder, error);
  g_autoptr(RootfsPlan) plan = NULL;
  g_auto(KernelResult) kernel = {0};
  g_autofree char *rootfs_text = NULL, *sum_text = NULL, *result = NULL;
  Report report = {.name = recipe->name,
                   .platform = options->platform,
                   .format = options->format,
                   .key = key,
                   .folder = folder,
                   .kernel = &kernel};
  if (output == NULL)
    return FALSE;
  plan = plan_rootfs(recipe, options, &report.rootfs_seconds, error);
  if (plan == NULL || !build_kernel(recipe, options, plan, &kernel, &report.kernel_seconds, error))
    return FALSE;
  report.plan = plan;
  msg_stage_begin("image");
  if (!write_all(output, recipe, &report, error)) {
    msg_stage_abort();
    g_prefix_error(error, "image: ");
    return FALSE;
  }
  rootfs_text = size_text((guint64)report.rootfs_bytes);
  sum_text = size_text((guint64)(report.rootfs_bytes + kernel.bzimage_size));
  result = g_strdup_printf("%s %s, with the kernel %s, at least %d MB of memory",
                           report.format == ROOTFS_SQUASHFS ? "squashfs" : "initramfs", rootfs_text,
                           sum_text, report.least_memory);
  msg_stage_end(result);
  for (guint i = 0; i < plan->notes->len; i++)
    msg_info("note: %s", (char *)plan->notes->pdata[i]);
  return TRUE;
}

gboolean
image_build(const Recipe *recipe, const ImageOptions *options, Image *image, GError **error) {
  g_autofree char *standard = g_build_filename("out", recipe->name, options->platform, NULL);
  g_autofree char *folder = path_absolute(options->output != NULL ? options->output : standard);
  g_autofree char *key = image_key(recipe, options, error);
  g_autoptr(JsonParser) unchanged = NULL;
  if (key == NULL)
    return FALSE;
  if (!options->force)
    unchanged = output_unchanged(folder, key);
  if (unchanged == NULL && !build_new(recipe, options, folder, key, error))
    return FALSE;
  image->unchanged = unchanged != NULL;
  image->folder = g_steal_pointer(&folder);
  return TRUE;
}
