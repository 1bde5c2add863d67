/* host.h - a machine with Xen on which domains are created: embedded (QEMU with
 * Xen and a dom0 of ours), local (we run in dom0) or ssh (another machine's dom0).
 *
 * All three are driven through the same few calls: run a shell command there,
 * copy a file there. Only xl, a shell and a writable directory are asked of it.
 */
#ifndef TINYX_XEN_HOST_H
#define TINYX_XEN_HOST_H

#include "base/error.h"
#include "base/proc.h"

typedef struct XenHost XenHost;

/* SPEC is NULL or "" (embedded, unless this machine is a dom0: then local), "embedded",
 * "local", "ssh://user@machine[:port]". For embedded: joins the one that `tinyx host
 * start` left running, else restores a private one from the snapshot (making that first
 * if need be), which ends with xen_host_close. INPUT for a malformed SPEC, HOST if it
 * cannot be used. */
XenHost *xen_host_open(const char *spec, GError **error);
/* An embedded host of its own that notes which code between the virtual addresses LOW and HIGH is
 * executed: each instruction of it that was translated begins a line "0xADDRESS:" of the file
 * xen_host_trace(). That file goes with xen_host_close. Half as fast. */
XenHost *xen_host_open_traced(guint64 low, guint64 high, GError **error);
char *xen_host_trace(const XenHost *host); /* g_free */
/* An embedded host of its own with DISKS (raw images, NULL-terminated, may be NULL) as dom0's
 * /dev/vda, /dev/vdb, …; the files themselves are not changed. COUNTED: with one processor whose
 * clock counts instructions, a nanosecond each: what Xen calls the CPU time of a domain is their
 * number then. Several times slower in real time; see xen_host_patience. */
XenHost *xen_host_open_measuring(const char *const *disks, gboolean counted, GError **error);
/* How many times longer than usual things may take on it. */
int xen_host_patience(const XenHost *host);
void xen_host_close(XenHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(XenHost, xen_host_close)

/* A folder on the host that is ours alone; removed by xen_host_close. Owned by HOST. On an embedded
 * host it is only a name until something is put there (mkdir -p). */
const char *xen_host_folder(const XenHost *host);
const char *xen_host_name(const XenHost *host); /* "embedded (QEMU TCG, Xen 4.17.7)" */

/* Runs SCRIPT by the host's /bin/sh. Exit status in RESULT; fails only where the host does. */
gboolean xen_host_run(XenHost *host, const char *script, int deadline, ProcFlags flags,
                      ProcResult *result, GError **error);

/* The argument vector that runs SCRIPT there, for a child that the caller starts; SSH_OPTIONS (may
 * be NULL) are for ssh(1), if that is the way; g_strfreev. */
char **xen_host_argv(const XenHost *host, const char *const *ssh_options, const char *script);
/* TRUE if the host ends with xen_host_close, and all domains with it. */
gboolean xen_host_is_private(const XenHost *host);
/* TRUE if `tinyx host start` has left an embedded host running, as far as is written down. */
gboolean xen_host_is_left(void);

/* For `tinyx host`. */
gboolean xen_host_start(const char *spec, GError **error); /* leaves it running */
gboolean xen_host_stop(const char *spec, GError **error);
gboolean xen_host_status(const char *spec, char **text, GError **error);
int xen_host_shell(const char *spec, char *const *command,
                   GError **error); /* interactive if command is NULL */
/* The same in the embedded host that the tinyx with process PID has for itself; 0: the only one
 * that has. */
int xen_host_attach(int pid, char *const *command, GError **error);

#endif
