/* clocks.c - CPU time of the process and of the thread. */
#include <time.h>

int
main(void) {
  struct timespec now;
  return clock() == (clock_t)-1 || clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0;
}
