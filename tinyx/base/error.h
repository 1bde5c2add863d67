/* error.h - the one GError domain of tinyx.
 *
 * A library function returns success or fills a GError; each layer prefixes
 * what it was doing (g_prefix_error). Only a command ends the process.
 */
#ifndef TINYX_BASE_ERROR_H
#define TINYX_BASE_ERROR_H

#include <glib.h>

typedef enum {
  TINYX_ERROR_FAILED,      /* the general case */
  TINYX_ERROR_INPUT,       /* what the user gave is wrong: recipe, option, configuration */
  TINYX_ERROR_TOOL,        /* a program that tinyx calls is missing */
  TINYX_ERROR_CHILD,       /* a child process ended with a status or a signal */
  TINYX_ERROR_TIMEOUT,     /* a deadline passed */
  TINYX_ERROR_INTERRUPTED, /* Ctrl-C or SIGTERM */
  TINYX_ERROR_CORRUPT,     /* a file that tinyx wrote earlier is damaged */
  TINYX_ERROR_HOST,        /* the Xen host cannot be reached or used */
  TINYX_ERROR_GUEST,       /* a guest cannot be created, started, …: a verdict about it */
  TINYX_ERROR_UNBOOTABLE,  /* a kernel was built that its platform would refuse */
} TinyxError;

#define TINYX_ERROR (tinyx_error_quark())
GQuark tinyx_error_quark(void);

/* Sets CODE and a text. Returns FALSE, so that a function can end with it. */
gboolean tinyx_fail(GError **error, TinyxError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Adds "; ADVICE" to ERROR if it is of CODE: what can be done about it. ERROR may be NULL. */
void tinyx_advise(GError **error, TinyxError code, const char *advice);

/* The exit status of a command that ended with ERROR: 2 where it could not be
 * run at all (INPUT, TOOL, HOST), 130 for INTERRUPTED, else 1. */
int tinyx_error_exit_status(const GError *error);

#endif
