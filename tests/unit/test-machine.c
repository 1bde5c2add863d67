/* test-machine.c - QEMU's machine protocol against a stand-in for QEMU, and what a boot does when
 * its virtual CPUs stop. This program is the stand-in, where it is called qemu-system-x86_64. */
#include "base/files.h"
#include "xen/accel.h"
#include "xen/confine.h"
#include "xen/machine.h"
#include "xen/qmp.h"

#include <glib/gstdio.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n"
#define STOP "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"STOP\"}\n"

/* Serves one client as QEMU does: ANSWERS[i] is what it says to the i-th command ("" to the last
 * one: it hangs up). */
static void
serve(int listener, const char *const *answers) {
  int fd = accept(listener, NULL, NULL);
  FILE *in = fdopen(fd, "r");
  char line[4096];
  g_assert_cmpint(write(fd, GREETING, strlen(GREETING)), >, 0);
  for (; *answers != NULL && fgets(line, sizeof line, in) != NULL; answers++) {
    g_assert_nonnull(strstr(line, "\"execute\""));
    if (**answers != '\0')
      g_assert_cmpint(write(fd, *answers, strlen(*answers)), >, 0);
  }
  fclose(in);
}

static int
listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  g_strlcpy(address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint(listen(fd, 1), ==, 0);
  return fd;
}

typedef struct {
  char *folder;
  int listener;
  const char *const *answers;
  GThread *thread;
  Proc *qemu; /* somebody who lives */
  Qmp *qmp;
} Server;

static gpointer
serve_thread(gpointer data) {
  Server *server = data;
  serve(server->listener, server->answers);
  return NULL;
}

static void
server_begin(Server *server, const char *const *answers) {
  static const char *const argv[] = {"sleep", "60", NULL};
  ProcSpec spec = {.argv = argv};
  GError *error = NULL;
  server->folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(server->folder, "qmp.sock", NULL);
  server->listener = listen_at(path);
  server->answers = answers;
  server->thread = g_thread_new("qemu", serve_thread, server);
  server->qemu = proc_start(&spec, &error);
  g_assert_no_error(error);
  server->qmp = qmp_connect(server->folder, "qmp.sock", server->qemu, 5, &error);
  g_assert_no_error(error);
}

static void
server_end(Server *server) {
  qmp_free(server->qmp);
  g_thread_join(server->thread);
  close(server->listener);
  proc_stop(server->qemu, 0);
  g_assert_true(dir_remove(server->folder, NULL));
  g_free(server->folder);
}

/* An event before, between and behind the replies; a status is asked for only after one of a stop,
 * and one that can be undone is none. */
static void
test_events(void) {
  static const char running[] = "{\"event\": \"RTC_CHANGE\", \"data\": {\"offset\": 0}}\n"
                                "{\"return\": {\"status\": \"running\"}}\n";
  static const char *const answers[] = {
      "{\"return\": {}}\n", running,
      /* the reply to "cont", with the event of a stop in two pieces around it */
      STOP "{\"return\": {}}\n", "{\"return\": {\"status\": \"paused\"}}\n" STOP,
      "{\"return\": {\"status\": \"internal-error\"}}\n",
      "{\"return\": {\"status\": \"internal-error\"}}\n", NULL};
  Server server;
  GError *error = NULL;
  server_begin(&server, answers);
  g_assert_true(qmp_runs(server.qmp, &error)); /* running */
  g_assert_true(qmp_runs(server.qmp, &error)); /* nothing new: nothing is asked */
  g_assert_true(qmp_execute(server.qmp, "cont", NULL, NULL, &error));
  g_assert_true(qmp_runs(server.qmp, &error)); /* paused, and a second STOP behind it */
  g_assert_no_error(error);
  /* The second STOP may come a moment after the reply that is before it. */
  while (qmp_runs(server.qmp, &error))
    g_usleep(1000);
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_HOST);
  g_assert_nonnull(strstr(error->message, "(internal-error)"));
  g_clear_error(&error);
  g_assert_false(qmp_runs(server.qmp, &error)); /* it stays so */
  g_clear_error(&error);
  server_end(&server);
}

