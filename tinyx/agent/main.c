/* main.c - tinyx-agent: runs beside guests, does what tinyx asks on its standard input, and tidies
 * up when that ends, because tinyx has died then.
 *
 * usage: tinyx-agent FOLDER    a folder of its own, which it removes in the end
 */
#include "agent/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define FDS_MAX 256

/* What is read of a request. */
typedef struct {
  Buffer bytes;    /* not yet understood */
  Request request; /* with a kind, once its line is there */
  char line[AGENT_LINE_MAX];
  bool in_body;
  Buffer body;
  size_t left; /* bytes of it that have not come */
  int sink;    /* a script's standard input, which gets what is left; -1: none, -2: it is gone */
} Reader;

static char folder[PATH_MAX];

/* true: this process is root on this machine, and not in a user namespace only. */
static bool
is_real_root(void) {
  unsigned long inside = 1, outside = 1, count = 0;
  FILE *map = fopen("/proc/self/uid_map", "re");
  if (map == NULL)
    return geteuid() == 0;
  if (fscanf(map, "%lu %lu %lu", &inside, &outside, &count) != 3)
    count = 0;
  fclose(map);
  return geteuid() == 0 && inside == 0 && outside == 0 && count > 0xffff0000UL;
}

static int
number_of(const char *word) {
  return (int)strtol(word, NULL, 10);
}

/* Before anything is asked: whoever handed us our program must know when it has been read whole. */
static void
say_hello(void) {
  answer(NOBODY, AGENT_HELLO, folder, strlen(folder), "%s %s", AGENT_VERSION,
         is_real_root() ? "real" : "mapped");
}

/* To a program that was started, or on a connection. */
static void
send_to(const Request *request, const char *body, size_t size) {
  unsigned id = (unsigned)number_of(request->words[0]);
  if (!job_write(request->id, id, body, size) && !stream_send(request->id, id, body, size))
    answer_failed(request->id, "nothing of that number takes anything");
}

static void
stop(const Request *request) {
  unsigned id = (unsigned)number_of(request->words[0]);
  if (!job_stop(id) && !stream_stop(id))
    probe_stop(id);
  answer_done(request->id);
}

static void
answer_why(unsigned id, const char *why) {
  if (why == NULL)
    answer_done(id);
  else
    answer_failed(id, "%s", why);
}

static void
choose_networks(const Request *request, char *body) {
  Buffer chosen = {0};
  const char *why = networks_choose(number_of(request->words[0]), body, &chosen);
  if (why != NULL)
    answer_failed(request->id, "%s", why);
  else
    answer(request->id, AGENT_DONE, chosen.bytes, chosen.size > 0 ? chosen.size - 1 : 0, NULL);
  buffer_clear(&chosen);
}

static void
make_side(const Request *request) {
  char **words = (char **)request->words;
  int number;
  const char *why = side_make(words[0], words[1], words[2], words[3], &number);
  if (why != NULL)
    answer_failed(request->id, "%s", why);
  else
    answer(request->id, AGENT_DONE, NULL, 0, "%d", number);
}

static void
tell_cpu(const Request *request) {
  double seconds;
  if (job_cpu((unsigned)number_of(request->words[0]), &seconds))
    answer(request->id, AGENT_DONE, NULL, 0, "%.3f", seconds);
  else
    answer_failed(request->id, "it does not run");
}

