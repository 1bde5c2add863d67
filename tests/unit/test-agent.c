/* test-agent.c - tinyx-agent, a real one: scripts, consoles, ports, tests in a root, and the death
 * of tinyx. */
#include "guest/agent.h"

#include "base/files.h"
#include "base/proc.h"
#include "guest/forward.h"

#include "agent-world.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *self;

/* It has ended: there is none, or a corpse. */
static gboolean
gone(int pid) {
  g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid), *text = NULL;
  return !g_file_get_contents(path, &text, NULL, NULL) || strstr(text, ") Z ") != NULL;
}

static gboolean
gone_soon(int pid) {
  for (int i = 0; i < 200 && !gone(pid); i++)
    g_usleep(50000);
  return gone(pid);
}

/* The number that FILE in FOLDER holds, once it does. */
static int
number_in(const char *folder, const char *name) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  for (int i = 0; i < 200; i++) {
    g_autofree char *text = NULL;
    if (g_file_get_contents(path, &text, NULL, NULL) && strchr(text, '\n') != NULL)
      return (int)g_ascii_strtoll(text, NULL, 10);
    g_usleep(50000);
  }
  g_error("%s: no number", path);
}

/* ---- scripts ----------------------------------------------------------- */

static void
test_exec(World *world, gconstpointer data) {
  g_auto(AgentRun) run = {0};
  g_autoptr(GError) error = NULL;
  (void)data;
  g_assert_true(
      agent_exec(world->agent, 10, "echo out; echo err >&2; pwd; exit 3", NULL, &run, &error));
  g_assert_no_error(error);
  g_assert_cmpint(run.status, ==, 3);
  g_assert_false(run.timed_out);
  g_autofree char *expected = g_strdup_printf("out\nerr\n%s\n", world->place);
  g_assert_cmpstr(run.out, ==, expected);
  g_assert_cmpfloat(run.began, >, 0);
  g_assert_cmpfloat(run.ended, >=, run.began);
  g_assert_cmpfloat(agent_time(world->agent), >=, run.ended);
}

static void
test_exec_signal(World *world, gconstpointer data) {
  g_auto(AgentRun) run = {0};
  (void)data;
  g_assert_true(agent_exec(world->agent, 10, "kill -KILL $$", NULL, &run, NULL));
  g_assert_cmpint(run.status, ==, 128 + SIGKILL);
}

/* More than pipes hold, both ways at once. */
static void
test_exec_input(World *world, gconstpointer data) {
  g_autofree char *file = g_build_filename(world->folder, "input", NULL);
  g_autofree char *text = g_strnfill(3 << 20, 'x');
  g_auto(AgentRun) run = {0}, unread = {0}, after = {0};
  (void)data;
  g_assert_true(g_file_set_contents(file, text, -1, NULL));
  g_assert_true(agent_exec(world->agent, 30, "cat", file, &run, NULL));
  g_assert_cmpstr(run.out, ==, text);
  /* A script need not read it. */
  g_assert_true(agent_exec(world->agent, 30, "exit 4", file, &unread, NULL));
  g_assert_cmpint(unread.status, ==, 4);
  g_assert_true(agent_exec(world->agent, 30, "echo on", NULL, &after, NULL));
  g_assert_cmpstr(after.out, ==, "on\n");
}

static void
test_exec_timeout(World *world, gconstpointer data) {
  g_auto(AgentRun) run = {0};
  (void)data;
  g_assert_true(
      agent_exec(world->agent, 1, "echo begun; sleep 300 & echo $! >pid; wait", NULL, &run, NULL));
  g_assert_true(run.timed_out);
  g_assert_cmpstr(run.out, ==, "begun\n");
  g_assert_cmpfloat(run.ended - run.began, <, 5);
  g_assert_true(gone_soon(number_in(world->place, "pid")));
}

