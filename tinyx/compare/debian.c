/* debian.c - makes the Debian image that a recipe's application would otherwise run in. */
#include "compare/debian.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "compare/applets.h"
#include "compare/units.h"
#include "deps/deb822.h"
#include "deps/packages.h"
#include "rootfs/given.h"
#include "rootfs/install.h"
#include "rootfs/recipe-files.h"

#include <string.h>
#include <unistd.h>

#define KIND "debian-image"
#define LAYOUT "4"
#define DISK_DEADLINE 600
#define PACK_DEADLINE 1800
#define SPARE_MB 128 /* on the disk, for what the running system writes */

void
debian_image_clear(DebianImage *image) {
  g_clear_pointer(&image->folder, g_free);
  g_clear_pointer(&image->key, g_free);
  g_clear_pointer(&image->tree, tree_free);
}

char **
debian_packages_parse(const char *text, const char *file, GError **error) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  g_autoptr(GStrvBuilder) names = g_strv_builder_new();
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree char *line = g_strstrip(g_strdup(lines[i]));
    gsize length = strcspn(line, " \t");
    if (line[0] == '\0' || line[0] == '#')
      continue;
    if (line[length] == '\0') {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s:%u: '%s' without a reason; expected PACKAGE REASON", file, i + 1, line);
      return NULL;
    }
    line[length] = '\0';
    g_strv_builder_add(names, line);
  }
  return g_strv_builder_end(names);
}

/* What minbase, a kernel and an init take. */
static char **
base_packages(GError **error) {
  g_autofree char *file = data_path("compare/debian.packages");
  g_autofree char *text = NULL;
  return file_read(file, DEB822_BYTES_MAX, &text, NULL, error)
             ? debian_packages_parse(text, file, error)
             : NULL;
}

static char **
packages_of(const Recipe *recipe, char **base) {
  g_autoptr(GStrvBuilder) all = g_strv_builder_new();
  g_strv_builder_addv(all, (const char **)base);
  g_strv_builder_addv(all, (const char **)recipe->packages);
  if (applets_wanted(recipe))
    g_strv_builder_add(all, "busybox");
  return g_strv_builder_end(all);
}

/* The names of BASE and of all that they depend on. */
static GHashTable *
base_closure(char **base, GError **error) {
  g_autoptr(GPtrArray) deps =
      package_closure((const char *const *)base, PACKAGES_NONE, PACKAGES_NONE, error);
  GHashTable *names =
      deps != NULL ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL;
  for (guint i = 0; names != NULL && i < deps->len; i++)
    g_hash_table_add(names, g_strdup(((PackageDep *)deps->pdata[i])->name));
  return names;
}

char *
debian_find(const char *folder, const char *prefix, GError **error) {
  g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
  g_autofree char *found = NULL;
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
    if (g_str_has_prefix(name, prefix) && (found == NULL || strcmp(name, found) > 0)) {
      g_free(found);
      found = g_strdup(name);
    }
  if (found != NULL)
    return g_build_filename(folder, found, NULL);
  if (dir != NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "no %s* in %s", prefix, folder);
  return NULL;
}

