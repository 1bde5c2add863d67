/* recipe-files.h - the files that a recipe brings along as part of the plan. */
#ifndef TINYX_ROOTFS_RECIPE_FILES_H
#define TINYX_ROOTFS_RECIPE_FILES_H

#include "recipe/recipe.h"
#include "tree/tree.h"

/* Adds RECIPE's files/, and what its files= names, to TREE (root:root; 0755 for folders and what
 * may be executed, else 0644, or less where others may not read it here, as far as that is not the
 * umask's doing; in place of a package's file its owner and mode). What their programs need is
 * taken from ROOT, with the owners and modes of INSTALLED. Remarks (char*) go to NOTES, suspects
 * (see deps/suspects.h; may be NULL) to SUSPECTS.
 */
gboolean recipe_files_add(Tree *tree, const Recipe *recipe, const char *root, const Tree *installed,
                          GPtrArray *notes, GPtrArray *suspects, GError **error);

/* Adds to TREE what each guest of RECIPE's test gets when it boots (at-boot=), if anything: for a
 * system that is tested in another way. */
gboolean recipe_files_add_at_boot(Tree *tree, const Recipe *recipe, GError **error);

#endif
