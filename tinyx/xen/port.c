/* port.c - a port of this machine for QEMU, and whether it is still QEMU's. */
#include "xen/confine.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENS 0x0a /* of the state column in /proc/net/tcp: include/net/tcp_states.h */

int
port_free(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = 0;
  if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
      getsockname(fd, (struct sockaddr *)&address, &length) == 0)
    port = ntohs(address.sin_port);
  if (fd >= 0)
    close(fd);
  return port;
}

/* Of the socket that gets what is sent to 127.0.0.1:PORT; one of every address counts, too. */
static gboolean
find_listener(int port, guint *user, guint64 *inode) {
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  if (!g_file_get_contents("/proc/net/tcp", &text, NULL, NULL))
    return FALSE;
  lines = g_strsplit(text, "\n", -1);
  for (guint i = 1; lines[i] != NULL; i++) {
    guint address, state, its_port;
    unsigned long long number;
    if (sscanf(lines[i], " %*u: %8x:%4x %*x:%*x %x %*x:%*x %*x:%*x %*x %u %*u %llu", &address,
               &its_port, &state, user, &number) == 5 &&
        (int)its_port == port && state == LISTENS &&
        (address == htonl(INADDR_LOOPBACK) || address == 0)) {
      *inode = number;
      return TRUE;
    }
  }
  return FALSE;
}

/* Where we may not look, the answer is yes. */
static gboolean
has_socket(int pid, guint64 inode) {
  g_autofree char *folder = g_strdup_printf("/proc/%d/fd", pid);
  g_autofree char *wanted = g_strdup_printf("socket:[%" G_GUINT64_FORMAT "]", inode);
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;
  if (dir == NULL)
    return TRUE;
  while ((name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *target = g_file_read_link(path, NULL);
    if (target == NULL || strcmp(target, wanted) == 0)
      return TRUE;
  }
  return FALSE;
}

/* QEMU takes its port before it becomes another user: the socket is ours. */
gboolean
port_check(int port, int pid, GError **error) {
  guint user;
  guint64 inode;
  if (!find_listener(port, &user, &inode))
    return tinyx_fail(error, TINYX_ERROR_HOST, "nothing listens on port %d of this machine", port);
  if (user != geteuid())
    return tinyx_fail(
        error, TINYX_ERROR_HOST,
        "port %d of this machine is another user's (%u); expected the Xen host's QEMU", port, user);
  return has_socket(pid, inode) ||
         tinyx_fail(error, TINYX_ERROR_HOST,
                    "port %d of this machine is another program's; expected the Xen host's QEMU",
                    port);
}
