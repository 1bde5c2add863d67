/* stream.c - connections that tinyx makes through the agent: `tinyx run` forwards a port by them.
 */
#include "agent/agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WINDOW (256 << 10) /* bytes that tinyx has not yet said to have taken */

typedef struct Stream Stream;
struct Stream {
  Stream *next;
  unsigned id;
  int fd;
  bool connected;
  size_t on_the_way; /* bytes sent to tinyx and not taken by whoever they are for */
  Buffer out;
  unsigned writer; /* the request that OUT is of; NOBODY: there is none */
};

static Stream *streams;

static Stream *
stream_find(unsigned id) {
  for (Stream *stream = streams; stream != NULL; stream = stream->next)
    if (stream->id == id)
      return stream;
  return NULL;
}

static void
stream_free(Stream *stream) {
  Stream **place = &streams;
  while (*place != stream)
    place = &(*place)->next;
  *place = stream->next;
  if (stream->writer != NOBODY)
    answer_failed(stream->writer, "the connection has ended");
  close(stream->fd);
  buffer_clear(&stream->out);
  free(stream);
}

static void
stream_ended(Stream *stream) {
  answer(stream->id, AGENT_ENDED, NULL, 0, "0");
  stream_free(stream);
}

void
stream_open(unsigned id, const char *address, int port, int side) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  Stream *stream = calloc(1, sizeof *stream);
  if (stream == NULL)
    _exit(3);
  stream->id = id;
  stream->fd = side_socket(side);
  stream->next = streams;
  streams = stream;
  if (stream->fd >= 0) {
    fcntl(stream->fd, F_SETFL, O_NONBLOCK);
    fcntl(stream->fd, F_SETFD, FD_CLOEXEC);
  }
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1 || stream->fd < 0 ||
      (connect(stream->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)) {
    answer_failed(id, "%s port %d: %s", address, port, strerror(errno));
    stream_free(stream);
  }
}

static void
stream_connected(Stream *stream) {
  int problem = 0;
  socklen_t size = sizeof problem;
  if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0 || problem != 0) {
    answer_failed(stream->id, "%s", strerror(problem));
    stream_free(stream);
    return;
  }
  stream->connected = true;
  answer_done(stream->id);
}

/* What OUT has; false: the stream is gone. */
static bool
stream_write(Stream *stream) {
  while (stream->out.size > 0) {
    ssize_t written = send(stream->fd, stream->out.bytes, stream->out.size, MSG_NOSIGNAL);
    if (written < 0 && (errno == EAGAIN || errno == EINTR))
      return true;
    if (written < 0) {
      stream_ended(stream);
      return false;
    }
    buffer_drop(&stream->out, (size_t)written);
  }
  answer_done(stream->writer);
  stream->writer = NOBODY;
  return true;
}

static void
stream_read(Stream *stream) {
  char bytes[65536];
  ssize_t got = recv(stream->fd, bytes, sizeof bytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (got <= 0) {
    stream_ended(stream);
    return;
  }
  stream->on_the_way += (size_t)got;
  answer(stream->id, AGENT_DATA, bytes, (size_t)got, NULL);
}

bool
stream_send(unsigned writer, unsigned id, const char *bytes, size_t size) {
  Stream *stream = stream_find(id);
  if (stream == NULL || !stream->connected || stream->writer != NOBODY)
    return false;
  stream->writer = writer;
  buffer_add(&stream->out, bytes, size);
  if (size == 0)
    shutdown(stream->fd, SHUT_WR);
  stream_write(stream);
  return true;
}

bool
stream_taken(unsigned id, size_t size) {
  Stream *stream = stream_find(id);
  if (stream != NULL)
    stream->on_the_way -= size < stream->on_the_way ? size : stream->on_the_way;
  return stream != NULL;
}

bool
stream_stop(unsigned id) {
  Stream *stream = stream_find(id);
  if (stream != NULL)
    stream_free(stream);
  return stream != NULL;
}

size_t
streams_poll(struct pollfd *fds, size_t most) {
  size_t count = 0;
  for (Stream *stream = streams; stream != NULL && count < most; stream = stream->next) {
    bool reads = stream->connected && stream->on_the_way < WINDOW;
    bool writes = !stream->connected || stream->out.size > 0;
    fds[count++] =
        (struct pollfd){.fd = reads || writes ? stream->fd : -1,
                        .events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0))};
  }
  return count;
}

static void
one_ready(Stream *stream, short events) {
  if (!stream->connected) {
    stream_connected(stream);
    return;
  }
  if ((events & POLLOUT) != 0 && stream->out.size > 0 && !stream_write(stream))
    return;
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && stream->on_the_way < WINDOW)
    stream_read(stream);
}

void
streams_ready(const struct pollfd *fds, size_t count) {
  for (size_t i = 0; i < count; i++)
    for (Stream *stream = streams; fds[i].revents != 0 && stream != NULL; stream = stream->next)
      if (stream->fd == fds[i].fd) {
        one_ready(stream, fds[i].revents);
        break;
      }
}
