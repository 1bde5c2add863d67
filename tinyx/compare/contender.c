/* contender.c - one image that is compared, and what is measured of its files. */
#include "compare/contender.h"

#include "base/cache.h"
#include "base/dotconfig.h"
#include "base/files.h"
#include "compare/kernelfile.h"

#include <string.h>
#include <unistd.h>

void
contender_free(Contender *contender) {
  if (contender == NULL)
    return;
  if (contender->scratch != NULL)
    dir_remove(contender->scratch, NULL);
  g_free(contender->id);
  g_free(contender->title);
  g_free(contender->note);
  g_free(contender->key);
  g_free(contender->folder);
  g_free(contender->kernel);
  g_free(contender->packed_kernel);
  g_free(contender->initrd);
  g_free(contender->disk);
  g_free(contender->cmdline);
  g_free(contender->config);
  g_free(contender->scratch);
  g_free(contender->unable);
  g_clear_pointer(&contender->tree, tree_free);
  contender_free(contender->with_procfs);
  g_free(contender);
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
measure_kernel(const Contender *contender, Side *side) {
  g_autofree char *path = g_build_filename(contender->folder, contender->packed_kernel, NULL);
  g_autoptr(GError) problem = NULL;
  KernelfileSizes sizes;
  if (!kernelfile_sizes(path, &sizes, &problem)) {
    gint64 bytes = file_size(path);
    if (bytes >= 0)
      side_set(side, FIGURE_KERNEL_FILE, (double)bytes, NULL);
    else
      side_set_why(side, FIGURE_KERNEL_FILE, "%s", problem->message);
    side_set_why(side, FIGURE_KERNEL_IMAGE, "%s", problem->message);
    side_set_why(side, FIGURE_KERNEL_TEXT, "%s", problem->message);
    return;
  }
  g_autofree char *parts =
      g_strdup_printf("text %" G_GINT64_FORMAT " data %" G_GINT64_FORMAT " bss %" G_GINT64_FORMAT,
                      sizes.text, sizes.data, sizes.bss);
  side_set(side, FIGURE_KERNEL_FILE, (double)sizes.file, NULL);
  side_set(side, FIGURE_KERNEL_IMAGE, (double)(sizes.text + sizes.data + sizes.bss), parts);
  side_set(side, FIGURE_KERNEL_TEXT, (double)sizes.text, NULL);
}

static void
measure_config(const Contender *contender, Side *side) {
  g_autoptr(GError) problem = NULL;
  g_autoptr(DotConfig) config =
      contender->config != NULL ? config_load(contender->config, &problem) : NULL;
  if (contender->config == NULL)
    side_set_why(side, FIGURE_SYMBOLS, "its configuration is not known");
  else if (config != NULL)
    side_set(side, FIGURE_SYMBOLS, config_count_yes(config), NULL);
  else
    side_set_why(side, FIGURE_SYMBOLS, "%s", problem->message);
}

static void
measure_files(const Contender *contender, Side *side) {
  g_autofree char *path = g_build_filename(contender->folder, contender->packed_kernel, NULL);
  g_autofree char *names = NULL;
  gint64 kernel = contender->kernel_in_tree ? 0 : MAX(file_size(path), 0);
  if (contender->packed_bytes > 0)
    side_set(side, FIGURE_IMAGE_PACKED, (double)(contender->packed_bytes + kernel), NULL);
  else if (!side->values[FIGURE_IMAGE_PACKED].measured)
    side_set_why(side, FIGURE_IMAGE_PACKED, "its files were not packed");
  side_set(side, FIGURE_IMAGE_UNPACKED, (double)tree_bytes(contender->tree) + (double)kernel, NULL);
  side_set(side, FIGURE_FILES, tree_count(contender->tree, TREE_FILE), NULL);
  side_set(side, FIGURE_PACKAGES, count_packages(contender->tree), NULL);
  guint count = count_setuid(contender->tree, &names);
  side_set(side, FIGURE_SETUID, count, names);
}

/* As ours is packed (image/parts.c), but by all processors and at xz' usual preset: minutes less,
 * and a percent or two more. Only the number is kept. */
gboolean
contender_pack(const Contender *contender, Side *side, GError **error) {
  static const char *const xz[] = {
      "xz", "-T0", "--check=crc32", "--x86", "--lzma2=preset=6,dict=1MiB", NULL};
  g_autofree char *kernel_path =
      g_build_filename(contender->folder, contender->packed_kernel, NULL);
  g_autofree char *folder = NULL, *packed = NULL;
  gboolean done;
  if (side->values[FIGURE_IMAGE_PACKED].measured)
    return TRUE;
  if ((folder = cache_folder("packed", error)) == NULL)
    return FALSE;
  packed = g_strdup_printf("%s/%.16s", folder, contender->key);
  done = tree_write_cpio(contender->tree, packed, xz, 0, error);
  if (done) {
    gint64 kernel = contender->kernel_in_tree ? 0 : file_size(kernel_path);
    side_set(side, FIGURE_IMAGE_PACKED, (double)(file_size(packed) + kernel), NULL);
  }
  unlink(packed);
  return done;
}

void
contender_measure(const Contender *contender, Side *side) {
  measure_kernel(contender, side);
  measure_config(contender, side);
  measure_files(contender, side);
}
