/* main.c - tinyx-confine: runs a command in a confinement (confine.h). tinyx/sandbox writes its
 * words.
 *
 * usage: tinyx-confine OPTION... -- COMMAND...
 * Exit status: the command's; 128 + its signal; 125 where the confinement could not be made.
 *
 * Where it runs:
 *   --alone               with the caller's own id, and no other
 *   --share net|pid|ipc   not in a namespace of its own
 *   --first               COMMAND itself is process 1; only below another confinement, whose end
 * ends it
 *   --host NAME           with this host name
 * What it sees, in this order:
 *   --root FROM           as its root: the folder FROM; else an empty one
 *   --programs            the programs of this machine, and what they need of /etc
 *   --show FROM TO        FROM at TO, read-only
 *   --bind FROM TO        FROM at TO
 *   --give FROM TO        the same, and the folder FROM becomes its root's
 *   --tmpfs TO MODE BYTES an empty folder; BYTES 0: half of the memory
 *   --overlay LOWER UPPER WORK TO
 *   --proc TO  --bare-proc TO  --dev TO  --sys TO
 *   --cwd TO
 *   --read-only           the root's own mount
 * What it may do:
 *   --trusted             whatever the user namespace gives: for scripts of tinyx
 *   --keep CAPABILITY     this, too; or a set of them: for-daemons, for-packages (rights.c)
 *   --ambient             also as another user than root
 *   --user ID             as this user and group
 *   --nodes               mknod of a harmless device leaves a file that names it (nodes.h)
 *   --memory BYTES  --processes COUNT  --disk FOLDER BYTES
 *   --say-limits          first says on standard output who keeps memory and processes
 */
#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define VIEWS_MAX 128

typedef enum { SHOW, BIND, GIVE, TMPFS, OVERLAY, PROC, BARE_PROC, DEV, SYS } ViewKind;

/* One thing that is seen. */
typedef struct {
  ViewKind kind;
  const char *words[4]; /* of the option */
  int tree;             /* SHOW and BIND: taken, or -1 */
  bool folder;
  bool program; /* of this machine */
} View;

typedef struct {
  bool alone, share_net, share_pid, share_ipc, first, trusted, ambient, read_only, nodes,
      say_limits;
  const char *host, *cwd, *root;
  int root_tree;
  View views[VIEWS_MAX];
  size_t count;
  uint64_t kept;
  long user; /* -1: root */
  Limits limits;
  Group group;
  char **command;
} Job;

void
confine_die(const char *what) {
  dprintf(2, "tinyx-confine: %s: %s\n", what, strerror(errno));
  _exit(CONFINE_BROKEN);
}

static void __attribute__((noreturn)) usage(const char *what, const char *word) {
  dprintf(2, "tinyx-confine: %s: %s; expected OPTION... -- COMMAND...\n", word, what);
  _exit(CONFINE_BROKEN);
}

/* ---- options
 * ------------------------------------------------------------------------------------- */

static uint64_t
number_of(const char *word) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(word, &end, 10);
  if (errno != 0 || end == word || *end != '\0' || word[0] == '-')
    usage("no number", word);
  return value;
}

static unsigned
mode_of(const char *word) {
  char *end;
  unsigned long mode = strtoul(word, &end, 8);
  if (end == word || *end != '\0' || mode > 07777)
    usage("no mode", word);
  return (unsigned)mode;
}

static void
view_add(Job *job, ViewKind kind, char **words, size_t count) {
  View *view = &job->views[job->count];
  if (job->count++ == VIEWS_MAX)
    usage("too many of them", words[0]);
  view->kind = kind;
  view->tree = -1;
  for (size_t i = 0; i < count; i++)
    view->words[i] = words[i];
  if (view->words[kind == TMPFS ? 0 : count - 1][0] != '/')
    usage("not a path from /", words[0]);
}

