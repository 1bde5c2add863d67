/* proc.h - the one module that starts child processes.
 *
 * A child gets an argument vector (never a shell string made from data), its
 * own process group, a deadline, and SIGKILL when its parent dies
 * (prctl(2), PR_SET_PDEATHSIG). Whatever ends the wait (deadline, Ctrl-C),
 * the child's whole group is ended before the call returns. With -v each
 * command line is shown.
 */
#ifndef TINYX_BASE_PROC_H
#define TINYX_BASE_PROC_H

#include "base/error.h"

typedef enum {
  PROC_CAPTURE = 1 << 0,     /* standard output goes to ProcResult.out */
  PROC_CAPTURE_ERR = 1 << 1, /* standard error goes there too, mixed in */
  PROC_TERMINAL = 1 << 2,    /* stdin, stdout, stderr are ours; same process group: Ctrl-C reaches
                                the child itself, and proc_run waits for it to end */
  PROC_ANY_STATUS = 1 << 3,  /* a non-zero exit status is a result, not an error */
} ProcFlags;

typedef struct {
  const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
  const char *const *env;  /* NULL or "NAME=VALUE" entries on top of our environment */
  const char *cwd;         /* NULL: ours */
  const char *input;       /* NULL: /dev/null; else what standard input holds */
  gsize input_length;      /* bytes of input; 0: strlen(input) */
  int input_fd;            /* >0: this descriptor is standard input (input must be NULL) */
  int output_fd;           /* >0: this descriptor is standard output */
  const char *log;         /* a file to which what is not captured is appended; NULL: kept in memory
                              only for the tail that a failure shows */
  int deadline;            /* seconds; must be > 0 (PROC_TERMINAL: 0 means none) */
  ProcFlags flags;
  void (*on_line)(const char *line, gpointer data); /* NULL, or called for each captured line as
                                                       it comes (PROC_CAPTURE) */
  gpointer on_line_data;
  const gboolean *enough; /* NULL, or what on_line sets to have the child ended: CHILD */
} ProcSpec;

typedef struct {
  int status;     /* exit status (0…255) */
  char *out;      /* what was captured, NUL-terminated; never NULL after success */
  gsize out_size; /* bytes of it */
  double seconds; /* wall time */
} ProcResult;

void proc_result_clear(ProcResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ProcResult, proc_result_clear)

/* Runs SPEC to its end. RESULT may be NULL. Fails with TOOL (the program does
 * not exist; the message names the Debian package where tinyx knows it),
 * CHILD (exit status other than 0, unless PROC_ANY_STATUS; or a signal, by
 * name: a signalled child is never a success), TIMEOUT or INTERRUPTED. CHILD
 * and TIMEOUT messages end with the last lines that the child printed. */
gboolean proc_run(const ProcSpec *spec, ProcResult *result, GError **error);

/* The common case: argv from the varargs (char *, NULL at the end), output to
 * LOG or nowhere. */
gboolean proc_call(int deadline, const char *log, GError **error, ...) G_GNUC_NULL_TERMINATED;

/* A child that runs on beside us (QEMU, a console). Output goes to SPEC->log or
 * SPEC->output_fd, else /dev/null; capture flags and the deadline are ignored. */
typedef struct Proc Proc;
Proc *proc_start(const ProcSpec *spec, GError **error);
int proc_pid(const Proc *proc);
/* TRUE while it runs; otherwise *STATUS (may be NULL) is 0…255, or 128+signal. */
gboolean proc_alive(Proc *proc, int *status);
/* Waits up to SECONDS for its end; TRUE if it ended. Returns early on Ctrl-C. */
gboolean proc_wait(Proc *proc, double seconds);
/* SIGTERM to its group, up to GRACE seconds, then SIGKILL; frees PROC (may be NULL). */
void proc_stop(Proc *proc, double grace);
/* Lets go of it without ending it (the child then must not have died with us:
 * only for PROCs started with proc_start_detached). */
void proc_free(Proc *proc);
/* Like proc_start, but the child outlives us (setsid, no PR_SET_PDEATHSIG). */
Proc *proc_start_detached(const ProcSpec *spec, GError **error);

/* Ctrl-C. proc_catch_signals() installs handlers for SIGINT, SIGTERM and
 * SIGHUP that only take note; waits in this module end at once, with
 * INTERRUPTED. proc_interrupted() asks; proc_sleep() is a sleep that ends
 * early (returns FALSE then). */
void proc_catch_signals(void);
/* In a child that goes on by itself: its parent's signals are not its own. */
void proc_forked(void);
gboolean proc_interrupted(void);
gboolean proc_set_interrupted_error(GError **error); /* sets it if so; TRUE if so */
gboolean proc_sleep(double seconds);

/* TRUE if PROGRAM can be found in PATH; else TOOL, naming the package. */
gboolean proc_need(const char *program, GError **error);

#endif
