/* cache.h - finished results on disk, keyed by the hash of what went in.
 *
 * An entry is a folder CACHE/KIND/KEY with lists of all that is in it (sums.h).
 * It appears by one rename, complete and on the disk, or not at all. A damaged entry is said once,
 * thrown away and made again.
 *
 * The cache may be on a file system that several machines and containers
 * share: unfinished work carries its owner's name (owner.h), and nobody removes
 * it while that owner holds its lock (live.h).
 */
#ifndef TINYX_BASE_CACHE_H
#define TINYX_BASE_CACHE_H

#include "base/error.h"

/* Held while one process makes an entry, so that a second one waits for it
 * instead of doing the same work (flock(2) on CACHE/locks/…: the kernel frees
 * it when the process dies; on NFS, where each lock is one on the server, when
 * its machine comes back or its lease runs out). Who waits is told for whom. */
typedef struct CacheLock CacheLock;
CacheLock *cache_lock(const char *kind, const char *key, GError **error);
/* The same for who only reads what others make: any number of readers hold it at once, and the one
 * who makes it anew (cache_lock) waits for them all. Who holds it must not call cache_lock on it.
 */
CacheLock *cache_lock_shared(const char *kind, const char *key, GError **error);
/* The same for work of which several processes can each do their own, in a folder each: takes the
 * first of PLACES (1 or more) places that nobody holds, and waits only where all are held. *PLACE
 * is its number, from 0. */
CacheLock *cache_lock_place(const char *kind, const char *key, guint places, guint *place,
                            GError **error);
void cache_unlock(CacheLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CacheLock, cache_unlock)

/* The folder of a complete and undamaged entry (sums_check()), or NULL (no
 * error: a miss). g_free. */
char *cache_lookup(const char *kind, const char *key);

/* An empty folder in which to make the entry (on the cache's file system);
 * cache_commit seals it and moves it into place, taking out an older one, and
 * returns its final path; cache_discard removes it. It may have symlinks and
 * subfolders in it. Nobody changes what was committed. cache_begin
 * removes what processes have left that hold no lock any more. */
char *cache_begin(const char *kind, const char *key, GError **error);
/* Removes from PARENT, a folder of the cache, the folders "OWNER-…" (see owner.h) that may go by
 * that rule. */
void cache_remove_left(const char *parent);
char *cache_commit(const char *folder, const char *kind, const char *key, GError **error);
void cache_discard(const char *folder);

/* Makes sure that the cache is the caller's alone: a folder (no link to one) that belongs to who
 * runs tinyx, in a folder where nobody else may put another in its place. One that others may only
 * read is closed to them (0700); INPUT for one that they may write to, or that is not the caller's:
 * what they put there would be run. TRUE where there is no cache yet. */
gboolean cache_check(GError **error);

/* CACHE/NAME, made if missing (0700), after cache_check(); for what is not an entry (sources, logs,
 * ccache). g_free. */
char *cache_folder(const char *name, GError **error);

#endif
