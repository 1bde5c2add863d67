/* clock.h - notices that somebody set the machine's clock. Deadlines never ask it: they are
 * g_get_monotonic_time(). What cannot do without is make(1), which compares the stamps of files. */
#ifndef TINYX_BASE_CLOCK_H
#define TINYX_BASE_CLOCK_H

#include <glib.h>

/* Microseconds that the wall clock is ahead of the time since boot (clock_gettime(2),
 * CLOCK_BOOTTIME): as long as nobody sets it that stays what it is. A machine that slept, and a
 * clock that is made to go slower or faster, change nothing; */
gint64 clock_offset(void);

/* a clock that was set by more than a second since OFFSET was taken, forwards or backwards, does.
 */
gboolean clock_was_set(gint64 offset);

#endif
