/* strace-net.h - what an application's calls on sockets show of the network.
 *
 * A group of IPv4 that was joined (IP_ADD_MEMBERSHIP) shows net:multicast. A port that was bound
 * for IPv6 and by nobody for IPv4 shows net:ipv6: the daemon serves it by its IPv6 socket, or not
 * at all.
 */
#ifndef TINYX_TRACE_STRACE_NET_H
#define TINYX_TRACE_STRACE_NET_H

#include "trace/strace-line.h"

typedef struct StraceNet StraceNet;

StraceNet *strace_net_new(void);
void strace_net_free(StraceNet *net);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StraceNet, strace_net_free)

/* CALL is of PROGRAM (a path in the root). Others than bind and setsockopt show nothing. */
void strace_net_take(StraceNet *net, const StraceCall *call, const char *program);
/* Adds what was shown to USES (Use*, USE_SHOW). */
void strace_net_show(const StraceNet *net, GPtrArray *uses);

#endif
