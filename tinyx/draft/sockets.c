/* sockets.c - which sockets listen: /proc/net/tcp and its like, proc(5). */
#include "draft/sockets.h"

#include "base/number.h"
#include "base/split.h"
#include "base/strings.h"

#include <string.h>

#define TCP_LISTEN 0x0a    /* include/net/tcp_states.h */
#define UDP_OPEN 0x07      /* TCP_CLOSE, which a UDP socket has that is not connected */
#define PICKED_FIRST 32768 /* the kernel's default of net.ipv4.ip_local_port_range */
#define PICKED_LAST 60999
#define V4_DIGITS 8 /* hexadecimal digits of an IPv4 address */
#define V6_DIGITS 32

/* Addresses are printed as 32-bit words in the processor's order: little endian here. */
static gboolean
is_loopback(const char *address) {
  static const char mapped[] = "0000000000000000FFFF0000";
  gsize length = strlen(address);
  if (length == V6_DIGITS && g_str_has_prefix(address, mapped))
    return is_loopback(address + strlen(mapped));
  if (length == V4_DIGITS)
    return strcmp(address + V4_DIGITS - 2, "7F") == 0;
  return strcmp(address, "00000000000000000000000001000000") == 0;
}

gboolean
sockets_is_picked(unsigned port) {
  return port >= PICKED_FIRST && port <= PICKED_LAST;
}

/* Takes the "ADDRESS:PORT" at *AT, with what follows: ADDRESS has room for V6_DIGITS and a NUL. */
static gboolean
take_address(const char **at, char *address, guint64 *port) {
  gsize length;
  *at += strspn(*at, " ");
  length = strspn(*at, "0123456789ABCDEF");
  if ((length != V4_DIGITS && length != V6_DIGITS) || (*at)[length] != ':')
    return FALSE;
  memcpy(address, *at, length);
  address[length] = '\0';
  *at += length + 1;
  return number_take(at, 16, G_MAXUINT16, port) && **at == ' ';
}

/* "  SLOT: ADDRESS:PORT REMOTE:PORT STATE ...", proc(5). */
static gboolean
take_line(const char *line, char *address, guint64 *port, guint64 *remote_port, guint64 *state) {
  char remote[V6_DIGITS + 1];
  guint64 slot;
  line += strspn(line, " ");
  if (!number_take(&line, 10, G_MAXUINT32, &slot) || *line++ != ':' ||
      !take_address(&line, address, port) || !take_address(&line, remote, remote_port))
    return FALSE;
  line += strspn(line, " ");
  return number_take(&line, 16, G_MAXUINT8, state) && (*line == ' ' || *line == '\0');
}

void
sockets_parse(const char *text, gboolean udp, GArray *listeners) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char address[V6_DIGITS + 1];
    guint64 port, remote_port, state;
    if (!take_line(lines[i], address, &port, &remote_port, &state))
      continue;
    if (port == 0 ||
        (udp ? state != UDP_OPEN || sockets_is_picked((unsigned)port) || remote_port != 0
             : state != TCP_LISTEN))
      continue;
    const Listener listener = {.port = (int)port,
                               .udp = udp,
                               .ipv6 = strlen(address) == V6_DIGITS,
                               .loopback = is_loopback(address)};
    g_array_append_val(listeners, listener);
  }
}

/* "NUMBER: REFERENCES PROTOCOL FLAGS TYPE STATE INODE PATH", proc(5); the flag of sockets that wait
 * for connections is __SO_ACCEPTCON (include/uapi/linux/net.h). */
void
sockets_parse_unix(const char *text, GPtrArray *paths) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *path = strstr(lines[i], " /"); /* an abstract one begins with '@' */
    g_auto(GStrv) words = split_words(lines[i], " ");
    if (path != NULL && g_strv_length(words) >= 8 && strcmp(words[3], "00010000") == 0)
      strings_add_once(paths, path + 1);
  }
}
