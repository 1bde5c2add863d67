/* live.h - which processes are at work in the cache, by locks that the kernel keeps.
 *
 * A process id says nothing across containers and machines that share a cache; a lock does: the
 * kernel (or the file server) frees it when its process ends, however that ends. So each process
 * that has unfinished work in the cache holds a lock on CACHE/live/OWNER (owner.h), and
 * nobody removes the work of an owner whose lock is held.
 */
#ifndef TINYX_BASE_LIVE_H
#define TINYX_BASE_LIVE_H

#include "base/error.h"

typedef enum {
  LIVE_YES,     /* somebody holds its lock */
  LIVE_NO,      /* it had a lock, and nobody holds it any more */
  LIVE_UNKNOWN, /* it never had one, or that cannot be asked */
} LiveState;

/* Takes this process' lock, which it then holds to its end; to be called before there is anything
 * in the cache that has its name. */
gboolean live_hold(GError **error);
/* OWNER as owner_self() writes it. */
LiveState live_state(const char *owner);
/* Removes the lock's file of an owner that is LIVE_NO, after all that it left. */
void live_forget(const char *owner);

/* The same for a file PATH of one's own, which a child that outlives us is to hold: a descriptor
 * that children inherit (to be closed once the child was started), or -1 with ERROR. */
int live_file_hold(const char *path, GError **error);
LiveState live_file_state(const char *path);

#endif
