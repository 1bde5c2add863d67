/* least.h - the least memory in which something passes, by bisection, a try at a time. */
#ifndef TINYX_COMPARE_LEAST_H
#define TINYX_COMPARE_LEAST_H

/* HIGH (MB) passes, LOW fails or is believed to. What to try next; 0: the gap is a sixteenth of
 * HIGH (at least 1 MB), and HIGH is the answer. */
int least_next(int low, int high);

#endif
