/* system.c - one of the systems that are compared, and what is measured of its files. */
#include "compare/system.h"

#include "base/cache.h"
#include "base/dotconfig.h"
#include "base/files.h"
#include "compare/kernelfile.h"

#include <string.h>
#include <unistd.h>

void
system_free(System *system) {
  if (system == NULL)
    return;
  if (system->scratch != NULL)
    dir_remove(system->scratch, NULL);
  g_free(system->id);
  g_free(system->title);
  g_free(system->note);
  g_free(system->key);
  g_free(system->folder);
  g_free(system->kernel);
  g_free(system->packed_kernel);
  g_free(system->initrd);
  g_free(system->disk);
  g_free(system->cmdline);
  g_free(system->config);
  g_free(system->scratch);
  g_free(system->unable);
  g_clear_pointer(&system->tree, tree_free);
  system_free(system->with_procfs);
  g_free(system);
}

/* How many Debian packages own an entry of TREE. */
static guint
count_packages(Tree *tree) {
  g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type != TREE_DIR && entry->package != NULL)
      g_hash_table_add(names, entry->package);
  }
  return g_hash_table_size(names);
}

/* Regular files with the setuid or setgid bit; *NAMES (g_free) their paths. */
static guint
count_setuid(Tree *tree, char **names) {
  GString *list = g_string_new(NULL);
  const GPtrArray *entries = tree_entries(tree);
  guint count = 0;
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type != TREE_FILE || (entry->mode & 06000) == 0)
      continue;
    g_string_append_printf(list, "%s%s", count++ > 0 ? " " : "", entry->path);
  }
  *names = g_string_free(list, FALSE);
  return count;
}

static void
measure_kernel(const System *system, Result *result) {
  g_autofree char *path = g_build_filename(system->folder, system->packed_kernel, NULL);
  g_autoptr(GError) problem = NULL;
  KernelfileSizes sizes;
  if (!kernelfile_sizes(path, &sizes, &problem)) {
    gint64 bytes = file_size(path);
    if (bytes >= 0)
      result_set(result, FIGURE_KERNEL_FILE, (double)bytes, NULL);
    else
      result_set_why(result, FIGURE_KERNEL_FILE, "%s", problem->message);
    result_set_why(result, FIGURE_KERNEL_IMAGE, "%s", problem->message);
    result_set_why(result, FIGURE_KERNEL_TEXT, "%s", problem->message);
    return;
  }
  g_autofree char *parts =
      g_strdup_printf("text %" G_GINT64_FORMAT " data %" G_GINT64_FORMAT " bss %" G_GINT64_FORMAT,
                      sizes.text, sizes.data, sizes.bss);
  result_set(result, FIGURE_KERNEL_FILE, (double)sizes.file, NULL);
  result_set(result, FIGURE_KERNEL_IMAGE, (double)(sizes.text + sizes.data + sizes.bss), parts);
  result_set(result, FIGURE_KERNEL_TEXT, (double)sizes.text, NULL);
}

static void
measure_config(const System *system, Result *result) {
  g_autoptr(GError) problem = NULL;
  g_autoptr(DotConfig) config =
      system->config != NULL ? config_load(system->config, &problem) : NULL;
  if (system->config == NULL)
    result_set_why(result, FIGURE_SYMBOLS, "its configuration is not known");
  else if (config != NULL)
    result_set(result, FIGURE_SYMBOLS, config_count_yes(config), NULL);
  else
    result_set_why(result, FIGURE_SYMBOLS, "%s", problem->message);
}

static void
measure_files(const System *system, Result *result) {
  g_autofree char *path = g_build_filename(system->folder, system->packed_kernel, NULL);
  g_autofree char *names = NULL;
  gint64 kernel = system->kernel_in_tree ? 0 : MAX(file_size(path), 0);
  if (!result->values[FIGURE_IMAGE_PACKED].measured)
    result_set_why(result, FIGURE_IMAGE_PACKED, "its files were not packed");
  result_set(result, FIGURE_IMAGE_UNPACKED, (double)tree_bytes(system->tree) + (double)kernel,
             NULL);
  result_set(result, FIGURE_FILES, tree_count(system->tree, TREE_FILE), NULL);
  result_set(result, FIGURE_PACKAGES, count_packages(system->tree), NULL);
  guint count = count_setuid(system->tree, &names);
  result_set(result, FIGURE_SETUID, count, names);
}

/* Above this (bytes of files) xz works at its usual preset, by all processors: minutes less, and a
 * percent or two more. */
#define PACK_SLOWLY_MOST (64U << 20)

/* All sides alike, in whatever form they are booted: as tinyx build packs (image/parts.c), whose
 * format cpio is. Only the number is kept. */
gboolean
system_pack(const System *system, Result *result, GError **error) {
  static const char *const fast[] = {
      "xz", "-T0", "--check=crc32", "--x86", "--lzma2=preset=6,dict=1MiB", NULL};
  static const char *const slow[] = {"xz", "--check=crc32", "--x86", "--lzma2=preset=9e,dict=1MiB",
                                     NULL};
  const char *const *xz = tree_bytes(system->tree) > PACK_SLOWLY_MOST ? fast : slow;
  g_autofree char *kernel_path = g_build_filename(system->folder, system->packed_kernel, NULL);
  g_autofree char *folder = NULL, *packed = NULL;
  gboolean done;
  if (result->values[FIGURE_IMAGE_PACKED].measured)
    return TRUE;
  if ((folder = cache_folder("packed", error)) == NULL)
    return FALSE;
  packed = g_strdup_printf("%s/%.16s", folder, system->key);
  done = tree_write_cpio(system->tree, packed, xz, 0, error);
  if (done) {
    gint64 kernel = system->kernel_in_tree ? 0 : file_size(kernel_path);
    result_set(result, FIGURE_IMAGE_PACKED, (double)(file_size(packed) + kernel), NULL);
  }
  unlink(packed);
  return done;
}

void
system_measure(const System *system, Result *result) {
  measure_kernel(system, result);
  measure_config(system, result);
  measure_files(system, result);
}
