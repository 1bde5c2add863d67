/* root.c - resolves paths inside a root folder, as chroot(2) would. */
#include "deps/root.h"
#include "base/files.h"

#include "base/folder.h"
#include "base/strings.h"
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINKS 40 /* as in the kernel (path_resolution(7)) */
#define MAX_TEXT (1 << 20)

struct Root {
  char *folder;         /* on this machine, without a '/' at its end: "" for "/" */
  GHashTable *nodes;    /* path -> RootNode */
  GHashTable *resolved; /* path as it was asked -> RootPath */
};

static void
node_free(gpointer data) {
  RootNode *node = data;
  g_free(node->path);
  g_free(node->link);
  g_free(node);
}

static void
path_free(gpointer data) {
  RootPath *path = data;
  g_ptr_array_unref(path->links);
  g_ptr_array_unref(path->file_links);
  g_free(path);
}

Root *
root_new(const char *folder, GError **error) {
  g_autofree char *real = realpath(folder, NULL);
  if (real == NULL || !g_file_test(real, G_FILE_TEST_IS_DIR)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "root %s: %s", folder,
                real == NULL ? g_strerror(errno) : "not a folder");
    return NULL;
  }
  Root *root = g_new0(Root, 1);
  root->folder = g_strdup(strcmp(real, "/") == 0 ? "" : real);
  root->nodes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, node_free);
  root->resolved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, path_free);
  return root;
}

void
root_free(Root *root) {
  if (root == NULL)
    return;
  g_hash_table_unref(root->resolved);
  g_hash_table_unref(root->nodes);
  g_free(root->folder);
  g_free(root);
}

char *
root_host_path(const Root *root, const char *path) {
  return g_strconcat(root->folder, path, NULL);
}

gboolean
root_is_here(const Root *root) {
  return root->folder[0] == '\0';
}

static char *
read_link(const char *path, gsize size) {
  /* /proc and some file systems report a size of 0. */
  gsize room = MAX(size, 255) + 1;
  g_autofree char *text = g_malloc(room);
  gssize length = readlink(path, text, room);
  if (length < 0 || (gsize)length >= room)
    return NULL;
  text[length] = '\0';
  return g_steal_pointer(&text);
}

static void
node_fill(RootNode *node, const char *host_path) {
  struct stat status;
  if (lstat(host_path, &status) != 0)
    return; /* NODE_MISSING */
  node->mode = status.st_mode & 07777;
  node->device = status.st_dev;
  node->inode = status.st_ino;
  if (S_ISREG(status.st_mode)) {
    node->type = NODE_FILE;
    node->size = (guint64)status.st_size;
  } else if (S_ISDIR(status.st_mode)) {
    node->type = NODE_FOLDER;
  } else if (S_ISLNK(status.st_mode)) {
    node->link = read_link(host_path, (gsize)status.st_size);
    node->type = node->link != NULL ? NODE_LINK : NODE_MISSING;
  } else {
    node->type = NODE_OTHER;
  }
}

/* PATH's folder must be resolved already. */
static const RootNode *
node_at(Root *root, const char *path) {
  RootNode *node = g_hash_table_lookup(root->nodes, path);
  if (node != NULL)
    return node;
  node = g_new0(RootNode, 1);
  node->path = g_strdup(path);
  g_autofree char *host_path = root_host_path(root, path);
  node_fill(node, host_path);
  g_hash_table_insert(root->nodes, node->path, node);
  return node;
}

const RootNode *
root_child(Root *root, const char *folder, const char *name) {
  g_autofree char *path = g_strconcat(strcmp(folder, "/") == 0 ? "" : folder, "/", name, NULL);
  return node_at(root, path);
}

/* Takes the first component off REST ("a//b/c" -> "a", rest "b/c"); NULL at its end. */
static char *
next_component(const char **rest) {
  const char *begin = *rest + strspn(*rest, "/");
  gsize length = strcspn(begin, "/");
  *rest = begin + length;
  return length == 0 ? NULL : g_strndup(begin, length);
}

