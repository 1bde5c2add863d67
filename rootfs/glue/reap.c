/* reap: stays as long as what a command leaves behind. Linked statically with musl.
 *
 *   reap PROGRAM [ARGUMENT]...
 *
 * For a command that ends once its daemon runs, and says nowhere which process that is. What loses
 * its parent below us becomes our child (PR_SET_CHILD_SUBREAPER), whatever session or environment
 * it has made for itself. Where there is one such child when the command has ended, it is the
 * daemon (as systemd's GuessMainPID has it), and we end with it; of several all count. Signals that
 * ask to end or to do something go on to our children. The exit status is the command's. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SETTLES                                                                                    \
  5 /* seconds: before that, a child that ends may have been on its way to the daemon */

static const int passed_on[] = {SIGTERM, SIGINT,   SIGQUIT, SIGHUP,  SIGUSR1,
                                SIGUSR2, SIGWINCH, SIGALRM, SIGCONT, SIGPWR};

/* The parent of PID, by /proc; -1 for one that has ended, or without a procfs. */
static int
parent_of(const char *pid) {
  char path[64] = "/proc/", text[512], *at;
  int file;
  ssize_t size;

  if (strlen(pid) > 20)
    return -1;
  strcat(strcat(path, pid), "/stat");
  file = open(path, O_RDONLY | O_CLOEXEC);
  size = file >= 0 ? read(file, text, sizeof text - 1) : -1;
  if (file >= 0)
    close(file);
  if (size <= 0)
    return -1;
  text[size] = 0;
  at = strrchr(text, ')'); /* the name before it may have anything in it */
  return at && at[1] && at[2] != 'Z' && at[3] ? atoi(at + 4) : -1;
}

/* Sends SIGNAL (0: none) to each of our children, and counts them; *ONE becomes one of them. */
static int
each_child(int signal, int *one) {
  DIR *folder = opendir("/proc");
  struct dirent *entry;
  int count = 0, self = getpid();

  while (folder && (entry = readdir(folder))) {
    int pid = atoi(entry->d_name);

    if (pid <= 0 || parent_of(entry->d_name) != self)
      continue;
    count++;
    *one = pid;
    if (signal)
      kill(pid, signal);
  }
  if (folder)
    closedir(folder);
  return count;
}

struct watch {
  int command, daemon; /* 0: it has ended; it is not known */
  int status;          /* of the command */
  time_t since;        /* when the command ended */
};

static void
guess(struct watch *watch) {
  int one = 0;

  watch->daemon = each_child(0, &one) == 1 ? one : 0;
}

/* PID has ended. 1: so do we. */
static int
ended(struct watch *watch, int pid, int status) {
  if (pid == watch->command) {
    watch->command = 0;
    watch->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    watch->since = time(0);
    guess(watch);
  } else if (pid == watch->daemon) {
    if (time(0) - watch->since >= SETTLES)
      return 1;
    guess(watch);
  }
  return 0;
}

/* 1: there is nothing more to stay for. */
static int
collect(struct watch *watch) {
  int pid, status;

  while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
    if (ended(watch, pid, status))
      return 1;
  return pid < 0;
}

static int
start(char **argv, char **environment, const sigset_t *before) {
  int pid = fork();

  if (pid != 0)
    return pid;
  sigprocmask(SIG_SETMASK, before, 0);
  execve(argv[0], argv, environment);
  _exit(127);
}

int
main(int argc, char **argv, char **environment) {
  struct watch watch = {0, 0, 0, 0};
  sigset_t waited, before;
  int signal, one;

  if (argc < 2)
    return 2;
  sigemptyset(&waited);
  sigaddset(&waited, SIGCHLD);
  for (unsigned i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
    sigaddset(&waited, passed_on[i]);
  sigprocmask(SIG_BLOCK, &waited, &before);
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  watch.command = start(argv + 1, environment, &before);
  if (watch.command < 0)
    return 126;
  while (!collect(&watch)) {
    if (sigwait(&waited, &signal) == 0 && signal != SIGCHLD && each_child(signal, &one) == 0 &&
        watch.command > 0)
      kill(watch.command, signal);
  }
  each_child(SIGTERM, &one); /* the daemon's helpers */
  return watch.status;
}
