/* stop.c - ends a domain in the background: asked to, by force, or what is left of a lost one. */
#include "domain/domain.h"

#include "base/msg.h"
#include "base/proc.h"
#include "base/process.h"
#include "guest/launcher.h"

#include <signal.h>
#include <unistd.h>

#define TIDY_SECONDS 100 /* of a keeper, beside its guest's own time; guest/run.c, ASK_SECONDS */
#define KILL_SECONDS 10

static gboolean
write_end(Domain *domain, const char *how, GError **error) {
  g_free(domain->phase);
  g_free(domain->how);
  domain->phase = g_strdup("ended");
  domain->how = g_strdup(how);
  domain->until = g_get_real_time() / G_USEC_PER_SEC;
  return domain_save(domain, error);
}

/* Where its keeper is gone: the guest's host has ended it, or is about to. */
static gboolean
end_rest(Domain *domain, const char *how, GError **error) {
  const GuestHostOptions options = {.spec = domain->spec};
  const Launcher *launcher = domain->launcher != NULL ? launcher_find(domain->launcher) : NULL;
  gboolean was = FALSE;
  if (launcher != NULL && domain->identity != NULL &&
      !launcher->end_lost(&options, domain->identity, &was, error)) {
    g_prefix_error(error, "%s: what its keeper left: ", domain->name);
    return FALSE;
  }
  if (was)
    msg_warn("%s: its guest ran on without a keeper; it is ended", domain->name);
  return write_end(domain, how, error);
}

/* The keeper, a process that FD means, ends its guest at a signal. */
static gboolean
end_keeper(Domain *domain, int fd, gboolean force, GError **error) {
  gboolean ended = FALSE;
  if (!force) {
    process_signal(fd, SIGTERM);
    ended = process_wait(fd, domain->stop_seconds + TIDY_SECONDS);
    if (!ended && proc_set_interrupted_error(error))
      return FALSE;
  }
  if (ended)
    return TRUE; /* it has written its end down */
  process_signal(fd, SIGKILL);
  if (!process_wait(fd, KILL_SECONDS))
    return tinyx_fail(error, TINYX_ERROR_FAILED, "%s: its keeper (process %d) does not end",
                      domain->name, domain->pid);
  return end_rest(domain, "ended by force, with its keeper", error);
}

gboolean
domain_stop(Domain *domain, gboolean force, gboolean *was, GError **error) {
  DomainState state = domain_state(domain);
  gboolean done;
  *was = state == DOMAIN_STARTS || state == DOMAIN_RUNS;
  if (state == DOMAIN_ENDED)
    return TRUE;
  if (state == DOMAIN_ELSEWHERE)
    return tinyx_fail(error, TINYX_ERROR_HOST,
                      "%s: another machine or container that shares the cache has it (%s); "
                      "expected tinyx stop there",
                      domain->name, domain->owner);
  int fd = *was ? process_open(domain->pid, domain->started) : -1;
  if (fd < 0)
    return end_rest(domain, "its keeper was killed", error);
  done = end_keeper(domain, fd, force, error);
  close(fd);
  return done;
}
