/* sources.h - where packages come from, and whose signature each place needs. */
#ifndef TINYX_DEPS_SOURCES_H
#define TINYX_DEPS_SOURCES_H

#include "base/error.h"

/* The machine's Debian sources for CODENAME and its updates, as the text of a *.sources file
 * (sources.list(5), deb822). Each names its keys: those that the machine's own entry names
 * (Signed-By), else the Debian archive's, so that none of the machine's other keys can sign
 * Debian. What the machine's entry says to switch the check off is not taken over, with a
 * warning. INPUT: the machine has none. g_free. */
char *sources_of_machine(const char *codename, GError **error);
/* The same for one MIRROR (its address), signed by KEYRING (a path; NULL: the Debian archive's). */
char *sources_of_mirror(const char *mirror, const char *keyring, const char *codename,
                        GError **error);

#endif
