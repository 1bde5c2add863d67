/* glue-writable.c - finds the folders of a read-only image that must be writable: each gets a tmpfs
 * over it, with a copy of what is in it. */
#include "rootfs/glue-private.h"

#include "base/strings.h"

#include <string.h>

/* Writable whoever owns them, for a daemon that starts as root makes its own folders in them: the
 * variable data of the Filesystem Hierarchy Standard 3.0, section 5. */
static const char *const always[] = {"/run",     "/tmp",       "/var/cache", "/var/lib",
                                     "/var/log", "/var/spool", "/var/tmp",   "/var/lock"};

static void
add_folder(Tree *tree, GPtrArray *folders, const char *path) {
  const TreeEntry *entry = tree_resolve(tree, path);
  if (entry != NULL && entry->type == TREE_DIR && strcmp(entry->path, "/") != 0 &&
      strchr(entry->path, '\n') == NULL)
    g_ptr_array_add(folders, g_strdup(entry->path));
}

/* The one who is not root and runs in the image, where there is just one. */
static gboolean
single_user(Tree *tree, const Recipe *recipe, GlueUser *user) {
  const char *name = NULL;
  for (guint i = 0; i < recipe->runs->len; i++) {
    const RecipeRun *run = recipe->runs->pdata[i];
    if (run->user != NULL && name != NULL && strcmp(run->user, name) != 0)
      return FALSE;
    name = run->user != NULL ? run->user : name;
  }
  return name != NULL && glue_user(tree, name, user);
}

gboolean
glue_make_writable(Tree *tree, const Recipe *recipe, GError **error) {
  const TreeFrom from = {
      .origin = ORIGIN_GLUE, .kind = REASON_PURPOSE, .detail = "writable= of the recipe names it"};
  g_auto(GlueUser) user = {0};
  gboolean owned = single_user(tree, recipe, &user);
  for (guint i = 0; recipe->writable != NULL && recipe->writable[i] != NULL; i++) {
    if (tree_resolve(tree, recipe->writable[i]) != NULL)
      continue;
    TreeEntry *entry = tree_add_dir(tree, recipe->writable[i], 0755, from, error);
    if (entry == NULL) {
      recipe_prefix_error(recipe, "image", "writable", error);
      return FALSE;
    }
    entry->uid = owned ? user.uid : 0;
    entry->gid = owned ? user.gid : 0;
  }
  return TRUE;
}

/* A folder that someone else than root may write to. Below /dev and /proc there is nothing to keep
 * but /dev/shm. */
static gboolean
others_write(const TreeEntry *entry) {
  return entry->type == TREE_DIR && (entry->uid != 0 || (entry->mode & 0002) != 0 ||
                                     (entry->gid != 0 && (entry->mode & 0020) != 0));
}

/* FOLDERS without those that are below another one of them. */
static char **
topmost(GPtrArray *folders) {
  g_autoptr(GHashTable) set = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
  for (guint i = 0; i < folders->len; i++)
    g_hash_table_add(set, folders->pdata[i]);
  strings_sort(folders);
  for (guint i = 0; i < folders->len; i++) {
    g_autofree char *path = g_strdup(folders->pdata[i]);
    gboolean covered = i > 0 && strcmp(folders->pdata[i - 1], path) == 0;
    for (char *slash = strrchr(path, '/'); !covered && slash != path; slash = strrchr(path, '/')) {
      *slash = '\0';
      covered = g_hash_table_contains(set, path);
    }
    if (!covered)
      g_strv_builder_add(kept, folders->pdata[i]);
  }
  return g_strv_builder_end(kept);
}

char **
glue_writable(Tree *tree, const Recipe *recipe, RootfsFormat format, const GPtrArray *made,
              const Facts *facts) {
  g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
  /* An initramfs is writable anyway, but it is a ramfs: a tmpfs only where a recipe asks for one,
   * or what is written has attributes. */
  if (!rootfs_format_is_disk(format) && facts_find(facts, FACT_MOUNT, "tmpfs", NULL) == NULL) {
    for (guint i = 0; recipe->mounts != NULL && recipe->mounts[i] != NULL; i++)
      if (strcmp(recipe->mounts[i], "run") == 0 || strcmp(recipe->mounts[i], "tmp") == 0) {
        g_autofree char *path = g_strconcat("/", recipe->mounts[i], NULL);
        add_folder(tree, folders, path);
      }
    return topmost(folders);
  }
  for (gsize i = 0; i < G_N_ELEMENTS(always); i++)
    add_folder(tree, folders, always[i]);
  for (guint i = 0; recipe->writable != NULL && recipe->writable[i] != NULL; i++)
    add_folder(tree, folders, recipe->writable[i]);
  for (guint i = 0; made != NULL && i < made->len; i++)
    add_folder(tree, folders, made->pdata[i]);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (others_write(entry))
      add_folder(tree, folders, entry->path);
  }
  return topmost(folders);
}
