/* scheme.h - whether a browser can open a recipe's port. */
#ifndef TINYX_GUEST_SCHEME_H
#define TINYX_GUEST_SCHEME_H

#include "recipe/recipe.h"

/* Bytes of rootfs/ports.schemes are few; TEXT is that file's, FILE its name for messages. *SCHEME
 * (g_free) is what it has for PORT, or NULL. INPUT with "FILE:LINE" for a line that is none. */
gboolean scheme_of_port(const char *text, gsize size, const char *file, int port, char **scheme,
                        GError **error);
/* "http" or "https" where RECIPE's port speaks it: its test's script asks so, or else
 * rootfs/ports.schemes knows the port. NULL: it is not known to, or the file cannot be read (then
 * with ERROR). g_free. */
char *scheme_of(const Recipe *recipe, GError **error);

#endif
