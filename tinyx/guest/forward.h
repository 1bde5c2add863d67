/* forward.h - a TCP port of this machine's 127.0.0.1 that leads to a domain.
 */
#ifndef TINYX_GUEST_FORWARD_H
#define TINYX_GUEST_FORWARD_H

#include "xen/host.h"

typedef struct Forward Forward;

/* TARGET is "ADDRESS:PORT" as seen from the host. PORT 0 takes a free one; another that is taken is
 * an error that says so. By `ssh -L`, or where the host is this machine by threads of our own. */
Forward *forward_start(XenHost *host, int port, const char *target, GError **error);
/* The same to PORT of ADDRESS in the network namespace of the process PID, which we (or, in a user
 * namespace of ours, root there) may enter: by a tinyx-agent that runs in it. */
Forward *forward_into(int pid, int local_port, const char *address, int port, GError **error);
int forward_port(const Forward *forward);
void forward_stop(Forward *forward); /* NULL is fine */

#endif
