/* measure.h - what only a running guest tells. */
#ifndef TINYX_COMPARE_MEASURE_H
#define TINYX_COMPARE_MEASURE_H

#include "compare/testbed.h"

/* In the order in which they are worth their time. */
typedef enum {
  MEASURE_TEST,         /* the recipe's test: times, memory; the others need it */
  MEASURE_PACKED,       /* the image's size when packed, where it is not packed */
  MEASURE_LEAST,        /* least memory */
  MEASURE_INSTRUCTIONS, /* on a machine that counts them */
  MEASURE_SLAB,         /* of a kernel without /proc */
  MEASURE_OUTSIDE,      /* ports and load */
  MEASURE_STEPS
} MeasureStep;

/* TRUE after a measure_step() that did a part of STEP: call it again. */
gboolean measure_again(const Result *result, MeasureStep step);

/* Boots SYSTEM (but for MEASURE_PACKED) as often as it takes to fill what RESULT lacks of STEP.
 * What cannot be measured is set so, with the reason; only a host that cannot be used and Ctrl-C
 * are errors. */
gboolean measure_step(Testbed *testbed, const Recipe *recipe, const System *system, Result *result,
                      MeasureStep step, GError **error);

#endif
