/* clock.c - notices that somebody set the machine's clock. */
#include "base/clock.h"

#include <time.h>

gint64
clock_offset(void) {
  struct timespec boot = {0};
  clock_gettime(CLOCK_BOOTTIME, &boot);
  return g_get_real_time() - ((gint64)boot.tv_sec * G_USEC_PER_SEC + (gint64)boot.tv_nsec / 1000);
}

gboolean
clock_was_set(gint64 offset) {
  return ABS(clock_offset() - offset) > G_USEC_PER_SEC;
}
