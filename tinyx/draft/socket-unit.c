/* socket-unit.c - services that systemd starts by a socket: systemd.socket(5). */
#include "draft/socket-unit.h"

#include "base/files.h"
#include "base/rulelines.h"
#include "base/strings.h"
#include "draft/find.h"
#include "draft/service-private.h"

#include <fnmatch.h>
#include <string.h>

#define SOCKET "Socket" /* the unit's section */
#define HANDED "rootfs/unit.handed"
#define PROGRAM_MOST (1U << 30) /* bytes */

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
  g_autoptr(GPtrArray) all = unit_all(unit, SOCKET, "ListenStream");
  if (all->len > 0)
    socket_unit->address = g_strdup(((const UnitEntry *)all->pdata[0])->value);
  socket_unit->accept = service_is_true(unit_get(unit, SOCKET, "Accept"));
  socket_unit->path = g_steal_pointer(&path);
  return socket_unit->port > 0;
}

void
socket_unit_clear(SocketUnit *socket_unit) {
  g_clear_pointer(&socket_unit->path, g_free);
  g_clear_pointer(&socket_unit->address, g_free);
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

/* ---- Accept=no: the daemon gets the listening socket -------------------- */

static char *
take_glob(gpointer data, char *line, guint number) {
  (void)number;
  if (rule_line_reason(line) == NULL)
    return rule_line_bad(line, RULE_LINE_REASON);
  g_ptr_array_add(data, g_strdup(line));
  return NULL;
}

/* The word of COMMAND that is one of rootfs/unit.handed; "" where none is, NULL on error. g_free.
 */
static char *
handed_word(const char *command, GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(HANDED, &size, error);
  g_autoptr(GPtrArray) globs = strings_new();
  g_auto(GStrv) words = NULL;
  if (text == NULL || !rule_lines_read(text, size, HANDED, take_glob, globs, error))
    return NULL;
  if (!g_shell_parse_argv(command, NULL, &words, NULL))
    return g_strdup("");
  for (guint i = 0; words[i] != NULL; i++)
    for (guint j = 0; j < globs->len; j++)
      if (fnmatch(globs->pdata[j], words[i], 0) == 0)
        return g_strdup(words[i]);
  return g_strdup("");
}

/* TRUE where the program at PATH has code for sockets that are handed over. */
static gboolean
takes_sockets(const Tree *installed, const char *path) {
  static const char *const signs[] = {"LISTEN_FDS", "sd_listen_fds"};
  const TreeEntry *entry = installed != NULL ? tree_resolve(installed, path) : NULL;
  g_autoptr(GMappedFile) map =
      entry != NULL && entry->source != NULL ? file_map(entry->source, PROGRAM_MOST, NULL) : NULL;
  gsize size = map != NULL ? g_mapped_file_get_length(map) : 0;
  for (guint i = 0; size > 0 && i < G_N_ELEMENTS(signs); i++)
    if (memmem(g_mapped_file_get_contents(map), size, signs[i], strlen(signs[i])) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
socket_unit_check(Service *service, const Unit *unit, const Tree *installed, GError **error) {
  g_auto(SocketUnit) found = {0};
  socket_unit_find(unit->name, installed, &found);
  if (found.path == NULL)
    return TRUE;
  g_autofree char *word = handed_word(service->run->command, error);
  if (word == NULL)
    return FALSE;
  if (word[0] != '\0') {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: its command takes the sockets of %s from systemd (%s), and nobody hands them "
                "over here; expected --command with an address of its own",
                unit->file, found.path, word);
    return FALSE;
  }
  gboolean takes = takes_sockets(installed, service->program);
  if (found.port == 0 && !takes)
    return TRUE;
  g_autofree char *port = g_strdup_printf("%s port %d", found.udp ? "UDP" : "TCP", found.port);
  g_ptr_array_add(service->notes,
                  g_strdup_printf("%s: under systemd, %s opens %s for it (LISTEN_FDS)%s; here it "
                                  "has to open it itself",
                                  unit->name, found.path,
                                  found.port > 0          ? port
                                  : found.address != NULL ? found.address
                                                          : "a socket",
                                  takes ? ", and its program can take it" : ""));
  return TRUE;
}
