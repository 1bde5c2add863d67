/* least.h - the least memory in which something passes, by bisection. */
#ifndef TINYX_COMPARE_LEAST_H
#define TINYX_COMPARE_LEAST_H

#include "base/error.h"

/* Does it pass in MB megabytes? */
typedef gboolean (*LeastTry)(int mb, gboolean *passed, gpointer data, GError **error);

/* HIGH passes; LOW is known or believed to fail. Ends when the gap is a sixteenth of the result
 * (at least 1 MB): *LEAST passed, and *GAP MB less did not, or was not tried. */
gboolean least_find(int low, int high, LeastTry try, gpointer data, int *least, int *gap,
                    GError **error);

#endif
