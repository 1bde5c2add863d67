/* remote.h - the shell of a Xen host, here or at the other end of ssh(1).
 */
#ifndef TINYX_XEN_REMOTE_H
#define TINYX_XEN_REMOTE_H

#include "base/proc.h"

typedef struct {
  char **argv; /* what comes before the one argument that a shell gets: {"/bin/sh", "-c"} or
                  {"ssh", …, "machine"} */
  gboolean ssh;
  char *log;  /* a file of ours: what ssh itself and the script say on standard error */
  char *name; /* for messages: "root@machine" */
} Remote;

Remote *remote_local(const char *log);
/* PORT, USER, KEY and KNOWN_HOSTS may be 0 or NULL: then the user's ssh configuration decides. The
 * environment variable TINYX_SSH replaces "ssh" (words as a shell splits them: "ssh -i key"). */
Remote *remote_ssh(const char *user, const char *machine, int port, const char *key,
                   const char *known_hosts, const char *log, GError **error);
void remote_free(Remote *remote);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Remote, remote_free)

/* The same way, with EXTRA (ssh options: "-t", "-L", …; NULL-terminated) before the machine's name,
 * as an argument vector with SCRIPT (NULL: none, a login shell) at its end; g_strfreev. */
char **remote_argv(const Remote *remote, const char *const *extra, const char *script);

typedef struct {
  int deadline; /* seconds, > 0 */
  ProcFlags flags;
} RemoteRun;

/* Runs SCRIPT by the host's /bin/sh, with the folders of Xen's programs in PATH. The script's exit
 * status is a result. HOST if the host cannot be reached, with what ssh said. */
gboolean remote_run(const Remote *remote, const char *script, const RemoteRun *how,
                    ProcResult *result, GError **error);

#endif
