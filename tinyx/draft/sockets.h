/* sockets.h - which sockets listen: the tables /proc/net/tcp, tcp6, udp, udp6 and unix
 * (proc(5)). */
#ifndef TINYX_DRAFT_SOCKETS_H
#define TINYX_DRAFT_SOCKETS_H

#include <glib.h>

typedef struct {
  int port;
  gboolean udp, ipv6;
  gboolean loopback; /* of 127.0.0.0/8 or ::1 */
} Listener;

/* TRUE for the ports from which the kernel takes one for a socket that asks for none: another at
 * each start (net.ipv4.ip_local_port_range, ip(7)). */
gboolean sockets_is_picked(unsigned port);

/* TEXT is such a table. Adds a Listener to LISTENERS (GArray) for each listening TCP socket in it;
 * with UDP, for each socket that is not connected, unless the kernel may have picked its port: that
 * is a client's. Lines of another form are passed over. */
void sockets_parse(const char *text, gboolean udp, GArray *listeners);

/* TEXT is /proc/net/unix. Adds to PATHS (char*) that of each listening stream socket in it that has
 * one in the file system. */
void sockets_parse_unix(const char *text, GPtrArray *paths);

#endif