/* A link on this machine, /bin say, is one in there, too. */
static void
programs_add(Job *job) {
  static const char *const paths[] = {"/usr",
                                      "/bin",
                                      "/sbin",
                                      "/lib",
                                      "/lib32",
                                      "/lib64",
                                      "/libx32",
                                      "/etc/alternatives",
                                      "/etc/ld.so.cache",
                                      "/etc/ld.so.conf",
                                      "/etc/ld.so.conf.d",
                                      "/etc/dpkg",
                                      "/etc/apt/apt.conf.d",
                                      "/etc/ssl/certs",
                                      "/etc/perl",
                                      "/etc/python3"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    if (access(paths[i], F_OK) == 0) {
      char *words[] = {(char *)paths[i], (char *)paths[i]};
      view_add(job, SHOW, words, 2);
      job->views[job->count - 1].program = true;
    }
}

typedef struct {
  const char *name;
  int words; /* that follow it */
} Option;

static bool
take_view(Job *job, const char *name, char **words) {
  static const struct {
    const char *name;
    ViewKind kind;
    size_t count;
  } kinds[] = {{"--show", SHOW, 2},           {"--bind", BIND, 2},       {"--give", GIVE, 2},
               {"--tmpfs", TMPFS, 3},         {"--overlay", OVERLAY, 4}, {"--proc", PROC, 1},
               {"--bare-proc", BARE_PROC, 1}, {"--dev", DEV, 1},         {"--sys", SYS, 1}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(name, kinds[i].name) == 0) {
      view_add(job, kinds[i].kind, words, kinds[i].count);
      return true;
    }
  return false;
}

static void
take_share(Job *job, const char *what) {
  if (strcmp(what, "net") == 0)
    job->share_net = true;
  else if (strcmp(what, "pid") == 0)
    job->share_pid = true;
  else if (strcmp(what, "ipc") == 0)
    job->share_ipc = true;
  else
    usage("not net, pid or ipc", what);
}

static void
take_value(Job *job, const char *name, char **words) {
  if (strcmp(name, "--share") == 0)
    take_share(job, words[0]);
  else if (strcmp(name, "--host") == 0)
    job->host = words[0];
  else if (strcmp(name, "--root") == 0)
    job->root = words[0];
  else if (strcmp(name, "--cwd") == 0)
    job->cwd = words[0];
  else if (strcmp(name, "--user") == 0)
    job->user = (long)number_of(words[0]);
  else if (strcmp(name, "--memory") == 0)
    job->limits.memory = number_of(words[0]);
  else if (strcmp(name, "--processes") == 0)
    job->limits.processes = number_of(words[0]);
  else if (strcmp(name, "--disk") == 0) {
    job->limits.disk_folder = words[0];
    job->limits.disk = number_of(words[1]);
  } else if (right_named(words[0]) != 0) /* --keep */
    job->kept |= right_named(words[0]);
  else
    usage("no capability that may be kept", words[0]);
}

static bool
take_flag(Job *job, const char *name) {
  const struct {
    const char *name;
    bool *flag;
  } flags[] = {{"--alone", &job->alone},        {"--first", &job->first},
               {"--trusted", &job->trusted},    {"--ambient", &job->ambient},
               {"--nodes", &job->nodes},        {"--say-limits", &job->say_limits},
               {"--read-only", &job->read_only}};
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (strcmp(name, flags[i].name) == 0)
      return *flags[i].flag = true;
  if (strcmp(name, "--programs") != 0)
    return false;
  programs_add(job);
  return true;
}

static void
options_read(Job *job, int argc, char **argv) {
  static const Option options[] = {
      {"--show", 2},      {"--bind", 2},      {"--give", 2}, {"--tmpfs", 3}, {"--overlay", 4},
      {"--proc", 1},      {"--bare-proc", 1}, {"--dev", 1},  {"--sys", 1},   {"--share", 1},
      {"--host", 1},      {"--root", 1},      {"--cwd", 1},  {"--user", 1},  {"--memory", 1},
      {"--processes", 1}, {"--disk", 2},      {"--keep", 1}};
  int at = 1;
  while (at < argc && strcmp(argv[at], "--") != 0) {
    const Option *option = options;
    const Option *end = options + sizeof options / sizeof *options;
    const char *name = argv[at++];
    if (take_flag(job, name))
      continue;
    while (option < end && strcmp(option->name, name) != 0)
      option++;
    if (option == end)
      usage("no such option", name);
    if (at + option->words > argc)
      usage("words are missing", name);
    if (!take_view(job, name, argv + at))
      take_value(job, name, argv + at);
    at += option->words;
  }
  if (at + 1 >= argc)
    usage("no command", "--");
  job->command = argv + at + 1;
}

/* ---- the view
 * ------------------------------------------------------------------------------------ */

/* The folder itself, and no link in its place. */
static void
folder_give(const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fchown(fd, users_root(), users_root()) != 0)
    confine_die(path);
  close(fd);
}

