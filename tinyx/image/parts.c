/* parts.c - what goes into an image: the plan of its files, locks, and the kernel's input. */
#include "image/parts.h"

#include "base/files.h"
#include "base/msg.h"
#include "kernel/lacking.h"
#include "kernel/string-rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

gint64
image_epoch(void) {
  const char *given = g_getenv("SOURCE_DATE_EPOCH");
  return given != NULL ? g_ascii_strtoll(given, NULL, 10) : 0;
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
    if (entry->type != TREE_FILE || entry->source == NULL || entry->origin == ORIGIN_BUSYBOX ||
        entry->origin == ORIGIN_GLUE)
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

GPtrArray *
image_requests(const Recipe *recipe) {
  GPtrArray *requests = g_ptr_array_new_with_free_func(request_free);
  g_autofree char *origin = recipe_line_place(recipe, "kernel", "options");
  for (guint i = 0; recipe->options[i] != NULL; i++) {
    g_auto(GStrv) pair = g_strsplit(recipe->options[i], "=", 2);
    g_ptr_array_add(requests,
                    symbol_request_new(pair[0], pair[1], origin, "the recipe asks for it"));
  }
  return requests;
}

static RootfsPlan *
plan_rootfs(const Recipe *recipe, const ImageOptions *options, const FilesLock *lock,
            gboolean sockets, double *seconds, GError **error) {
  RootfsPlan *plan;
  g_autofree char *text = NULL, *result = NULL;
  msg_stage_begin("root file system");
  plan = rootfs_plan(recipe, options->platform, options->format, lock, sockets, error);
  if (plan == NULL) {
    msg_stage_abort();
    g_prefix_error(error, "root file system: ");
    return NULL;
  }
  text = size_text(tree_bytes(plan->tree));
  guint packages = rootfs_package_count(plan->packages);
  result = packages > 0 ? g_strdup_printf("%u files, %s, with %u packages",
                                          tree_count(plan->tree, TREE_FILE), text, packages)
                        : g_strdup_printf("%u files, %s, of no package",
                                          tree_count(plan->tree, TREE_FILE), text);
  *seconds = msg_stage_end(result);
  return plan;
}

char *
image_lock_path(const Recipe *recipe, const char *platform) {
  g_autofree char *name = g_strdup_printf("kernel-%s.lock", platform);
  return g_build_filename(recipe->folder, name, NULL);
}

char *
image_files_lock_path(const Recipe *recipe) {
  return g_build_filename(recipe->folder, "files.lock", NULL);
}

gboolean
image_files_lock_load(const Recipe *recipe, FilesLock **lock, GError **error) {
  g_autofree char *path = image_files_lock_path(recipe);
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return TRUE;
  *lock = files_lock_load(path, error);
  return *lock != NULL;
}

char *
image_search_path(const Recipe *recipe, const char *platform) {
  g_autofree char *name = g_strdup_printf("kernel-%s.json", platform);
  return g_build_filename(recipe->folder, name, NULL);
}

gboolean
image_lock_load(const Recipe *recipe, const ImageOptions *options, Lock **lock, GError **error) {
  g_autofree char *path = image_lock_path(recipe, options->platform->name);
  if (options->no_lock || !g_file_test(path, G_FILE_TEST_EXISTS))
    return TRUE;
  *lock = lock_load(path, error);
  if (*lock == NULL)
    return FALSE;
  /* A recipe's folder may be copied, and have another name then. */
  if (strcmp((*lock)->platform, options->platform->name) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: made for the platform %s; expected %s",
              path, (*lock)->platform, options->platform->name);
  return FALSE;
}

gboolean
image_check_locks(const Recipe *recipe, const ImageOptions *options, GError **error) {
  g_autoptr(Lock) lock = NULL;
  g_autoptr(FilesLock) files = NULL;
  g_autoptr(GPtrArray) requests = image_requests(recipe);
  return string_rules_check(requests, error) && image_lock_load(recipe, options, &lock, error) &&
         (options->files_lock != NULL || options->no_files_lock ||
          image_files_lock_load(recipe, &files, error));
}

gboolean
image_features(const Recipe *recipe, const ImageOptions *options, FeatureNames *features,
               GError **error) {
  g_autofree char *with = recipe_place(recipe, "kernel", "with");
  g_autofree char *without = recipe_place(recipe, "kernel", "without");
  const FeatureNames own = {recipe->with, recipe->without, with, without};
  return features_merge(&own, &options->features, features, error);
}

gboolean
image_has_sockets(const Recipe *recipe, const ImageOptions *options, gboolean *sockets,
                  GError **error) {
  g_autoptr(Lock) lock = NULL;
  g_auto(FeatureNames) features = {0};
  if (!image_lock_load(recipe, options, &lock, error) ||
      !image_features(recipe, options, &features, error))
    return FALSE;
  g_autoptr(GPtrArray) requests = image_requests(recipe);
  const KernelInput input = {.platform = options->platform,
                             .lock = lock,
                             .with = (const char *const *)features.with,
                             .without = (const char *const *)features.without,
                             .requests = requests};
  gboolean out = FALSE;
  if (!kernel_leaves_out(&input, "syslog", "UNIX", &out, error))
    return FALSE;
  *sockets = !out;
  return TRUE;
}

gboolean
image_parts(const Recipe *recipe, const ImageOptions *options, ImageParts *parts, GError **error) {
  memset(parts, 0, sizeof *parts);
  if (!image_lock_load(recipe, options, &parts->lock, error) ||
      !image_features(recipe, options, &parts->features, error))
    return FALSE;
  if (options->files_lock == NULL && !options->no_files_lock &&
      !image_files_lock_load(recipe, &parts->own_files_lock, error))
    return FALSE;
  parts->requests = image_requests(recipe);
  if (!string_rules_check(parts->requests, error))
    return FALSE;
  parts->files_lock = options->files_lock != NULL ? options->files_lock : parts->own_files_lock;
  gboolean sockets = FALSE;
  if (!image_has_sockets(recipe, options, &sockets, error))
    return FALSE;
  parts->plan = plan_rootfs(recipe, options, parts->files_lock, sockets, &parts->seconds, error);
  if (parts->plan == NULL)
    return FALSE;
  parts->files = evidence_files(parts->plan->tree);
  parts->input = (KernelInput){.source = options->kernel_source,
                               .platform = options->platform,
                               .files = parts->files,
                               .facts = parts->plan->facts,
                               .lock = parts->lock,
                               .cached_only = options->cached_kernel,
                               .with = (const char *const *)parts->features.with,
                               .without = (const char *const *)parts->features.without,
                               .requests = parts->requests};
  return TRUE;
}

void
image_parts_clear(ImageParts *parts) {
  g_clear_pointer(&parts->plan, rootfs_plan_free);
  g_clear_pointer(&parts->files, g_ptr_array_unref);
  g_clear_pointer(&parts->requests, g_ptr_array_unref);
  g_clear_pointer(&parts->lock, lock_free);
  g_clear_pointer(&parts->own_files_lock, files_lock_free);
  feature_names_clear(&parts->features);
}

gboolean
image_write_rootfs(Tree *tree, const Platform *platform, RootfsFormat format, const char *path,
                   guint64 *loaded, GError **error) {
  static const char *const gzip[] = {"gzip", "-9n", NULL};
  /* What the kernel's lib/xz reads: CRC32, the filter for x86 code, and a dictionary that it finds
   * the memory for (it is one piece, beside the files). */
  static const char *const xz[] = {"xz", "--check=crc32", "--x86", "--lzma2=preset=9e,dict=1MiB",
                                   NULL};
  if (format == ROOTFS_SQUASHFS) {
    *loaded = 0;
    return tree_write_squashfs(tree, path, image_epoch(), error);
  }
  if (!tree_write_cpio(tree, path, format == ROOTFS_CPIO ? xz : gzip, image_epoch(), error) ||
      !platform_finish_rootfs(platform, path, error))
    return FALSE;
  *loaded = (guint64)file_size(path);
  return TRUE;
}
