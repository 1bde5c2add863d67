/* forward.h - a TCP port of this machine's 127.0.0.1 that leads to a guest, through the agent. */
#ifndef TINYX_GUEST_FORWARD_H
#define TINYX_GUEST_FORWARD_H

#include "guest/agent.h"

typedef struct Forward Forward;

/* Takes the port *PORT of 127.0.0.1 (0: any free one, which *PORT becomes), long before there is
 * anything to lead it to: nobody is let in before forward_start(). INPUT where it is taken, or not
 * for the caller. Returns a descriptor, or -1. */
int forward_reserve(int *port, GError **error);
/* Leads the port of RESERVED, which it takes, to PORT of ADDRESS, as seen from SIDE of the agent
 * (AGENT_NO_SIDE: from itself). The work is done in forward_turn(). */
Forward *forward_start(Agent *agent, int side, int reserved, const char *address, int port,
                       GError **error);
int forward_port(const Forward *forward);
/* Waits for SECONDS at most, or until there was something to do, and does it. FORWARD may be NULL:
 * then for AGENT alone. */
gboolean forward_turn(Forward *forward, Agent *agent, double seconds, GError **error);
void forward_stop(Forward *forward); /* NULL is fine */

#endif
