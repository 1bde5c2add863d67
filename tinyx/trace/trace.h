/* trace.h - `tinyx build --trace`: what an application opens while its test runs, against what its
 * image has.
 *
 * The test runs on this machine, under strace, in a root that has all that the packages installed,
 * with the image's own files over it (container.h). What was opened there and is not in the image
 * is added; what is in the image and was never opened can be dropped (drop.h). Both go into the
 * recipe's files.lock, which `tinyx build` applies.
 */
#ifndef TINYX_TRACE_TRACE_H
#define TINYX_TRACE_TRACE_H

#include "image/image.h"
#include "rootfs/install.h"
#include "trace/coverage.h"

typedef struct {
  Installation installation;
  RootfsPlan *plan;  /* without a lock */
  GPtrArray *uses;   /* Use* */
  GPtrArray *failed; /* FailedCall* (diagnose.h), of trace_start() alone; else NULL */
  gboolean from_cache;
  double seconds;
  Coverage coverage;
} Trace;

/* Traces RECIPE's test on PLATFORM, or takes the trace from the cache. FAILED, with the last lines
 * of test and application, where the test does not pass. */
gboolean trace_make(const Recipe *recipe, const Platform *platform, Trace *trace, GError **error);
/* Traces the start of a draft, whose test may not pass yet: for SECONDS, or until its port is open.
 * Belongs to a stage (base/msg.h) that the caller began, and is not kept in the cache. */
gboolean trace_start(const Recipe *recipe, int seconds, Trace *trace, GError **error);
void trace_clear(Trace *trace);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Trace, trace_clear)

/* The recipe's lock by the trace: what was opened is added. Files that an older lock dropped or
 * kept stay so, unless they were opened now. */
FilesLock *trace_lock(const Recipe *recipe, const Trace *trace, GError **error);
/* Writes LOCK to the recipe's folder. */
gboolean trace_lock_write(const Recipe *recipe, const FilesLock *lock, GError **error);

/* Writes opened.txt and unopened.txt into FOLDER, the image's. */
gboolean trace_write(const Trace *trace, const char *folder, GError **error);
/* A few lines for a person. g_free. */
char *trace_summary(const Trace *trace);

#endif
