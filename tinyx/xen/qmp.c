/* qmp.c - a client of QEMU's machine protocol: one JSON object a line, both ways. */
#include "xen/qmp.h"

#include "xen/qmp-line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REPLY_SECONDS 30
#define LINE_MAX_BYTES (1 << 20) /* of a reply: tinyx asks for nothing that has more */

struct Qmp {
  int fd;
  GString *input; /* what was read and is not yet a whole line */
  gboolean ask;   /* an event told of a stop: whether it is for good is not known yet */
};

void
qmp_free(Qmp *qmp) {
  if (qmp == NULL)
    return;
  if (qmp->fd >= 0)
    close(qmp->fd);
  g_string_free(qmp->input, TRUE);
  g_free(qmp);
}

/* sun_path holds 107 bytes; a path through /proc/self/fd is always short enough. */
static int
connect_in(const char *folder, const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int saved;
  g_snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dir, name);
  if (dir >= 0 && fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
    close(dir);
    return fd;
  }
  saved = errno;
  if (dir >= 0)
    close(dir);
  if (fd >= 0)
    close(fd);
  errno = saved;
  return -1;
}

/* The next whole line of what was read already, without its end, or NULL. g_free. */
static char *
take_line(Qmp *qmp) {
  char *newline = strchr(qmp->input->str, '\n');
  gsize length = newline != NULL ? (gsize)(newline - qmp->input->str) : 0;
  char *line = newline != NULL ? g_strndup(qmp->input->str, length) : NULL;
  if (newline != NULL)
    g_string_erase(qmp->input, 0, (gssize)length + 1);
  return line;
}

/* Reads what is there within MILLISECONDS, which may be nothing. */
static gboolean
read_some(Qmp *qmp, int milliseconds, GError **error) {
  char buffer[4096];
  ssize_t got;
  struct pollfd fd = {.fd = qmp->fd, .events = POLLIN};
  if (poll(&fd, 1, milliseconds) <= 0)
    return TRUE;
  got = read(qmp->fd, buffer, sizeof buffer);
  if (got < 0 && errno == EINTR)
    return TRUE;
  if (got <= 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "QEMU closed its monitor");
    return FALSE;
  }
  if (qmp->input->len > LINE_MAX_BYTES)
    return tinyx_fail(error, TINYX_ERROR_HOST, "QEMU's monitor: a line of more than %d bytes",
                      LINE_MAX_BYTES);
  g_string_append_len(qmp->input, buffer, got);
  return TRUE;
}

/* One line without its end; NULL with ERROR. g_free. */
static char *
read_line(Qmp *qmp, GError **error) {
  gint64 end = g_get_monotonic_time() + REPLY_SECONDS * G_USEC_PER_SEC;
  for (;;) {
    char *line = take_line(qmp);
    if (line != NULL)
      return line;
    if (proc_set_interrupted_error(error))
      return NULL;
    if (g_get_monotonic_time() >= end) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_TIMEOUT, "QEMU's monitor did not answer in %d s",
                  REPLY_SECONDS);
      return NULL;
    }
    if (!read_some(qmp, 200, error))
      return NULL;
  }
}

/* One line, understood; takes note of an event that tells of a stop. */
static gboolean
take_note(Qmp *qmp, const char *line, QmpLine *said, GError **error) {
  static const char *const stops[] = {"STOP", "SHUTDOWN", "GUEST_PANICKED", "WATCHDOG", NULL};
  if (!qmp_line_parse(line, said, error))
    return FALSE;
  if (said->kind == QMP_EVENT && said->text != NULL && g_strv_contains(stops, said->text))
    qmp->ask = TRUE;
  return TRUE;
}

/* The next reply; events and the greeting are passed over. */
static gboolean
read_reply(Qmp *qmp, const char *command, char **status, GError **error) {
  for (;;) {
    g_autofree char *line = read_line(qmp, error);
    g_auto(QmpLine) said = {0};
    if (line == NULL || !take_note(qmp, line, &said, error))
      return FALSE;
    if (said.kind == QMP_FAILED) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "QEMU: %s: %s", command,
                  said.text != NULL ? said.text : "failed");
      return FALSE;
    }
    if (said.kind != QMP_DONE)
      continue;
    if (status != NULL)
      *status = g_steal_pointer(&said.text);
    return TRUE;
  }
}

