/* applets.h - recipes that run BusyBox, on a Debian: its package busybox, and links to it. */
#ifndef TINYX_COMPARE_APPLETS_H
#define TINYX_COMPARE_APPLETS_H

#include "recipe/recipe.h"
#include "tree/tree.h"

/* TRUE if RECIPE runs BusyBox, or one of the applets that it asks for. */
gboolean applets_wanted(const Recipe *recipe);

/* Adds to TREE, a Debian with the package busybox, a link for each of RECIPE's applets that nothing
 * in TREE stands for and Debian's BusyBox has: where RECIPE runs it, else in /usr/bin. */
gboolean applets_add(Tree *tree, const Recipe *recipe, GError **error);

/* The program of the first of RECIPE's commands that TREE does not have; NULL: all are there.
 * g_free. */
char *applets_missing_program(const Tree *tree, const Recipe *recipe);

#endif
