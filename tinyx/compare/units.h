/* units.h - a recipe as a person would put it into a Debian with systemd. */
#ifndef TINYX_COMPARE_UNITS_H
#define TINYX_COMPARE_UNITS_H

#include "recipe/recipe.h"
#include "tree/tree.h"

/* Adds to TREE, a Debian: a systemd unit for each application of RECIPE, enabled, in the place of
 * all services of the packages that came with it (all but the names in BASE); the network by ip= on
 * the kernel command line (systemd-network-generator(8)); and a unit that says at shutdown what
 * `tinyx test` reads: the same script, STOP, as in an image of ours. */
gboolean units_add(Tree *tree, const Recipe *recipe, GHashTable *base, const char *stop,
                   GError **error);

/* The unit of RUN; g_free. For tests. */
char *units_of_run(const Recipe *recipe, const RecipeRun *run);

#endif
