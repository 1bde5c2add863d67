/* forward.c - a port of this machine that leads to a guest: each connection is one of the agent's.
 */
#include "guest/forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENERS 2
#define CLIENTS_MAX (AGENT_POLL_MAX - LISTENERS)
#define TRIES 20 /* for a port that is free in both families */

typedef struct {
  Agent *agent;
  int fd;
  guint stream;        /* the request that opened it; 0: it has ended there */
  gboolean connected;  /* there */
  gboolean read_ended; /* here: no more goes there */
  guint writing;       /* the request whose bytes are on their way; 0: none */
  GString *down;       /* for the client, not yet written */
  gboolean broken;     /* to be removed */
} Client;

struct Forward {
  Agent *agent;
  int listeners[LISTENERS]; /* of 127.0.0.1 and ::1; -1 */
  int local_port, port, side;
  char *address;
  GPtrArray *clients; /* Client* */
};

static void
client_free(gpointer data) {
  Client *client = data;
  if (client->stream != 0)
    agent_stop(client->agent, client->stream);
  if (client->writing != 0)
    agent_forget(client->agent, client->writing);
  close(client->fd);
  g_string_free(client->down, TRUE);
  g_free(client);
}

/* An answer of an agent that no longer is: no error, the next wait says it. */
static void
tell(Agent *agent, guint id) {
  if (id != 0)
    agent_forget(agent, id);
}

/* What is there for the client; the agent may send more of what it has taken. */
static void
client_write(Client *client) {
  gsize before = client->down->len;
  while (client->down->len > 0) {
    ssize_t written = send(client->fd, client->down->str, client->down->len, MSG_NOSIGNAL);
    if (written < 0 && (errno == EAGAIN || errno == EINTR))
      break;
    if (written < 0) {
      client->broken = TRUE;
      return;
    }
    g_string_erase(client->down, 0, written);
  }
  if (client->stream != 0 && before > client->down->len)
    tell(client->agent, agent_ask(client->agent, AGENT_TAKEN, "", 0, NULL, "%u %" G_GSIZE_FORMAT,
                                  client->stream, before - client->down->len));
}

static void
take_bytes(const char *bytes, gsize size, gpointer data) {
  Client *client = data;
  if (bytes == NULL)
    client->stream = 0;
  else
    g_string_append_len(client->down, bytes, (gssize)size);
}

/* To the guest; at the client's end nothing, which closes that direction: HTTP clients may
 * half-close. */
