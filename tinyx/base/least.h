/* least.h - the least memory in which something passes, by bisection, a try at a time. */
#ifndef TINYX_BASE_LEAST_H
#define TINYX_BASE_LEAST_H

#define LEAST_LOWEST 4 /* MB: no kernel runs in that */

/* HIGH (MB) passes, LOW fails or is believed to. What to try next; 0: they are no more than GAP MB
 * (at least 1) apart, and HIGH is the answer. */
int least_next(int low, int high, int gap);

/* A GAP that costs few tries: a sixteenth of HIGH, at least 1 MB. */
int least_gap(int high);

#endif
