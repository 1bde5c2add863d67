/* owner.h - whose a thing on disk is, where the disk may be shared with other machines.
 *
 * A process id means something on one machine only, until that is booted anew, and in one space of
 * process ids (a container has its own). So an owner is "HOST.BOOT.SPACE.PID": eight digits of the
 * hash of the host's name and /etc/machine-id (machines have the same name more often than one
 * thinks, and paths with these digits in them tell nobody's name), eight of the hash of the boot's
 * id, and the inode of /proc/self/ns/pid. It can be a file's name.
 */
#ifndef TINYX_BASE_OWNER_H
#define TINYX_BASE_OWNER_H

#include <glib.h>

typedef enum {
  OWNER_ALIVE,   /* there is such a process here */
  OWNER_GONE,    /* there is none any more: it ended, or this machine was booted since */
  OWNER_UNKNOWN, /* not to be judged from here: another machine's, another space's, or no owner */
} OwnerState;

/* This process. g_free. */
char *owner_self(void);
OwnerState owner_state(const char *owner);

/* A line that says to people, too, who owns a thing: "OWNER HOST'S-NAME"; of this process, or of
 * process PID of this machine. g_free. */
char *owner_line(void);
char *owner_line_of_process(int pid);
/* The state of such a line's owner. */
OwnerState owner_line_state(const char *line);
/* "process 123", with " on NAME" where LINE is another machine's, for messages; NULL: it is no such
 * line. g_free. */
char *owner_line_words(const char *line);

#endif
