/* bench.h - where kernels are tried: one Xen host that stays up, or a command of the user's.
 */
#ifndef TINYX_MINIMIZE_BENCH_H
#define TINYX_MINIMIZE_BENCH_H

#include "minimize/journal.h"
#include "recipe/recipe.h"
#include "rootfs/rootfs.h"

typedef struct {
  const Recipe *recipe;
  const Platform *platform;
  const char *host;    /* as xen_host_open() takes it */
  const char *command; /* NULL, or what is run by sh instead of a boot under Xen, with TINYX_KERNEL,
                          TINYX_ROOTFS and TINYX_CONFIG in its environment: status 0
                          means passed, what it prints is the console */
  RootfsFormat format;
  int memory; /* MB */
} BenchSetup;

typedef struct Bench Bench;

typedef struct {
  gboolean passed;
  char *why;      /* NULL if it passed */
  char *console;  /* all of it, with the test's output at its end */
  double seconds; /* of all boots */
  guint boots;    /* 2: the first one failed */
} BenchResult;

void bench_result_clear(BenchResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BenchResult, bench_result_clear)

/* SETUP's strings must outlive it. */
Bench *bench_new(const BenchSetup *setup);
void bench_free(Bench *bench);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bench, bench_free)

/* Opens the host, so that nobody has to wait for it later; nothing to do for a command. */
gboolean bench_open(Bench *bench, GError **error);

/* Boots KERNEL (a file) with ROOTFS (a file), runs the test. ATTEMPTS 2: one that fails is tried
 * once more before it counts. A host that breaks is opened anew, once. FALSE: no verdict. */
gboolean bench_boot(Bench *bench, const char *kernel, const char *rootfs, int memory,
                    guint attempts, BenchResult *result, GError **error);

/* TRUE if bench_trace can be used here: an embedded host, no command. */
gboolean bench_can_trace(const Bench *bench);
/* One boot and test, with every instruction executed between LOW and HIGH listed in the file TRACE
 * (made anew; see codemap_read_trace). */
gboolean bench_trace(Bench *bench, const char *kernel, const char *rootfs, guint64 low,
                     guint64 high, const char *trace, BenchResult *result, GError **error);

#endif
