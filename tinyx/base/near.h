/* near.h - "did you mean": known names that are like an unknown one. */
#ifndef TINYX_BASE_NEAR_H
#define TINYX_BASE_NEAR_H

#include <glib.h>

/* "; did you mean 'nginx' or 'ngircd'?" of those KNOWN (NULL-terminated) that NAME may have been
 * meant for, or "". g_free. */
char *near_text(const char *name, const char *const *known);

#endif
