/* measure.h - what only a running domain tells. */
#ifndef TINYX_COMPARE_MEASURE_H
#define TINYX_COMPARE_MEASURE_H

#include "compare/lab.h"

/* Boots CONTENDER as often as it takes to fill what SIDE lacks; calls SAVE after each step. What
 * cannot be measured is set so, with the reason; only a host that cannot be used and Ctrl-C are
 * errors. */
gboolean measure_boots(Lab *lab, const Recipe *recipe, const Contender *contender, Side *side,
                       gboolean (*save)(gpointer data, GError **error), gpointer data,
                       GError **error);

#endif