static void
client_read(Client *client) {
  char bytes[65536];
  ssize_t got = recv(client->fd, bytes, sizeof bytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (got < 0) {
    client->broken = TRUE;
    return;
  }
  client->read_ended = got == 0;
  client->writing =
      agent_ask(client->agent, AGENT_WRITE, bytes, (gsize)got, NULL, "%u", client->stream);
}

/* What the agent has answered. */
static void
client_answers(Client *client) {
  g_auto(AgentReply) opened = {0}, written = {0};
  if (client->stream != 0 && !client->connected &&
      agent_take(client->agent, client->stream, &opened)) {
    client->connected = !opened.failed;
    client->stream = opened.failed ? 0 : client->stream;
  }
  if (client->writing != 0 && agent_take(client->agent, client->writing, &written))
    client->writing = 0;
}

static void
accept_client(Forward *forward, int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  Client *client;
  if (fd < 0)
    return;
  client = g_new0(Client, 1);
  client->agent = forward->agent;
  client->fd = fd;
  client->down = g_string_new(NULL);
  client->stream = agent_connect(forward->agent, forward->side, forward->address, forward->port,
                                 take_bytes, client, NULL);
  g_ptr_array_add(forward->clients, client);
}

static short
client_events(const Client *client) {
  gboolean reads =
      client->connected && client->stream != 0 && client->writing == 0 && !client->read_ended;
  return (short)((reads ? POLLIN : 0) | (client->down->len > 0 ? POLLOUT : 0));
}

static void
clients_serve(Forward *forward, const struct pollfd *fds) {
  for (guint i = forward->clients->len; i-- > 0;) {
    Client *client = forward->clients->pdata[i];
    client_answers(client);
    if (fds[i].revents & POLLIN)
      client_read(client);
    if (!client->broken)
      client_write(client);
    if (client->broken || (client->stream == 0 && client->down->len == 0))
      g_ptr_array_remove_index(forward->clients, i);
  }
}

gboolean
forward_turn(Forward *forward, Agent *agent, double seconds, GError **error) {
  struct pollfd fds[AGENT_POLL_MAX];
  guint count = 0;
  if (forward == NULL)
    return agent_wait_any(agent, seconds, error);
  for (; count < forward->clients->len; count++) {
    const Client *client = forward->clients->pdata[count];
    short events = client_events(client);
    fds[count] = (struct pollfd){.fd = events != 0 ? client->fd : -1, .events = events};
  }
  for (guint i = 0; i < LISTENERS; i++)
    fds[count + i] = (struct pollfd){.fd = count + i < CLIENTS_MAX ? forward->listeners[i] : -1,
                                     .events = POLLIN};
  if (!agent_poll(agent, fds, count + LISTENERS, seconds, error))
    return FALSE;
  clients_serve(forward, fds);
  for (guint i = 0; i < LISTENERS; i++)
    if (fds[count + i].revents != 0)
      accept_client(forward, forward->listeners[i]);
  return TRUE;
}

/* A socket that is bound to *PORT (0: any, which *PORT becomes) of FAMILY's loopback; -1 with
 * errno.
 */
static int
bind_loopback(int family, int *port) {
  struct sockaddr_in ipv4 = {.sin_family = AF_INET,
                             .sin_port = htons((guint16)*port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons((guint16)*port),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr *address = family == AF_INET ? (void *)&ipv4 : (void *)&ipv6;
  socklen_t size = family == AF_INET ? sizeof ipv4 : sizeof ipv6;
  int on = 1, fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0)
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd >= 0 && bind(fd, address, size) == 0 && getsockname(fd, address, &size) == 0) {
    *port = ntohs(family == AF_INET ? ipv4.sin_port : ipv6.sin6_port);
    return fd;
  }
  if (fd >= 0) {
    int saved = errno;
    close(fd);
    errno = saved;
  }
  return -1;
}

/* Both addresses, or 127.0.0.1 alone where there is no IPv6. FALSE with errno. */
static gboolean
bind_both(int port, ForwardPort *taken) {
  *taken = (ForwardPort){.ipv6 = -1, .port = port};
  taken->ipv4 = bind_loopback(AF_INET, &taken->port);
  if (taken->ipv4 < 0)
    return FALSE;
  taken->ipv6 = bind_loopback(AF_INET6, &taken->port);
  if (taken->ipv6 >= 0 || (errno != EADDRINUSE && errno != EACCES))
    return TRUE;
  int saved = errno;
  forward_release(taken);
  errno = saved;
  return FALSE;
}

gboolean
forward_reserve(int port, ForwardPort *taken, GError **error) {
  for (int i = 0; i < (port == 0 ? TRIES : 1); i++)
    if (bind_both(port, taken))
      return TRUE;
  return tinyx_fail(error, TINYX_ERROR_INPUT,
                    "port %d of this machine cannot be forwarded: %s; expected another one (--port "
                    "LOCAL[:GUEST]; 0: any that is free)",
                    port, g_strerror(errno));
}

void
forward_release(ForwardPort *taken) {
  if (taken->ipv4 >= 0)
    close(taken->ipv4);
  if (taken->ipv6 >= 0)
    close(taken->ipv6);
  taken->ipv4 = taken->ipv6 = -1;
}

static gboolean
listen_at(int fd, int *listener) {
  *listener = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
  return fd < 0 || (*listener >= 0 && listen(*listener, CLIENTS_MAX) == 0);
}

Forward *
forward_start(Agent *agent, int side, const ForwardPort *reserved, const char *address, int port,
              GError **error) {
  Forward *forward = g_new0(Forward, 1);
  forward->agent = agent;
  forward->listeners[0] = forward->listeners[1] = -1;
  forward->local_port = reserved->port;
  forward->port = port;
  forward->side = side;
  forward->address = g_strdup(address);
  forward->clients = g_ptr_array_new_with_free_func(client_free);
  if (listen_at(reserved->ipv4, &forward->listeners[0]) &&
      listen_at(reserved->ipv6, &forward->listeners[1]))
    return forward;
  tinyx_fail(error, TINYX_ERROR_INPUT, "port %d of this machine: %s", reserved->port,
             g_strerror(errno));
  forward_stop(forward);
  return NULL;
}

int
forward_port(const Forward *forward) {
  return forward->local_port;
}

void
forward_stop(Forward *forward) {
  if (forward == NULL)
    return;
  g_ptr_array_unref(forward->clients);
  for (guint i = 0; i < LISTENERS; i++)
    if (forward->listeners[i] >= 0)
      close(forward->listeners[i]);
  g_free(forward->address);
  g_free(forward);
}
