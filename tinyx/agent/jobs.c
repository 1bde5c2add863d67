/* jobs.c - the processes that the agent runs: scripts, consoles, tests; and their ends. */
#include "agent/agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MOST (16 << 20) /* bytes of a script's output that are kept */
#define FILE_MOST (64 << 20)   /* bytes of what a console says in its file */
#define KILL_SECONDS 10        /* that processes may take to die of SIGKILL */

typedef enum { JOB_EXEC, JOB_START, JOB_TEST } JobKind;

typedef struct Job Job;
struct Job {
  Job *next;
  JobKind kind;
  unsigned id;
  pid_t pid;
  int output;     /* a pipe from it; -1: at its end */
  int file;       /* JOB_START: its output goes there, too */
  size_t written; /* to it */
  int hold;       /* JOB_START: the other end of its standard input, which never ends */
  double began;
  double due; /* when it is ended; 0: never */
  bool timed_out;
  Buffer out;
};

static Job *jobs;

/* ---- ending ---------------------------------------------------------------------------------- */

typedef struct {
  pid_t pid, parent;
  bool below;
} Process;

/* pid (name) state ppid …: the name may hold anything, brackets too. */
static bool
process_read(const char *pid, Process *process) {
  char path[64], text[512], *end;
  char state;
  int fd;
  ssize_t got;
  snprintf(path, sizeof path, "/proc/%s/stat", pid);
  fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  got = read(fd, text, sizeof text - 1);
  close(fd);
  if (got <= 0)
    return false;
  text[got] = '\0';
  end = strrchr(text, ')');
  process->pid = atoi(pid);
  process->below = false;
  return end != NULL && sscanf(end + 1, " %c %d", &state, &process->parent) == 2 && state != 'Z' &&
         state != 'X';
}

static size_t
processes_read(Buffer *list) {
  DIR *dir = opendir("/proc");
  struct dirent *entry;
  list->size = 0;
  while (dir != NULL && (entry = readdir(dir)) != NULL) {
    Process process;
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && process_read(entry->d_name, &process))
      buffer_add(list, &process, sizeof process);
  }
  if (dir != NULL)
    closedir(dir);
  return list->size / sizeof(Process);
}

/* Children may stand before their parents: until nothing new is found. */
static void
mark_below(Process *list, size_t count, pid_t root) {
  bool more = true;
  while (more) {
    more = false;
    for (size_t i = 0; i < count; i++) {
      bool below = list[i].parent == root;
      for (size_t j = 0; !below && !list[i].below && j < count; j++)
        below = list[j].below && list[j].pid == list[i].parent;
      if (below && !list[i].below)
        more = list[i].below = true;
    }
  }
}

static size_t
kill_below(Buffer *list, pid_t root) {
  size_t count = processes_read(list), killed = 0;
  Process *all = (Process *)(void *)list->bytes;
  mark_below(all, count, root);
  for (size_t i = 0; i < count; i++)
    if (all[i].below && all[i].pid != getpid()) {
      kill(all[i].pid, SIGKILL);
      killed++;
    }
  return killed;
}

void
descendants_kill(pid_t root, bool own) {
  Buffer list = {0};
  double end = clock_now() + KILL_SECONDS;
  /* New ones may have come while we looked. */
  while (kill_below(&list, root) > 0 && clock_now() < end) {
    while (own && waitpid(-1, NULL, WNOHANG) > 0)
      continue;
    usleep(2000);
  }
  while (own && waitpid(-1, NULL, WNOHANG) > 0)
    continue;
  buffer_clear(&list);
}

/* ---- starting -------------------------------------------------------------------------------- */

/* What a child begins with: a session of its own, no signal ignored, death with the agent. */
static void
child_begin(pid_t agent, int in, int out) {
  static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGCHLD};
  sigset_t none;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != agent)
    _exit(127);
  setsid();
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    signal(signals[i], SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  dup2(in, 0);
  dup2(out, 1);
  dup2(out, 2);
}

