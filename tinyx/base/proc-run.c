/* proc-run.c - a child run to its end: its streams, its deadline, its verdict. */
#include "base/proc-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAIL_LINES 12    /* lines shown of a child that failed */
#define TAIL_BYTES 16384 /* kept of its output for that */
#define STOP_GRACE_MS 2000

typedef struct {
  const ProcSpec *spec;
  GString *out;    /* captured */
  GString *tail;   /* the last of everything, for the message of a failure */
  gsize line_from; /* offset in out of the line not yet handed to on_line */
  int log;
  const char *input;
  gsize input_left;
} Streams;

static void
tail_add(GString *tail, const char *data, gsize size) {
  g_string_append_len(tail, data, (gssize)size);
  if (tail->len > 2 * TAIL_BYTES)
    g_string_erase(tail, 0, (gssize)(tail->len - TAIL_BYTES));
}

static void
hand_out_lines(Streams *s, gboolean at_end) {
  if (s->spec->on_line == NULL)
    return;
  for (;;) {
    char *from = s->out->str + s->line_from;
    char *end = memchr(from, '\n', s->out->len - s->line_from);
    g_autofree char *line = NULL;
    if (end == NULL && !(at_end && *from != '\0'))
      return;
    line = end != NULL ? g_strndup(from, (gsize)(end - from)) : g_strdup(from);
    s->line_from += strlen(line) + (end != NULL ? 1 : 0);
    if (end != NULL)
      s->line_from = (gsize)(end - s->out->str) + 1;
    s->spec->on_line(line, s->spec->on_line_data);
  }
}

