/* near.h - "did you mean": known names that are like an unknown one. The one place for it: whoever
 * refuses a word says the same about it. */
#ifndef TINYX_BASE_NEAR_H
#define TINYX_BASE_NEAR_H

#include <glib.h>

/* "; did you mean 'nginx' or 'ngircd'?" of those KNOWN (NULL-terminated) that NAME may have been
 * meant for, the likeliest first, at most three; or "". g_free. */
char *near_text(const char *name, const char *const *known);
/* The same with all KNOWN behind it, "; did you mean 'cpio'? expected one of: cpio, squashfs", or
 * "; expected one of: cpio, squashfs"; ALL is the text before them ("expected one of"). g_free. */
char *near_or_all(const char *name, const char *const *known, const char *all);

#endif
