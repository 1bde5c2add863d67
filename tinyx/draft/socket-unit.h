/* socket-unit.h - services that systemd starts by a socket: systemd.socket(5). */
#ifndef TINYX_DRAFT_SOCKET_UNIT_H
#define TINYX_DRAFT_SOCKET_UNIT_H

#include "draft/service.h"

typedef struct {
  char *path;      /* "/lib/systemd/system/x.socket" */
  int port;        /* of ListenStream= or ListenDatagram=; a path in the file system is none: 0 */
  gboolean udp;    /* ListenDatagram= */
  gboolean accept; /* Accept=yes: a process for each connection, as inetd's "nowait" */
} SocketUnit;

/* The socket unit of NAME, "x.service" or "x@.service", among the INSTALLED files; FALSE where it
 * has none with a port. */
gboolean socket_unit_find(const char *name, const Tree *installed, SocketUnit *socket_unit);
void socket_unit_clear(SocketUnit *socket_unit);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SocketUnit, socket_unit_clear)

/* SERVICE, made of UNIT, expects a connection as its standard input: BusyBox' tcpsvd or udpsvd
 * listens, and starts its command for each. INPUT where its socket unit has no such port, or the
 * service expects the listening socket itself. */
gboolean socket_unit_serve(Service *service, const Unit *unit, const Tree *installed,
                           GError **error);
/* A note where the socket unit of SERVICE, which does not say StandardInput=socket, would hand it
 * an open port: sd_listen_fds(3). */
void socket_unit_note(Service *service, const Unit *unit, const Tree *installed);

#endif
