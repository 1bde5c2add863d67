/* tryout.h - a try-out: a draft's root file system runs in a container for some seconds. What
 * listens in it, and what does its console say? */
#ifndef TINYX_DRAFT_TRYOUT_H
#define TINYX_DRAFT_TRYOUT_H

#include "base/proc.h"
#include "draft/draft.h"
#include "draft/sockets.h"

typedef struct {
  GArray *listeners; /* Listener */
  GPtrArray *paths;  /* char*: of UNIX sockets that listen */
  gint64 root_kb;    /* the size of its files before */
  gint64 written_kb; /* by how much they had grown at the end */
  gint64 used_kb;    /* memory that its processes had for themselves (RssAnon, RssShmem) */
  char *console;     /* what init and the applications wrote */
} DraftTryout;

#define TRYOUT_SECONDS 30 /* after which a daemon should have opened its port */

/* Tries DRAFT out once. TOOL where there are no namespaces, and what rootfs_plan says. */
gboolean draft_tryout_run(Draft *draft, DraftTryout *tryout, GError **error);
/* Plans the image of DRAFT, unless its last try-out did: what `tinyx build` would refuse is known
 * before anything is built. Errors as of rootfs_plan(). */
gboolean draft_check(const Draft *draft, GError **error);
void draft_tryout_clear(DraftTryout *tryout);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DraftTryout, draft_tryout_clear)

/* Runs the root file system in the file TAR, as scripts/try-out has it, for TRYOUT_SECONDS or until
 * PORTS ("80 0": words, 0 for any) are open. RESULT->out has what it says. */
gboolean tryout_run_files(const char *tar, const char *name, const char *ports, ProcResult *result,
                          GError **error);

#endif
