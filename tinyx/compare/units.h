/* units.h - a recipe as a person would put it into a Debian with systemd. */
#ifndef TINYX_COMPARE_UNITS_H
#define TINYX_COMPARE_UNITS_H

#include "platform/platform.h"
#include "recipe/recipe.h"
#include "tree/tree.h"

/* Adds to TREE, a Debian: a systemd unit for each application of RECIPE, enabled, in the place of
 * all services of the packages that came with it (all but the names in BASE); the network by ip= on
 * the kernel command line (systemd-network-generator(8)); PLATFORM's disk; a unit that says at
 * shutdown what `tinyx test` reads; and, where PLATFORM's guests are asked to shut down by a line
 * on their console, one that waits for it, instead of a login there. Both run the scripts that an
 * image of ours has, from the folder GLUE (rootfs/glue). */
gboolean units_add(Tree *tree, const Recipe *recipe, const Platform *platform, GHashTable *base,
                   const char *glue, GError **error);

/* Changes with the scripts in GLUE that units_add() takes for PLATFORM. g_free. */
char *units_scripts_hash(const Platform *platform, const char *glue, GError **error);

/* The unit of RUN; g_free. For tests. */
char *units_of_run(const Recipe *recipe, const RecipeRun *run);

#endif
