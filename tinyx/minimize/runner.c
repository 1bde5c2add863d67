/* runner.c - boots and tests the kernels of a search. */
#include "minimize/runner.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "guest/launcher.h"

#include <string.h>
#include <unistd.h>

/* A kernel that has not answered after PATIENCE times the time of one that passed is given up. */
#define PATIENCE 3
#define LEAST_PATIENCE 8 /* seconds */

struct Runner {
  RunnerSetup setup;
  GuestHost *host;
  const RunnerVariation *variation; /* NULL: none */
  int boot_seconds;                 /* 0: not known yet */
};

void
runner_result_clear(RunnerResult *result) {
  g_clear_pointer(&result->why, g_free);
  g_clear_pointer(&result->console, g_free);
  memset(result, 0, sizeof *result);
}

Runner *
runner_new(const RunnerSetup *setup) {
  Runner *runner = g_new0(Runner, 1);
  runner->setup = *setup;
  return runner;
}

void
runner_free(Runner *runner) {
  if (runner == NULL)
    return;
  guest_host_close(runner->host);
  g_free(runner);
}

/* With HIGH other than 0 the host notes which code between LOW and HIGH is executed. */
static GuestHost *
open_host(const Runner *runner, guint64 low, guint64 high, GError **error) {
  const GuestHostOptions options = {
      .spec = runner->setup.host, .trace_low = low, .trace_high = high};
  return guest_host_open(runner->setup.platform, &options, error);
}

gboolean
runner_open(Runner *runner, GError **error) {
  if (runner->setup.command == NULL && runner->host == NULL)
    runner->host = open_host(runner, 0, 0, error);
  return runner->setup.command != NULL || runner->host != NULL;
}

/* guest_test() takes a folder like that of an image: this one has symlinks to KERNEL and ROOTFS. */
static char *
link_folder(const Runner *runner, const char *kernel, const char *rootfs, GError **error) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-trial-XXXXXX", error);
  g_autofree char *to_kernel = NULL, *to_rootfs = NULL;
  if (folder == NULL)
    return NULL;
  to_kernel = g_build_filename(folder, "kernel", NULL);
  to_rootfs = g_build_filename(folder, rootfs_format_file(runner->setup.format), NULL);
  if (symlink(kernel, to_kernel) == 0 && symlink(rootfs, to_rootfs) == 0)
    return g_steal_pointer(&folder);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: links cannot be made", folder);
  dir_remove(folder, NULL);
  return NULL;
}

static gboolean
boot_guest(Runner *runner, GuestHost *host, const char *kernel, const char *rootfs, int memory,
           RunnerResult *result, GError **error) {
  g_autofree char *folder = link_folder(runner, kernel, rootfs, error);
  g_auto(GuestVerdict) verdict = {0};
  GuestImage image = {.platform = runner->setup.platform,
                      .folder = folder,
                      .kernel = "kernel",
                      .format = runner->setup.format,
                      .memory = memory,
                      .boot_seconds = runner->boot_seconds};
  const RunnerVariation *variation = runner->variation;
  gboolean done;
  if (folder == NULL)
    return FALSE;
  if (variation != NULL) {
    image.processor = variation->processor;
    image.clock_ahead = variation->clock_ahead;
    image.saved = variation->saved;
    image.memory *= MAX(variation->memory_times, 1);
  }
  done = guest_test(host, runner->setup.recipe, &image, &verdict, error);
  dir_remove(folder, NULL);
  if (!done)
    return FALSE;
  result->passed = verdict.passed;
  if (verdict.passed && verdict.answer_seconds > 0)
    runner->boot_seconds =
        MAX(runner->boot_seconds, (int)(LEAST_PATIENCE + PATIENCE * verdict.answer_seconds));
  result->why = verdict.passed ? NULL : g_strdup(verdict.why != NULL ? verdict.why : "no verdict");
  result->console = g_strconcat(verdict.console != NULL ? verdict.console : "", "\n",
                                verdict.test_output != NULL ? verdict.test_output : "", NULL);
  return TRUE;
}

