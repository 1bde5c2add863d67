/* socket-unit.c - services that systemd starts by a socket: systemd.socket(5). */
#include "draft/socket-unit.h"

#include "base/strings.h"
#include "draft/find.h"
#include "draft/service-private.h"

#include <string.h>

#define SOCKET "Socket" /* the unit's section */

/* The path of the socket unit of "x.service" or "x@.service"; g_free. */
static char *
socket_path(const char *name) {
  gsize length = g_str_has_suffix(name, ".service") ? strlen(name) - strlen(".service") : 0;
  const char *at = memchr(name, '@', length);
  return g_strdup_printf("/lib/systemd/system/%.*s.socket",
                         (int)(at != NULL ? (gsize)(at - name) : length), name);
}

/* The port of "80", "127.0.0.1:80" or "[::]:80"; 0: it has none. */
static int
port_of(const char *address) {
  guint64 port = 0;
  const char *colon = address != NULL ? strrchr(address, ':') : NULL;
  if (address != NULL)
    g_ascii_string_to_unsigned(colon != NULL ? colon + 1 : address, 10, 1, 65535, &port, NULL);
  return (int)port;
}

/* The port of the first value of KEY that has one: others may be paths of UNIX sockets. */
static int
first_port(const Unit *unit, const char *key) {
  g_autoptr(GPtrArray) values = unit_all(unit, SOCKET, key);
  int port = 0;
  for (guint i = 0; i < values->len && port == 0; i++)
    port = port_of(((const UnitEntry *)values->pdata[i])->value);
  return port;
}

gboolean
socket_unit_find(const char *name, const Tree *installed, SocketUnit *socket_unit) {
  g_autofree char *path = socket_path(name);
  g_autofree char *text = find_text(installed, path);
  g_autoptr(Unit) unit = text != NULL ? unit_parse(text, strlen(text), path, NULL) : NULL;
  *socket_unit = (SocketUnit){0};
  if (unit == NULL)
    return FALSE;
  socket_unit->port = first_port(unit, "ListenStream");
  if (socket_unit->port == 0) {
    socket_unit->port = first_port(unit, "ListenDatagram");
    socket_unit->udp = TRUE;
  }
  socket_unit->accept = service_is_true(unit_get(unit, SOCKET, "Accept"));
  socket_unit->path = g_steal_pointer(&path);
  return socket_unit->port > 0;
}

void
socket_unit_clear(SocketUnit *socket_unit) {
  g_clear_pointer(&socket_unit->path, g_free);
}

/* tcpsvd's option for the account of RUN, "-u USER:GROUP ", or "". It opens the port before it
 * becomes that user. g_free. */
static char *
account_option(const RecipeRun *run) {
  g_autofree char *account =
      run->group != NULL
          ? g_strdup_printf("%s:%s", run->user != NULL ? run->user : "root", run->group)
          : g_strdup(run->user);
  const char *const words[] = {"-u", account, NULL};
  g_autofree char *option = account != NULL ? words_join(words) : NULL;
  return option != NULL ? g_strconcat(option, " ", NULL) : g_strdup("");
}

gboolean
socket_unit_serve(Service *service, const Unit *unit, const Tree *installed, GError **error) {
  g_auto(SocketUnit) found = {0};
  gboolean any = socket_unit_find(unit->name, installed, &found);
  if (!any || found.udp == found.accept) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: StandardInput=socket cannot be translated: %s; expected a socket unit with "
                "ListenStream=PORT and Accept=yes, or with ListenDatagram=PORT",
                unit->file,
                found.path == NULL ? "it has no socket unit"
                : !any             ? "its socket unit names no port"
                : found.udp        ? "Accept=yes is for connections, and UDP has none"
                                   : "it expects the listening socket itself");
    return FALSE;
  }
  const char *applet = found.udp ? "udpsvd" : "tcpsvd";
  g_autofree char *account = account_option(service->run);
  char *command = g_strdup_printf("/usr/bin/%s -E %s0 %d %s", applet, account, found.port,
                                  service->run->command);
  g_free(service->run->command);
  service->run->command = command;
  g_clear_pointer(&service->run->user, g_free);
  g_clear_pointer(&service->run->capabilities, g_strfreev);
  g_clear_pointer(&service->run->group, g_free);
  service->udp_port = found.udp ? found.port : 0;
  strings_add_once(service->applets, applet);
  g_ptr_array_add(service->notes,
                  g_strdup_printf("%s: StandardInput=socket: BusyBox' %s listens for it, by %s",
                                  unit->name, applet, found.path));
  return TRUE;
}

void
socket_unit_note(Service *service, const Unit *unit, const Tree *installed) {
  g_auto(SocketUnit) found = {0};
  if (socket_unit_find(unit->name, installed, &found))
    g_ptr_array_add(service->notes,
                    g_strdup_printf("%s: under systemd, %s opens %s port %d for it (LISTEN_FDS); "
                                    "here it has to open it itself",
                                    unit->name, found.path, found.udp ? "UDP" : "TCP", found.port));
}
