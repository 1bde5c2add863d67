/* job.h - a domain's job on the host: the files that scripts/guest-test works on, put there. */
#ifndef TINYX_GUEST_JOB_H
#define TINYX_GUEST_JOB_H

#include "guest/guest.h"
#include "tree/tree.h"

typedef struct {
  char *folder; /* on the host */
  char *domain; /* its name there: no other run uses it */
} GuestJob;

/* Copies IMAGE and what belongs to it in one go. BUNDLE is test_bundle()'s tar file: the recipe's
 * test script will be run in it; NULL: none will. */
gboolean guest_job_send(XenHost *host, const Recipe *recipe, const GuestImage *image,
                        const char *bundle, GuestJob *job, GError **error);
void guest_job_clear(GuestJob *job);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GuestJob, guest_job_clear)

/* Seconds that a boot of IMAGE may take before it counts as hung: those that it says; else a
 * minute, and what an emulated host may take to unpack it. A recipe that gives its test more than
 * that gives its start as much. */
int guest_boot_seconds(const GuestImage *image, const Recipe *recipe);
/* Seconds that IMAGE has to shut down before it is destroyed. */
int guest_shutdown_seconds(const GuestImage *image);

#endif
