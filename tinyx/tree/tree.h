/* tree.h - the plan of a root file system: every path, its bytes, and why it is in.
 *
 * Files are written only from this plan; manifest.txt, explain and the size
 * report read it too. Entries are kept sorted by path (bytewise), so that the
 * same plan always gives the same bytes.
 */
#ifndef TINYX_TREE_TREE_H
#define TINYX_TREE_TREE_H

#include "tree/reason.h"

#define TREE_MANIFEST "manifest.txt"
#define TREE_CONTENTS "contents.txt"
#define MANIFEST_BYTES_MAX (256U << 20) /* of a manifest: 50,000 files have 15 MB */

typedef struct {
  char *path; /* absolute, "/usr/sbin/nginx" */
  TreeType type;
  unsigned mode; /* permission bits, 07777 */
  unsigned uid, gid;
  guint64 capabilities; /* TREE_FILE: a mask of those that it gives (setcap(8)); of no archive */
  guint64 size;         /* TREE_FILE: bytes */
  char *source; /* TREE_FILE: the file on this machine that holds the bytes, or NULL: data */
  GBytes *data; /* TREE_FILE without source */
  char *target; /* TREE_SYMLINK */
  unsigned rdev_major, rdev_minor;
  gint64 mtime; /* seconds, below 2^32; 0: the epoch of the image, as almost everything has */
  TreeOrigin origin;
  char *package; /* the Debian package whose file it is, or NULL */
  TreeState state;
  char *sha256; /* of the bytes that STATE was found for, or NULL */
  TreeReason reason;
} TreeEntry;

typedef struct Tree Tree;

Tree *tree_new(void);
void tree_free(Tree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tree, tree_free)

/* Each adds or replaces the entry at PATH and returns it (owned by TREE), so
 * that the caller can set uid, gid, state. Missing parent folders are added
 * as root:root 0755, of no origin, with REASON_HOLDS. Symlinks that the tree has on the
 * way are followed: with /lib -> usr/lib in it, /lib/x is added as /usr/lib/x. A folder
 * that is replaced by something else loses what was below it. The state of what comes from
 * neither a package nor the base is STATE_NEW, of the rest STATE_UNKNOWN. INPUT for a path that is
 * the root itself ("/", "/x/.."), which only archives, lists and recipes of others name. */
TreeEntry *tree_add_file(Tree *tree, const char *path, const char *source, unsigned mode,
                         TreeFrom from, GError **error);
TreeEntry *tree_add_data(Tree *tree, const char *path, const char *text, gssize size, unsigned mode,
                         TreeFrom from, GError **error);
TreeEntry *tree_add_dir(Tree *tree, const char *path, unsigned mode, TreeFrom from, GError **error);
TreeEntry *tree_add_symlink(Tree *tree, const char *path, const char *target, TreeFrom from,
                            GError **error);
TreeEntry *tree_add_node(Tree *tree, const char *path, TreeType type, unsigned mode, unsigned major,
                         unsigned minor, TreeFrom from, GError **error);
/* What ENTRY, of another tree, is, at the same path, with its owner, mode and state, but for FROM's
 * reason. FAILED where its file is not there any more. */
TreeEntry *tree_add_copy(Tree *tree, const TreeEntry *entry, TreeFrom from, GError **error);

/* Whose it is, in a word: the Debian package, else what tinyx itself put it in as ("glue"); NULL
 * for what only a maintainer script or nobody claims. */
const char *tree_entry_owner(const TreeEntry *entry);
/* Why it is in (tree_reason_text). NULL: no reason was noted. g_free. */
char *tree_entry_why(const TreeEntry *entry);

/* NULL if there is none. tree_resolve follows symlinks in every component inside the tree. */
TreeEntry *tree_find(const Tree *tree, const char *path);
TreeEntry *tree_resolve(const Tree *tree, const char *path);
/* The path of the program NAME, searched as base/program.h says: of a file, or of a symlink that
 * leads to one. NULL: there is none. g_free. */
char *tree_find_program(const Tree *tree, const char *name);
gboolean tree_remove(Tree *tree, const char *path); /* with everything below it */
void tree_clear(Tree *tree);                        /* everything */

/* All entries, sorted by path; the array is owned by TREE, valid until it changes. */
const GPtrArray *tree_entries(Tree *tree);
guint tree_count(const Tree *tree, TreeType type);
guint64 tree_bytes(Tree *tree); /* of all files, one with several names once */

/* For each of tree_entries, as TreeName: files whose sources are one file of this machine under
 * several names (hard links), with the same owner, mode and time, are one file in the image as
 * well. One source that stands for two entries makes two files. */
typedef struct {
  guint first; /* the place in tree_entries of the file's first name; its own, for what has one */
  guint count; /* names that the file has */
} TreeName;
GArray *tree_names(Tree *tree);

/* SHA-256 over everything that reaches the image (content included). g_free. */
char *tree_hash(Tree *tree, GError **error);

/* Writers; EPOCH is the mtime (seconds) of every entry that has none of its own. Atomic.
 * cpio: newc (Documentation/driver-api/early-userspace/buffer-format.rst), own inode numbers;
 * FILTER is NULL or a compressor's argv ("gzip", "-9n") */
gboolean tree_write_cpio(Tree *tree, const char *path, const char *const *filter, gint64 epoch,
                         GError **error);
gboolean tree_write_squashfs(Tree *tree, const char *path, gint64 epoch, GError **error);
/* Plain (pax) tar; for moving a tree to another machine. */
gboolean tree_write_tar(Tree *tree, const char *path, gint64 epoch, GError **error);

/* manifest.txt: a header of "# key: value" lines (HEADER: such lines, may be
 * NULL), then a line an entry: type mode[+capabilities, in hex] uid:gid size path[ -> target]
 * package source origin state sha256 kind by detail why, separated by tabs; "-" for what is not
 * there. WHY is the reason's text, for people: made of kind, by and detail. tree_parse_manifest
 * reads it back (content by `source`); "file:line: …; expected …" on bad input, also where WHY is
 * not what the typed columns make. */
char *tree_manifest_text(Tree *tree, const char *header);
/* The same for people, with "{contents}" in the place of bytes that belong to no file on this
 * machine: tree_contents_text() has those, a line each. Both g_free. */
char *tree_manifest_split(Tree *tree, const char *header);
char *tree_contents_text(Tree *tree);
/* TEXT, which FILE holds, as the contents of the files of TREE that came without; INPUT where a
 * line is wrong, or one is missing. */
gboolean tree_take_contents(Tree *tree, const char *text, gsize size, const char *file,
                            GError **error);
/* The plan of the image in FOLDER, from both. */
Tree *tree_read_image(const char *folder, GError **error);
Tree *tree_parse_manifest(const char *text, gsize size, const char *file, GError **error);

#endif
