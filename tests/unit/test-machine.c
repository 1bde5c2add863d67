/* test-machine.c - QEMU's machine protocol against a stand-in for QEMU, and what a boot does when
 * its virtual CPUs stop. This program is the stand-in, where it is called qemu-system-x86_64. */
#include "base/files.h"
#include "xen/accel.h"
#include "xen/machine.h"
#include "xen/qmp.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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
  g_test_add_func("/accelerator/stops", test_try_fails);
  g_test_add_func("/accelerator/emulated", test_try);
  return g_test_run();
}
