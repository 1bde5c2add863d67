/* embedded.h - which QEMU a command uses: the one that was left running, or one of its own.
 */
#ifndef TINYX_XEN_EMBEDDED_H
#define TINYX_XEN_EMBEDDED_H

#include "xen/machine.h"
#include "xen/state.h"

/* Joins the host that `tinyx host start` left running; where there is none (a dead, silent or
 * half-started one is said, ended and forgotten) a private one, which machine_end ends. */
Machine *embedded_open(GError **error);

/* Always a private one, beside any other, with EXTRA. One that is special is booted anew, without a
 * snapshot. */
Machine *embedded_open_extra(const MachineExtra *extra, GError **error);

/* Leaves one running. *ALREADY tells that there was one, alive and answering. */
gboolean embedded_start(gboolean *already, GError **error);
/* FALSE in *WAS where there was none. */
gboolean embedded_stop(gboolean *was, GError **error);
/* The one that was left running, if it is alive and answers, with its state; else NULL (no error),
 * and *PROBLEM (may be NULL) says what is wrong with one that is there. */
Machine *embedded_find(HostState *state, char **problem);

/* TRUE if there is a record of one that was left running. */
gboolean embedded_is_left(void);

/* A private host that lives: another tinyx' own, which ends with that. */
typedef struct {
  HostState state;
  char *folder;
  int pid;       /* that tinyx' */
  char *command; /* what it was called with: "tinyx run nginx" */
} Living;

/* Living*, of this machine and this cache. g_ptr_array_unref. */
GPtrArray *embedded_living(void);
/* Joins it beside its owner; HOST where it does not answer. machine_leave() lets go of it. */
Machine *embedded_attach(const Living *living, GError **error);

#endif
