/* end.c - what is done when tinyx is no longer there. */
#include "agent/agent.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRIPT_SECONDS 60

typedef struct End End;
struct End {
  End *next;
  char *name, *script;
};

static End *ends;

static void
forget(const char *name) {
  for (End **place = &ends; *place != NULL; place = &(*place)->next)
    if (strcmp((*place)->name, name) == 0) {
      End *end = *place;
      *place = end->next;
      free(end->name);
      free(end->script);
      free(end);
      return;
    }
}

void
end_script(const char *name, const char *script) {
  End *end;
  forget(name);
  if (script[0] == '\0')
    return;
  end = calloc(1, sizeof *end);
  if (end == NULL || (end->name = strdup(name)) == NULL || (end->script = strdup(script)) == NULL)
    _exit(3);
  end->next = ends;
  ends = end;
}

static void
run(const char *script) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  double due = clock_now() + SCRIPT_SECONDS;
  sigset_t none;
  pid_t pid = fork();
  if (pid == 0) {
    setsid();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    for (int fd = 0; fd < 3; fd++)
      dup2(null, fd);
    execl("/bin/sh", "sh", "-c", script, (char *)NULL);
    _exit(127);
  }
  close(null);
  while (pid > 0 && waitpid(pid, NULL, WNOHANG) == 0) {
    if (clock_now() > due)
      kill(-pid, SIGKILL);
    usleep(10000);
  }
}

/* Newest first: a guest goes before what it needs. */
void
end_run(void) {
  for (; ends != NULL; forget(ends->name))
    run(ends->script);
}
