/* image.c - builds an image: its key, its parts, its files, in this order. */
#include "image/image.h"

#include "base/files.h"
#include "base/json.h"
#include "base/msg.h"
#include "deps/suspects.h"
#include "image/absent.h"
#include "image/memory.h"
#include "image/output.h"
#include "image/parts.h"
#include "image/report.h"
#include "kernel/kernel.h"

void
image_clear(Image *image) {
  g_clear_pointer(&image->folder, g_free);
}

/* Changes with everything that the result depends on: recipe, data, sources, and tinyx itself. */
static char *
image_key(const Recipe *recipe, const ImageOptions *options, GError **error) {
  g_autofree char *rootfs = rootfs_input_key(recipe, options->platform, options->format, error);
  g_autofree char *kernel = NULL, *self = NULL, *epoch = NULL, *with = NULL, *without = NULL;
  g_autofree char *files = NULL;
  g_auto(FeatureNames) features = {0};
  if (rootfs == NULL || !image_features(recipe, options, &features, error))
    return NULL;
  kernel = kernel_input_key(options->kernel_source, options->platform, error);
  self = kernel != NULL ? file_sha256("/proc/self/exe", error) : NULL;
  if (self == NULL)
    return NULL;
  epoch = g_strdup_printf("%" G_GINT64_FORMAT, image_epoch());
  files = options->files_lock != NULL ? files_lock_text(options->files_lock) : g_strdup("");
  with = g_strjoinv(" ", features.with);
  without = g_strjoinv(" ", features.without);
  return sha256_of_strings(rootfs, kernel, self, epoch, recipe->name, with, without,
                           options->no_lock ? "no lock" : "",
                           options->no_files_lock ? "no files lock" : "", files, NULL);
}

static gboolean
build_kernel(const ImageParts *parts, KernelResult *kernel, double *seconds, GError **error) {
  g_autofree char *text = NULL, *result = NULL;
  msg_stage_begin("kernel");
  if (!kernel_build(&parts->input, kernel, error)) {
    msg_stage_abort();
    g_prefix_error(error, "kernel: ");
    return FALSE;
  }
  text = size_text((guint64)kernel->image_size);
  result = g_strdup_printf("Linux %s, %u symbols, %s %s%s", kernel->version, kernel->symbols_y,
                           parts->input.platform->kernel, text,
                           kernel->from_cache ? ", from the cache" : "");
  *seconds = msg_stage_end(result);
  return TRUE;
}

