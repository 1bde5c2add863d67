/* job.h - a domain's job on the host: the files that scripts/guest-test works on, put there. */
#ifndef TINYX_XEN_JOB_H
#define TINYX_XEN_JOB_H

#include "tree/tree.h"
#include "xen/domain.h"

typedef struct {
  char *folder; /* on the host */
  char *domain; /* its name there: no other run uses it */
} DomainJob;

/* Copies IMAGE and what belongs to it in one go. BUNDLE is test_bundle()'s tar file: the recipe's
 * test script will be run in it; NULL: none will. */
gboolean domain_job_send(XenHost *host, const Recipe *recipe, const DomainImage *image,
                         const char *bundle, DomainJob *job, GError **error);
void domain_job_clear(DomainJob *job);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DomainJob, domain_job_clear)

/* Seconds that a boot of IMAGE may take before it counts as hung: those that it says; else a
 * minute, and what an emulated host may take to unpack it. A recipe that gives its test more than
 * that gives its start as much. */
int domain_boot_seconds(const DomainImage *image, const Recipe *recipe);
/* Seconds that IMAGE has to shut down before it is destroyed. */
int domain_shutdown_seconds(const DomainImage *image);

#endif
