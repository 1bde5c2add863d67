/* proc.c - starting a child, and its life. */
#include "base/files.h"
#include "base/proc-private.h"

#include "base/msg.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Programs whose Debian package has another name. */
static const char *const packages[][2] = {
    {"qemu-system-x86_64", "qemu-system-x86"},
    {"qemu-img", "qemu-utils"},
    {"mksquashfs", "squashfs-tools"},
    {"unsquashfs", "squashfs-tools"},
    {"musl-gcc", "musl-tools"},
    {"xz", "xz-utils"},
    {"ssh", "openssh-client"},
    {"ssh-keygen", "openssh-client"},
    {"newuidmap", "uidmap"},
    {"unshare", "util-linux"},
    {"objdump", "binutils"},
    {"strip", "binutils"},
    {"strace", "strace"},
    {"dpkg-deb", "dpkg"},
    {"dpkg-source", "dpkg-dev"},
    {"apt-get", "apt"},
    {"apt-cache", "apt"},
    {"xl", "xen-utils-4.17 (in dom0)"},
};

static void
set_missing_error(GError **error, const char *program) {
  const char *package = program;
  for (guint i = 0; i < G_N_ELEMENTS(packages); i++)
    if (strcmp(packages[i][0], program) == 0)
      package = packages[i][1];
  g_set_error(
      error, TINYX_ERROR, TINYX_ERROR_TOOL,
      "%s: not found; it is in the Debian package %s (scripts/setup installs all that tinyx "
      "needs)",
      program, package);
}

gboolean
proc_need(const char *program, GError **error) {
  g_autofree char *path = g_find_program_in_path(program);
  if (path == NULL)
    set_missing_error(error, program);
  return path != NULL;
}

static char **
child_environment(const char *const *extra) {
  char **env = g_get_environ();
  for (guint i = 0; extra != NULL && extra[i] != NULL; i++) {
    const char *equals = strchr(extra[i], '=');
    g_autofree char *name = g_strndup(extra[i], equals != NULL ? equals - extra[i] : 0);
    if (equals != NULL)
      env = g_environ_setenv(env, name, equals + 1, TRUE);
  }
  return env;
}

/* Between fork and exec: async-signal-safe calls only. The errno of what failed
 * goes to FAILED, a pipe that exec closes, so that the parent can tell a failed
 * exec from the program's own status. */
static void G_GNUC_NORETURN
child_exec(const ChildSetup *setup, const char *path, char *const *argv, char *const *env,
           const char *cwd, int failed) {
  sigset_t none;
  if (setup->detached)
    setsid();
  else if (setup->own_group)
    setpgid(0, 0);
  if (!setup->detached) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != setup->parent)
      _exit(127);
  }
  if (dup2(setup->in, 0) < 0 || dup2(setup->out, 1) < 0 || dup2(setup->err, 2) < 0)
    goto fail;
  if (cwd != NULL && chdir(cwd) != 0)
    goto fail;
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  signal(SIGHUP, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(path, argv, env);
fail:;
  int number = errno;
  if (write(failed, &number, sizeof number) != sizeof number)
    _exit(126);
  _exit(127);
}

void
proc_close_if(int fd) {
  if (fd >= 0)
    close(fd);
}

static char *
command_text(const char *const *argv) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; argv[i] != NULL; i++) {
    g_autofree char *quoted = NULL;
    const char *word = argv[i];
    if (word[0] == '\0' || strpbrk(word, " \t\n'\"\\$`;&|<>()*?[]{}!#~") != NULL)
      word = quoted = g_shell_quote(argv[i]);
    g_string_append_printf(text, "%s%s", i > 0 ? " " : "", word);
  }
  return g_string_free(text, FALSE);
}

static gboolean
wait_for_exec(int fd, const char *program, const char *cwd, GError **error) {
  int number = 0;
  ssize_t got;
  do
    got = read(fd, &number, sizeof number);
  while (got < 0 && errno == EINTR);
  if (got != sizeof number)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_CHILD, "cannot start %s%s%s: %s", program,
              cwd != NULL ? " in " : "", cwd != NULL ? cwd : "", g_strerror(number));
  return FALSE;
}

