#include "minimize/bench.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "guest/launcher.h"

#include <string.h>
#include <unistd.h>

/* A kernel that has not answered after several times what another one took never will. */
#define PATIENCE 3       /* times the answer of one that passed */
#define LEAST_PATIENCE 8 /* seconds */

struct Bench {
  BenchSetup setup;
  GuestHost *host;
  int boot_seconds; /* 0: not known yet */
};

void
bench_result_clear(BenchResult *result) {
  g_clear_pointer(&result->why, g_free);
  g_clear_pointer(&result->console, g_free);
  memset(result, 0, sizeof *result);
}

Bench *
bench_new(const BenchSetup *setup) {
  Bench *bench = g_new0(Bench, 1);
  bench->setup = *setup;
  return bench;
}

void
bench_free(Bench *bench) {
  if (bench == NULL)
    return;
  guest_host_close(bench->host);
  g_free(bench);
}

/* With HIGH other than 0 it notes which code between LOW and HIGH runs. */
static GuestHost *
open_host(const Bench *bench, guint64 low, guint64 high, GError **error) {
  const GuestHostOptions options = {
      .spec = bench->setup.host, .trace_low = low, .trace_high = high};
  return guest_host_open(bench->setup.platform, &options, error);
}

gboolean
bench_open(Bench *bench, GError **error) {
  if (bench->setup.command == NULL && bench->host == NULL)
    bench->host = open_host(bench, 0, 0, error);
  return bench->setup.command != NULL || bench->host != NULL;
}

/* guest_test takes a folder, as `tinyx build` makes it: one of links. */
static char *
link_folder(const Bench *bench, const char *kernel, const char *rootfs, GError **error) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-trial-XXXXXX", error);
  g_autofree char *to_kernel = NULL, *to_rootfs = NULL;
  if (folder == NULL)
    return NULL;
  to_kernel = g_build_filename(folder, "kernel", NULL);
  to_rootfs = g_build_filename(folder, rootfs_format_file(bench->setup.format), NULL);
  if (symlink(kernel, to_kernel) == 0 && symlink(rootfs, to_rootfs) == 0)
    return g_steal_pointer(&folder);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: links cannot be made", folder);
  dir_remove(folder, NULL);
  return NULL;
}

static gboolean
boot_guest(Bench *bench, GuestHost *host, const char *kernel, const char *rootfs, int memory,
           BenchResult *result, GError **error) {
  g_autofree char *folder = link_folder(bench, kernel, rootfs, error);
  g_auto(GuestVerdict) verdict = {0};
  GuestImage image = {.platform = bench->setup.platform,
                      .folder = folder,
                      .kernel = "kernel",
                      .format = bench->setup.format,
                      .memory = memory,
                      .boot_seconds = bench->boot_seconds};
  gboolean done;
  if (folder == NULL)
    return FALSE;
  done = guest_test(host, bench->setup.recipe, &image, &verdict, error);
  dir_remove(folder, NULL);
  if (!done)
    return FALSE;
  result->passed = verdict.passed;
  if (verdict.passed && verdict.answer_seconds > 0)
    bench->boot_seconds =
        MAX(bench->boot_seconds, (int)(LEAST_PATIENCE + PATIENCE * verdict.answer_seconds));
  result->why = verdict.passed ? NULL : g_strdup(verdict.why != NULL ? verdict.why : "no verdict");
  result->console = g_strconcat(verdict.console != NULL ? verdict.console : "", "\n",
                                verdict.test_output != NULL ? verdict.test_output : "", NULL);
  return TRUE;
}

/* A test's failure is a verdict, a host's is not: then once more on a new one. */
static gboolean
boot_on_host(Bench *bench, const char *kernel, const char *rootfs, int memory, BenchResult *result,
             GError **error) {
  for (int attempt = 0;; attempt++) {
    g_autoptr(GError) problem = NULL;
    if (bench_open(bench, &problem) &&
        boot_guest(bench, bench->host, kernel, rootfs, memory, result, &problem))
      return TRUE;
    g_clear_pointer(&bench->host, guest_host_close);
    if (attempt > 0 || proc_interrupted() ||
        !(g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_HOST) ||
          g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_TIMEOUT))) {
      g_propagate_error(error, g_steal_pointer(&problem));
      return FALSE;
    }
    msg_verbose("the host is opened anew: %s", problem->message);
  }
}

static gboolean
run_command(Bench *bench, const char *kernel, const char *rootfs, BenchResult *result,
            GError **error) {
  g_autofree char *folder = g_path_get_dirname(kernel);
  g_autofree char *env_kernel = g_strconcat("TINYX_KERNEL=", kernel, NULL);
  g_autofree char *env_rootfs = g_strconcat("TINYX_ROOTFS=", rootfs, NULL);
  g_autofree char *env_config = g_strconcat("TINYX_CONFIG=", folder, "/kernel.config", NULL);
  const char *argv[] = {"sh", "-c", bench->setup.command, NULL};
  const char *env[] = {env_kernel, env_rootfs, env_config, NULL};
  g_auto(ProcResult) run = {0};
  g_autoptr(GError) problem = NULL;
  ProcSpec spec = {.argv = argv,
                   .env = env,
                   .deadline = bench->setup.recipe->test_timeout,
                   .flags = PROC_CAPTURE | PROC_CAPTURE_ERR | PROC_ANY_STATUS};
  if (!proc_run(&spec, &run, &problem)) {
    if (!g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_TIMEOUT) &&
        !g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_CHILD)) {
      g_propagate_error(error, g_steal_pointer(&problem));
      return FALSE;
    }
    result->why = g_strdup_printf("the test command: %.*s", (int)strcspn(problem->message, "\n"),
                                  problem->message);
    result->console = g_strdup(problem->message);
    return TRUE;
  }
  result->passed = run.status == 0;
  result->why =
      result->passed ? NULL : g_strdup_printf("the test command ended with status %d", run.status);
  result->console = g_strdup(run.out);
  return TRUE;
}

gboolean
bench_boot(Bench *bench, const char *kernel, const char *rootfs, int memory, guint attempts,
           BenchResult *result, GError **error) {
  gint64 begin = g_get_monotonic_time();
  memset(result, 0, sizeof *result);
  do {
    guint boots = result->boots + 1;
    gboolean done;
    bench_result_clear(result);
    done = bench->setup.command != NULL
               ? run_command(bench, kernel, rootfs, result, error)
               : boot_on_host(bench, kernel, rootfs, memory, result, error);
    if (!done)
      return FALSE;
    result->boots = boots;
  } while (!result->passed && result->boots < attempts && !proc_interrupted());
  result->seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
  return !proc_set_interrupted_error(error);
}

gboolean
bench_can_trace(const Bench *bench) {
  const GuestHostOptions options = {.spec = bench->setup.host};
  return bench->setup.command == NULL &&
         (guest_host_abilities(bench->setup.platform, &options) & GUEST_CAN_TRACE) != 0;
}

gboolean
bench_trace(Bench *bench, const char *kernel, const char *rootfs, guint64 low, guint64 high,
            const char *trace, BenchResult *result, GError **error) {
  gint64 begin = g_get_monotonic_time();
  g_autoptr(GuestHost) host = open_host(bench, low, high, error);
  gboolean done;
  memset(result, 0, sizeof *result);
  if (host == NULL)
    return FALSE;
  done = boot_guest(bench, host, kernel, rootfs, bench->setup.memory, result, error);
  result->boots = 1;
  result->seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
  return done && file_copy(host->trace, trace, 0644, error);
}