static void
test_copies(World *world, gconstpointer data) {
  g_autofree char *file = g_build_filename(world->folder, "file", NULL);
  g_autofree char *copy = g_build_filename(world->place, "a copy", NULL);
  g_autofree char *nowhere = g_build_filename(world->place, "none", "x", NULL);
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  (void)data;
  g_assert_true(g_file_set_contents(file, "content", -1, NULL));
  g_assert_true(agent_put(world->agent, file, copy, &error));
  g_assert_no_error(error);
  g_assert_true(g_file_get_contents(copy, &text, NULL, NULL));
  g_assert_cmpstr(text, ==, "content");
  g_assert_false(agent_put(world->agent, file, nowhere, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_HOST);
  g_assert_nonnull(strstr(error->message, "this machine"));
}

/* ---- in the background ------------------------------------------------- */

static void
take_text(const char *bytes, gsize size, gpointer data) {
  if (bytes == NULL)
    return;
  g_string_append_len(data, bytes, (gssize)size);
}

static void
wait_for(World *world, const GString *text, const char *words) {
  for (int i = 0; i < 100 && strstr(text->str, words) == NULL; i++)
    g_assert_true(agent_wait_any(world->agent, 0.1, NULL));
  g_assert_nonnull(strstr(text->str, words));
}

static void
test_start(World *world, gconstpointer data) {
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *file = g_build_filename(world->place, "console", NULL);
  g_autofree char *kept = NULL;
  g_auto(AgentRun) run = {0};
  guint id;
  (void)data;
  /* Its standard input does not end; meanwhile others are served. */
  id = agent_start(world->agent, "console", "echo $$ >pid; echo first; read -r word; echo ended",
                   take_text, text, NULL);
  g_assert_cmpuint(id, !=, 0);
  wait_for(world, text, "first\n");
  g_assert_true(agent_exec(world->agent, 10, "cat console", NULL, &run, NULL));
  g_assert_cmpstr(run.out, ==, "first\n");
  g_assert_cmpfloat(agent_cpu(world->agent, id), >=, 0);
  agent_stop(world->agent, id);
  g_assert_true(gone_soon(number_in(world->place, "pid")));
  g_assert_true(g_file_get_contents(file, &kept, NULL, NULL));
  g_assert_cmpstr(kept, ==, "first\n");
}

static void
test_tell(World *world, gconstpointer data) {
  g_autoptr(GString) text = g_string_new(NULL);
  guint id = agent_start(world->agent, "console", "read -r word; echo \"it said $word\"; sleep 300",
                         take_text, text, NULL);
  (void)data;
  g_assert_true(agent_tell(world->agent, id, "stop now\n", NULL));
  wait_for(world, text, "it said stop now\n");
  g_assert_false(agent_tell(world->agent, id + 1000, "x", NULL));
}

/* Last words reach us, and its end is known. */
static void
test_start_ends(World *world, gconstpointer data) {
  g_autoptr(GString) text = g_string_new(NULL);
  guint id;
  (void)data;
  id = agent_start(world->agent, "console", "sleep 0.2; echo last", take_text, text, NULL);
  wait_for(world, text, "last\n");
  for (int i = 0; i < 100 && agent_cpu(world->agent, id) >= 0; i++)
    g_usleep(20000);
  g_assert_cmpfloat(agent_cpu(world->agent, id), <, 0);
}

/* ---- ports ------------------------------------------------------------- */

/* A socket of 127.0.0.1; *PORT is the one that it got. */
static int
make_socket(int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
  *port = ntohs(address.sin_port);
  return fd;
}

static void
test_connect(World *world, gconstpointer data) {
  int port, fd = make_socket(&port);
  g_auto(AgentReply) none = {0}, late = {0};
  g_autoptr(GError) error = NULL;
  guint id;
  double begin;
  (void)data;
  /* Bound, but nobody listens. */
  g_assert_false(
      agent_call(world->agent, AGENT_CONNECT, "", &none, &error, "127.0.0.1 %d 1 -1", port));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_GUEST);
  begin = agent_time(world->agent);
  id = agent_ask(world->agent, AGENT_CONNECT, "", 0, NULL, "127.0.0.1 %d 20 -1", port);
  g_assert_true(agent_wait_any(world->agent, 0.1, NULL));
  g_usleep(400000);
  g_assert_false(agent_take(world->agent, id, &late));
  g_assert_cmpint(listen(fd, 50), ==, 0);
  g_assert_true(agent_wait(world->agent, id, &late, NULL));
  g_assert_false(late.failed);
  g_assert_cmpfloat(late.time - begin, >, 0.4);
  close(fd);
}

