/* drop.h - which of the files that nobody opened can go: decided by tests, not by the trace.
 *
 * First all of them go at once. If the test fails then, groups of them are tried (search/search.h)
 * until it is known which the test needs: those that are only asked for, listed, or opened in a
 * guest only.
 */
#ifndef TINYX_TRACE_DROP_H
#define TINYX_TRACE_DROP_H

#include "trace/trace.h"

typedef struct {
  /* Does the test pass with an image by LOCK? *WHY (g_free) says why not. FALSE with ERROR: no
   * verdict. */
  gboolean (*passes)(const FilesLock *lock, gboolean *passed, char **why, gpointer data,
                     GError **error);
  gpointer data;
  guint most_tries; /* then the best so far is taken; 0: no limit */
} DropOracle;

typedef struct {
  guint tries;
  guint dropped, needed, untried;
  guint64 bytes; /* dropped */
} DropReport;

/* Adds to LOCK, which has COVERAGE's added files already, the unopened files that can go
 * (FILES_DROP) and those that cannot (FILES_KEEP). FAILED where the test does not pass even with
 * nothing dropped. */
gboolean drop_find(const Coverage *coverage, FilesLock *lock, const DropOracle *oracle,
                   DropReport *report, GError **error);

/* `tinyx build --drop-unopened`: drop_find() with guests of RECIPE's image, as OPTIONS describe it,
 * on HOST (as guest_host_open() takes it). Nothing but LOCK is changed. */
gboolean drop_by_guests(const Recipe *recipe, const ImageOptions *options, const char *host,
                        const Coverage *coverage, FilesLock *lock, DropReport *report,
                        GError **error);

#endif
