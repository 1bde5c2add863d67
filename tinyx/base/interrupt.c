/* interrupt.c - Ctrl-C: taken note of, and an end to every wait. */
#include "base/proc-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static int interrupt_pipe[2] = {-1, -1};

static void
on_signal(int number) {
  int saved = errno;
  interrupted = number;
  if (interrupt_pipe[1] >= 0 && write(interrupt_pipe[1], "", 1) < 0) {
    /* The pipe is full: it already says what it has to. */
  }
  errno = saved;
}

void
proc_catch_signals(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  if (interrupt_pipe[0] < 0 && pipe2(interrupt_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
    interrupt_pipe[0] = interrupt_pipe[1] = -1;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

void
proc_forked(void) {
  for (int i = 0; i < 2; i++)
    proc_close_if(interrupt_pipe[i]);
  interrupt_pipe[0] = -1;
  proc_catch_signals();
}

gboolean
proc_interrupted(void) {
  return interrupted != 0;
}

gboolean
proc_set_interrupted_error(GError **error) {
  if (!interrupted)
    return FALSE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INTERRUPTED, "interrupted");
  return TRUE;
}

gboolean
proc_sleep(double seconds) {
  struct pollfd fd = {.fd = interrupt_pipe[0], .events = POLLIN};
  gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
  while (!interrupted) {
    gint64 left = end - g_get_monotonic_time();
    if (left <= 0)
      return TRUE;
    if (poll(&fd, fd.fd >= 0 ? 1 : 0, (int)(left / 1000) + 1) < 0 && errno != EINTR)
      return TRUE;
  }
  return FALSE;
}

int
proc_interrupt_fd(void) {
  return interrupt_pipe[0];
}
