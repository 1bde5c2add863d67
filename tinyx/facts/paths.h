/* paths.h - the absolute paths that a program or script names. */
#ifndef TINYX_FACTS_PATHS_H
#define TINYX_FACTS_PATHS_H

#include <glib.h>

#define PATHS_LONGEST 255 /* bytes of a path that is looked at */

/* PATH ends with NUL, and is valid until PathsTake returns. */
typedef void (*PathsTake)(gpointer data, const char *path);

/* Gives TAKE each absolute path in BYTES, in their order, as often as it is there: what begins with
 * a '/' that nothing before it makes part of a longer word, and has letters, digits and "._+-@/%"
 * alone. printf's conversions become a "*": "/dev/loop%d" is "/dev/loop*", a pattern of fnmatch(3).
 * Slashes at the end are taken away. With COMMENTS, lines that begin with '#' say nothing, as in
 * scripts. */
void paths_find(const char *bytes, gsize size, gboolean comments, PathsTake take, gpointer data);

#endif
