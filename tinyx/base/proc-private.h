/* proc-private.h - between proc.c, proc-run.c and interrupt.c. */
#ifndef TINYX_BASE_PROC_PRIVATE_H
#define TINYX_BASE_PROC_PRIVATE_H

#include "base/proc.h"

#include <sys/types.h>

struct Proc {
  pid_t pid;
  int pidfd;
  gboolean own_group;
  gboolean reaped;
  int wait_status; /* wait(2) status, once reaped */
};

typedef struct {
  int in, out, err; /* what becomes 0, 1 and 2 */
  gboolean own_group;
  gboolean detached;
  pid_t parent;
} ChildSetup;

/* Forks and executes SPEC's program; the descriptors of SETUP stay the caller's. */
Proc *proc_spawn(const ProcSpec *spec, const ChildSetup *setup, GError **error);
/* To its process group, if it has one of its own. */
void proc_signal(const Proc *proc, int number);
/* Waits for its end without regard to Ctrl-C: it has been told to end. TRUE if it did. */
gboolean proc_reap(Proc *proc, int milliseconds);

int proc_open_null(int flags);
int proc_open_log(const char *log, GError **error);
void proc_close_if(int fd); /* unless it is negative */

/* Readable once a signal came; -1 before proc_catch_signals(). */
int proc_interrupt_fd(void);

#endif