static void
write_all(int fd, const char *data, gsize size) {
  while (size > 0) {
    ssize_t n = write(fd, data, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return; /* a log that cannot be written must not stop the work */
    data += n;
    size -= (gsize)n;
  }
}

/* Reads once from FD; FALSE at its end. */
static gboolean
stream_read(Streams *s, int fd, gboolean capture) {
  char buffer[65536];
  ssize_t got = read(fd, buffer, sizeof buffer);
  if (got < 0)
    return errno == EINTR || errno == EAGAIN;
  if (got == 0)
    return FALSE;
  if (capture) {
    g_string_append_len(s->out, buffer, got);
    hand_out_lines(s, FALSE);
  } else if (s->log >= 0) {
    write_all(s->log, buffer, (gsize)got);
  }
  tail_add(s->tail, buffer, (gsize)got);
  return TRUE;
}

/* Writes once; FALSE when there is nothing left to write. */
static gboolean
stream_write(Streams *s, int fd) {
  ssize_t n = write(fd, s->input, s->input_left);
  if (n < 0)
    return errno == EINTR || errno == EAGAIN;
  s->input += n;
  s->input_left -= (gsize)n;
  return s->input_left > 0;
}

typedef enum { ENDED, TIMED_OUT, WAS_ENOUGH, WAS_INTERRUPTED } PumpEnd;

/* Moves data until the child has ended; FDS are its stdin, stdout and stderr (or -1). */
static PumpEnd
pump(Streams *s, Proc *proc, int fds[3], gint64 deadline) {
  gboolean ended = FALSE;
  for (;;) {
    struct pollfd p[5] = {{.fd = fds[0], .events = POLLOUT},
                          {.fd = fds[1], .events = POLLIN},
                          {.fd = fds[2], .events = POLLIN},
                          {.fd = ended ? -1 : proc->pidfd, .events = POLLIN},
                          {.fd = proc_interrupt_fd(), .events = POLLIN}};
    gint64 left = deadline > 0 ? deadline - g_get_monotonic_time() : G_MAXINT32;
    if (proc_interrupted() && !(s->spec->flags & PROC_TERMINAL))
      return WAS_INTERRUPTED;
    if (left <= 0)
      return TIMED_OUT;
    if (s->spec->enough != NULL && *s->spec->enough)
      return WAS_ENOUGH;
    if (proc_interrupted())
      p[4].fd = -1;
    /* Once it has ended, only what is already in the pipes is read: a grandchild
     * that keeps them open does not hold us up. */
    if (poll(p, 5, ended ? 0 : (int)MIN(left / 1000 + 1, G_MAXINT32 / 1000)) == 0 && ended)
      return ENDED;
    if (p[0].revents != 0 && !stream_write(s, fds[0])) {
      close(fds[0]);
      fds[0] = -1;
    }
    for (int i = 1; i < 3; i++) {
      gboolean capture = (s->spec->flags & (i == 1 ? PROC_CAPTURE : PROC_CAPTURE_ERR)) != 0;
      if (p[i].revents != 0 && !stream_read(s, fds[i], capture)) {
        close(fds[i]);
        fds[i] = -1;
      }
    }
    if (!proc_alive(proc, NULL))
      ended = TRUE;
    if (ended && fds[1] < 0 && fds[2] < 0)
      return ENDED;
  }
}

/* The last lines of TAIL, each indented, or "". */
static char *
tail_text(const GString *tail) {
  g_autofree char *valid = g_utf8_make_valid(tail->str, (gssize)tail->len);
  g_auto(GStrv) lines = g_strsplit(g_strchomp(valid), "\n", -1);
  guint count = g_strv_length(lines);
  GString *text = g_string_new(NULL);
  for (guint i = count > TAIL_LINES ? count - TAIL_LINES : 0; i < count; i++)
    if (lines[i][0] != '\0')
      g_string_append_printf(text, "\n    %s", lines[i]);
  return g_string_free(text, FALSE);
}

static gboolean
judge(const Streams *s, const Proc *proc, PumpEnd end, GError **error) {
  g_autofree char *tail = tail_text(s->tail);
  const char *program = s->spec->argv[0];
  if (end == WAS_INTERRUPTED || (proc_interrupted() && WIFSIGNALED(proc->wait_status)))
    return !proc_set_interrupted_error(error);
  if (end == TIMED_OUT) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_TIMEOUT, "%s: not done after %d s, ended%s",
                program, s->spec->deadline, tail);
    return FALSE;
  }
  if (end == WAS_ENOUGH) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CHILD, "%s: ended before it was done%s", program,
                tail);
    return FALSE;
  }
  if (WIFSIGNALED(proc->wait_status)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CHILD, "%s: ended by signal %d (%s)%s", program,
                WTERMSIG(proc->wait_status), strsignal(WTERMSIG(proc->wait_status)), tail);
    return FALSE;
  }
  if (WEXITSTATUS(proc->wait_status) != 0 && !(s->spec->flags & PROC_ANY_STATUS)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CHILD, "%s: exit status %d%s", program,
                WEXITSTATUS(proc->wait_status), tail);
    return FALSE;
  }
  return TRUE;
}

/* Ends what is left of the child and its group. */
static void
finish(Proc *proc, PumpEnd end) {
  if (end != ENDED) {
    proc_signal(proc, SIGTERM);
    if (!proc_reap(proc, STOP_GRACE_MS)) {
      proc_signal(proc, SIGKILL);
      proc_reap(proc, 10000);
    }
  }
  if (proc->own_group)
    kill(-proc->pid, SIGKILL);
}

static gboolean
make_pipe(int fds[2], GError **error) {
  if (pipe2(fds, O_CLOEXEC) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "pipe: %s", g_strerror(errno));
  return FALSE;
}