static Job *
job_new(JobKind kind, unsigned id, int seconds) {
  Job *job = calloc(1, sizeof *job);
  if (job == NULL)
    _exit(3);
  job->kind = kind;
  job->id = id;
  job->output = job->file = job->hold = -1;
  job->began = clock_now();
  job->due = seconds > 0 ? job->began + seconds : 0;
  job->next = jobs;
  jobs = job;
  return job;
}

static void
job_free(Job *job) {
  Job **place = &jobs;
  while (*place != job)
    place = &(*place)->next;
  *place = job->next;
  if (job->output >= 0)
    close(job->output);
  if (job->file >= 0)
    close(job->file);
  if (job->hold >= 0)
    close(job->hold);
  buffer_clear(&job->out);
  free(job);
}

/* Forks with IN as standard input, and a pipe to JOB as the rest; 0 in the child. */
static pid_t
job_fork(Job *job, int in) {
  int out[2];
  pid_t agent = getpid();
  if (pipe2(out, O_CLOEXEC) != 0)
    return -1;
  job->pid = fork();
  if (job->pid == 0)
    child_begin(agent, in, out[1]);
  close(out[1]);
  job->output = out[0];
  fcntl(out[0], F_SETFL, O_NONBLOCK);
  return job->pid;
}

static void
shell_exec(const char *script) {
  execl("/bin/sh", "sh", "-c", script, (char *)NULL);
  _exit(127);
}

static void
job_fail(Job *job, const char *what) {
  answer_failed(job->id, "%s: %s", what, strerror(errno));
  job_free(job);
}

void
job_exec(unsigned id, int seconds, const char *script, int *input) {
  Job *job = job_new(JOB_EXEC, id, seconds);
  int in[2] = {-1, -1};
  if (input != NULL ? pipe2(in, O_CLOEXEC) != 0
                    : (in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) {
    job_fail(job, "standard input of a script");
    return;
  }
  if (job_fork(job, in[0]) == 0)
    shell_exec(script);
  close(in[0]);
  if (job->pid < 0) {
    close(in[1]);
    job_fail(job, "fork");
  } else if (input != NULL) {
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    *input = in[1];
  }
}

/* Its standard input never ends: xl console, for one, ends with that. */
void
job_start(unsigned id, const char *file, const char *script) {
  Job *job = job_new(JOB_START, id, 0);
  int in[2];
  job->file = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (job->file < 0) {
    job_fail(job, file);
    return;
  }
  if (pipe2(in, O_CLOEXEC) != 0) {
    job_fail(job, "pipe");
    return;
  }
  job->hold = in[1];
  fcntl(in[1], F_SETFL, O_NONBLOCK);
  if (job_fork(job, in[0]) == 0)
    shell_exec(script);
  close(in[0]);
  if (job->pid < 0)
    job_fail(job, "fork");
  else
    answer_done(id);
}

/* ---- a test ---------------------------------------------------------------------------------- */

void
job_test(unsigned id, const char *root, int seconds, int first_side, int sides, char *words,
         size_t size) {
  Job *job = job_new(JOB_TEST, id, seconds);
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0) {
    job_fail(job, "/dev/null");
    return;
  }
  if (job_fork(job, null) == 0)
    _exit(test_run(root, first_side, sides, words, size));
  close(null);
  if (job->pid < 0)
    job_fail(job, "fork");
}

/* ---- what they say, and how they end ----------------------------------------------------------
 */

static Job *
job_find(unsigned id) {
  for (Job *job = jobs; job != NULL; job = job->next)
    if (job->id == id)
      return job;
  return NULL;
}

