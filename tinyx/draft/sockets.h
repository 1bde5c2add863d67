/* sockets.h - which sockets listen: the tables /proc/net/tcp, tcp6, udp, udp6 (proc(5)). */
#ifndef TINYX_DRAFT_SOCKETS_H
#define TINYX_DRAFT_SOCKETS_H

#include <glib.h>

typedef struct {
  int port;
  gboolean udp, ipv6;
  gboolean loopback; /* of 127.0.0.0/8 or ::1 */
} Listener;

/* TRUE for a port that the kernel picks for who names none: another one at each start
 * (net.ipv4.ip_local_port_range, ip(7)). */
gboolean sockets_is_picked(unsigned port);

/* Adds a Listener to LISTENERS (GArray) for each line of TEXT, which is such a table, that is a
 * listening TCP socket or, with UDP, an unconnected socket on a port that is not picked (a client's
 * is). Lines of another form are passed over. */
void sockets_parse(const char *text, gboolean udp, GArray *listeners);

#endif
