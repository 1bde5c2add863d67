/* runner.h - boots and tests the kernels of a search: on a host that stays up, or by a command of
 * the user's.
 */
#ifndef TINYX_MINIMIZE_RUNNER_H
#define TINYX_MINIMIZE_RUNNER_H

#include "minimize/journal.h"
#include "recipe/recipe.h"
#include "rootfs/rootfs.h"

typedef struct {
  const Recipe *recipe;
  const Platform *platform;
  const char *host;    /* as guest_host_open() takes it */
  const char *command; /* NULL, or what sh runs instead of booting a guest, with TINYX_KERNEL,
                          TINYX_ROOTFS and TINYX_CONFIG in its environment: status 0
                          means passed, what it prints is the console */
  RootfsFormat format;
  int memory; /* MB */
} RunnerSetup;

/* What is otherwise in a boot than on the machine of the search; all 0: nothing. A command gets
 * NAME in TINYX_VARIATION. */
typedef struct {
  const char *name;      /* "processor-intel" */
  const char *what;      /* for people: "on an Intel processor" */
  const char *processor; /* as GuestImage has them */
  gint64 clock_ahead;
  gboolean saved;
  int memory_times; /* its memory is so many times larger; 0: 1 */
} RunnerVariation;

typedef struct Runner Runner;

typedef struct {
  gboolean passed;
  char *why;      /* NULL if it passed */
  char *console;  /* all of it, with the test's output at its end */
  double seconds; /* of all boots */
  guint boots;    /* 2: the first one failed */
} RunnerResult;

void runner_result_clear(RunnerResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RunnerResult, runner_result_clear)

/* SETUP's strings must outlive it. */
Runner *runner_new(const RunnerSetup *setup);
void runner_free(Runner *runner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Runner, runner_free)

/* Opens the host, so that nobody has to wait for it later; nothing to do for a command. */
gboolean runner_open(Runner *runner, GError **error);

/* Boots KERNEL (a file) with ROOTFS (a file), runs the test. ATTEMPTS 2: one that fails is tried
 * once more before it counts. A host that breaks is opened anew, once. FALSE: no verdict. */
gboolean runner_boot(Runner *runner, const char *kernel, const char *rootfs, int memory,
                     guint attempts, RunnerResult *result, GError **error);

/* Every boot from now on is VARIATION's, which must outlive them; NULL: as usual. */
void runner_vary(Runner *runner, const RunnerVariation *variation);
/* Whether the host can do VARIATION. */
gboolean runner_can_vary(const Runner *runner, const RunnerVariation *variation);

/* TRUE if runner_trace can be used here: an embedded host, no command. */
gboolean runner_can_trace(const Runner *runner);
/* One boot and test, with every instruction executed between LOW and HIGH listed in the file TRACE
 * (made anew; see codemap_read_trace). */
gboolean runner_trace(Runner *runner, const char *kernel, const char *rootfs, guint64 low,
                      guint64 high, const char *trace, RunnerResult *result, GError **error);

#endif
