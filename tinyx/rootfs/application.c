/* application.c - adds the application's part of an image: packages and the recipe's files. */
#include "rootfs/application.h"

#include "base/files.h"
#include "base/msg.h"
#include "deps/deb822.h"
#include "deps/packages.h"
#include "facts/program.h"
#include "rootfs/absent-rules.h"
#include "rootfs/bytecode.h"
#include "rootfs/class-archive.h"
#include "rootfs/install.h"
#include "rootfs/library-cache.h"
#include "rootfs/recipe-files.h"
#include "rootfs/recipe-notes.h"
#include "rootfs/select.h"

/* Names and versions in dpkg's database of ROOT. */
static gboolean
versions_read(const char *root, GHashTable *versions, GHashTable *reasons, GError **error) {
  g_autofree char *path = g_build_filename(root, "var/lib/dpkg/status", NULL);
  g_autofree char *text = NULL;
  gsize size;
  if (!file_read(path, DEB822_BYTES_MAX, &text, &size, error))
    return FALSE;
  g_autoptr(GPtrArray) stanzas = deb822_parse(text, size, path, error);
  if (stanzas == NULL)
    return FALSE;
  for (guint i = 0; i < stanzas->len; i++) {
    const char *name = deb822_get(stanzas->pdata[i], "Package");
    const char *version = deb822_get(stanzas->pdata[i], "Version");
    if (name == NULL || version == NULL)
      continue;
    g_hash_table_replace(versions, g_strdup(name), g_strdup(version));
    g_hash_table_replace(reasons, g_strdup(name), g_strdup("base"));
  }
  return TRUE;
}

static void
reasons_add(GHashTable *reasons, const GPtrArray *packages) {
  for (guint i = 0; i < packages->len; i++) {
    const PackageDep *package = packages->pdata[i];
    g_hash_table_replace(reasons, g_strdup(package->name),
                         g_strdup(package->asked_by == NULL ? "recipe" : package->reason));
  }
}

/* Adds what was installed. CORRUPT where the copy in the cache is damaged. */
static gboolean
installed_add(const Recipe *recipe, const FilesLock *lock, const Installation *installation,
              GPtrArray *packages, RootfsPlan *plan, GError **error) {
  g_autofree char *prune_path = data_path("rootfs/prune");
  g_autoptr(Patterns) prune = patterns_read(prune_path, error);
  SelectInput input = {.recipe = recipe,
                       .root = installation->root,
                       .installed = installation->tree,
                       .packages = packages,
                       .prune = prune,
                       .lock = lock,
                       .suspects = plan->suspects};
  if (prune == NULL || !select_files(&input, plan->tree, plan->notes, error) ||
      !recipe_files_add(plan->tree, recipe, installation->root, installation->tree, plan->notes,
                        plan->suspects, error))
    return FALSE;
  recipe_note_excluded(recipe, installation->tree, plan->notes);
  if (lock != NULL)
    files_lock_drop(lock, plan->tree, plan->notes, &plan->dropped_files, &plan->dropped_bytes);
  bytecode_times(plan->tree);
  class_archive_times(plan->tree);
  if (!library_cache_add(plan->tree, installation->root, error))
    return FALSE;
  return secrets_take_out(plan->secrets, plan->tree, recipe, installation->root, installation->tree,
                          plan->notes, error);
}

/* The same; a damaged copy in the cache is removed, with a warning, and made again. */
static gboolean
installed_add_again(const Recipe *recipe, const FilesLock *lock, GPtrArray *packages,
                    Installation *installation, RootfsPlan *plan, GError **error) {
  g_autoptr(GError) why = NULL;
  if (installed_add(recipe, lock, installation, packages, plan, &why))
    return TRUE;
  if (why->code != TINYX_ERROR_CORRUPT) {
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
  }
  msg_warn("the cache is damaged: %s; the packages are installed again", why->message);
  if (!installation_forget(installation, error))
    return FALSE;
  installation_clear(installation);
  tree_clear(plan->tree);
  g_ptr_array_set_size(plan->notes, 0);
  g_ptr_array_set_size(plan->suspects, 0);
  return installation_get((const char *const *)recipe->packages, installation, error) &&
         installed_add(recipe, lock, installation, packages, plan, error);
}

/* The C library names everything; so it shows nothing here either, nor do those that the rules of
 * what is absent except. */
static GPtrArray *
find_names(Tree *tree, Tree *installed, GError **error) {
  g_autoptr(GPtrArray) ignored = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(AbsentRules) rules =
      facts_load_ignored(ignored, error) ? absent_rules_load(error) : NULL;
  if (rules == NULL)
    return NULL;
  for (guint i = 0; i < rules->excepts->len; i++)
    g_ptr_array_add(ignored, g_strdup(rules->excepts->pdata[i]));
  return names_find(tree, installed, ignored, error);
}

gboolean
application_add(const Recipe *recipe, const FilesLock *lock, RootfsPlan *plan, GHashTable *versions,
                GHashTable *reasons, GError **error) {
  const char *const *names = (const char *const *)recipe->packages;
  g_auto(Installation) installation = {0};
  /* Before the installation, because it finds unknown packages quickly, and names them. */
  g_autoptr(GPtrArray) packages = package_closure(names, NULL, NULL, error);
  if (packages == NULL) {
    recipe_prefix_error(recipe, "recipe", "packages", error);
    return FALSE;
  }
  if (!installation_get(names, &installation, error) ||
      !installed_add_again(recipe, lock, packages, &installation, plan, error))
    return FALSE;
  plan->names = find_names(plan->tree, installation.tree, error);
  if (plan->names == NULL || !versions_read(installation.root, versions, reasons, error))
    return FALSE;
  reasons_add(reasons, packages);
  return TRUE;
}
