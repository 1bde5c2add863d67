/* root.h - paths inside a root folder that is not the running system's.
 *
 * Every symlink is resolved component by component below the root, as
 * chroot(2) would, so that neither an absolute target nor ".." leads out of it.
 * What was looked up once is remembered: a root must not change meanwhile.
 */
#ifndef TINYX_DEPS_ROOT_H
#define TINYX_DEPS_ROOT_H

#include "base/error.h"

typedef enum { NODE_MISSING, NODE_FILE, NODE_FOLDER, NODE_LINK, NODE_OTHER } NodeType;

typedef struct {
  char *path; /* in the root, with every folder component resolved; "/" is the root itself */
  NodeType type;
  char *link; /* NODE_LINK: its target text */
  guint64 size;
  unsigned mode;
  guint64 device, inode;
} RootNode;

typedef struct {
  const RootNode *node;  /* the end of the way: never a NODE_LINK, unless links form a loop */
  GPtrArray *links;      /* RootNode*: the symlinks on the way, in order */
  GPtrArray *file_links; /* those of them that stood in the last place: the path's own entry, what
                            that names, … */
  gboolean loop;         /* more than 40 symlinks (ELOOP) */
} RootPath;

typedef struct Root Root;

/* INPUT if FOLDER is no folder. */
Root *root_new(const char *folder, GError **error);
void root_free(Root *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Root, root_free)

/* Follows PATH (absolute in the root) to its end. Owned by ROOT. */
const RootPath *root_resolve(Root *root, const char *path);
/* NAME in FOLDER (a node's path); the last component is not followed. Owned by ROOT. */
const RootNode *root_child(Root *root, const char *folder, const char *name);
/* Where the node at PATH (a node's path) is on this machine. g_free. */
char *root_host_path(const Root *root, const char *path);
/* TRUE for the running system's own root. */
gboolean root_is_here(const Root *root);

/* The paths in the root that match PATTERN (glob(7): *, ?, [] within a component), sorted, not
 * resolved; may be empty. g_ptr_array_unref. */
GPtrArray *root_glob(Root *root, const char *pattern);
/* The names in folder PATH, sorted; empty if it is no folder. g_ptr_array_unref. */
GPtrArray *root_names(Root *root, const char *path);
/* The text of a small file (up to 1 MB) at PATH, or NULL. g_free. */
char *root_text(Root *root, const char *path);

#endif