/* Forks and executes; IN, OUT and ERR stay the caller's. */
Proc *
proc_spawn(const ProcSpec *spec, const ChildSetup *setup, GError **error) {
  int failed[2];
  g_autofree char *path = g_find_program_in_path(spec->argv[0]);
  g_autofree char *text = command_text(spec->argv);
  g_auto(GStrv) env = child_environment(spec->env);
  Proc *proc;
  pid_t pid;

  if (path == NULL) {
    set_missing_error(error, spec->argv[0]);
    return NULL;
  }
  msg_verbose("+ %s", text);
  if (pipe2(failed, O_CLOEXEC) != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "pipe: %s", g_strerror(errno));
    return NULL;
  }
  pid = fork();
  if (pid == 0)
    child_exec(setup, path, (char *const *)spec->argv, env, spec->cwd, failed[1]);
  close(failed[1]);
  if (pid < 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "fork: %s", g_strerror(errno));
    close(failed[0]);
    return NULL;
  }
  if (setup->own_group && !setup->detached)
    setpgid(pid, pid); /* also here: the child may not have come that far */
  proc = g_new0(Proc, 1);
  proc->pid = pid;
  proc->own_group = setup->own_group || setup->detached;
  proc->pidfd = pidfd_open(pid, 0);
  if (!wait_for_exec(failed[0], spec->argv[0], spec->cwd, error)) {
    proc_stop(proc, 0);
    proc = NULL;
  }
  close(failed[0]);
  return proc;
}

int
proc_open_null(int flags) {
  return open("/dev/null", flags | O_CLOEXEC);
}

int
proc_open_log(const char *log, GError **error) {
  int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0)
    file_failed(log, error);
  return fd;
}

static Proc *
start(const ProcSpec *spec, gboolean detached, GError **error) {
  gboolean terminal = (spec->flags & PROC_TERMINAL) != 0;
  int null_in = proc_open_null(O_RDONLY), null_out = proc_open_null(O_WRONLY), log = -1;
  ChildSetup setup = {.own_group = !terminal, .detached = detached, .parent = getpid()};
  Proc *proc = NULL;

  if (spec->log == NULL || (log = proc_open_log(spec->log, error)) >= 0) {
    int quiet = log >= 0 ? log : null_out;
    setup.in = spec->input_fd > 0 ? spec->input_fd : terminal ? 0 : null_in;
    setup.out = spec->output_fd > 0 ? spec->output_fd : terminal ? 1 : quiet;
    setup.err = terminal ? 2 : spec->output_fd > 0 && log < 0 ? spec->output_fd : quiet;
    proc = proc_spawn(spec, &setup, error);
  }
  proc_close_if(null_in);
  proc_close_if(null_out);
  proc_close_if(log);
  return proc;
}

Proc *
proc_start(const ProcSpec *spec, GError **error) {
  return start(spec, FALSE, error);
}

Proc *
proc_start_detached(const ProcSpec *spec, GError **error) {
  return start(spec, TRUE, error);
}

int
proc_pid(const Proc *proc) {
  return proc->pid;
}

gboolean
proc_alive(Proc *proc, int *status) {
  if (!proc->reaped && waitpid(proc->pid, &proc->wait_status, WNOHANG) != 0)
    proc->reaped = TRUE;
  if (!proc->reaped)
    return TRUE;
  if (status != NULL)
    *status = WIFSIGNALED(proc->wait_status) ? 128 + WTERMSIG(proc->wait_status)
                                             : WEXITSTATUS(proc->wait_status);
  return FALSE;
}

gboolean
proc_wait(Proc *proc, double seconds) {
  gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
  while (proc_alive(proc, NULL)) {
    struct pollfd fds[2] = {{.fd = proc->pidfd, .events = POLLIN},
                            {.fd = proc_interrupt_fd(), .events = POLLIN}};
    gint64 left = end - g_get_monotonic_time();
    if (left <= 0 || proc_interrupted())
      return FALSE;
    poll(fds, proc_interrupt_fd() >= 0 ? 2 : 1, (int)(left / 1000) + 1);
  }
  return TRUE;
}

void
proc_signal(const Proc *proc, int number) {
  kill(proc->own_group ? -proc->pid : proc->pid, number);
}

/* Waits without regard to Ctrl-C: the child has been told to end. */
gboolean
proc_reap(Proc *proc, int milliseconds) {
  gint64 end = g_get_monotonic_time() + (gint64)milliseconds * 1000;
  while (proc_alive(proc, NULL)) {
    struct pollfd fd = {.fd = proc->pidfd, .events = POLLIN};
    gint64 left = end - g_get_monotonic_time();
    if (left <= 0)
      return FALSE;
    poll(&fd, 1, (int)(left / 1000) + 1);
  }
  return TRUE;
}

void
proc_stop(Proc *proc, double grace) {
  if (proc == NULL)
    return;
  if (proc_alive(proc, NULL)) {
    if (grace > 0)
      proc_signal(proc, SIGTERM);
    if (grace <= 0 || !proc_reap(proc, (int)(grace * 1000))) {
      proc_signal(proc, SIGKILL);
      proc_reap(proc, 10000);
    }
  }
  /* What the child left behind in its group goes with it. */
  if (proc->own_group)
    kill(-proc->pid, SIGKILL);
  proc_free(proc);
}

void
proc_free(Proc *proc) {
  if (proc == NULL)
    return;
  proc_close_if(proc->pidfd);
  g_free(proc);
}
