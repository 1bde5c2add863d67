/* run.c - `tinyx run`: a guest in the foreground. */
#include "base/files.h"
#include "base/msg.h"
#include "guest/forward.h"
#include "guest/guest.h"
#include "guest/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STOP_SECONDS 45

typedef struct {
  XenHost *host;
  const Recipe *recipe;
  int local_port;
  Forward *forward;
  GString *line; /* of guest-test's own, until "forward=" has come; then all is console */
  gboolean console;
  char *failed;
} Running;

static void
start_forward(Running *running, const char *target) {
  g_autoptr(GError) problem = NULL;
  if (running->recipe->port == 0)
    return;
  running->forward = forward_start(running->host, running->local_port, target, &problem);
  if (running->forward == NULL) {
    msg_warn("no port is forwarded: %s", problem->message);
    return;
  }
  msg_info("%s: 127.0.0.1:%d is forwarded to port %d of the domain (http://127.0.0.1:%d/); "
           "Ctrl-C ends it",
           running->recipe->name, forward_port(running->forward), running->recipe->port,
           forward_port(running->forward));
}

/* A line before the console begins: see scripts/guest-test. */
static void
take_line(Running *running, const char *line) {
  if (g_str_has_prefix(line, "forward=")) {
    running->console = TRUE;
    start_forward(running, line + strlen("forward="));
  } else if (g_str_has_prefix(line, "failed=")) {
    g_free(running->failed);
    running->failed = g_strdup(line + strlen("failed="));
  }
}

static void
take_bytes(Running *running, const char *bytes, gsize size) {
  for (gsize i = 0; i < size; i++) {
    if (running->console) {
      fwrite(bytes + i, 1, size - i, stdout);
      fflush(stdout);
      return;
    }
    if (bytes[i] != '\n') {
      g_string_append_c(running->line, bytes[i]);
      continue;
    }
    take_line(running, running->line->str);
    if (running->failed != NULL && !g_str_has_prefix(running->line->str, "failed="))
      fprintf(stderr, "%s\n", running->line->str);
    g_string_truncate(running->line, 0);
  }
}

/* Copies the console until it ends. At the first Ctrl-C guest-test is asked (by the word "stop") to
 * shut the domain down, and given STOP_SECONDS. */
static void
pump(Running *running, int output, int input) {
  gint64 end = G_MAXINT64;
  while (g_get_monotonic_time() < end) {
    char buffer[4096];
    struct pollfd fd = {.fd = output, .events = POLLIN};
    ssize_t got;
    if (proc_interrupted() && end == G_MAXINT64) {
      fputc('\n', stderr);
      msg_info("shutting the domain down");
      if (write(input, "stop\n", 5) != 5)
        return;
      end = g_get_monotonic_time() + STOP_SECONDS * G_USEC_PER_SEC;
    }
    if (poll(&fd, 1, 200) <= 0)
      continue;
    got = read(output, buffer, sizeof buffer);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
      return;
    if (got > 0)
      take_bytes(running, buffer, (gsize)got);
  }
}

static gboolean
run_console(Running *running, const GuestJob *job, GError **error) {
  g_autofree char *quoted = g_shell_quote(job->folder);
  g_autofree char *script =
      g_strdup_printf("cd %s && { exec 3<&0; setsid sh ./guest-test run <&3 3<&- & wait $!; }; "
                      "rm -rf %s",
                      quoted, quoted);
  g_auto(GStrv) argv = xen_host_argv(running->host, NULL, script);
  int in[2], out[2];
  ProcSpec spec = {.argv = (const char *const *)argv};
  Proc *proc;
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "pipe: %s", g_strerror(errno));
    return FALSE;
  }
  spec.input_fd = in[0];
  spec.output_fd = out[1];
  proc = proc_start(&spec, error);
  close(in[0]);
  close(out[1]);
  if (proc != NULL)
    pump(running, out[0], in[1]);
  close(in[1]); /* whatever is left there ends now */
  close(out[0]);
  if (proc != NULL && !proc_interrupted())
    proc_wait(proc, 10);
  proc_stop(proc, 1);
  return proc != NULL;
}

gboolean
guest_run(XenHost *host, const Recipe *recipe, const GuestImage *image, int local_port,
          GError **error) {
  g_auto(GuestJob) job = {0};
  Running running = {.host = host, .recipe = recipe, .local_port = local_port};
  gboolean done;
  if (!guest_job_send(host, recipe, image, NULL, &job, error))
    return FALSE;
  running.line = g_string_new(NULL);
  done = run_console(&running, &job, error);
  if (done && running.failed != NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s", running.failed);
    done = FALSE;
  } else if (done && !running.console && !proc_interrupted()) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "the domain could not be started on %s",
                xen_host_name(host));
    done = FALSE;
  }
  forward_stop(running.forward);
  g_string_free(running.line, TRUE);
  g_free(running.failed);
  return done;
}
