/* plot.h - the plots of the page, as SVG inside it. */
#ifndef TINYX_COMPARE_PLOT_H
#define TINYX_COMPARE_PLOT_H

#include "compare/figures.h"

/* Bars on a logarithmic axis: how many times better the first system is than the reference, a
 * figure a row, with the paper's ratio as a ring. "" if there is nothing to draw. g_free. */
char *plot_ratios(const Comparison *comparison);

/* A bar a system, from 0, of one figure. g_free. */
char *plot_figure(const Comparison *comparison, FigureId id);

/* TRUE if it was measured of any system. */
gboolean plot_has(const Comparison *comparison, FigureId id);

#define PLOT_COLOURS 6 /* classes c0 to c5 of compare/page.css */

#endif
