/* parts.h - what an image is made of, before a kernel is built for it. */
#ifndef TINYX_IMAGE_PARTS_H
#define TINYX_IMAGE_PARTS_H

#include "image/image.h"
#include "kernel/kernel.h"
#include "kernel/lock.h"

typedef struct {
  RootfsPlan *plan;
  GPtrArray *files;    /* KernelFile*: the application's, as evidence; strings are the plan's */
  GPtrArray *requests; /* SymbolRequest*: the recipe's */
  Lock *lock;          /* the recipe's, if there is one and it is to be used */
  const FilesLock *files_lock; /* the same for files */
  FilesLock *own_files_lock;   /* where it was read from the recipe */
  FeatureNames features;
  KernelInput input; /* of all that */
  double seconds;    /* that the plan took */
} ImageParts;

gboolean image_parts(const Recipe *recipe, const ImageOptions *options, ImageParts *parts,
                     GError **error);
void image_parts_clear(ImageParts *parts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImageParts, image_parts_clear)

/* *SOCKETS: the kernel of the image has sockets of UNIX where its files ask for them (rootfs_plan).
 */
gboolean image_has_sockets(const Recipe *recipe, const ImageOptions *options, gboolean *sockets,
                           GError **error);

/* The kernel symbols that RECIPE itself asks for (SymbolRequest*). g_ptr_array_unref. */
GPtrArray *image_requests(const Recipe *recipe);
/* The kernel's lock; *LOCK (lock_free) stays NULL where RECIPE has none for the platform of
 * OPTIONS, or where they say no_lock. */
gboolean image_lock_load(const Recipe *recipe, const ImageOptions *options, Lock **lock,
                         GError **error);
/* Where RECIPE's lock for PLATFORM is, or would be. g_free. */
char *image_lock_path(const Recipe *recipe, const char *platform);
/* Where RECIPE's files.lock is, or would be. g_free. */
char *image_files_lock_path(const Recipe *recipe);
/* *LOCK stays NULL where RECIPE has none. */
gboolean image_files_lock_load(const Recipe *recipe, FilesLock **lock, GError **error);
/* INPUT where a lock of RECIPE, or its options=, cannot be used: it is said before anything is
 * fetched, installed or written. */
gboolean image_check_locks(const Recipe *recipe, const ImageOptions *options, GError **error);
/* The figures of the search that found the kernel's lock (minimize/table.c). g_free. */
char *image_search_path(const Recipe *recipe, const char *platform);

/* Writes TREE to PATH as FORMAT, finished for PLATFORM; *LOADED is how many bytes of it the loader
 * puts into the guest's memory. */
gboolean image_write_rootfs(Tree *tree, const Platform *platform, RootfsFormat format,
                            const char *path, guint64 *loaded, GError **error);

/* mtime of everything in an image; seconds since 1970 (reproducible-builds.org). */
gint64 image_epoch(void);

#endif