/* Root takes them before it becomes somebody who has no way to them. */
static void
trees_take(Job *job) {
  if (job->root != NULL)
    job->root_tree = tree_take(job->root, true, false);
  for (size_t i = 0; i < job->count; i++) {
    View *view = &job->views[i];
    struct stat info;
    if (view->kind > GIVE)
      continue;
    if (view->kind == GIVE && users_real_root())
      folder_give(view->words[0]);
    if (lstat(view->words[0], &info) == 0 && S_ISLNK(info.st_mode) && view->kind == SHOW)
      continue; /* made again as a link */
    view->tree = tree_take(view->words[0], view->kind != SHOW, false);
    view->folder = stat(view->words[0], &info) == 0 && S_ISDIR(info.st_mode);
  }
}

/* Those that tinyx shows; the machine's programs stay whose they are. Returns their number. */
static size_t
trees_shown(const Job *job, int trees[VIEWS_MAX]) {
  size_t count = 0;
  for (size_t i = 0; i < job->count; i++)
    if (job->views[i].tree >= 0 && job->views[i].kind == SHOW && !job->views[i].program)
      trees[count++] = job->views[i].tree;
  return count;
}

static void
link_copy(int root, const View *view) {
  char target[4096];
  ssize_t length = readlink(view->words[0], target, sizeof target - 1);
  if (length < 0)
    confine_die(view->words[0]);
  target[length] = '\0';
  if (symlinkat(target, root, view->words[1] + 1) != 0)
    confine_die(view->words[1]);
}

static void
view_make(int root, View *view) {
  const char *const *words = view->words;
  switch (view->kind) {
  case SHOW:
  case BIND:
  case GIVE:
    if (view->tree < 0)
      link_copy(root, view);
    else
      tree_attach(view->tree, root, words[1], view->folder);
    break;
  case TMPFS:
    tmpfs_attach(root, words[0], number_of(words[2]), mode_of(words[1]));
    break;
  case OVERLAY:
    overlay_attach(root, words[0], words[1], words[2], words[3]);
    break;
  case PROC:
  case BARE_PROC:
    proc_attach(root, words[0], view->kind == BARE_PROC);
    break;
  case DEV:
    dev_attach(root, words[0]);
    break;
  case SYS:
    sys_attach(root, words[0]);
    break;
  }
}

/* The loopback of a new network is down. */
static void
loopback_up(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
  }
}

static void
view_enter(Job *job) {
  int root = root_begin(job->root_tree);
  for (size_t i = 0; i < job->count; i++)
    view_make(root, &job->views[i]);
  root_enter(root, job->read_only);
  if (job->host != NULL && sethostname(job->host, strlen(job->host)) != 0)
    confine_die("the host name");
  if (!job->share_net)
    loopback_up();
}

/* ---- the command
 * --------------------------------------------------------------------------------- */

/* The machine's memory goes to others first. */
static void
oom_first(void) {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd >= 0) {
    if (write(fd, "800", 3) != 3)
      errno = 0; /* only a help */
    close(fd);
  }
}

