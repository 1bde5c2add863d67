/* own-private.h - what the files of own programs share; not for others. */
#ifndef TINYX_DRAFT_OWN_PRIVATE_H
#define TINYX_DRAFT_OWN_PRIVATE_H

#include "draft/own-kinds.h"
#include "draft/own.h"

/* The paths below FOLDER that match PATTERN, in which * and ? stay within a name, and do not stand
 * for a dot at its beginning (char*). What tinyx puts beside a recipe is none. g_ptr_array_unref.
 */
GPtrArray *own_match(const char *folder, const char *pattern);
/* TEXT with VALUE in place of each NAME. g_free. */
char *own_put_in(const char *text, const char *name, const char *value);

/* Adds to OWN the names in its folder that go into the image: what take= of KIND says, MAIN, which
 * is started, and the EVIDENCE; none that is the recipe's own. */
gboolean own_add_entries(OwnProgram *own, const OwnKind *kind, const char *main,
                         const char *evidence);
/* Adds to OWN the packages of the libraries that MAIN, a program in machine code, is linked with,
 * and Debian's packages for the file of Python's that KIND names. INPUT, with file and line, for a
 * Python package that Debian does not have. */
gboolean own_add_packages(OwnProgram *own, const OwnKind *kind, const char *main, GError **error);

#endif
