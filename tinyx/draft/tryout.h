/* tryout.h - one run of a draft's root file system in a container, for some seconds: what listens
 * in it, and what its console says. */
#ifndef TINYX_DRAFT_TRYOUT_H
#define TINYX_DRAFT_TRYOUT_H

#include "draft/draft.h"
#include "draft/sockets.h"

typedef struct {
  GArray *listeners; /* Listener */
  gint64 root_kb;    /* of its files */
  gint64 written_kb; /* that its files became larger by */
  gint64 used_kb;    /* of the memory that its processes had for themselves */
  char *console;
} DraftTryout;

#define TRYOUT_SECONDS 30 /* that a daemon has to open its port */

/* A new folder in the cache, and its end. g_free. */
char *tryout_folder(GError **error);
void tryout_folder_remove(const char *folder);

/* Runs DRAFT. TOOL where there are no namespaces, and what rootfs_plan says. */
gboolean draft_tryout_run(const Draft *draft, DraftTryout *tryout, GError **error);
void draft_tryout_clear(DraftTryout *tryout);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DraftTryout, draft_tryout_clear)

#endif
