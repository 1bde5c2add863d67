/* container-run.h - the applications of an image under strace in a container, and their test beside
 * them. */
#ifndef TINYX_TRACE_CONTAINER_RUN_H
#define TINYX_TRACE_CONTAINER_RUN_H

#include "recipe/recipe.h"

/* Where the applications are: a place of its own, so that a server that listens on the loopback
 * only is not found there. */
#define CONTAINER_ADDRESS "10.64.0.2"

/* Runs what OUT holds for scripts/trace-run, in the folder WORK, and RECIPE's test; OUT gets the
 * traces, the console and the test's output. WATCH: seconds for which they are only watched, or
 * until the port is open; 0: a test must pass, and GUEST says why it does not. */
gboolean container_run(const Recipe *recipe, const char *work, const char *out, int watch,
                       GError **error);

#endif
