/* sandbox.h - the one place that foreign code on this machine is started from: maintainer scripts
 * of packages, daemons on trial, traced tests, a kernel's makefiles. docs/security.md has the
 * reasons.
 *
 * What runs in a sandbox has namespaces of its own (user, mount, process, network, IPC, UTS,
 * cgroup), a root in which only what it is given is seen, no way to the old one, the capabilities
 * that it is given by name, a filter of system calls, no terminal, and limits; it dies with tinyx.
 * Its root is a subordinate id, also where root calls. tinyx-confine (tinyx/confine) does that.
 */
#ifndef TINYX_SANDBOX_SANDBOX_H
#define TINYX_SANDBOX_SANDBOX_H

#include "base/error.h"

/* The most that one sandbox may use at a time; its time is its ProcSpec's deadline. */
#define SANDBOX_PROCESSES 4096
#define SANDBOX_DISK_WORD "34359738368" /* bytes in the folder that it writes to: 32 GiB */
/* Of the machine's memory, in parts of a hundred; less than 2 GiB on none. */
#define SANDBOX_MEMORY_PERCENT 75

/* What maintainer scripts need beyond reading and writing their own: to give files to the users of
 * packages, to set modes and file capabilities, to make pipes, to become a package's user, and
 * dpkg's chroot. As option words. */
#define SANDBOX_FOR_PACKAGES "--keep", "for-packages"

/* The words that run COMMAND in a sandbox: the options (see tinyx/confine/main.c) are given in
 * OPTIONS; a /tmp of its own, and limits, are added. Both end with NULL. g_strfreev. NULL with TOOL
 * where tinyx-confine has not been built. */
char **sandbox_words(const char *const *options, const char *const *command, GError **error);

/* TOOL where this machine does not allow sandboxes. Asked before they are used, since programs that
 * fail in them do not say why. */
gboolean sandbox_need(GError **error);

/* Removes all that is in FOLDER, whose files belong to subordinate ids; the folder itself stays. In
 * a sandbox that may write to it, and nowhere else. */
gboolean sandbox_remove(const char *folder, GError **error);

#endif
