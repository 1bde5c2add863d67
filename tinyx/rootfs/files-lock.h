/* files-lock.h - recipes/NAME/files.lock: what a traced test says about the files of the image, for
 * people to review. `tinyx build --trace` and `--drop-unopened` write it.
 *
 *   # tinyx files lock 2
 *   # application: nginx
 *   # opened: 57                (files of the installation that the test made it open)
 *   # unopened: 12 34567        (files of the image that nobody opened, and their bytes)
 *   # untried: 3                (of those, files that a drop left in without a try of their own)
 *   # note: …                   (for people; any number)
 *   # shows: net:multicast /usr/bin/app   (what the test showed besides, and which program; any)
 *   + /usr/lib/app/a.so  opened-by /usr/bin/app
 *   + /var/lib/app/d  looked-for-by /usr/bin/app
 *   + /usr/share/app/extra  # what a person writes: stays whatever a trace says
 *   - /usr/share/app/help  # never opened; the test passes without it
 *   = /usr/share/app/list  # never opened, but the test fails without it
 */
#ifndef TINYX_ROOTFS_FILES_LOCK_H
#define TINYX_ROOTFS_FILES_LOCK_H

#include "facts/facts.h"
#include "tree/tree.h"

#define FILES_LOCK_BYTES_MAX (16U << 20) /* of files.lock: a line a file of the image */

typedef enum {
  FILES_ADD = '+',  /* goes in */
  FILES_DROP = '-', /* goes out */
  FILES_KEEP = '=', /* was tried, and is needed: not tried again */
} FilesMark;

typedef struct {
  FilesMark mark;
  char *path;
  TreeReason reason; /* REASON_OPENED or REASON_LOOKED_FOR (FILES_ADD only), or REASON_LOCK */
} FilesLine;

typedef struct {
  char *file; /* as messages name it */
  char *application;
  guint opened, unopened;
  guint64 unopened_bytes;
  guint untried;
  GPtrArray *notes; /* char* */
  Facts *facts;     /* what the test showed besides files */
  GPtrArray *lines; /* FilesLine* */
} FilesLock;

FilesLock *files_lock_new(const char *file, const char *application);
void files_lock_free(FilesLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FilesLock, files_lock_free)

/* Errors are INPUT, with file and line. */
FilesLock *files_lock_parse(const char *text, gsize size, const char *file, GError **error);
FilesLock *files_lock_load(const char *path, GError **error);
/* Its text, sorted by path, which files_lock_parse reads back. g_free. */
char *files_lock_text(const FilesLock *lock);

/* A path that is there already gets the new mark and reason: KIND as in FilesLine, WORDS the
 * program or what a person says. FALSE for a path that cannot stand in a line. */
gboolean files_lock_add(FilesLock *lock, FilesMark mark, const char *path, TreeReasonKind kind,
                        const char *words);
const FilesLine *files_lock_find(const FilesLock *lock, const char *path);
guint files_lock_count(const FilesLock *lock, FilesMark mark);

/* TRUE for what no lock takes out of an image, whatever a trace says: folders, devices, BusyBox,
 * the glue, what the recipe itself brings or names, users and groups. */
gboolean files_lock_is_kept(const TreeEntry *entry);
/* Takes the FILES_DROP paths of LOCK out of TREE, with the links that would lead nowhere and the
 * folders that were there for them only. What cannot go is said in NOTES. */
void files_lock_drop(const FilesLock *lock, Tree *tree, GPtrArray *notes, guint *files,
                     guint64 *bytes);

#endif
