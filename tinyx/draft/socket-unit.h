/* socket-unit.h - services that systemd starts by a socket: systemd.socket(5). */
#ifndef TINYX_DRAFT_SOCKET_UNIT_H
#define TINYX_DRAFT_SOCKET_UNIT_H

#include "draft/service.h"

typedef struct {
  char *path;      /* "/lib/systemd/system/x.socket" */
  int port;        /* of ListenStream= or ListenDatagram=; 0: none, as where that is a path */
  char *address;   /* of the first ListenStream=, as it stands there, or NULL */
  gboolean udp;    /* ListenDatagram= */
  gboolean accept; /* Accept=yes: a process for each connection, as inetd's "nowait" */
} SocketUnit;

/* The socket unit of NAME, "x.service" or "x@.service", among the INSTALLED files; FALSE where it
 * has none with a port. */
gboolean socket_unit_find(const char *name, const Tree *installed, SocketUnit *socket_unit);
void socket_unit_clear(SocketUnit *socket_unit);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SocketUnit, socket_unit_clear)

/* For a SERVICE, translated from UNIT, that expects a connection as its standard input: from now on
 * BusyBox' tcpsvd or udpsvd listens, and starts its command for each connection. INPUT where its
 * socket unit has no port, or where it expects the listening socket itself. */
gboolean socket_unit_serve(Service *service, const Unit *unit, const Tree *installed,
                           GError **error);
/* For services without StandardInput=socket: adds a note if systemd would hand SERVICE a socket
 * that is open already (sd_listen_fds(3)), since here it has to open it itself. INPUT where its
 * command says that it does not (rootfs/unit.handed). */
gboolean socket_unit_check(Service *service, const Unit *unit, const Tree *installed,
                           GError **error);

#endif
