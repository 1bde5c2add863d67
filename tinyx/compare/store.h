/* store.h - a comparison as JSON: what is kept between runs, and what is shown. */
#ifndef TINYX_COMPARE_STORE_H
#define TINYX_COMPARE_STORE_H

#include "compare/figures.h"

/* COMPARISON as JSON. KEPT: all values, with each result's key, for store_parse; else the result:
 * compare.json, where a figure that is only good for ratios is one, and with the ratios. g_free. */
char *store_text(const Comparison *comparison, gboolean kept);

/* Reads what store_text(…, TRUE) wrote. NULL with CORRUPT; FILE is for the message. */
Comparison *store_parse(const char *text, gssize size, const char *file, GError **error);

#endif
