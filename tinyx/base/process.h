/* process.h - processes that are not our children, told apart by their pid and start time: a pid is
 * given out again. */
#ifndef TINYX_BASE_PROCESS_H
#define TINYX_BASE_PROCESS_H

#include <glib.h>

/* When process PID began, in clock ticks since boot; 0 if there is none (or only its corpse). */
guint64 process_started(int pid);
/* A descriptor (pidfd_open(2)) of the process PID that began at STARTED, and of no other that got
 * its pid; -1 where it is no more. */
int process_open(int pid, guint64 started);
/* TRUE once the process of FD has ended, within SECONDS; returns early on Ctrl-C. */
gboolean process_wait(int fd, double seconds);
/* Sends signal NUMBER to the process of FD. One that has ended is no error. */
void process_signal(int fd, int number);

#endif
