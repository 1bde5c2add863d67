/* strace-line.h - one line of strace's output, taken apart (strace(1), -y). */
#ifndef TINYX_TRACE_STRACE_LINE_H
#define TINYX_TRACE_STRACE_LINE_H

#include <glib.h>

typedef struct {
  char *name;      /* "openat" */
  GPtrArray *args; /* char*: each as it stands there */
  char *result;    /* what stands behind " = ", or NULL */
} StraceCall;

/* NULL where TEXT, a whole "name(arguments) = result", is none. */
StraceCall *strace_call_parse(const char *text);
void strace_call_free(StraceCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StraceCall, strace_call_free)

/* Argument INDEX, or "" where there are fewer. */
const char *strace_call_arg(const StraceCall *call, guint index);
/* It did what it was asked for: the result is neither an error nor unknown. */
gboolean strace_call_succeeded(const StraceCall *call);

/* The text of a "quoted \"string\"\n", without its quotes and escapes; NULL for anything else. */
char *strace_string(const char *arg);
/* The path that -y shows behind a file descriptor, "3</etc/passwd>" or "AT_FDCWD</srv>"; NULL for
 * what has none (a pipe, a socket, a plain number). */
char *strace_fd_path(const char *arg);

#endif