static void
test_connect_stopped(World *world, gconstpointer data) {
  int port, fd = make_socket(&port);
  g_auto(AgentReply) reply = {0};
  guint id = agent_ask(world->agent, AGENT_CONNECT, "", 0, NULL, "127.0.0.1 %d 100 -1", port);
  (void)data;
  agent_stop(world->agent, id);
  g_assert_true(agent_wait(world->agent, id, &reply, NULL));
  g_assert_true(reply.failed);
  close(fd);
}

/* Takes one connection, and gives back what came, once all of it has. */
static gpointer
echo_thread(gpointer data) {
  int fd = accept(GPOINTER_TO_INT(data), NULL, NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  char bytes[10000];
  ssize_t got;
  while ((got = read(fd, bytes, sizeof bytes)) > 0)
    g_string_append_len(text, bytes, got);
  for (gsize done = 0; done < text->len; done += (gsize)got)
    if ((got = write(fd, text->str + done, text->len - done)) <= 0)
      break;
  close(fd);
  return NULL;
}

typedef struct {
  int port;
  gsize size, back;
  gint done;
  gboolean ipv6;
} Visit;

static int
connect_local(const Visit *visit) {
  struct sockaddr_in ipv4 = {.sin_family = AF_INET,
                             .sin_port = htons((guint16)visit->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons((guint16)visit->port),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  int fd = socket(visit->ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
  int status = visit->ipv6 ? connect(fd, (struct sockaddr *)&ipv6, sizeof ipv6)
                           : connect(fd, (struct sockaddr *)&ipv4, sizeof ipv4);
  g_assert_cmpint(status, ==, 0);
  return fd;
}

/* Sends SIZE bytes, says that there are no more, reads what comes BACK, slowly at first. */
static gpointer
visit_thread(gpointer data) {
  Visit *visit = data;
  int fd = connect_local(visit);
  g_autofree char *text = g_strnfill(visit->size, 'y');
  char bytes[100000];
  ssize_t got;
  for (gsize done = 0; done < visit->size; done += (gsize)got)
    if ((got = write(fd, text + done, visit->size - done)) <= 0)
      break;
  shutdown(fd, SHUT_WR);
  g_usleep(300000);
  while ((got = read(fd, bytes, sizeof bytes)) > 0)
    visit->back += (gsize)got;
  close(fd);
  g_atomic_int_set(&visit->done, 1);
  return NULL;
}

static void
visit(World *world, Forward *forward, Visit *visit) {
  GThread *thread;
  visit->port = forward_port(forward);
  thread = g_thread_new("visit", visit_thread, visit);
  while (!g_atomic_int_get(&visit->done))
    g_assert_true(forward_turn(forward, world->agent, 0.1, NULL));
  g_thread_join(thread);
}

static void
test_forward(World *world, gconstpointer data) {
  int port, fd = make_socket(&port);
  g_autoptr(GError) error = NULL;
  g_auto(ForwardPort) reserved = {-1, -1, 0}, second = {-1, -1, 0};
  g_assert_true(forward_reserve(0, &reserved, &error));
  g_assert_no_error(error);
  Forward *forward =
      forward_start(world->agent, AGENT_NO_SIDE, &reserved, "127.0.0.1", port, &error);
  Visit refused = {.size = 10}, served = {.size = 3 << 20};
  GThread *server;
  (void)data;
  g_assert_no_error(error);
  visit(world, forward, &refused); /* nobody listens yet */
  g_assert_cmpuint(refused.back, ==, 0);
  g_assert_cmpint(listen(fd, 5), ==, 0);
  server = g_thread_new("server", echo_thread, GINT_TO_POINTER(fd));
  visit(world, forward, &served);
  g_assert_cmpuint(served.back, ==, served.size);
  g_thread_join(server);
  if (reserved.ipv6 >= 0) { /* "localhost" may be either */
    Visit other = {.size = 10, .ipv6 = TRUE};
    server = g_thread_new("server", echo_thread, GINT_TO_POINTER(fd));
    visit(world, forward, &other);
    g_assert_cmpuint(other.back, ==, other.size);
    g_thread_join(server);
  }
  g_assert_cmpint(forward_port(forward), ==, reserved.port);
  g_assert_false(forward_reserve(reserved.port, &second, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  forward_stop(forward);
  close(fd);
}

static void
test_networks(World *world, gconstpointer data) {
  g_auto(AgentReply) reply = {0}, too_few = {0};
  g_autoptr(GError) error = NULL;
  (void)data;
  g_assert_true(agent_call(world->agent, AGENT_NETWORKS, "127.0.0 10.99.1 10.99.1 10.99.2 10.99.3",
                           &reply, &error, "2"));
  g_assert_cmpstr(reply.bytes, ==, "10.99.1 10.99.2");
  g_assert_false(
      agent_call(world->agent, AGENT_NETWORKS, "127.0.0 10.99.1", &too_few, &error, "2"));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_GUEST);
}

/* ---- a test in its root ------------------------------------------------- */

static void
run_test(World *world, const char *script, int seconds, AgentRun *run) {
  static const char words[] = "/test/t.sh\0WHO=me\0PATH=/bin";
  g_autofree char *file = g_build_filename(world->place, "root/test/t.sh", NULL);
  g_auto(AgentReply) reply = {0};
  guint id;
  g_assert_true(g_file_set_contents(file, script, -1, NULL));
  id = agent_ask(world->agent, AGENT_TEST, words, sizeof words, NULL, "root %d -1 0", seconds);
  g_assert_true(agent_wait(world->agent, id, &reply, NULL));
  g_assert_true(agent_run_parse(&reply, run, NULL));
}

static gboolean
may_chroot(const World *world) {
  if (agent_is_real_root(world->agent) || geteuid() == 0)
    return TRUE;
  g_test_skip("neither root nor a user namespace");
  return FALSE;
}

static void
test_test(World *world, gconstpointer data) {
  g_auto(AgentRun) run = {0}, bad = {0};
  (void)data;
  if (!may_chroot(world))
    return;
  make_root(world);
  run_test(world, "echo \"$WHO in $PWD\"; echo x >/dev/null; echo *; exit 0", 20, &run);
  g_assert_cmpint(run.status, ==, 0);
  g_assert_nonnull(strstr(run.out, "me in /\n"));
  g_assert_nonnull(strstr(run.out, "test tmp"));
  run_test(world, "echo wrong; exit 3", 20, &bad);
  g_assert_cmpint(bad.status, ==, 3);
  g_assert_cmpstr(bad.out, ==, "wrong\n");
}

/* Whether a process of this machine has WORD among its arguments. */
static gboolean
runs(const char *word) {
  g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
  const char *name;
  while ((name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename("/proc", name, "cmdline", NULL), *text = NULL;
    gsize size;
    if (!g_ascii_isdigit(*name) || !g_file_get_contents(path, &text, &size, NULL))
      continue;
    for (const char *at = text; at < text + size; at += strlen(at) + 1)
      if (g_str_equal(at, word))
        return TRUE;
  }
  return FALSE;
}

/* What it left behind goes, wherever it went: each sleeps for a time that nobody else does. */
static void
test_test_leaves(World *world, gconstpointer data) {
  g_auto(AgentRun) run = {0}, hung = {0};
  g_autofree char *one = g_strdup_printf("7%d1", getpid());
  g_autofree char *two = g_strdup_printf("7%d2", getpid());
  g_autofree char *three = g_strdup_printf("7%d3", getpid());
  g_autofree char *leaves = g_strdup_printf(
      "(sleep %s & echo >/tmp/one) & wait; trap '' TERM HUP; sleep %s & echo >/tmp/two", one, two);
  g_autofree char *hangs = g_strdup_printf("(sleep %s &) & while :; do sleep 1; done", three);
  (void)data;
  if (!may_chroot(world))
    return;
  make_root(world);
  run_test(world, leaves, 20, &run);
  g_assert_cmpint(run.status, ==, 0);
  g_assert_cmpfloat(run.ended - run.began, <, 10);
  g_assert_false(runs(one));
  g_assert_false(runs(two));
  run_test(world, hangs, 1, &hung);
  g_assert_true(hung.timed_out);
  g_assert_false(runs(three));
}

/* A test is somebody else's script: no root, no rights, no sight of this machine. */
static void
test_test_confined(World *world, gconstpointer data) {
  static const char script[] =
      "while read -r key value; do case $key in CapEff:|CapBnd:|NoNewPrivs:|Seccomp:|Uid:) echo "
      "$key $value;; esac; done </proc/self/status\n"
      "(echo x >/new) 2>/dev/null || echo no new file\n"
      "(echo x >/proc/sys/kernel/panic) 2>/dev/null || echo no sysctl\n"
      "(cd /proc/1/root) 2>/dev/null || echo no root\n"
      "for p in /proc/[0-9]*; do echo $p; done";
  g_auto(AgentRun) run = {0};
  (void)data;
  if (!agent_is_real_root(world->agent)) {
    g_test_skip("not root: the agent of a user is confined in other tests");
    return;
  }
  make_root(world);
  run_test(world, script, 20, &run);
  g_assert_cmpstr(run.out, ==,
                  "Uid: 65534 65534 65534 65534\nCapEff: 0000000000000000\nCapBnd: "
                  "0000000000000000\nNoNewPrivs: 1\nSeccomp: 2\nno new file\nno sysctl\nno "
                  "root\n/proc/1\n/proc/2\n");
}

/* ---- a host that is not what it says ------------------------------------ */

/* Answers of a machine that would have us keep gigabytes, or that are none. */
static void
test_hostile_host(void) {
  static const char *const answers[] = {"0 done 0.0 999999999999", "0 done 0.0 99999999",
                                        "0 done 0.0 -1", "\\033]52;c;x", "0 gone 0.0 0"};
  for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
    g_autofree char *script =
        g_strdup_printf("exec 3<&0; cat <&3 >/dev/null & printf '0 hello 0.0 " AGENT_VERSION
                        " real 0\\n%s\\n'; wait",
                        answers[i]);
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    g_autoptr(GError) error = NULL;
    Agent *agent = agent_open(argv, "a host", &error);
    if (agent != NULL) /* the greeting came alone */
      g_assert_false(agent_wait_any(agent, 5, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_HOST);
    g_assert_nonnull(strstr(error->message, "a host: its agent said '"));
    agent_close(agent, 0);
  }
}

/* ---- the end ------------------------------------------------------------- */

/* As `test-agent --die FOLDER`: what a tinyx does that is killed. */
static int
die(const char *folder) {
  g_autofree char *place = g_build_filename(folder, "agent", NULL);
  g_autofree char *ready = g_build_filename(folder, "ready", NULL);
  g_autofree char *end = g_strdup_printf("echo done >'%s/ended'", folder);
  g_autofree char *script = g_strdup_printf("echo $$ >'%s/one'; setsid sh -c 'echo $$ >%s/two; "
                                            "sleep 300 & echo $! >%s/three; wait' & sleep 300",
                                            folder, folder, folder);
  Agent *agent = open_agent(place, NULL, NULL);
  if (agent == NULL ||
      agent_start(agent, "console", script, take_text, g_string_new(NULL), NULL) == 0 ||
      !agent_at_end(agent, "forgotten", "echo wrong >ended", NULL) ||
      !agent_at_end(agent, "forgotten", NULL, NULL) || !agent_at_end(agent, "x", end, NULL))
    return 1;
  number_in(folder, "three");
  g_file_set_contents(ready, "1\n", -1, NULL);
  pause();
  return 0;
}

static void
test_death(void) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  g_autofree char *place = g_build_filename(folder, "agent", NULL);
  g_autofree char *ended = g_build_filename(folder, "ended", NULL), *text = NULL;
  const char *argv[] = {self, "--die", folder, NULL};
  GPid child;
  int pids[3];
  g_assert_true(g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                              &child, NULL));
  number_in(folder, "ready");
  pids[0] = number_in(folder, "one");
  pids[1] = number_in(folder, "two");
  pids[2] = number_in(folder, "three");
  g_assert_true(g_file_test(place, G_FILE_TEST_IS_DIR));
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  for (int i = 0; i < 3; i++)
    g_assert_true(gone_soon(pids[i]));
  for (int i = 0; i < 200 && g_file_test(place, G_FILE_TEST_EXISTS); i++)
    g_usleep(50000);
  g_assert_false(g_file_test(place, G_FILE_TEST_EXISTS));
  g_assert_true(g_file_get_contents(ended, &text, NULL, NULL));
  g_assert_cmpstr(text, ==, "done\n");
  g_assert_true(dir_remove(folder, NULL));
}

/* ---- an agent that is none ------------------------------------------------ */

static void
check_no_agent(const char *script, const char *words) {
  const char *argv[] = {"/bin/sh", "-c", script, NULL};
  g_autoptr(GError) error = NULL;
  g_assert_null(agent_open(argv, "the host x", &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_HOST);
  g_assert_nonnull(strstr(error->message, "the host x"));
  g_assert_nonnull(strstr(error->message, words));
}

static void
test_no_agent(void) {
  check_no_agent("echo 'sh: no room' >&2; exit 3", "no room");
  check_no_agent("cat >/dev/null & echo 'Welcome to this machine'; wait", "Welcome");
}

/* It breaks off while it is asked. */
static void
test_broken(World *world, gconstpointer data) {
  g_auto(AgentRun) run = {0};
  g_autoptr(GError) error = NULL;
  (void)data;
  g_assert_false(agent_exec(world->agent, 10, "kill -KILL $PPID", NULL, &run, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_HOST);
  dir_remove(world->place, NULL); /* nobody else will */
}

/* A host that stands still does not hold us up. */
static void
test_deadline(World *world, gconstpointer data) {
  g_auto(AgentRun) run = {0};
  g_autoptr(GError) error = NULL;
  (void)data;
  agent_set_deadline(world->agent, 0.5);
  g_assert_false(agent_exec(world->agent, 60, "sleep 50", NULL, &run, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_TIMEOUT);
  agent_set_deadline(world->agent, 0);
}

#define ADD(path, function)                                                                        \
  g_test_add("/agent/" path, World, NULL, world_set_up, function, world_tear_down)

int
main(int argc, char **argv) {
  if (argc == 3 && g_str_equal(argv[1], "--die"))
    return die(argv[2]);
  self = argv[0];
  signal(SIGPIPE, SIG_IGN);
  g_test_init(&argc, &argv, NULL);
  ADD("exec", test_exec);
  ADD("exec-signal", test_exec_signal);
  ADD("exec-input", test_exec_input);
  ADD("exec-timeout", test_exec_timeout);
  ADD("copies", test_copies);
  ADD("start", test_start);
  ADD("tell", test_tell);
  ADD("start-ends", test_start_ends);
  ADD("connect", test_connect);
  ADD("connect-stopped", test_connect_stopped);
  ADD("forward", test_forward);
  ADD("networks", test_networks);
  ADD("test", test_test);
  ADD("test-confined", test_test_confined);
  ADD("test-leaves", test_test_leaves);
  ADD("broken", test_broken);
  ADD("deadline", test_deadline);
  g_test_add_func("/agent/hostile-host", test_hostile_host);
  g_test_add_func("/agent/death", test_death);
  g_test_add_func("/agent/no-agent", test_no_agent);
  return g_test_run();
}
