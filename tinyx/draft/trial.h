/* trial.h - a draft tried: its root file system runs in a container for some seconds, and what
 * listens in it corrects what the configuration let guess. What a kernel lacks shows in a domain
 * only. */
#ifndef TINYX_DRAFT_TRIAL_H
#define TINYX_DRAFT_TRIAL_H

#include "draft/draft.h"
#include "draft/sockets.h"

typedef struct {
  GArray *listeners; /* Listener */
  char *console;
} DraftTrial;

/* Runs DRAFT. TOOL where there are no namespaces, and what rootfs_plan says. */
gboolean draft_trial_run(const Draft *draft, DraftTrial *trial, GError **error);
/* What TRIAL says goes into DRAFT: ports, and notes for people. */
void draft_trial_apply(const DraftTrial *trial, Draft *draft);
void draft_trial_clear(DraftTrial *trial);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DraftTrial, draft_trial_clear)

#endif