static void
strip_last(GString *path) {
  char *slash = strrchr(path->str, '/');
  g_string_truncate(path, slash != NULL ? (gsize)(slash - path->str) : 0);
}

/* One component on from HERE (a resolved folder; "" is the root). */
static const RootNode *
walk_component(Root *root, GString *here, const char *name) {
  if (strcmp(name, "..") == 0)
    strip_last(here);
  else if (strcmp(name, ".") != 0)
    g_string_append_printf(here, "/%s", name);
  return node_at(root, here->len == 0 ? "/" : here->str);
}

static RootPath *
walk(Root *root, const char *path) {
  RootPath *result = g_new0(RootPath, 1);
  result->links = g_ptr_array_new();
  result->file_links = g_ptr_array_new();
  result->node = node_at(root, "/");
  g_autoptr(GString) here = g_string_new(NULL);
  g_autofree char *rest_text = g_strdup(path);
  const char *rest = rest_text;
  char *component;
  while ((component = next_component(&rest)) != NULL) {
    g_autofree char *name = component;
    result->node = walk_component(root, here, name);
    if (result->node->type == NODE_LINK) {
      if (result->links->len >= MAX_LINKS) {
        result->loop = TRUE;
        return result;
      }
      g_ptr_array_add(result->links, (gpointer)result->node);
      if (rest[strspn(rest, "/")] == '\0')
        g_ptr_array_add(result->file_links, (gpointer)result->node);
      if (result->node->link[0] == '/')
        g_string_truncate(here, 0);
      else
        strip_last(here);
      char *text = g_strconcat(result->node->link, "/", rest, NULL);
      g_free(rest_text);
      rest = rest_text = text;
    } else if (result->node->type != NODE_FOLDER && rest[strspn(rest, "/")] != '\0') {
      /* A file (or nothing) where a folder is needed. */
      g_string_append(here, rest);
      result->node = node_at(root, here->str);
      return result;
    }
  }
  return result;
}

const RootPath *
root_resolve(Root *root, const char *path) {
  RootPath *result = g_hash_table_lookup(root->resolved, path);
  if (result == NULL) {
    result = walk(root, path);
    g_hash_table_insert(root->resolved, g_strdup(path), result);
  }
  return result;
}

GPtrArray *
root_names(Root *root, const char *path) {
  const RootPath *folder = root_resolve(root, path);
  if (folder->node->type != NODE_FOLDER)
    return strings_new();
  g_autofree char *host_path = root_host_path(root, folder->node->path);
  GPtrArray *names = folder_names(host_path, NULL, NULL);
  return names != NULL ? names : strings_new();
}

static void
glob_into(Root *root, const char *folder, const char *rest, GPtrArray *found) {
  g_autofree char *component = next_component(&rest);
  gboolean last = rest[strspn(rest, "/")] == '\0';
  if (component == NULL)
    return;
  g_autoptr(GPtrArray) names = NULL;
  if (strpbrk(component, "*?[") != NULL) {
    names = root_names(root, folder[0] == '\0' ? "/" : folder);
  } else {
    names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(names, g_strdup(component));
  }
  for (guint i = 0; i < names->len; i++) {
    if (fnmatch(component, names->pdata[i], FNM_PERIOD) != 0)
      continue;
    g_autofree char *path = g_strconcat(folder, "/", (char *)names->pdata[i], NULL);
    const RootPath *there = root_resolve(root, path);
    if (!last && there->node->type == NODE_FOLDER)
      glob_into(root, path, rest, found);
    else if (last && (there->node->type != NODE_MISSING || there->links->len > 0))
      g_ptr_array_add(found, g_steal_pointer(&path));
  }
}

GPtrArray *
root_glob(Root *root, const char *pattern) {
  GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
  glob_into(root, "", pattern, found);
  return found;
}

char *
root_text(Root *root, const char *path) {
  const RootPath *there = root_resolve(root, path);
  char *text = NULL;
  if (there->node->type != NODE_FILE || there->node->size > MAX_TEXT)
    return NULL;
  g_autofree char *host_path = root_host_path(root, there->node->path);
  return file_read(host_path, MAX_TEXT, &text, NULL, NULL) ? text : NULL;
}
