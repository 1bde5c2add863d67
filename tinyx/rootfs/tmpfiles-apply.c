/* tmpfiles-apply.c - tmpfiles.d applied to the plan of an image instead of at each boot. */
#include "base/msg.h"
#include "base/number.h"
#include "rootfs/glue-private.h"
#include "rootfs/tmpfiles.h"

#include <fnmatch.h>
#include <string.h>

/* In the order of precedence: a file hides files of the same name in later folders. */
static const char *const folders[] = {"/etc/tmpfiles.d/", "/run/tmpfiles.d/",
                                      "/usr/lib/tmpfiles.d/"};

static int
compare_base_names(gconstpointer a, gconstpointer b) {
  const char *left = strrchr(*(char *const *)a, '/'), *right = strrchr(*(char *const *)b, '/');
  return strcmp(left, right);
}

/* The paths of the files that count, in the order in which they are read. */
static GPtrArray *
find_files(Tree *tree) {
  GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  const GPtrArray *entries = tree_entries(tree);
  for (gsize f = 0; f < G_N_ELEMENTS(folders); f++)
    for (guint i = 0; i < entries->len; i++) {
      const char *path = ((const TreeEntry *)entries->pdata[i])->path;
      if (g_str_has_prefix(path, folders[f]) && g_str_has_suffix(path, ".conf") &&
          g_hash_table_add(seen, g_path_get_basename(path)))
        g_ptr_array_add(files, g_strdup(path));
    }
  g_ptr_array_sort(files, compare_base_names);
  return files;
}

static gboolean
tmpfiles_adjusts(const TmpfilesEntry *wanted) {
  return wanted->type == 'z' || wanted->type == 'Z';
}

/* "MAJOR:MINOR", of as many bits as the kernel's dev_t has for them (include/linux/kdev_t.h). */
static TreeEntry *
add_node(Tree *tree, const TmpfilesEntry *wanted, unsigned mode, TreeFrom from, GError **error) {
  const char *at = wanted->argument != NULL ? wanted->argument : "";
  guint64 major, minor;
  if (!number_take(&at, 10, 0xfff, &major) || *at++ != ':' || !number_parse(at, 0xfffff, &minor)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "\"%s\"; expected MAJOR:MINOR",
                wanted->argument != NULL ? wanted->argument : "");
    return NULL;
  }
  return tree_add_node(tree, wanted->path, wanted->type == 'c' ? TREE_CHAR : TREE_BLOCK, mode,
                       (unsigned)major, (unsigned)minor, from, error);
}

/* Type "C": copies the file of the argument, or of /usr/share/factory. Folders are not copied. */
static TreeEntry *
copy_entry(Tree *tree, const TmpfilesEntry *wanted, TreeFrom from, GError **error) {
  g_autofree char *factory = g_strconcat("/usr/share/factory", wanted->path, NULL);
  const char *path = wanted->argument != NULL ? wanted->argument : factory;
  const TreeEntry *source = tree_resolve(tree, path);
  if (source == NULL || source->type != TREE_FILE) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s is not copied to %s: it is %s", path,
                wanted->path, source == NULL ? "not in the image (include= brings it)" : "no file");
    return NULL;
  }
  unsigned mode = wanted->mode >= 0 ? (unsigned)wanted->mode : source->mode;
  gsize size = 0;
  g_autofree char *text = tree_text(tree, source->path, &size);
  if (text == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s cannot be read", source->path);
    return NULL;
  }
  return tree_add_data(tree, wanted->path, text, (gssize)size, mode, from, error);
}

/* Adds what WANTED makes where nothing is. */
static TreeEntry *
make_new(Tree *tree, const TmpfilesEntry *wanted, unsigned mode, TreeFrom from, GError **error) {
  const char *argument = wanted->argument != NULL ? wanted->argument : "";
  switch (wanted->type) {
  case 'd':
    return tree_add_dir(tree, wanted->path, mode, from, error);
  case 'f':
    return tree_add_data(tree, wanted->path, argument, -1, mode, from, error);
  case 'L':
    return tree_add_symlink(tree, wanted->path, argument, from, error);
  case 'C':
    return copy_entry(tree, wanted, from, error);
  case 'p':
    return tree_add_node(tree, wanted->path, TREE_FIFO, mode, 0, 0, from, error);
  default:
    return add_node(tree, wanted, mode, from, error);
  }
}

/* The entry that WANTED makes or changes, or NULL: with ERROR where the line asks for what cannot
 * be. */
