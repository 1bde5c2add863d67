/* test-proc.c - child processes: deadlines, signals, captures, missing programs. */
#include "base/clock.h"
#include "base/proc.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ProcSpec
command(const char *const *argv, ProcFlags flags, int deadline) {
  return (ProcSpec){.argv = argv, .flags = flags, .deadline = deadline};
}

static void
test_capture(void) {
  const char *argv[] = {"sh", "-c", "echo out; echo err >&2; cat", NULL};
  ProcSpec spec = command(argv, PROC_CAPTURE, 10);
  g_auto(ProcResult) result = {0};
  g_autoptr(GError) error = NULL;
  spec.input = "in";
  g_assert_true(proc_run(&spec, &result, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(result.out, ==, "out\nin");
}

static void
test_mixed_in_order(void) {
  const char *argv[] = {"sh", "-c", "echo 1; echo 2 >&2; echo 3; echo 4 >&2", NULL};
  ProcSpec spec = command(argv, PROC_CAPTURE | PROC_CAPTURE_ERR, 10);
  g_auto(ProcResult) result = {0};
  g_assert_true(proc_run(&spec, &result, NULL));
  g_assert_cmpstr(result.out, ==, "1\n2\n3\n4\n");
}

static void
test_large_input_and_output(void) {
  const char *argv[] = {"cat", NULL};
  ProcSpec spec = command(argv, PROC_CAPTURE, 20);
  g_auto(ProcResult) result = {0};
  g_autofree char *data = g_strnfill(3 << 20, 'x');
  spec.input = data;
  g_assert_true(proc_run(&spec, &result, NULL));
  g_assert_cmpuint(result.out_size, ==, 3 << 20);
}

static void
test_status(void) {
  const char *argv[] = {"sh", "-c", "echo reason >&2; exit 3", NULL};
  ProcSpec spec = command(argv, 0, 10);
  g_auto(ProcResult) result = {0};
  g_autoptr(GError) error = NULL;
  g_assert_false(proc_run(&spec, NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CHILD);
  g_assert_nonnull(strstr(error->message, "exit status 3"));
  g_assert_nonnull(strstr(error->message, "reason"));
  spec.flags = PROC_ANY_STATUS;
  g_assert_true(proc_run(&spec, &result, NULL));
  g_assert_cmpint(result.status, ==, 3);
}

static void
test_signal_is_a_failure(void) {
  const char *argv[] = {"sh", "-c", "kill -SEGV $$", NULL};
  ProcSpec spec = command(argv, PROC_ANY_STATUS, 10);
  g_autoptr(GError) error = NULL;
  g_assert_false(proc_run(&spec, NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CHILD);
  g_assert_nonnull(strstr(error->message, "Segmentation"));
}

/* The deadline ends the whole group, grandchildren that ignore SIGTERM included. */
static void
test_deadline(void) {
  g_autofree char *file = g_build_filename(g_get_tmp_dir(), "test-proc-XXXXXX", NULL);
  int fd = g_mkstemp(file);
  g_autofree char *script =
      g_strdup_printf("trap '' TERM; sleep 61 & echo $! > %s; while :; do sleep 1; done", file);
  const char *argv[] = {"sh", "-c", script, NULL};
  ProcSpec spec = command(argv, 0, 1);
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL, *path = NULL, *cmdline = NULL;
  gint64 begun = g_get_monotonic_time();
  g_assert_false(proc_run(&spec, NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_TIMEOUT);
  g_assert_cmpint(g_get_monotonic_time() - begun, <, 8 * G_USEC_PER_SEC);
  g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
  g_usleep(100000);
  path = g_strdup_printf("/proc/%d/cmdline", atoi(text));
  /* Gone, or a zombie that nobody here can reap (empty command line). */
  if (g_file_get_contents(path, &cmdline, NULL, NULL))
    g_assert_cmpstr(cmdline, ==, "");
  close(fd);
  unlink(file);
}

/* A grandchild that keeps the pipe open does not hold up the caller. */
static void
test_background_grandchild(void) {
  const char *argv[] = {"sh", "-c", "sleep 62 & echo done", NULL};
  ProcSpec spec = command(argv, PROC_CAPTURE, 30);
  g_auto(ProcResult) result = {0};
  gint64 begun = g_get_monotonic_time();
  g_assert_true(proc_run(&spec, &result, NULL));
  g_assert_cmpstr(result.out, ==, "done\n");
  g_assert_cmpint(g_get_monotonic_time() - begun, <, 5 * G_USEC_PER_SEC);
}

static void
test_missing(void) {
  const char *argv[] = {"no-such-program-of-tinyx", NULL};
  ProcSpec spec = command(argv, 0, 10);
  g_autoptr(GError) error = NULL;
  g_assert_false(proc_run(&spec, NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_TOOL);
  g_assert_nonnull(strstr(error->message, "no-such-program-of-tinyx"));
}

static void
test_bad_folder(void) {
  const char *argv[] = {"true", NULL};
  ProcSpec spec = command(argv, 0, 10);
  g_autoptr(GError) error = NULL;
  spec.cwd = "/no/such/folder";
  g_assert_false(proc_run(&spec, NULL, &error));
  g_assert_nonnull(strstr(error->message, "/no/such/folder"));
}

static void
collect(const char *line, gpointer data) {
  g_ptr_array_add(data, g_strdup(line));
}

static void
test_lines(void) {
  const char *argv[] = {"printf", "a\\n\\nbc\\nlast", NULL};
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  ProcSpec spec = command(argv, PROC_CAPTURE, 10);
  spec.on_line = collect;
  spec.on_line_data = lines;
  g_assert_true(proc_run(&spec, NULL, NULL));
  g_assert_cmpuint(lines->len, ==, 4);
  g_assert_cmpstr(lines->pdata[1], ==, "");
  g_assert_cmpstr(lines->pdata[2], ==, "bc");
  g_assert_cmpstr(lines->pdata[3], ==, "last");
}

typedef struct {
  guint lines;
  gboolean enough;
} Count;

static void
count_line(const char *line, gpointer data) {
  Count *count = data;
  (void)line;
  count->enough = ++count->lines >= 3;
}

/* Who reads the lines can end what would never end. */
static void
test_enough(void) {
  const char *argv[] = {"yes", NULL};
  ProcSpec spec = command(argv, PROC_CAPTURE, 60);
  Count count = {0};
  g_autoptr(GError) error = NULL;
  spec.on_line = count_line;
  spec.on_line_data = &count;
  spec.enough = &count.enough;
  g_assert_false(proc_run(&spec, NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CHILD);
  g_assert_true(g_str_has_prefix(error->message, "yes: ended before it was done"));
}

static void
test_clock(void) {
  gint64 offset = clock_offset();
  g_assert_false(clock_was_set(offset));
  g_assert_true(clock_was_set(offset + 2 * G_USEC_PER_SEC));
  g_assert_true(clock_was_set(offset - 2 * G_USEC_PER_SEC));
}

static void
test_start_stop(void) {
  const char *argv[] = {"sleep", "63", NULL};
  ProcSpec spec = command(argv, 0, 0);
  Proc *proc = proc_start(&spec, NULL);
  int pid;
  g_assert_nonnull(proc);
  pid = proc_pid(proc);
  g_assert_true(proc_alive(proc, NULL));
  g_assert_false(proc_wait(proc, 0.05));
  proc_stop(proc, 1);
  g_assert_cmpint(kill(pid, 0), ==, -1);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/proc/capture", test_capture);
  g_test_add_func("/proc/mixed", test_mixed_in_order);
  g_test_add_func("/proc/large", test_large_input_and_output);
  g_test_add_func("/proc/status", test_status);
  g_test_add_func("/proc/signal", test_signal_is_a_failure);
  g_test_add_func("/proc/deadline", test_deadline);
  g_test_add_func("/proc/background-grandchild", test_background_grandchild);
  g_test_add_func("/proc/missing", test_missing);
  g_test_add_func("/proc/bad-folder", test_bad_folder);
  g_test_add_func("/proc/lines", test_lines);
  g_test_add_func("/proc/enough", test_enough);
  g_test_add_func("/proc/clock", test_clock);
  g_test_add_func("/proc/start-stop", test_start_stop);
  return g_test_run();
}
