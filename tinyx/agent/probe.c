/* probe.c - waits until a TCP port answers. */
#include "agent/agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ten a second, not one after the other: a first packet that is lost costs a second. */
#define INTERVAL 0.1
#define LIFE 1.0 /* of one */
#define AT_ONCE 10

typedef struct Probe Probe;
struct Probe {
  Probe *next;
  unsigned id;
  struct sockaddr_in to;
  int side;
  double due; /* of the whole */
  double next_try;
  struct {
    int fd; /* -1: none */
    double end;
  } tries[AT_ONCE];
};

static Probe *probes;

static void
probe_free(Probe *probe) {
  Probe **place = &probes;
  while (*place != probe)
    place = &(*place)->next;
  *place = probe->next;
  for (int i = 0; i < AT_ONCE; i++)
    if (probe->tries[i].fd >= 0)
      close(probe->tries[i].fd);
  free(probe);
}

void
probe_start(unsigned id, const char *address, int port, int seconds, int side) {
  Probe *probe = calloc(1, sizeof *probe);
  if (probe == NULL)
    _exit(3);
  probe->id = id;
  probe->side = side;
  probe->to.sin_family = AF_INET;
  probe->to.sin_port = htons((unsigned short)port);
  probe->due = clock_now() + seconds;
  for (int i = 0; i < AT_ONCE; i++)
    probe->tries[i].fd = -1;
  probe->next = probes;
  probes = probe;
  if (inet_pton(AF_INET, address, &probe->to.sin_addr) != 1 || port < 1 || port > 65535) {
    answer_failed(id, "%s port %d: no such address", address, port);
    probe_free(probe);
  }
}

bool
probe_stop(unsigned id) {
  for (Probe *probe = probes; probe != NULL; probe = probe->next)
    if (probe->id == id) {
      answer_failed(id, "stopped");
      probe_free(probe);
      return true;
    }
  return false;
}

static void
probe_answered(Probe *probe) {
  answer_done(probe->id);
  probe_free(probe);
}

/* One more in PLACE. true: it stands already, and PROBE is gone. */
static bool
probe_try(Probe *probe, int place, double now) {
  int fd = side_socket(probe->side);
  if (fd < 0)
    return false;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  if (connect(fd, (struct sockaddr *)&probe->to, sizeof probe->to) == 0) {
    close(fd);
    probe_answered(probe);
    return true;
  }
  if (errno != EINPROGRESS) {
    close(fd);
    return false;
  }
  probe->tries[place].fd = fd;
  probe->tries[place].end = now + LIFE;
  return false;
}

size_t
probes_poll(struct pollfd *fds, size_t most) {
  size_t count = 0;
  for (Probe *probe = probes; probe != NULL; probe = probe->next)
    for (int i = 0; i < AT_ONCE && count < most; i++)
      if (probe->tries[i].fd >= 0)
        fds[count++] = (struct pollfd){.fd = probe->tries[i].fd, .events = POLLOUT};
  return count;
}

static void
one_ready(int fd) {
  int problem = 0;
  socklen_t size = sizeof problem;
  for (Probe *probe = probes; probe != NULL; probe = probe->next)
    for (int i = 0; i < AT_ONCE; i++)
      if (probe->tries[i].fd == fd) {
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0) {
          probe_answered(probe);
        } else {
          close(fd);
          probe->tries[i].fd = -1;
        }
        return;
      }
}

void
probes_ready(const struct pollfd *fds, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (fds[i].revents != 0)
      one_ready(fds[i].fd);
}

double
probes_due(double now) {
  double due = -1;
  for (Probe *probe = probes; probe != NULL; probe = probe->next) {
    double left = probe->next_try > now ? probe->next_try - now : 0;
    if (due < 0 || left < due)
      due = left;
  }
  return due;
}

/* true: PROBE is gone. */
static bool
probe_tick(Probe *probe, double now) {
  int place = -1;
  if (probe->due <= now) {
    answer_failed(probe->id, "no answer");
    probe_free(probe);
    return true;
  }
  if (probe->next_try > now)
    return false;
  probe->next_try = now + INTERVAL;
  for (int i = 0; i < AT_ONCE; i++) {
    if (probe->tries[i].fd >= 0 && probe->tries[i].end <= now) {
      close(probe->tries[i].fd);
      probe->tries[i].fd = -1;
    }
    if (probe->tries[i].fd < 0)
      place = i;
  }
  return place >= 0 && probe_try(probe, place, now);
}

void
probes_tick(double now) {
  for (Probe *probe = probes, *next; probe != NULL; probe = next) {
    next = probe->next;
    probe_tick(probe, now);
  }
}
