/* application.h - the application's part of an image: what apt installed and the recipe adds. */
#ifndef TINYX_ROOTFS_APPLICATION_H
#define TINYX_ROOTFS_APPLICATION_H

#include "recipe/recipe.h"
#include "rootfs/tree.h"

/* Adds to TREE what the recipe's packages bring into the image, and the recipe's files/. NOTES gets
 * remarks (char*). VERSIONS gets package -> version and REASONS package -> reason (char* both,
 * owned by the tables), for every package that is installed. */
gboolean application_add(const Recipe *recipe, Tree *tree, GPtrArray *notes, GHashTable *versions,
                         GHashTable *reasons, GError **error);

#endif
