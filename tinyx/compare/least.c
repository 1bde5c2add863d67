#include "compare/least.h"

int
least_next(int low, int high) {
  int enough = high / 16 > 1 ? high / 16 : 1;
  return high - low > enough ? low + (high - low) / 2 : 0;
}
