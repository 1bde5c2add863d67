/* forward.h - a TCP port of this machine's localhost that leads to a guest, through the agent. */
#ifndef TINYX_GUEST_FORWARD_H
#define TINYX_GUEST_FORWARD_H

#include "guest/agent.h"

typedef struct Forward Forward;

/* A port of this machine that was taken: of 127.0.0.1, and of ::1 where the machine has that, so
 * that "localhost" leads there whichever address a program takes it for. */
typedef struct ForwardPort {
  int ipv4, ipv6; /* sockets; -1: none */
  int port;
} ForwardPort;

/* Takes the port PORT (0: any free one), long before there is anything to lead it to: nobody is let
 * in before forward_start(). INPUT where it is taken, or not for the caller. */
gboolean forward_reserve(int port, ForwardPort *taken, GError **error);
void forward_release(ForwardPort *taken);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ForwardPort, forward_release)
/* Leads RESERVED, which stays the caller's, to PORT of ADDRESS, as seen from SIDE of the agent
 * (AGENT_NO_SIDE: from itself). The work is done in forward_turn(). */
Forward *forward_start(Agent *agent, int side, const ForwardPort *reserved, const char *address,
                       int port, GError **error);
int forward_port(const Forward *forward);
/* Waits for SECONDS at most, or until there was something to do, and does it. FORWARD may be NULL:
 * then for AGENT alone. */
gboolean forward_turn(Forward *forward, Agent *agent, double seconds, GError **error);
void forward_stop(Forward *forward); /* NULL is fine */

#endif
