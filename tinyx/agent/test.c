/* test.c - a guest's test: somebody else's script, and so confined. */
#include "agent/agent.h"

#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENVIRONMENT_MAX 64
#define NOBODY_ID 65534 /* user and group of that name in Debian: base-passwd */
#define MEMORY_MOST (UINT64_C(4) << 30)
#define PROCESSES_MOST 1024

typedef struct {
  int first_side, sides;
  char *script;
  char *environment[ENVIRONMENT_MAX + 1];
} Test;

void
confine_die(const char *what) {
  dprintf(2, "tinyx-agent: %s: %s\n", what, strerror(errno));
  _exit(2);
}

/* Nobody. Where this namespace has no such user, its root without capabilities, whom the
 * namespace's owner has made out of an ordinary user. */
static void
user_become(void) {
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
    confine_die("the user of a test");
  if (setgroups(0, NULL) != 0 && users_real_root())
    confine_die("the groups of a test");
  if ((setresgid(NOBODY_ID, NOBODY_ID, NOBODY_ID) != 0 ||
       setresuid(NOBODY_ID, NOBODY_ID, NOBODY_ID) != 0) &&
      users_real_root())
    confine_die("the user of a test");
}

/* In networks of its own it may ping, and send what it likes: raw(7). */
static void
rights_drop(const Test *test) {
  uint64_t kept = test->sides > 0 ? right_named("net_raw") : 0;
  Limits limits = {.memory = MEMORY_MOST, .processes = PROCESSES_MOST};
  limits_set(&limits);
  rights_bound(kept);
  user_become();
  rights_keep(kept, true);
  calls_filter();
}

/* This program, which is static, under the name "side": it asks a side's process. */
static void
side_copy(int root) {
  char bytes[65536];
  int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  int to = openat(root, "test/side", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0755);
  ssize_t got;
  if (from < 0 || to < 0)
    confine_die("/test/side");
  while ((got = read(from, bytes, sizeof bytes)) > 0)
    if (write(to, bytes, (size_t)got) != got)
      confine_die("/test/side");
  if (fchmod(to, 0755) != 0)
    confine_die("/test/side");
  close(from);
  close(to);
}

static void
side_start(const Test *test, int number, int listening) {
  pid_t pid = fork();
  if (pid < 0)
    confine_die("fork");
  if (pid > 0) {
    close(listening);
    return;
  }
  setsid();
  if (!side_enter(test->first_side + number))
    confine_die("a side's network");
  rights_drop(test);
  side_serve(listening);
}

static void
sides_start(const Test *test) {
  for (int i = 0; i < test->sides; i++) {
    int listening = side_listen(i);
    if (listening < 0)
      confine_die("/test/side");
    side_start(test, i, listening);
  }
}

/* Process 1's child: the script. */
static void
script_start(const Test *test) {
  char *argv[] = {(char *)"sh", test->script, NULL};
  setsid();
  if (test->sides > 0 && !side_enter(test->first_side))
    confine_die("the first side's network");
  rights_drop(test);
  execve("/bin/sh", argv, (char **)test->environment);
  confine_die("/bin/sh of the test");
}

/* Process 1 of the test's namespaces. */
static int
test_first(const Test *test, int tree) {
  static const Limits limits = {.memory = MEMORY_MOST};
  pid_t pid;
  int root;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  root = root_begin(tree);
  if (test->sides > 1)
    side_copy(root);
  dev_attach(root, "/dev");
  proc_attach(root, "/proc", false);
  root_enter(root, false);
  if (chmod("/", 0755) != 0) /* whatever its maker's umask was: the test is another user */
    confine_die("the root of a test");
  if (test->sides > 1)
    sides_start(test);
  pid = fork();
  if (pid == 0)
    script_start(test);
  if (pid < 0)
    confine_die("fork");
  return keep_watch(pid, &limits);
}

static void
words_read(Test *test, char *words, size_t size) {
  size_t count = 0;
  test->script = words;
  for (char *word = words + strlen(words) + 1; word < words + size && count < ENVIRONMENT_MAX;
       word += strlen(word) + 1)
    test->environment[count++] = word;
}

int
test_run(const char *root, int first_side, int sides, char *words, size_t size) {
  static Test test;
  int tree, status = 0;
  pid_t pid;
  test.first_side = first_side;
  test.sides = sides;
  words_read(&test, words, size);
  if (unshare(CLONE_NEWNS) != 0)
    confine_die("mounts of a test");
  tree = tree_take(root, true, false);
  if (unshare(CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS) != 0)
    confine_die("namespaces of a test");
  pid = fork();
  if (pid == 0)
    _exit(test_first(&test, tree));
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
    continue;
  return pid < 0 ? 2 : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
