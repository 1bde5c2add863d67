/* process.c - processes that are not our children: see process.h. */
#include "base/process.h"

#include "base/proc-private.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* proc(5), stat: the name in parentheses may hold anything, so fields count from the last ')'. */
guint64
process_started(int pid) {
  g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  char *after, state;
  unsigned long long started = 0;
  if (!g_file_get_contents(path, &text, NULL, NULL) || (after = strrchr(text, ')')) == NULL)
    return 0;
  if (sscanf(after + 1,
             " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
             &state, &started) != 2)
    return 0;
  return state == 'Z' || state == 'X' ? 0 : started;
}

int
process_open(int pid, guint64 started) {
  int fd = pid > 1 && started > 0 ? pidfd_open(pid, 0) : -1;
  /* Only now: while the descriptor is open the pid cannot become another's. */
  if (fd >= 0 && process_started(pid) != started) {
    close(fd);
    fd = -1;
  }
  return fd;
}

gboolean
process_wait(int fd, double seconds) {
  gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
  struct pollfd fds[2] = {{.fd = fd, .events = POLLIN},
                          {.fd = proc_interrupt_fd(), .events = POLLIN}};
  for (;;) {
    gint64 left = end - g_get_monotonic_time();
    if (poll(fds, 2, (int)(MAX(left, 0) / 1000)) > 0 && fds[0].revents != 0)
      return TRUE;
    if (left <= 0 || proc_interrupted())
      return FALSE;
  }
}

void
process_signal(int fd, int number) {
  (void)pidfd_send_signal(fd, number, NULL, 0);
}