static void
test_hangs_up(void) {
  static const char *const answers[] = {"{\"return\": {}}\n", "", NULL};
  Server server;
  GError *error = NULL;
  server_begin(&server, answers);
  g_assert_false(qmp_runs(server.qmp, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_HOST);
  g_assert_nonnull(strstr(error->message, "closed its monitor"));
  g_clear_error(&error);
  server_end(&server);
}

static void
test_nonsense(void) {
  static const char *const answers[] = {"{\"return\": {}}\n", "nonsense\n", NULL};
  Server server;
  GError *error = NULL;
  server_begin(&server, answers);
  g_assert_false(qmp_runs(server.qmp, &error));
  g_assert_nonnull(error);
  g_clear_error(&error);
  server_end(&server);
}

/* What a KVM does that cannot execute an instruction: QEMU says so, and lives on. */
static int
be_qemu(void) {
  static const char *const answers[] = {"{\"return\": {}}\n",
                                        "{\"return\": {\"status\": \"running\"}}\n" STOP,
                                        "{\"return\": {\"status\": \"internal-error\"}}\n", NULL};
  int listener = listen_at("qmp.sock");
  fputs("KVM internal error. Suberror: 1\nemulation failure\n", stderr);
  serve(listener, answers);
  sleep(60);
  return 0;
}

/* The stand-in's folder first in PATH. */
static char *
stand_in_begin(char **path) {
  char *folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
  g_autofree char *link = g_build_filename(folder, "qemu-system-x86_64", NULL);
  g_autofree char *with = g_strconcat(folder, ":", g_getenv("PATH"), NULL);
  g_assert_cmpint(symlink(self, link), ==, 0);
  *path = g_strdup(g_getenv("PATH"));
  g_setenv("PATH", with, TRUE);
  return folder;
}

static void
stand_in_end(char *folder, char *path) {
  g_setenv("PATH", path, TRUE);
  g_assert_true(dir_remove(folder, NULL));
  g_free(folder);
  g_free(path);
}

/* A boot ends within seconds, and says what QEMU said. */
static void
test_boot(void) {
  char *path;
  char *bin = stand_in_begin(&path);
  char *folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  GError *error = NULL;
  gint64 begin = g_get_monotonic_time();
  Machine *machine = machine_start(folder, "/nonexistent", "kvm", NULL, NULL, FALSE, &error);
  g_assert_no_error(error);
  g_assert_false(machine_wait(machine, NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_HOST);
  g_assert_nonnull(strstr(error->message, "KVM internal error. Suberror: 1: "));
  g_assert_nonnull(strstr(error->message, "(internal-error)"));
  g_clear_error(&error);
  machine_end(machine, TRUE);
  g_assert_cmpint((g_get_monotonic_time() - begin) / G_USEC_PER_SEC, <, 15);
  g_assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
  g_free(folder);
  stand_in_end(bin, path);
}

static void
test_try_fails(void) {
  char *path;
  char *bin = stand_in_begin(&path);
  GError *error = NULL;
  g_assert_false(accelerator_try("kvm", &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_HOST);
  g_assert_nonnull(strstr(error->message, "(internal-error)"));
  g_clear_error(&error);
  stand_in_end(bin, path);
}

/* The firmware itself is right: where QEMU emulates a whole processor it comes to its end. */
static void
test_try(void) {
  g_autofree char *qemu = g_find_program_in_path("qemu-system-x86_64");
  GError *error = NULL;
  if (qemu == NULL) {
    g_test_skip("no qemu-system-x86_64");
    return;
  }
  accelerator_try("tcg", &error);
  g_assert_no_error(error);
  if (!accelerator_try("kvm", &error))
    g_test_message("KVM here: %s", error->message);
  g_clear_error(&error);
}

/* ---- what QEMU may do, and whose a port is ------------------------------ */

static guint64
status_number(int pid, const char *name, int base) {
  g_autofree char *path = g_strdup_printf("/proc/%d/status", pid), *text = NULL;
  g_autofree char *key = g_strdup_printf("\n%s:\t", name);
  const char *at = g_file_get_contents(path, &text, NULL, NULL) ? strstr(text, key) : NULL;
  return at != NULL ? g_ascii_strtoull(at + strlen(key), NULL, base) : G_MAXUINT64;
}

/* A real one: filtered, without capabilities, and nobody's where root started it. */
static void
test_confined(void) {
  static const char *const words[] = {"qemu-system-x86_64", "-nodefaults", "-M", "microvm",
                                      "-display",           "none",        "-S"};
  g_autofree char *qemu = g_find_program_in_path("qemu-system-x86_64");
  g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
  ProcSpec spec = {0};
  GError *error = NULL;
  gboolean other;
  Proc *proc;
  if (qemu == NULL) {
    g_test_skip("no qemu-system-x86_64");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    g_ptr_array_add(argv, g_strdup(words[i]));
  other = confine_add(argv);
  g_ptr_array_add(argv, NULL);
  spec.argv = (const char *const *)argv->pdata;
  proc = proc_start(&spec, &error);
  g_assert_no_error(error);
  for (int i = 0; i < 200 && (status_number(proc_pid(proc), "Seccomp", 10) != 2 ||
                              status_number(proc_pid(proc), "CapEff", 16) != 0);
       i++)
    g_usleep(50000);
  g_assert_true(proc_alive(proc, NULL));
  g_assert_cmpuint(status_number(proc_pid(proc), "NoNewPrivs", 10), ==, 1);
  g_assert_cmpuint(status_number(proc_pid(proc), "Seccomp", 10), ==, 2);
  g_assert_cmpuint(status_number(proc_pid(proc), "CapEff", 16), ==, 0);
  g_assert_cmpuint(status_number(proc_pid(proc), "Uid", 10), !=, 0);
  g_assert_true(other == (status_number(proc_pid(proc), "Uid", 10) != geteuid()));
  proc_stop(proc, 1);
}

/* Its end does not depend on how we end. */
static void
test_keeper(void) {
  static const char *const argv[] = {"sleep", "300", NULL};
  ProcSpec spec = {.argv = argv};
  Proc *kept = proc_start_detached(&spec, NULL), *spared = proc_start_detached(&spec, NULL);
  pid_t pid = fork();
  if (pid == 0) {
    keeper_start(proc_pid(kept), NULL);
    kill(getpid(), SIGKILL);
  }
  g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
  g_assert_true(proc_wait(kept, 10));
  proc_stop(kept, 0);
  keeper_stop(keeper_start(proc_pid(spared), NULL));
  g_assert_false(proc_wait(spared, 0.3));
  proc_stop(spared, 0);
}

static int
listen_on(int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint(listen(fd, 1), ==, 0);
  g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
  *port = ntohs(address.sin_port);
  return fd;
}

static void
check_port(int port, int pid, const char *words) {
  g_autoptr(GError) error = NULL;
  g_assert_false(port_check(port, pid, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_HOST);
  g_assert_nonnull(strstr(error->message, words));
}

/* One that another program took, and one that another user took. */
static void
test_port(void) {
  static const char *const argv[] = {"sleep", "300", NULL};
  ProcSpec spec = {.argv = argv};
  Proc *other = proc_start(&spec, NULL);
  int port, fd = listen_on(&port), ends[2];
  g_assert_true(port_check(port, getpid(), NULL));
  check_port(port, proc_pid(other), "is another program's");
  close(fd);
  check_port(port, getpid(), "nothing listens");
  proc_stop(other, 0);
  if (geteuid() != 0) {
    g_test_message("not root: no other user");
    return;
  }
  g_assert_cmpint(pipe(ends), ==, 0);
  pid_t pid = fork();
  if (pid == 0) {
    int theirs;
    if (setuid(61183) != 0)
      _exit(1);
    listen_on(&theirs);
    if (write(ends[1], &theirs, sizeof theirs) != sizeof theirs)
      _exit(1);
    pause();
  }
  g_assert_cmpint(read(ends[0], &port, sizeof port), ==, sizeof port);
  check_port(port, getpid(), "is another user's (61183)");
  kill(pid, SIGKILL);
  g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
  close(ends[0]);
  close(ends[1]);
}

int
main(int argc, char **argv) {
  g_autofree char *name = g_path_get_basename(argv[0]);
  if (g_str_equal(name, "qemu-system-x86_64"))
    return be_qemu();
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/qmp/events", test_events);
  g_test_add_func("/qmp/hangs-up", test_hangs_up);
  g_test_add_func("/qmp/nonsense", test_nonsense);
  g_test_add_func("/machine/boot-stops", test_boot);
  g_test_add_func("/machine/confined", test_confined);
  g_test_add_func("/machine/keeper", test_keeper);
  g_test_add_func("/machine/port", test_port);
  g_test_add_func("/accelerator/stops", test_try_fails);
  g_test_add_func("/accelerator/emulated", test_try);
  return g_test_run();
}
