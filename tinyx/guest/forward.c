/* forward.c - a port of this machine that leads to a guest. */
#include "guest/forward.h"

#include "guest/agent.h"

#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define SSH_START_SECONDS 20

struct Forward {
  int port;
  Proc *ssh;                 /* the way to another machine, or into a namespace */
  GSocketListener *listener; /* the way from here to here */
  GCancellable *cancel;
  GThread *acceptor;
  char *target;
};

int
forward_port(const Forward *forward) {
  return forward->port;
}

typedef struct {
  GSocketConnection *from, *to;
} Copy;

/* One direction, to its end; then the other side's writing end is closed, and no more: HTTP clients
 * may half-close. */
static gpointer
copy_thread(gpointer data) {
  Copy *copy = data;
  GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(copy->from));
  GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(copy->to));
  char buffer[16384];
  gssize got;
  while ((got = g_input_stream_read(in, buffer, sizeof buffer, NULL, NULL)) > 0)
    if (!g_output_stream_write_all(out, buffer, (gsize)got, NULL, NULL, NULL))
      break;
  g_socket_shutdown(g_socket_connection_get_socket(copy->to), FALSE, TRUE, NULL);
  return NULL;
}

typedef struct {
  GSocketConnection *client;
  char *target;
} Visit;

static gpointer
visit_thread(gpointer data) {
  Visit *visit = data;
  g_autoptr(GSocketClient) connector = g_socket_client_new();
  g_autoptr(GSocketConnection) server =
      g_socket_client_connect_to_host(connector, visit->target, 80, NULL, NULL);
  if (server != NULL) {
    Copy up = {visit->client, server}, down = {server, visit->client};
    g_autoptr(GThread) thread = g_thread_new("forward-up", copy_thread, &up);
    copy_thread(&down);
    g_socket_shutdown(g_socket_connection_get_socket(visit->client), TRUE, TRUE, NULL);
    g_thread_join(g_steal_pointer(&thread));
  }
  g_object_unref(visit->client);
  g_free(visit->target);
  g_free(visit);
  return NULL;
}

static gpointer
accept_thread(gpointer data) {
  Forward *forward = data;
  GSocketConnection *client;
  while ((client = g_socket_listener_accept(forward->listener, NULL, forward->cancel, NULL)) !=
         NULL) {
    Visit *visit = g_new(Visit, 1);
    visit->client = client;
    visit->target = g_strdup(forward->target);
    g_thread_unref(g_thread_new("forward", visit_thread, visit));
  }
  return NULL;
}

/* A listening socket on 127.0.0.1; *PORT 0 becomes the port that it got. */
static GSocketListener *
listen_here(int *port, GError **error) {
  g_autoptr(GSocketListener) listener = g_socket_listener_new();
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new(loopback, (guint16)*port);
  g_autoptr(GSocketAddress) got = NULL;
  g_autoptr(GError) problem = NULL;
  if (!g_socket_listener_add_address(listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                     NULL, &got, &problem)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "port %d of this machine: %s", *port,
                problem->message);
    return NULL;
  }
  *port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(got));
  return g_steal_pointer(&listener);
}

static gboolean
start_here(Forward *forward, const char *target, GError **error) {
  forward->listener = listen_here(&forward->port, error);
  if (forward->listener == NULL)
    return FALSE;
  forward->target = g_strdup(target);
  forward->cancel = g_cancellable_new();
  forward->acceptor = g_thread_new("forward-accept", accept_thread, forward);
  return TRUE;
}

/* TRUE once a connection to the port can be made: ssh listens. */
static gboolean
listens(int port) {
  g_autoptr(GSocketClient) client = g_socket_client_new();
  g_autoptr(GSocketConnection) connection =
      g_socket_client_connect_to_host(client, "127.0.0.1", (guint16)port, NULL, NULL);
  return connection != NULL;
}

static gboolean
start_ssh(Forward *forward, XenHost *host, const char *target, GError **error) {
  g_autoptr(GSocketListener) trial = listen_here(&forward->port, error);
  g_autofree char *way = g_strdup_printf("127.0.0.1:%d:%s", forward->port, target);
  const char *const options[] = {"-N", "-o", "ExitOnForwardFailure=yes", "-L", way, NULL};
  g_auto(GStrv) argv = NULL;
  ProcSpec spec = {0};
  if (trial == NULL)
    return FALSE;
  g_socket_listener_close(trial); /* it was free; now it is ssh's */
  argv = xen_host_argv(host, options, NULL);
  spec.argv = (const char *const *)argv;
  forward->ssh = proc_start(&spec, error);
  if (forward->ssh == NULL)
    return FALSE;
  for (int i = 0; i < SSH_START_SECONDS * 10; i++) {
    if (proc_wait(forward->ssh, 0.1) || proc_interrupted())
      break;
    if (listens(forward->port))
      return TRUE;
  }
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "ssh does not forward port %d", forward->port);
  return FALSE;
}

Forward *
forward_start(XenHost *host, int port, const char *target, GError **error) {
  Forward *forward = g_new0(Forward, 1);
  forward->port = port;
  if (xen_host_is_local(host) ? start_here(forward, target, error)
                              : start_ssh(forward, host, target, error))
    return forward;
  forward_stop(forward);
  return NULL;
}

/* Listens on 127.0.0.1; *PORT 0 becomes the port that it got. -1 with ERROR. */
static int
listen_plain(int *port, GError **error) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((guint16)*port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 16) == 0 &&
      getsockname(fd, (struct sockaddr *)&address, &length) == 0) {
    *port = ntohs(address.sin_port);
    return fd;
  }
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "port %d of this machine: %s", *port,
              g_strerror(errno));
  if (fd >= 0)
    close(fd);
  return -1;
}

/* The socket listens here, and its server connects there. */
static gboolean
start_into(Forward *forward, int pid, const char *address, int port, GError **error) {
  g_autofree char *program = agent_program(error);
  g_autofree char *target = g_strdup_printf("%d", pid);
  g_autofree char *number = g_strdup_printf("%d", port);
  const char *const as_root[] = {"nsenter", "-t",      target,  "-n",   "--",
                                 program,   "forward", address, number, NULL};
  const char *const as_user[] = {"nsenter", "-t", target,  "-U",      "--preserve-credentials",
                                 "-n",      "--", program, "forward", address,
                                 number,    NULL};
  ProcSpec spec = {.argv = geteuid() == 0 ? as_root : as_user};
  if (program == NULL || (spec.input_fd = listen_plain(&forward->port, error)) < 0)
    return FALSE;
  forward->ssh = proc_start(&spec, error);
  close(spec.input_fd);
  return forward->ssh != NULL;
}

Forward *
forward_into(int pid, int local_port, const char *address, int port, GError **error) {
  Forward *forward = g_new0(Forward, 1);
  forward->port = local_port;
  if (start_into(forward, pid, address, port, error))
    return forward;
  forward_stop(forward);
  return NULL;
}

void
forward_stop(Forward *forward) {
  if (forward == NULL)
    return;
  proc_stop(forward->ssh, 1);
  if (forward->acceptor != NULL) {
    g_cancellable_cancel(forward->cancel);
    g_thread_join(forward->acceptor);
  }
  g_clear_object(&forward->cancel);
  g_clear_object(&forward->listener);
  g_free(forward->target);
  g_free(forward);
}
