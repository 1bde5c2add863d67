/* forward.c - tinyx-agent as the end of a forwarded port: "tinyx-agent forward ADDRESS PORT" has a
 * listening socket as its standard input, which may be of another network namespace than its own,
 * and passes each connection on to ADDRESS. */
#include "agent/agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK 16384

static int
connect_to(const char *address, int port) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && inet_pton(AF_INET, address, &in.sin_addr) == 1 &&
      connect(fd, (struct sockaddr *)(void *)&in, sizeof in) == 0)
    return fd;
  if (fd >= 0)
    close(fd);
  return -1;
}

/* What can be read of FROM goes to TO. false: FROM has ended, which TO is told: HTTP clients may
 * half-close. */
static bool
pass_on(int from, int to) {
  char bytes[CHUNK];
  ssize_t got = read(from, bytes, sizeof bytes);
  if (got < 0 && errno == EINTR)
    return true;
  for (ssize_t sent = 0; sent < got;) {
    ssize_t now = write(to, bytes + sent, (size_t)(got - sent));
    if (now < 0 && errno != EINTR)
      return false;
    sent += now > 0 ? now : 0;
  }
  if (got <= 0)
    shutdown(to, SHUT_WR);
  return got > 0;
}

static void
serve_visitor(int visitor, const char *address, int port) {
  struct pollfd fds[2] = {{.fd = visitor, .events = POLLIN}, {.events = POLLIN}};
  fds[1].fd = connect_to(address, port);
  if (fds[1].fd < 0)
    return;
  const int ends[2] = {fds[0].fd, fds[1].fd};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (poll(fds, 2, -1) < 0 && errno != EINTR)
      return;
    for (int i = 0; i < 2; i++)
      if (fds[i].fd >= 0 && fds[i].revents != 0 && !pass_on(ends[i], ends[1 - i]))
        fds[i].fd = -1;
  }
}

int
forward_serve(const char *address, int port) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGCHLD, SIG_IGN); /* nobody waits for them */
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    int visitor = accept(STDIN_FILENO, NULL, NULL);
    if (visitor < 0 && errno != EINTR && errno != ECONNABORTED)
      return 1;
    if (visitor >= 0 && fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      close(STDIN_FILENO);
      serve_visitor(visitor, address, port);
      _exit(0);
    }
    if (visitor >= 0)
      close(visitor);
  }
}
