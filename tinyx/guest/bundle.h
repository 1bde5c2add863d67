/* bundle.h - what a guest test needs beside the domain: a small root with
 * BusyBox as its shell, the closure of the test's programs, and the script.
 */
#ifndef TINYX_GUEST_BUNDLE_H
#define TINYX_GUEST_BUNDLE_H

#include "recipe/recipe.h"

/* The cached tar file (g_free) of RECIPE's bundle. The script, if there is one, is /test/NAME in
 * it. */
char *test_bundle(const Recipe *recipe, GError **error);

#endif