static TreeEntry *
make_entry(Tree *tree, const TmpfilesEntry *wanted, TreeFrom from, GError **error) {
  TreeEntry *old = tree_find(tree, wanted->path);
  gboolean folder = wanted->type == 'd';
  unsigned mode = wanted->mode >= 0 ? (unsigned)wanted->mode : folder ? 0755 : 0644;
  if (folder && old != NULL && old->type == TREE_DIR) {
    if (wanted->mode >= 0)
      old->mode = mode;
    return old;
  }
  if ((old != NULL && !wanted->force) || (wanted->type == 'L' && wanted->argument == NULL))
    return NULL;
  return make_new(tree, wanted, mode, from, error);
}

/* TRUE if WANTED, of type "z" or "Z", adjusts ENTRY: its glob matches the path, or with "Z" a
 * folder above it. */
static gboolean
is_meant(const TmpfilesEntry *wanted, const TreeEntry *entry) {
  g_autofree char *path = g_strdup(entry->path);
  if (entry->type == TREE_SYMLINK)
    return FALSE;
  for (;;) {
    char *slash = strrchr(path, '/');
    if (fnmatch(wanted->path, path, FNM_PATHNAME | FNM_PERIOD) == 0)
      return TRUE;
    if (wanted->type != 'Z' || slash == NULL || slash == path)
      return FALSE;
    *slash = '\0';
  }
}

static unsigned
mask_of(const TmpfilesEntry *wanted, const TreeEntry *entry) {
  if (!wanted->masked || entry->type == TREE_DIR)
    return 07777;
  return entry->mode & 0111 ? 0777 : 0666;
}

static void
adjust(Tree *tree, const TmpfilesEntry *wanted, const GlueUser *user, unsigned gid) {
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    TreeEntry *entry = entries->pdata[i];
    if (!is_meant(wanted, entry))
      continue;
    if (wanted->mode >= 0)
      entry->mode = (unsigned)wanted->mode & mask_of(wanted, entry);
    if (wanted->user != NULL)
      entry->uid = user->uid;
    if (wanted->group != NULL)
      entry->gid = gid;
  }
}

static void
apply(Tree *tree, const TmpfilesEntry *wanted, GPtrArray *made) {
  TreeFrom from = {.origin = ORIGIN_GLUE, .kind = REASON_TMPFILES, .by = wanted->origin};
  g_auto(GlueUser) user = {0};
  unsigned gid = 0;
  if ((wanted->user != NULL && !glue_user(tree, wanted->user, &user)) ||
      (wanted->group != NULL && !glue_group(tree, wanted->group, &gid))) {
    msg_warn("%s: user %s or group %s is not in the image; left out", wanted->origin,
             wanted->user != NULL ? wanted->user : "root",
             wanted->group != NULL ? wanted->group : "root");
    return;
  }
  if (tmpfiles_adjusts(wanted)) {
    adjust(tree, wanted, &user, gid);
    return;
  }
  g_autoptr(GError) error = NULL;
  TreeEntry *entry = make_entry(tree, wanted, from, &error);
  if (error != NULL) /* as systemd does: the line is left out, and the others hold */
    msg_warn("%s: %s; left out", wanted->origin, error->message);
  if (entry == NULL)
    return;
  entry->uid = user.uid;
  entry->gid = gid;
  if (entry->type == TREE_DIR && !g_str_has_prefix(entry->path, "/run/"))
    g_ptr_array_add(made, g_strdup(entry->path));
}

static void
apply_file(Tree *tree, const char *path, GHashTable *done, GPtrArray *made) {
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
  gsize size = 0;
  g_autofree char *text = tree_text(tree, path, &size);
  g_autoptr(GPtrArray) entries =
      text != NULL ? tmpfiles_parse(text, size, path, complaints) : g_ptr_array_new();
  for (guint i = 0; i < complaints->len; i++)
    msg_warn("%s", (const char *)complaints->pdata[i]);
  for (guint i = 0; i < entries->len; i++) {
    const TmpfilesEntry *wanted = entries->pdata[i];
    /* Only the first line for a path counts; but a "z" line may adjust what another line made. */
    if (tmpfiles_adjusts(wanted) || g_hash_table_add(done, g_strdup(wanted->path)))
      apply(tree, wanted, made);
  }
}

void
tmpfiles_apply(Tree *tree, GPtrArray *made) {
  g_autoptr(GHashTable) done = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) files = find_files(tree);
  for (guint i = 0; i < files->len; i++)
    apply_file(tree, files->pdata[i], done, made);
  for (gsize f = 0; f < G_N_ELEMENTS(folders); f++) {
    g_autofree char *folder = g_strndup(folders[f], strlen(folders[f]) - 1);
    tree_remove(tree, folder);
  }
}
