/* show.h - a comparison for people: a table, a page. */
#ifndef TINYX_COMPARE_SHOW_H
#define TINYX_COMPARE_SHOW_H

#include "compare/figures.h"

/* A table for a terminal; g_free. */
char *show_table(const Comparison *comparison);
/* The same as Markdown, for docs/results.md; g_free. */
char *show_markdown(const Comparison *comparison);
/* One HTML page that needs nothing else: styles (STYLE, the text of compare/page.css) and plots
 * (SVG) are in it; g_free. */
char *show_html(const Comparison *comparison, const char *style);

/* The paper's two values of a figure, "9.50 MB / 1.10 GB (section 6.1)", or "(not checked)" where
 * nobody has looked it up; "ratio 2.00 (…)" where it gives only that;
 * "" where it says nothing. g_free. */
char *show_paper(const Comparison *comparison, FigureId id);

/* What the ratios are about: Debian's image, else the second system; NULL if there is one only. */
const Result *show_reference(const Comparison *comparison);

#endif
