/* confine.h - what a QEMU may do to this machine: a hostile guest that breaks out of it is there.
 */
#ifndef TINYX_XEN_CONFINE_H
#define TINYX_XEN_CONFINE_H

#include "base/proc.h"

/* Value of -sandbox for a QEMU that stays who it is: seccomp filters against old and dangerous
 * system calls, other users, programs and priorities (qemu(1)). */
#define CONFINE_SANDBOX "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

/* Adds to ARGV (of strings) a sandbox, and where root starts it a user that nobody else is, which
 * QEMU becomes once it has opened its files, devices and ports (-runas), without any capability.
 * Returns whether it does that. */
gboolean confine_add(GPtrArray *argv);

/* A process that becomes another user no longer dies with its parent. This one ends QEMU when we
 * are gone, however we went; NULL with ERROR. */
typedef struct Keeper Keeper;
Keeper *keeper_start(int qemu, GError **error);
void keeper_stop(Keeper *keeper); /* after QEMU's end; NULL is fine */

/* TRUE where 127.0.0.1:PORT is listened to by a process of the user that we are, and by PID as far
 * as we may look. HOST: by another; a port may be free when we choose it and another user's before
 * QEMU has it, or after QEMU has ended. */
gboolean port_check(int port, int pid, GError **error);
/* A port of 127.0.0.1 that is free now; it may be taken a moment later. 0: none. */
int port_free(void);

#endif