/* NODES: where nodes_serve() is told of the calls that it is to answer, or -1. */
static void __attribute__((noreturn)) command_exec(const Job *job, int nodes) {
  setsid(); /* not in a session with a terminal of the user: no TIOCSTI */
  if (job->cwd != NULL && chdir(job->cwd) != 0)
    confine_die(job->cwd);
  oom_first();
  limits_set(&job->limits);
  if (!job->trusted)
    rights_bound(job->kept);
  if (job->user >= 0) {
    gid_t group = (gid_t)job->user;
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setgroups(0, NULL) != 0 ||
        setresgid(group, group, group) != 0 ||
        setresuid((uid_t)job->user, (uid_t)job->user, (uid_t)job->user) != 0)
      confine_die("the user");
  }
  if (!job->trusted) {
    rights_keep(job->kept, job->ambient);
    if (nodes >= 0)
      nodes_filter(nodes);
    calls_filter();
  }
  execvp(job->command[0], job->command);
  confine_die(job->command[0]);
}

static int
keep(const Job *job) {
  pid_t child, server = -1;
  int ends[2] = {-1, -1};
  /* Our parent is outside of this process namespace, which its end must end. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (job->nodes && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    confine_die("devices");
  child = fork();
  if (child == 0)
    command_exec(job, ends[1]);
  if (job->nodes && child > 0 && close(ends[1]) == 0 && (server = fork()) == 0)
    nodes_serve(ends[0], job->kept);
  if (child < 0 || (job->nodes && server < 0))
    confine_die("fork");
  if (job->nodes)
    close(ends[0]);
  return keep_watch(child, &job->limits);
}

static pid_t first; /* process 1, whom signals are handed on to */

static void
hand_on(int number) {
  kill(first, number);
}

static int
wait_for(pid_t child) {
  struct sigaction action = {.sa_handler = hand_on};
  int status;
  first = child;
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      confine_die("wait");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Forks process 1 of a namespace. It must not live on where we died before it asked to die with us:
 * ALIVE is a pipe that our end closes. */
static int
namespace_run(Job *job) {
  int alive[2];
  char byte;
  pid_t child;
  if (pipe2(alive, O_CLOEXEC | O_NONBLOCK) != 0 || (child = fork()) < 0)
    confine_die("fork");
  if (child > 0) {
    int status = wait_for(child);
    if (group_was_full(&job->group))
      dprintf(2, "tinyx-confine: ended: it used more memory than it may\n");
    return status;
  }
  close(alive[1]);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  group_take(&job->group, &job->limits, job->say_limits);
  if (read(alive[0], &byte, 1) == 0)
    return 128 + SIGKILL;
  view_enter(job);
  if (job->first)
    command_exec(job, -1);
  return keep(job);
}

static void
spaces_enter(const Job *job) {
  int more = CLONE_NEWUTS | CLONE_NEWCGROUP | (job->share_ipc ? 0 : CLONE_NEWIPC) |
             (job->share_net ? 0 : CLONE_NEWNET) | (job->share_pid ? 0 : CLONE_NEWPID);
  if (unshare(more) != 0)
    confine_die("namespaces");
}

int
main(int argc, char **argv) {
  static Job job = {.root_tree = -1, .user = -1, .group = {-1, -1, -1}};
  pid_t parent = getppid();
  bool early = users_real_root();
  int trees[VIEWS_MAX];
  options_read(&job, argc, argv);
  syscall(SYS_close_range, 3, ~0U, 0);
  if (!job.share_pid)
    group_make(&job.limits, &job.group);
  if (early)
    trees_take(&job);
  if (job.alone)
    users_enter_alone();
  else
    users_enter(trees, trees_shown(&job, trees));
  if (unshare(CLONE_NEWNS) != 0)
    confine_die("mounts of its own");
  if (!early)
    trees_take(&job);
  spaces_enter(&job);
  /* After the change of users, which makes the kernel forget it. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    return CONFINE_BROKEN;
  if (!job.share_pid)
    return namespace_run(&job);
  view_enter(&job);
  command_exec(&job, -1);
}
