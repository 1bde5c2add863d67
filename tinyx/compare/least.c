#include "compare/least.h"

gboolean
least_find(int low, int high, LeastTry try, gpointer data, int *least, int *gap, GError **error) {
  while (high - low > MAX(1, high / 16)) {
    int middle = low + (high - low) / 2;
    gboolean passed = FALSE;
    if (!try(middle, &passed, data, error))
      return FALSE;
    if (passed)
      high = middle;
    else
      low = middle;
  }
  *least = high;
  *gap = high - low;
  return TRUE;
}
