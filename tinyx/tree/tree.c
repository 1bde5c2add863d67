/* tree.c - the plan as entries by path: adding, finding, removing, and its hash. */
#include "tree/tree.h"

#include "base/files.h"
#include "base/program.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* As many symlinks as path_resolution(7) lets the kernel follow in one lookup. */
#define LINKS_MAX 40

struct Tree {
  GHashTable *by_path; /* char* (owned by the entry) -> TreeEntry* */
  GPtrArray *sorted;   /* TreeEntry*, borrowed; stale unless is_sorted */
  gboolean is_sorted;
};

static void
tree_entry_free(gpointer data) {
  TreeEntry *entry = data;
  g_free(entry->path);
  g_free(entry->source);
  g_clear_pointer(&entry->data, g_bytes_unref);
  g_free(entry->target);
  g_free(entry->package);
  g_free(entry->sha256);
  tree_reason_clear(&entry->reason);
  g_free(entry);
}

Tree *
tree_new(void) {
  Tree *tree = g_new0(Tree, 1);
  tree->by_path = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, tree_entry_free);
  tree->sorted = g_ptr_array_new();
  return tree;
}

void
tree_free(Tree *tree) {
  if (tree == NULL)
    return;
  g_hash_table_unref(tree->by_path);
  g_ptr_array_unref(tree->sorted);
  g_free(tree);
}

TreeEntry *
tree_find(const Tree *tree, const char *path) {
  return g_hash_table_lookup(tree->by_path, path);
}

/* Pushes the components of PATH on STACK so that the first one is on top. */
static void
components_push(GPtrArray *stack, const char *path) {
  g_auto(GStrv) parts = g_strsplit(path, "/", -1);
  for (guint i = g_strv_length(parts); i > 0; i--)
    if (*parts[i - 1] != '\0' && strcmp(parts[i - 1], ".") != 0)
      g_ptr_array_add(stack, g_strdup(parts[i - 1]));
}

static void
parent_truncate(GString *path) {
  const char *slash = strrchr(path->str, '/');
  g_string_truncate(path, slash == NULL ? 0 : (gsize)(slash - path->str));
}

/* PATH with every symlink that the tree has on the way replaced by where it
 * points; the last component too if FOLLOW_LAST. Components that the tree does
 * not have are kept as they are. "" is the root; NULL after too many links. */
static char *
path_in_tree(const Tree *tree, const char *path, gboolean follow_last) {
  g_autoptr(GPtrArray) stack = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) done = g_string_new("");
  int links = 0;

  components_push(stack, path);
  while (stack->len > 0) {
    g_autofree char *part = g_ptr_array_steal_index(stack, stack->len - 1);
    if (strcmp(part, "..") == 0) {
      parent_truncate(done);
      continue;
    }
    g_string_append_printf(done, "/%s", part);
    const TreeEntry *entry = tree_find(tree, done->str);
    if (entry == NULL || entry->type != TREE_SYMLINK || (stack->len == 0 && !follow_last))
      continue;
    if (++links > LINKS_MAX)
      return NULL;
    if (*entry->target == '/')
      g_string_truncate(done, 0);
    else
      parent_truncate(done);
    components_push(stack, entry->target);
  }
  return g_string_free(g_steal_pointer(&done), FALSE);
}

TreeEntry *
tree_resolve(const Tree *tree, const char *path) {
  g_autofree char *resolved = path_in_tree(tree, path, TRUE);
  return resolved == NULL ? NULL : tree_find(tree, resolved);
}

static gboolean
is_file(const char *path, gpointer tree) {
  const TreeEntry *entry = tree_resolve(tree, path);
  return entry != NULL && entry->type == TREE_FILE;
}

char *
tree_find_program(const Tree *tree, const char *name) {
  return program_find(name, is_file, (gpointer)tree);
}

static gboolean
is_below(gpointer key, gpointer value, gpointer folder) {
  (void)value;
  gsize length = strlen(folder);
  return strncmp(key, folder, length) == 0 && ((const char *)key)[length] == '/';
}

static void
remove_below(Tree *tree, const char *folder) {
  tree->is_sorted = FALSE;
  g_hash_table_foreach_remove(tree->by_path, is_below, (gpointer)folder);
}

gboolean
tree_remove(Tree *tree, const char *path) {
  g_autofree char *copy = g_strdup(path); /* PATH may be the entry's own */
  remove_below(tree, copy);
  return g_hash_table_remove(tree->by_path, copy);
}

