/* container-run.h - the applications of an image under strace in a container, and their test beside
 * them. */
#ifndef TINYX_TRACE_CONTAINER_RUN_H
#define TINYX_TRACE_CONTAINER_RUN_H

#include "recipe/recipe.h"

/* The address of the applications in the container. It is not the loopback's, so that a server that
 * listens on the loopback only is not found, as in a guest. */
#define CONTAINER_ADDRESS "10.64.0.2"

/* Runs the applications that OUT describes for scripts/trace-run, in the folder WORK, and RECIPE's
 * test beside them. OUT gets the traces, the console and the test's output. With WATCH 0 the test
 * must pass, else the error is GUEST and says why; with WATCH above 0 the applications are only
 * watched for so many seconds, or until the port is open. */
gboolean container_run(const Recipe *recipe, const char *work, const char *out, int watch,
                       GError **error);

#endif
