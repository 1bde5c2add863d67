/* forward.h - a TCP port of this machine's 127.0.0.1 that leads to a guest, through the agent. */
#ifndef TINYX_GUEST_FORWARD_H
#define TINYX_GUEST_FORWARD_H

#include "guest/agent.h"

typedef struct Forward Forward;

/* To PORT of ADDRESS, as seen from SIDE of the agent (AGENT_NO_SIDE: from itself). LOCAL_PORT 0
 * takes a free one; another that is taken is an error that says so. The work is done in
 * forward_turn(). */
Forward *forward_start(Agent *agent, int side, int local_port, const char *address, int port,
                       GError **error);
int forward_port(const Forward *forward);
/* Waits for SECONDS at most, or until there was something to do, and does it. FORWARD may be NULL:
 * then for AGENT alone. */
gboolean forward_turn(Forward *forward, Agent *agent, double seconds, GError **error);
void forward_stop(Forward *forward); /* NULL is fine */

#endif