/* A request whose BODY, with a NUL behind it, is there. */
static void
serve(const Request *request, char *body, size_t size) {
  char *const *words = request->words;
  unsigned id = request->id;
  switch ((AgentRequestKind)request->kind) {
  case AGENT_AT_END:
    end_script(words[0], body);
    answer_done(id);
    break;
  case AGENT_EXEC:
    job_exec(id, number_of(words[0]), body, NULL);
    break;
  case AGENT_START:
    job_start(id, words[0], body);
    break;
  case AGENT_STOP:
    stop(request);
    break;
  case AGENT_CPU:
    tell_cpu(request);
    break;
  case AGENT_CONNECT:
    probe_start(id, words[0], number_of(words[1]), number_of(words[2]), number_of(words[3]));
    break;
  case AGENT_WRITE:
    send_to(request, body, size);
    break;
  case AGENT_OPEN:
    stream_open(id, words[0], number_of(words[1]), number_of(words[2]));
    break;
  case AGENT_TAKEN:
    stream_taken((unsigned)number_of(words[0]), strtoul(words[1], NULL, 10));
    answer_done(id);
    break;
  case AGENT_TEST:
    job_test(id, words[0], number_of(words[1]), number_of(words[2]), number_of(words[3]), body,
             size);
    break;
  case AGENT_NETWORKS:
    choose_networks(request, body);
    break;
  case AGENT_TAP:
    answer_why(id, tap_make(words[0], words[1], words[2], words[3]));
    break;
  case AGENT_SIDE:
    make_side(request);
    break;
  case AGENT_DROP_SIDE:
    side_drop(number_of(words[0]));
    answer_done(id);
    break;
  case AGENT_REQUESTS:
    break;
  }
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What belongs to the request's own body; of exec the rest goes to the script. */
static size_t
body_size(const Request *request) {
  size_t script = request->kind == AGENT_EXEC ? strtoul(request->words[1], NULL, 10) : 0;
  return request->kind == AGENT_EXEC && script < request->size ? script : request->size;
}

/* Takes what is in BYTES of the body; true once that is whole. */
static bool
take_body(Reader *reader) {
  size_t take = reader->left < reader->bytes.size ? reader->left : reader->bytes.size;
  buffer_add(&reader->body, reader->bytes.bytes, take);
  buffer_drop(&reader->bytes, take);
  reader->left -= take;
  return reader->left == 0;
}

/* Hands on to the script what is there; it may have closed its input, which is its right. */
static void
feed(Reader *reader) {
  while (reader->left > 0 && reader->bytes.size > 0) {
    size_t take = reader->left < reader->bytes.size ? reader->left : reader->bytes.size;
    ssize_t written = reader->sink >= 0 ? write(reader->sink, reader->bytes.bytes, take) : -1;
    if (written < 0 && reader->sink >= 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (written < 0) {
      close(reader->sink);
      reader->sink = -2;
      written = (ssize_t)take;
    }
    buffer_drop(&reader->bytes, (size_t)written);
    reader->left -= (size_t)written;
  }
  if (reader->left == 0) {
    close(reader->sink);
    reader->sink = -1;
  }
}

static void
begin_exec(Reader *reader) {
  reader->sink = -2; /* where the script cannot be started, its input goes nowhere */
  job_exec(reader->request.id, number_of(reader->request.words[0]), reader->body.bytes,
           &reader->sink);
  reader->left = reader->request.size - body_size(&reader->request);
}

static void
finish_body(Reader *reader) {
  buffer_add(&reader->body, "", 1);
  if (body_size(&reader->request) < reader->request.size)
    begin_exec(reader);
  else
    serve(&reader->request, reader->body.bytes, reader->body.size - 1);
  reader->in_body = false;
  reader->body.size = 0;
}

/* true: a whole line was there. A line that is none ends the agent: nothing after it can be
 * understood. */
static bool
take_line(Reader *reader, bool *broken) {
  char *end = reader->bytes.size > 0 ? memchr(reader->bytes.bytes, '\n', reader->bytes.size) : NULL;
  size_t length = end != NULL ? (size_t)(end - reader->bytes.bytes) : 0;
  const char *why = "the line is too long";
  if (end == NULL && reader->bytes.size < AGENT_LINE_MAX)
    return false;
  *broken = true;
  if (end != NULL && length < AGENT_LINE_MAX) {
    memcpy(reader->line, reader->bytes.bytes, length);
    reader->line[length] = '\0';
    *broken = !request_parse(reader->line, &reader->request, &why);
  }
  if (!*broken && body_size(&reader->request) > AGENT_BODY_MAX) {
    *broken = true;
    why = "too many bytes";
  }
  if (*broken) {
    answer_failed(reader->request.id, "request not understood: %s", why);
    return false;
  }
  buffer_drop(&reader->bytes, length + 1);
  reader->in_body = true;
  reader->left = body_size(&reader->request);
  return true;
}

/* As far as what has come goes. */
static void
understand(Reader *reader, bool *broken) {
  for (;;) {
    if (reader->sink != -1) {
      feed(reader);
      if (reader->sink != -1)
        return;
    }
    if (!reader->in_body && !take_line(reader, broken))
      return;
    if (!take_body(reader))
      return;
    finish_body(reader);
  }
}

/* false: the end of standard input. */
static bool
read_some(Reader *reader) {
  char bytes[65536];
  ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
  if (got > 0)
    buffer_add(&reader->bytes, bytes, (size_t)got);
  return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

/* ---- the loop -------------------------------------------------------------------------------- */

static double
sooner(double a, double b) {
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Returns when tinyx is no longer there, or at SIGTERM. */
static void
loop(int signals) {
  static Reader reader = {.sink = -1};
  bool broken = false;
  while (!broken) {
    struct pollfd fds[FDS_MAX];
    double now = clock_now(), due = sooner(jobs_due(now), probes_due(now));
    bool full = reader.sink >= 0 && reader.bytes.size > 0;
    size_t count = 4, job_count, probe_count, stream_count;
    fds[0] = (struct pollfd){.fd = full ? -1 : STDIN_FILENO, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = answers_pending() ? STDOUT_FILENO : -1, .events = POLLOUT};
    fds[2] = (struct pollfd){.fd = signals, .events = POLLIN};
    fds[3] = (struct pollfd){.fd = full ? reader.sink : -1, .events = POLLOUT};
    job_count = jobs_poll(fds + count, FDS_MAX - count);
    count += job_count;
    probe_count = probes_poll(fds + count, FDS_MAX - count);
    count += probe_count;
    stream_count = streams_poll(fds + count, FDS_MAX - count);
    count += stream_count;
    if (poll(fds, count, due < 0 ? -1 : (int)(due * 1000) + 1) < 0 && errno != EINTR)
      return;
    if (fds[0].revents != 0 && !read_some(&reader))
      return;
    understand(&reader, &broken);
    jobs_ready(fds + 4, job_count);
    probes_ready(fds + 4 + job_count, probe_count);
    streams_ready(fds + 4 + job_count + probe_count, stream_count);
    if (fds[2].revents != 0) {
      struct signalfd_siginfo info;
      if (read(signals, &info, sizeof info) == sizeof info && info.ssi_signo == SIGTERM)
        return;
    }
    jobs_reap();
    now = clock_now();
    jobs_tick(now);
    probes_tick(now);
    if (!answers_write())
      return;
  }
}

static int
remove_one(const char *path, const struct stat *info, int kind, struct FTW *place) {
  (void)info;
  (void)kind;
  (void)place;
  remove(path);
  return 0;
}

static void
tidy_up(void) {
  end_run();
  descendants_kill(getpid(), true);
  if (chdir("/") == 0)
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static int
catch_signals(void) {
  sigset_t set;
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Whoever started us may be ended hard, and its process group with it: the work is done by a child
 * in a session of its own, which lives until it has tidied up. */
static void
leave_the_way(void) {
  int status;
  pid_t pid = fork();
  if (pid < 0)
    exit(2);
  if (pid == 0) {
    setsid();
    return;
  }
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    continue;
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}

int
main(int argc, char **argv) {
  int signals;
  if (side_program(argv[0]))
    return side_main(argc, argv);
  if (argc != 2 || realpath(argv[1], folder) == NULL || strcmp(folder, "/") == 0 ||
      chdir(folder) != 0) {
    fprintf(stderr, "usage: tinyx-agent FOLDER\n");
    return 2;
  }
  leave_the_way();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  signals = catch_signals();
  if (signals < 0)
    return 2;
  fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
  say_hello();
  loop(signals);
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  tidy_up();
  return 0;
}
