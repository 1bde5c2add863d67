/* state.h - the record of an embedded host that was left running. */
#ifndef TINYX_XEN_STATE_H
#define TINYX_XEN_STATE_H

#include "base/live.h"

#define HOST_STATE_LOCK "held" /* the file beside the record that the host's QEMU holds */

typedef struct {
  int pid;         /* QEMU's */
  char *owner;     /* the same as an owner's line (base/owner.h), with the machine and its boot */
  guint64 started; /* field 22 of /proc/PID/stat: a pid that was given out again shows another */
  gint64 since;    /* seconds since 1970 */
  int port;        /* of 127.0.0.1 on which dom0's SSH server answers */
  gboolean up;     /* FALSE: was being started when this was written */
  char *image;     /* dom0_image() folder: the key */
  char *version;   /* "4.17.7" */
  char *accelerator;
  LiveState live; /* of its lock, when this was read; UNKNOWN: of a tinyx that had none */
} HostState;

void host_state_clear(HostState *state);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HostState, host_state_clear)

/* TEXT of SIZE bytes, the content of FILE (for messages). CORRUPT where a value is missing or out
 * of range; OWNER may be missing. */
gboolean host_state_parse(const char *text, gsize size, const char *file, HostState *state,
                          GError **error);
/* FALSE without ERROR where there is none; CORRUPT for one that cannot be read. */
gboolean host_state_read(const char *file, HostState *state, GError **error);
gboolean host_state_write(const char *file, const HostState *state, GError **error);

/* Seconds since it began, by the clock that nobody sets. */
gint64 host_state_seconds(const HostState *state);
/* TRUE while the process of STATE, and not another that got its pid, runs on this machine. */
gboolean host_state_alive(const HostState *state);
/* It runs, but on another machine (the cache's disk is shared) or in another container; or nobody
 * here can say whether it does. */
gboolean host_state_elsewhere(const HostState *state);

#endif