void
tree_clear(Tree *tree) {
  tree->is_sorted = FALSE;
  g_hash_table_remove_all(tree->by_path);
}

/* What tinyx itself puts in, and no installation. */
static gboolean
is_ours(TreeOrigin origin) {
  return origin != ORIGIN_NONE && origin != ORIGIN_BASE && origin != ORIGIN_PACKAGE &&
         origin != ORIGIN_SCRIPT;
}

static TreeEntry *
entry_put(Tree *tree, const char *path, TreeType type, unsigned mode, TreeFrom from) {
  TreeEntry *entry = g_new0(TreeEntry, 1);
  entry->path = g_strdup(path);
  entry->type = type;
  entry->mode = mode & 07777;
  entry->origin = from.origin;
  entry->package = g_strdup(from.package);
  entry->state = is_ours(from.origin) || from.origin == ORIGIN_SCRIPT ? STATE_NEW : STATE_UNKNOWN;
  tree_reason_set(&entry->reason, from.kind, from.by, from.detail);

  const TreeEntry *old = tree_find(tree, path);
  if (old != NULL && old->type == TREE_DIR && type != TREE_DIR)
    remove_below(tree, path);
  tree->is_sorted = FALSE;
  g_hash_table_replace(tree->by_path, entry->path, entry);
  return entry;
}

/* The folders above PATH (which is already free of links). What is no folder
 * there gives way to one, as it does when a package replaces a file so. */
static void
parents_add(Tree *tree, const char *path) {
  TreeFrom from = {.kind = REASON_HOLDS, .by = path};
  for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    g_autofree char *folder = g_strndup(path, slash - path);
    const TreeEntry *entry = tree_find(tree, folder);
    if (entry == NULL || entry->type != TREE_DIR)
      entry_put(tree, folder, TREE_DIR, 0755, from);
  }
}

static TreeEntry *
tree_add(Tree *tree, const char *path, TreeType type, unsigned mode, TreeFrom from,
         GError **error) {
  /* With /lib -> usr/lib in the tree, /lib/x is /usr/lib/x. A loop of links is taken literally:
   * it is replaced. */
  g_autofree char *place = path_in_tree(tree, path, FALSE);
  if (place == NULL)
    place = g_strdup(path);
  if (place[0] != '/' || place[1] == '\0') {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "\"%s\" is the root folder itself; expected the path of something in it", path);
    return NULL;
  }
  if (!tree_reason_is_whole(from.kind, from.by, from.detail)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: a reason (%s) that lacks a part", path,
                tree_reason_kind_name(from.kind));
    return NULL;
  }
  parents_add(tree, place);
  return entry_put(tree, place, type, mode, from);
}

TreeEntry *
tree_add_file(Tree *tree, const char *path, const char *source, unsigned mode, TreeFrom from,
              GError **error) {
  struct stat info;
  if (stat(source, &info) != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s: %s", path, source,
                g_strerror(errno));
    return NULL;
  }
  if (!S_ISREG(info.st_mode)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s: not a regular file", path, source);
    return NULL;
  }
  TreeEntry *entry = tree_add(tree, path, TREE_FILE, mode, from, error);
  if (entry == NULL)
    return NULL;
  entry->source = g_strdup(source);
  entry->size = info.st_size;
  return entry;
}

TreeEntry *
tree_add_data(Tree *tree, const char *path, const char *text, gssize size, unsigned mode,
              TreeFrom from, GError **error) {
  TreeEntry *entry = tree_add(tree, path, TREE_FILE, mode, from, error);
  if (entry == NULL)
    return NULL;
  entry->size = size < 0 ? strlen(text) : (gsize)size;
  entry->data = g_bytes_new(text, entry->size);
  return entry;
}

TreeEntry *
tree_add_dir(Tree *tree, const char *path, unsigned mode, TreeFrom from, GError **error) {
  return tree_add(tree, path, TREE_DIR, mode, from, error);
}

TreeEntry *
tree_add_symlink(Tree *tree, const char *path, const char *target, TreeFrom from, GError **error) {
  TreeEntry *entry = tree_add(tree, path, TREE_SYMLINK, 0777, from, error);
  if (entry == NULL)
    return NULL;
  entry->target = g_strdup(target);
  return entry;
}