static void
run_streams(const ProcSpec *spec, Streams *s, GError **error, Proc **proc, PumpEnd *end) {
  int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
  int null_in = proc_open_null(O_RDONLY);
  ChildSetup setup = {.own_group = !(spec->flags & PROC_TERMINAL), .parent = getpid()};
  gboolean terminal = !setup.own_group;
  /* One pipe for both keeps their order. */
  gboolean mixed = (spec->flags & PROC_CAPTURE) && (spec->flags & PROC_CAPTURE_ERR);

  if (spec->input != NULL && !make_pipe(in, error))
    goto done;
  if ((!terminal || (spec->flags & PROC_CAPTURE)) && !make_pipe(out, error))
    goto done;
  if ((!terminal || (spec->flags & PROC_CAPTURE_ERR)) && !mixed && !make_pipe(err, error))
    goto done;
  setup.in = in[0] >= 0 ? in[0] : spec->input_fd > 0 ? spec->input_fd : terminal ? 0 : null_in;
  setup.out = spec->output_fd > 0 ? spec->output_fd : out[1] >= 0 ? out[1] : 1;
  setup.err = err[1] >= 0 ? err[1] : mixed ? out[1] : 2;
  *proc = proc_spawn(spec, &setup, error);
  if (*proc != NULL) {
    int fds[3] = {in[1], out[0], err[0]};
    gint64 deadline = g_get_monotonic_time() + (gint64)spec->deadline * G_USEC_PER_SEC;
    proc_close_if(in[0]);
    proc_close_if(out[1]);
    proc_close_if(err[1]);
    in[0] = out[1] = err[1] = -1;
    if (fds[0] >= 0)
      fcntl(fds[0], F_SETFL, O_NONBLOCK);
    s->input = spec->input;
    s->input_left = spec->input == NULL      ? 0
                    : spec->input_length > 0 ? spec->input_length
                                             : strlen(spec->input);
    *end = pump(s, *proc, fds, spec->deadline > 0 ? deadline : 0);
    in[1] = fds[0];
    out[0] = fds[1];
    err[0] = fds[2];
    hand_out_lines(s, TRUE);
    finish(*proc, *end);
  }
done:
  for (int i = 0; i < 2; i++) {
    proc_close_if(in[i]);
    proc_close_if(out[i]);
    proc_close_if(err[i]);
  }
  proc_close_if(null_in);
}

gboolean
proc_run(const ProcSpec *spec, ProcResult *result, GError **error) {
  Streams s = {.spec = spec, .log = -1};
  Proc *proc = NULL;
  PumpEnd end = ENDED;
  gboolean ok = FALSE;
  gint64 begun = g_get_monotonic_time();

  g_return_val_if_fail(spec->deadline > 0 || (spec->flags & PROC_TERMINAL), FALSE);
  if (result != NULL)
    *result = (ProcResult){0};
  if (proc_set_interrupted_error(error))
    return FALSE;
  if (spec->log != NULL && (s.log = proc_open_log(spec->log, error)) < 0)
    return FALSE;
  s.out = g_string_new(NULL);
  s.tail = g_string_new(NULL);
  run_streams(spec, &s, error, &proc, &end);
  if (proc != NULL) {
    ok = judge(&s, proc, end, error);
    if (ok && result != NULL) {
      result->status = WEXITSTATUS(proc->wait_status);
      result->out_size = s.out->len;
      result->out = g_string_free(g_steal_pointer(&s.out), FALSE);
      result->seconds = (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC;
    }
    proc_free(proc);
  }
  if (s.out != NULL)
    g_string_free(s.out, TRUE);
  g_string_free(s.tail, TRUE);
  proc_close_if(s.log);
  return ok;
}

gboolean
proc_call(int deadline, const char *log, GError **error, ...) {
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  ProcSpec spec = {.deadline = deadline, .log = log};
  va_list args;
  char *word;
  va_start(args, error);
  while ((word = va_arg(args, char *)) != NULL)
    g_ptr_array_add(argv, word);
  va_end(args);
  g_ptr_array_add(argv, NULL);
  spec.argv = (const char *const *)argv->pdata;
  return proc_run(&spec, NULL, error);
}

void
proc_result_clear(ProcResult *result) {
  g_clear_pointer(&result->out, g_free);
}
