/* lock.h - recipes/NAME/kernel-PLATFORM.lock: what the minimiser found, for people to review.
 *
 *   # tinyx kernel lock 1
 *   # application: nginx
 *   # platform: xen-pv
 *   # linux: 6.1.192
 *   # rules: epoll eventfd        (those that held; what of them is missing below is not needed)
 *   # bzimage: 1043200            (bytes)
 *   # least-memory: 24            (MB in which the test passed)
 *   # named: PACKET                (what a person named to the search, which keep.config keeps
 * else) # note: …                     (for people; any number) CONFIG_EPOLL=y  # event loops wait
 * on it; the test fails without it: trial 12 CONFIG_PACKET=n  # the test passes so: trial 3
 */
#ifndef TINYX_KERNEL_LOCK_H
#define TINYX_KERNEL_LOCK_H

#include "base/error.h"

/* How the note begins that names the symbols which a search had no budget for. */
#define LOCK_UNTRIED "the budget ran out:"

typedef struct Lock {
  char *file; /* as messages name it */
  char *application, *platform, *version;
  char **rules; /* never NULL */
  char **named; /* never NULL */
  gint64 bzimage;
  int least_memory;    /* 0: not known */
  GPtrArray *notes;    /* char* */
  GPtrArray *requests; /* SymbolRequest* */
} Lock;

Lock *lock_new(const char *file);
void lock_free(Lock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lock, lock_free)

#define LOCK_BYTES_MAX (4U << 20) /* of a lock: those of a distribution's kernel have 0.1 MB */

/* Errors are INPUT, with file and line. */
Lock *lock_parse(const char *text, gsize size, const char *file, GError **error);
/* INPUT, too, for a string that the kernel's build would run or open (string-rules.h). */
Lock *lock_load(const char *path, GError **error);
/* Its text, which lock_parse reads back. g_free. */
char *lock_text(const Lock *lock);

/* TRUE if a kernel VERSION ("6.1.200") is of the series that LOCK was made for (6.1). */
gboolean lock_fits_version(const Lock *lock, const char *version);

#endif