static gboolean
take_boot(const char *root, const char *entry, GError **error) {
  static const char *const files[][2] = {
      {"vmlinuz-", DEBIAN_KERNEL}, {"initrd.img-", DEBIAN_INITRD}, {"config-", DEBIAN_CONFIG}};
  g_autofree char *boot = g_build_filename(root, "boot", NULL);
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *from = debian_find(boot, files[i][0], error);
    g_autofree char *to = g_build_filename(entry, files[i][1], NULL);
    if (from == NULL || !file_copy(from, to, 0644, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
make_disk(Tree *tree, const char *entry, GError **error) {
  g_autofree char *script = data_path("scripts/make-disk");
  g_autofree char *tar = g_build_filename(entry, "root.tar", NULL);
  g_autofree char *work = g_build_filename(entry, "work", NULL);
  g_autofree char *disk = g_build_filename(entry, DEBIAN_DISK, NULL);
  /* ext4's own tables take a few percent; each file half a block more than it has. */
  guint64 bytes = tree_bytes(tree) / 20 * 22 + (guint64)tree_entries(tree)->len * 2048;
  g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, bytes / 1000000 + SPARE_MB);
  msg_stage_detail("the disk");
  gboolean made = tree_write_tar(tree, tar, 0, error) && dir_make(work, error) &&
                  proc_call(DISK_DEADLINE, NULL, error, "sh", script, tar, work, disk, size, NULL);
  unlink(tar);
  return made;
}

char *
debian_cmdline(const Platform *platform) {
  return g_strdup_printf("root=/dev/%s ro console=%s loglevel=4 panic=-1 net.ifnames=0",
                         platform->disk, platform->console);
}

static gboolean
runs_on(const Platform *platform) {
  return platform->disk[0] != '\0' && platform->distribution_modules != NULL &&
         platform->distribution_modules[0] != NULL;
}

gboolean
debian_check_platform(const Platform *platform, GError **error) {
  g_auto(GStrv) names = platform_names();
  g_autoptr(GString) others = g_string_new(NULL);
  if (runs_on(platform))
    return TRUE;
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr(Platform) other = platform_load(names[i], NULL);
    if (other != NULL && runs_on(other))
      g_string_append_printf(others, "%s%s", others->len > 0 ? ", " : "", names[i]);
  }
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "--platform %s: Debian's kernels do not run there (no distribution-modules= in its "
              ".conf); expected --no-debian and --no-cloud, or one of: %s",
              platform->name, others->str);
  return FALSE;
}

char *
debian_image_key(const Recipe *recipe, const Platform *platform, const char *root, const char *glue,
                 GError **error) {
  g_autoptr(GPtrArray) given = given_list(recipe, error);
  g_autofree char *content = given != NULL ? given_hash(given, error) : NULL;
  if (content != NULL && recipe->test_at_boot != NULL) {
    g_autofree char *given_at_boot = folder_hash(recipe->test_at_boot, error);
    char *both = given_at_boot != NULL ? g_strconcat(content, given_at_boot, NULL) : NULL;
    g_free(content);
    content = both;
  }
  g_autofree char *conf = content != NULL ? file_sha256(recipe->file, error) : NULL;
  g_autofree char *scripts = conf != NULL ? units_scripts_hash(platform, glue, error) : NULL;
  return scripts != NULL ? sha256_of_strings(LAYOUT, root, content, conf, scripts, recipe->name,
                                             platform->disk, platform->console, NULL)
                         : NULL;
}

static gboolean
add_recipe(const Installation *installation, const Recipe *recipe, const Platform *platform,
           char **base, const char *glue, GError **error) {
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GHashTable) closure = base_closure(base, error);
  Tree *tree = installation->tree;
  return closure != NULL &&
         recipe_files_add(tree, recipe, installation->root, tree, notes, NULL, error) &&
         recipe_files_add_at_boot(tree, recipe, error) &&
         (!applets_wanted(recipe) || applets_add(tree, recipe, error)) &&
         units_add(tree, recipe, platform, closure, glue, error);
}

static char *
make_entry(Tree *tree, const char *root, const char *key, GError **error) {
  g_autofree char *fresh = cache_begin(KIND, key, error);
  if (fresh == NULL)
    return NULL;
  if (take_boot(root, fresh, error) && make_disk(tree, fresh, error))
    return cache_commit(fresh, KIND, key, error);
  cache_discard(fresh);
  return NULL;
}

gboolean
debian_image(const Recipe *recipe, const Platform *platform, DebianImage *image, GError **error) {
  g_auto(GStrv) base = base_packages(error);
  g_auto(GStrv) packages = base != NULL ? packages_of(recipe, base) : NULL;
  g_auto(Installation) installation = {0};
  g_autofree char *glue = data_path("rootfs/glue");
  g_autoptr(CacheLock) lock = NULL;
  memset(image, 0, sizeof *image);
  if (packages == NULL || !installation_get((const char *const *)packages, &installation, error) ||
      (image->key = debian_image_key(recipe, platform, installation.root, glue, error)) == NULL ||
      !add_recipe(&installation, recipe, platform, base, glue, error) ||
      (lock = cache_lock(KIND, image->key, error)) == NULL)
    return FALSE;
  image->folder = cache_lookup(KIND, image->key);
  if (image->folder == NULL)
    image->folder = make_entry(installation.tree, installation.root, image->key, error);
  image->tree = g_steal_pointer(&installation.tree);
  return image->folder != NULL;
}