/* FD goes along with the first byte (unix(7), SCM_RIGHTS); -1: none. */
static ssize_t
send_with(int to, const char *bytes, gsize size, int fd) {
  union {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = {0};
  struct iovec part = {.iov_base = (char *)bytes, .iov_len = size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (fd >= 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
  }
  return sendmsg(to, &message, MSG_NOSIGNAL);
}

static gboolean
execute(Qmp *qmp, const char *command, const char *arguments, int fd, char **status,
        GError **error) {
  g_autofree char *text = g_strdup_printf("{\"execute\": \"%s\", \"arguments\": %s}\n", command,
                                          arguments != NULL ? arguments : "{}");
  gsize length = strlen(text), done = 0;
  if (status != NULL)
    *status = NULL;
  while (done < length) {
    ssize_t sent = send_with(qmp->fd, text + done, length - done, done == 0 ? fd : -1);
    if (sent < 0 && errno != EINTR) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "QEMU's monitor: %s", g_strerror(errno));
      return FALSE;
    }
    done += sent > 0 ? (gsize)sent : 0;
  }
  return read_reply(qmp, command, status, error);
}

gboolean
qmp_execute(Qmp *qmp, const char *command, const char *arguments, char **status, GError **error) {
  return execute(qmp, command, arguments, -1, status, error);
}

gboolean
qmp_give(Qmp *qmp, const char *name, int fd, GError **error) {
  g_autofree char *arguments = g_strdup_printf("{\"fdname\": \"%s\"}", name);
  return execute(qmp, "getfd", arguments, fd, NULL, error);
}

Qmp *
qmp_connect(const char *folder, const char *name, Proc *qemu, double deadline, GError **error) {
  gint64 end = g_get_monotonic_time() + (gint64)(deadline * G_USEC_PER_SEC);
  g_autoptr(Qmp) qmp = g_new0(Qmp, 1);
  qmp->input = g_string_new(NULL);
  while ((qmp->fd = connect_in(folder, name)) < 0) {
    if (qemu != NULL && !proc_alive(qemu, NULL)) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "QEMU ended");
      return NULL;
    }
    if (g_get_monotonic_time() >= end) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_TIMEOUT, "QEMU's monitor did not appear");
      return NULL;
    }
    if (!proc_sleep(0.02)) {
      proc_set_interrupted_error(error);
      return NULL;
    }
  }
  qmp->ask = TRUE;
  if (!qmp_execute(qmp, "qmp_capabilities", NULL, NULL, error))
    return NULL;
  return g_steal_pointer(&qmp);
}

/* Events that have come and were not read yet. */
static gboolean
read_events(Qmp *qmp, GError **error) {
  char *line;
  if (!read_some(qmp, 0, error))
    return FALSE;
  while ((line = take_line(qmp)) != NULL) {
    g_autofree char *owned = line;
    g_auto(QmpLine) said = {0};
    if (!take_note(qmp, owned, &said, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qmp_runs(Qmp *qmp, GError **error) {
  /* Of QEMU's RunState (qapi/run-state.json) those from which nothing leads back. */
  static const char *const ended[] = {"internal-error", "io-error",       "shutdown",
                                      "watchdog",       "guest-panicked", NULL};
  g_autofree char *status = NULL;
  if (!read_events(qmp, error))
    return FALSE;
  if (!qmp->ask)
    return TRUE;
  qmp->ask = FALSE;
  if (!qmp_execute(qmp, "query-status", NULL, &status, error))
    return FALSE;
  if (status == NULL || !g_strv_contains(ended, status))
    return TRUE;
  qmp->ask = TRUE; /* it stays so */
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "QEMU has stopped its virtual CPUs (%s)",
              status);
  return FALSE;
}

gboolean
qmp_wait_status(Qmp *qmp, const char *command, const char *wanted, const char *failed,
                double deadline, GError **error) {
  gint64 end = g_get_monotonic_time() + (gint64)(deadline * G_USEC_PER_SEC);
  for (;;) {
    g_autofree char *status = NULL;
    if (!qmp_execute(qmp, command, NULL, &status, error))
      return FALSE;
    if (g_strcmp0(status, wanted) == 0)
      return TRUE;
    if (failed != NULL && g_strcmp0(status, failed) == 0) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "QEMU: %s says '%s'", command, failed);
      return FALSE;
    }
    if (g_get_monotonic_time() >= end) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_TIMEOUT,
                  "QEMU: %s says '%s' after %.0f s; expected '%s'", command,
                  status != NULL ? status : "nothing", deadline, wanted);
      return FALSE;
    }
    if (!proc_sleep(0.03)) {
      proc_set_interrupted_error(error);
      return FALSE;
    }
  }
}
