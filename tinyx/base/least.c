/* least.c - bisection for the least memory. */
#include "base/least.h"

#include <glib.h>

int
least_next(int low, int high, int gap) {
  return high - low > gap ? low + (high - low) / 2 : 0;
}

int
least_gap(int high) {
  return MAX(1, high / 16);
}
