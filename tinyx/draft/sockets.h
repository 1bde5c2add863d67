/* sockets.h - which sockets listen: the tables /proc/net/tcp, tcp6, udp, udp6 (proc(5)). */
#ifndef TINYX_DRAFT_SOCKETS_H
#define TINYX_DRAFT_SOCKETS_H

#include <glib.h>

typedef struct {
  int port;
  gboolean udp, ipv6;
  gboolean loopback; /* of 127.0.0.0/8 or ::1 */
} Listener;

/* Adds a Listener to LISTENERS (GArray) for each line of TEXT, which is such a table, that is a
 * listening TCP socket or, with UDP, an unconnected socket on a port below 32768 (the kernel gives
 * higher ones to clients). Lines of another form are passed over. */
void sockets_parse(const char *text, gboolean udp, GArray *listeners);

#endif