/* A test that fails is a verdict. A host that fails is none: then it is opened anew, once. */
static gboolean
boot_on_host(Runner *runner, const char *kernel, const char *rootfs, int memory,
             RunnerResult *result, GError **error) {
  for (int attempt = 0;; attempt++) {
    g_autoptr(GError) problem = NULL;
    if (runner_open(runner, &problem) &&
        boot_guest(runner, runner->host, kernel, rootfs, memory, result, &problem))
      return TRUE;
    g_clear_pointer(&runner->host, guest_host_close);
    if (attempt > 0 || proc_interrupted() || !guest_host_failed(problem)) {
      g_propagate_error(error, g_steal_pointer(&problem));
      return FALSE;
    }
    msg_verbose("the host is opened anew: %s", problem->message);
  }
}

static gboolean
run_command(Runner *runner, const char *kernel, const char *rootfs, RunnerResult *result,
            GError **error) {
  g_autofree char *folder = g_path_get_dirname(kernel);
  g_autofree char *env_kernel = g_strconcat("TINYX_KERNEL=", kernel, NULL);
  g_autofree char *env_rootfs = g_strconcat("TINYX_ROOTFS=", rootfs, NULL);
  g_autofree char *env_config = g_strconcat("TINYX_CONFIG=", folder, "/kernel.config", NULL);
  g_autofree char *env_variation = g_strconcat(
      "TINYX_VARIATION=", runner->variation != NULL ? runner->variation->name : "", NULL);
  const char *argv[] = {"sh", "-c", runner->setup.command, NULL};
  const char *env[] = {env_kernel, env_rootfs, env_config, env_variation, NULL};
  g_auto(ProcResult) run = {0};
  g_autoptr(GError) problem = NULL;
  ProcSpec spec = {.argv = argv,
                   .env = env,
                   .deadline = runner->setup.recipe->test_timeout,
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
runner_boot(Runner *runner, const char *kernel, const char *rootfs, int memory, guint attempts,
            RunnerResult *result, GError **error) {
  gint64 begin = g_get_monotonic_time();
  memset(result, 0, sizeof *result);
  do {
    guint boots = result->boots + 1;
    gboolean done;
    runner_result_clear(result);
    done = runner->setup.command != NULL
               ? run_command(runner, kernel, rootfs, result, error)
               : boot_on_host(runner, kernel, rootfs, memory, result, error);
    if (!done)
      return FALSE;
    result->boots = boots;
  } while (!result->passed && result->boots < attempts && !proc_interrupted());
  result->seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
  return !proc_set_interrupted_error(error);
}

void
runner_vary(Runner *runner, const RunnerVariation *variation) {
  runner->variation = variation;
}

gboolean
runner_can_vary(const Runner *runner, const RunnerVariation *variation) {
  const GuestHostOptions options = {.spec = runner->setup.host};
  GuestAbilities has, needs = (variation->processor != NULL ? GUEST_HAS_PROCESSORS : 0) |
                              (variation->clock_ahead != 0 ? GUEST_HAS_CLOCKS : 0) |
                              (variation->saved ? GUEST_CAN_SAVE : 0);
  if (runner->setup.command != NULL)
    return TRUE;
  has = guest_host_abilities(runner->setup.platform, &options);
  return (has & needs) == needs;
}

gboolean
runner_can_trace(const Runner *runner) {
  const GuestHostOptions options = {.spec = runner->setup.host};
  return runner->setup.command == NULL &&
         (guest_host_abilities(runner->setup.platform, &options) & GUEST_CAN_TRACE) != 0;
}

gboolean
runner_trace(Runner *runner, const char *kernel, const char *rootfs, guint64 low, guint64 high,
             const char *trace, RunnerResult *result, GError **error) {
  gint64 begin = g_get_monotonic_time();
  g_autoptr(GuestHost) host = open_host(runner, low, high, error);
  gboolean done;
  memset(result, 0, sizeof *result);
  if (host == NULL)
    return FALSE;
  done = boot_guest(runner, host, kernel, rootfs, runner->setup.memory, result, error);
  result->boots = 1;
  result->seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
  return done && file_copy(host->trace, trace, 0644, error);
}