TreeEntry *
tree_add_node(Tree *tree, const char *path, TreeType type, unsigned mode, unsigned major,
              unsigned minor, TreeFrom from, GError **error) {
  TreeEntry *entry = tree_add(tree, path, type, mode, from, error);
  if (entry == NULL)
    return NULL;
  entry->rdev_major = major;
  entry->rdev_minor = minor;
  return entry;
}

TreeEntry *
tree_add_copy(Tree *tree, const TreeEntry *entry, TreeFrom from, GError **error) {
  TreeEntry *copy;
  if (entry->type == TREE_FILE && entry->source != NULL)
    copy = tree_add_file(tree, entry->path, entry->source, entry->mode, from, error);
  else if (entry->type == TREE_FILE)
    copy = tree_add_data(tree, entry->path, g_bytes_get_data(entry->data, NULL),
                         (gssize)g_bytes_get_size(entry->data), entry->mode, from, error);
  else if (entry->type == TREE_SYMLINK)
    copy = tree_add_symlink(tree, entry->path, entry->target, from, error);
  else
    copy = tree_add_node(tree, entry->path, entry->type, entry->mode, entry->rdev_major,
                         entry->rdev_minor, from, error);
  if (copy == NULL)
    return NULL;
  copy->mode = entry->mode;
  copy->uid = entry->uid;
  copy->gid = entry->gid;
  copy->mtime = entry->mtime;
  copy->capabilities = entry->capabilities;
  copy->state = entry->state;
  copy->sha256 = g_strdup(entry->sha256);
  return copy;
}

const char *
tree_entry_owner(const TreeEntry *entry) {
  if (entry->package != NULL)
    return entry->package;
  return is_ours(entry->origin) ? tree_origin_name(entry->origin) : NULL;
}

char *
tree_entry_why(const TreeEntry *entry) {
  return tree_reason_text(&entry->reason, entry->type);
}

static int
entry_compare(gconstpointer a, gconstpointer b) {
  const TreeEntry *const *left = a;
  const TreeEntry *const *right = b;
  return strcmp((*left)->path, (*right)->path);
}

const GPtrArray *
tree_entries(Tree *tree) {
  if (!tree->is_sorted) {
    GHashTableIter iter;
    gpointer entry;
    g_ptr_array_set_size(tree->sorted, 0);
    g_hash_table_iter_init(&iter, tree->by_path);
    while (g_hash_table_iter_next(&iter, NULL, &entry))
      g_ptr_array_add(tree->sorted, entry);
    g_ptr_array_sort(tree->sorted, entry_compare);
    tree->is_sorted = TRUE;
  }
  return tree->sorted;
}

guint
tree_count(const Tree *tree, TreeType type) {
  GHashTableIter iter;
  gpointer value;
  guint count = 0;
  g_hash_table_iter_init(&iter, tree->by_path);
  while (g_hash_table_iter_next(&iter, NULL, &value))
    count += ((TreeEntry *)value)->type == type;
  return count;
}

static char *
entry_sha256(const TreeEntry *entry, GError **error) {
  if (entry->type != TREE_FILE)
    return g_strdup("");
  if (entry->source != NULL)
    return file_sha256(entry->source, error);
  return g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, entry->data);
}

char *
tree_hash(Tree *tree, GError **error) {
  const GPtrArray *entries = tree_entries(tree);
  g_autoptr(GArray) names = tree_names(tree);
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    g_autofree char *content = entry_sha256(entry, error);
    if (content == NULL)
      return NULL;
    /* Lengths first, so that no two plans give the same text. */
    g_autofree char *line = g_strdup_printf(
        "%d %o %u %u %" G_GUINT64_FORMAT " %u %u %zu %zu %s%s%s\n", entry->type, entry->mode,
        entry->uid, entry->gid, entry->size, entry->rdev_major, entry->rdev_minor,
        strlen(entry->path), entry->target ? strlen(entry->target) : 0, entry->path,
        entry->target ? entry->target : "", content);
    g_checksum_update(sum, (const guchar *)line, -1);
    if (entry->mtime != 0) {
      g_autofree char *time = g_strdup_printf("%" G_GINT64_FORMAT "\n", entry->mtime);
      g_checksum_update(sum, (const guchar *)time, -1);
    }
    guint first = g_array_index(names, TreeName, i).first;
    if (first != i) {
      g_autofree char *name = g_strdup_printf("= %u\n", first);
      g_checksum_update(sum, (const guchar *)name, -1);
    }
  }
  return g_strdup(g_checksum_get_string(sum));
}