static void
take_output(Job *job, const char *bytes, size_t size) {
  if (job->kind != JOB_START) {
    if (job->out.size < OUTPUT_MOST)
      buffer_add(&job->out, bytes, size);
    return;
  }
  for (size_t done = 0; done < size && job->written < FILE_MOST;) {
    ssize_t written = write(job->file, bytes + done, size - done);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      break; /* a full disk: tinyx gets it all the same */
    done += (size_t)written;
    job->written += (size_t)written;
  }
  answer(job->id, AGENT_DATA, bytes, size, NULL);
}

/* All that is there. */
static void
job_read(Job *job) {
  char bytes[65536];
  while (job->output >= 0) {
    ssize_t got = read(job->output, bytes, sizeof bytes);
    if (got > 0) {
      take_output(job, bytes, (size_t)got);
      continue;
    }
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0 && errno == EAGAIN)
      return;
    close(job->output);
    job->output = -1;
  }
}

static void
job_ended(Job *job, int status) {
  char word[16];
  job_read(job);
  snprintf(word, sizeof word, "%d",
           WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  if (job->kind == JOB_START)
    answer(job->id, AGENT_ENDED, NULL, 0, "%s", word);
  else
    answer(job->id, AGENT_DONE, job->out.bytes, job->out.size, "%.6f %s", job->began,
           job->timed_out ? AGENT_TIMEOUT : word);
  job_free(job);
}

void
jobs_reap(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
    for (Job *job = jobs; job != NULL; job = job->next)
      if (job->pid == pid) {
        job_ended(job, status);
        break;
      }
}

/* The keeper of a test must live to reap what the test left. */
static void
job_kill(Job *job) {
  descendants_kill(job->pid, false);
  if (job->kind != JOB_TEST)
    kill(-job->pid, SIGKILL);
}

bool
job_stop(unsigned id) {
  Job *job = job_find(id);
  if (job != NULL)
    job_kill(job);
  return job != NULL;
}

/* What a guest's console is told is short: it fits into the pipe, or the program does not read. */
bool
job_write(unsigned writer, unsigned id, const char *bytes, size_t size) {
  Job *job = job_find(id);
  if (job == NULL || job->hold < 0)
    return false;
  if (write(job->hold, bytes, size) == (ssize_t)size)
    answer_done(writer);
  else
    answer_failed(writer, "its standard input takes no more");
  return true;
}

/* utime and stime are the 14th and 15th of /proc/PID/stat: proc(5). */
bool
job_cpu(unsigned id, double *seconds) {
  Job *job = job_find(id);
  char path[64], text[1024], *end;
  unsigned long user, system;
  int fd;
  ssize_t got;
  if (job == NULL)
    return false;
  snprintf(path, sizeof path, "/proc/%d/stat", (int)job->pid);
  fd = open(path, O_RDONLY | O_CLOEXEC);
  got = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
  close(fd);
  if (got <= 0)
    return false;
  text[got] = '\0';
  end = strrchr(text, ')');
  if (end == NULL ||
      sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
    return false;
  *seconds = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
  return true;
}

size_t
jobs_poll(struct pollfd *fds, size_t most) {
  size_t count = 0;
  for (Job *job = jobs; job != NULL && count < most; job = job->next)
    if (job->output >= 0)
      fds[count++] = (struct pollfd){.fd = job->output, .events = POLLIN};
  return count;
}

void
jobs_ready(const struct pollfd *fds, size_t count) {
  for (size_t i = 0; i < count; i++)
    for (Job *job = jobs; fds[i].revents != 0 && job != NULL; job = job->next)
      if (job->output == fds[i].fd) {
        job_read(job);
        break;
      }
}

double
jobs_due(double now) {
  double due = -1;
  for (Job *job = jobs; job != NULL; job = job->next)
    if (job->due > 0 && !job->timed_out && (due < 0 || job->due - now < due))
      due = job->due > now ? job->due - now : 0;
  return due;
}

void
jobs_tick(double now) {
  for (Job *job = jobs; job != NULL; job = job->next)
    if (job->due > 0 && job->due <= now && !job->timed_out) {
      job->timed_out = true;
      job_kill(job);
    }
}