static gboolean
write_launch_files(Output *output, const Recipe *recipe, const Report *report, GError **error) {
  gboolean from_disk = rootfs_format_is_disk(report->format);
  const Platform *platform = report->platform;
  g_autofree char *cmdline = platform_cmdline(platform, NULL, from_disk);
  g_autofree char *kernel = g_build_filename(report->folder, platform->kernel, NULL);
  g_autofree char *vmlinux = g_build_filename(report->folder, PLATFORM_KERNEL_ELF, NULL);
  g_autofree char *rootfs =
      g_build_filename(report->folder, rootfs_format_file(report->format), NULL);
  PlatformImage image = {.name = recipe->name,
                         .kernel = kernel,
                         .vmlinux = vmlinux,
                         .initrd = from_disk ? NULL : rootfs,
                         .disk = from_disk ? rootfs : NULL,
                         .cmdline = cmdline,
                         .memory = MAX(recipe->memory, report->least_memory),
                         .vifs = recipe->vifs};
  g_autoptr(GPtrArray) files = platform_launch_files(platform, &image);
  for (guint i = 0; i < files->len; i++) {
    const PlatformFile *file = files->pdata[i];
    if (!output_write(output, file->name, file->text, file->is_program ? 0755 : 0644, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
write_manifest(Output *output, const Recipe *recipe, const Report *report, GError **error) {
  const Secrets *secrets = report->plan->secrets;
  g_autoptr(GString) header = g_string_new(NULL);
  g_string_append_printf(
      header, "# application: %s\n# platform: %s\n# kernel: Linux %s\n# least-memory-mb: %d\n",
      recipe->name, report->platform->name, report->kernel->version, report->least_memory);
  for (guint i = 0; i < secrets->made->len; i++)
    g_string_append_printf(header, "# made-at-boot: %s\n",
                           ((const SecretMade *)secrets->made->pdata[i])->path);
  for (guint i = 0; i < secrets->allowed->len; i++)
    g_string_append_printf(header, "# allowed-secret: %s\n", (char *)secrets->allowed->pdata[i]);
  g_autofree char *text = tree_manifest_split(report->plan->tree, header->str);
  g_autofree char *contents = tree_contents_text(report->plan->tree);
  return output_text(output, TREE_MANIFEST, text, error) &&
         output_text(output, TREE_CONTENTS, contents, error);
}

static gboolean
write_all(Output *output, const Recipe *recipe, Report *report, GError **error) {
  /* What a trace found holds for the image that it was made for. */
  const char *stale[ROOTFS_FORMATS + 2] = {IMAGE_OPENED, IMAGE_UNOPENED};
  g_autofree char *json = NULL, *suspects = NULL, *absent = absent_text(report->absent);
  const char *const *files = kernel_files();
  const char *rootfs;
  guint64 loaded = 0;
  for (guint i = 0, count = 2; i < ROOTFS_FORMATS; i++)
    if (i != report->format)
      stale[count++] = rootfs_format_file((RootfsFormat)i);
  for (guint i = 0; files[i] != NULL; i++) {
    g_autofree char *from = g_build_filename(report->kernel->folder, files[i], NULL);
    if (!output_copy(output, files[i], from, error))
      return FALSE;
  }
  rootfs = output_new(output, rootfs_format_file(report->format));
  if (!image_write_rootfs(report->plan->tree, report->platform, report->format, rootfs, &loaded,
                          error))
    return FALSE;
  report->rootfs_bytes = file_size(rootfs);
  report->least_memory = platform_least_memory(report->platform, &report->kernel->facts, loaded);
  report->start_memory = memory_to_start(recipe, report, &report->start_measured);
  report->memory = MAX(recipe->memory, report->least_memory);
  suspects = suspects_text(report->plan->suspects);
  if (!write_launch_files(output, recipe, report, error) ||
      !write_manifest(output, recipe, report, error) ||
      !output_text(output, IMAGE_SUSPECTS, suspects, error) ||
      !output_text(output, IMAGE_ABSENT, absent, error))
    return FALSE;
  report->image_seconds = msg_stage_seconds();
  json = report_text(report, output, error);
  return json != NULL && output_commit(output, json, stale, error);
}

/* What the static closure may have missed, and what a lock made of its files. */
static void
tell_files(const Recipe *recipe, const ImageParts *parts) {
  const FilesLock *lock = parts->files_lock;
  g_autofree char *suspects = suspects_summary(parts->plan->suspects);
  g_autofree char *word = recipe_argument(recipe);
  if (lock != NULL)
    msg_info("%s: %u files opened at run time are added, %u that nobody opened are dropped",
             lock->file, files_lock_count(lock, FILES_ADD), parts->plan->dropped_files);
  if (suspects != NULL)
    msg_info("suspects: %s (%s%s%s)", suspects, IMAGE_SUSPECTS,
             lock == NULL ? "; what is opened finds: tinyx build --trace " : "; traced",
             lock == NULL ? word : "");
}

/* A guest with less would end in a panic of its kernel that names no figure. */
static void
warn_of_memory(const Recipe *recipe, const Report *report) {
  g_autofree char *place = recipe_place(recipe, "image", "memory");
  if (report->memory >= report->start_memory)
    return;
  msg_warn("%s: %d MB; a guest of this image takes %s%d MB to %s and start%s", place,
           report->memory, report->start_measured ? "" : "about ", report->start_memory,
           rootfs_format_is_disk(report->format) ? "read its files" : "unpack its files",
           rootfs_format_is_disk(report->format)
               ? "; expected more"
               : "; expected more, or format=squashfs, whose files are read as they are needed");
}

/* What the image lacks of that which its files name; NULL on error. */
static GPtrArray *
find_absent(const Recipe *recipe, const ImageParts *parts, const KernelResult *kernel,
            GError **error) {
  g_autofree char *path = g_build_filename(kernel->folder, "kernel.config", NULL);
  g_autoptr(DotConfig) config = config_load(path, error);
  return config != NULL ? absent_find(recipe, parts, config, error) : NULL;
}

static Output *
open_output(const ImageOptions *options, const char *folder, GError **error) {
  Output *output = output_open(folder, error);
  if (output == NULL)
    output_prefix_error(options->output, error);
  return output;
}

static gboolean
build_new(const Recipe *recipe, const ImageOptions *options, const char *folder, const char *key,
          GError **error) {
  g_autoptr(Output) output = open_output(options, folder, error);
  g_auto(ImageParts) parts = {0};
  g_auto(KernelResult) kernel = {0};
  g_autoptr(GPtrArray) absent = NULL;
  g_autofree char *rootfs_text = NULL, *sum_text = NULL, *result = NULL;
  g_autofree char *search = image_search_path(recipe, options->platform->name);
  Report report = {.name = recipe->name,
                   .platform = options->platform,
                   .format = options->format,
                   .key = key,
                   .folder = folder,
                   .kernel = &kernel};
  if (output == NULL)
    return FALSE;
  if (!image_parts(recipe, options, &parts, error) ||
      !build_kernel(&parts, &kernel, &report.kernel_seconds, error))
    return FALSE;
  report.rootfs_seconds = parts.seconds;
  report.plan = parts.plan;
  report.lock = parts.lock;
  report.files_lock = parts.files_lock;
  report.search = search;
  msg_stage_begin("image");
  absent = find_absent(recipe, &parts, &kernel, error);
  report.absent = absent;
  if (absent == NULL || !write_all(output, recipe, &report, error)) {
    msg_stage_abort();
    g_prefix_error(error, "image: ");
    return FALSE;
  }
  rootfs_text = size_text((guint64)report.rootfs_bytes);
  sum_text = size_text((guint64)(report.rootfs_bytes + kernel.image_size));
  result = g_strdup_printf("%s %s, with the kernel %s",
                           rootfs_format_is_disk(report.format) ? "squashfs" : "initramfs",
                           rootfs_text, sum_text);
  msg_stage_end(result);
  for (guint i = 0; i < parts.plan->notes->len; i++)
    msg_info("note: %s", (char *)parts.plan->notes->pdata[i]);
  tell_files(recipe, &parts);
  warn_of_memory(recipe, &report);
  return TRUE;
}

static char *
image_folder(const Recipe *recipe, const ImageOptions *options) {
  g_autofree char *standard = g_build_filename("out", recipe->name, options->platform->name, NULL);
  return path_absolute(options->output != NULL ? options->output : standard);
}

gboolean
image_check_folder(const Recipe *recipe, const ImageOptions *options, GError **error) {
  g_autofree char *folder = image_folder(recipe, options);
  g_autoptr(Output) output = open_output(options, folder, error);
  return output != NULL;
}

int
image_memory(const Recipe *recipe, const char *folder) {
  g_autofree char *path = g_build_filename(folder, OUTPUT_REPORT, NULL);
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *report = json_load(parser, path, NULL);
  return MAX(recipe->memory, (int)json_get_int(report, "memory_mb"));
}

static void
read_memory(Image *image) {
  g_autofree char *path = g_build_filename(image->folder, OUTPUT_REPORT, NULL);
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *report = json_load(parser, path, NULL);
  image->least_memory = (int)json_get_int(report, "least_memory_mb");
  image->start_memory = (int)json_get_int(report, "start_memory_mb");
}

gboolean
image_build(const Recipe *recipe, const ImageOptions *options, Image *image, GError **error) {
  g_autofree char *folder = image_folder(recipe, options);
  g_autofree char *key =
      image_check_locks(recipe, options, error) ? image_key(recipe, options, error) : NULL;
  g_autoptr(JsonParser) unchanged = NULL;
  if (key == NULL)
    return FALSE;
  if (!options->force)
    unchanged = output_unchanged(folder, key);
  if (unchanged == NULL && !build_new(recipe, options, folder, key, error))
    return FALSE;
  image->unchanged = unchanged != NULL;
  image->memory = image_memory(recipe, folder);
  image->folder = g_steal_pointer(&folder);
  read_memory(image);
  return TRUE;
}
