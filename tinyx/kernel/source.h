/* source.h - the kernel's source tree: Debian's linux-source-X, unpacked once, or a folder. */
#ifndef TINYX_KERNEL_SOURCE_H
#define TINYX_KERNEL_SOURCE_H

#include "base/cache.h"

typedef struct {
  char *archive; /* /usr/src/linux-source-6.1.tar.xz; NULL: a folder was given */
  char *id;      /* hash of the archive; of a folder: of the names, sizes and times of its files */
  char *folder;  /* the tree; set by source_unpack (of a folder: at once) */
  char *version; /* "6.1.192"; as folder */
  gint64 date;   /* seconds; as folder: when its top Makefile was last changed */
} KernelSource;

/* Finds NAME ("6.1" or a folder). Reads no more than is needed to know what it is. */
KernelSource *source_find(const char *name, GError **error);
/* What is known of NAME's version without unpacking it: "6.1", or a folder's own "6.1.192". g_free.
 */
char *source_version(const char *name, GError **error);
/* Makes sure that the tree is unpacked (CACHE/src/linux-VERSION-HASH). Nothing is ever written to
 * it: it serves all builds at once. */
gboolean source_unpack(KernelSource *source, GError **error);
/* A build folder for one of several processes that work from the same tree at once, kept for the
 * next one: CACHE/build/KIND-KEY, or where that is taken KIND-KEY-2 and so on; ours until LOCK is
 * freed. Waits only where there is one a processor, and all are taken. WHAT stands in the message
 * then, and in the lock's name. g_free. */
char *source_build_folder(const char *kind, const char *key, const char *what, CacheLock **lock,
                          GError **error);
void source_free(KernelSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KernelSource, source_free)

#endif
