/* recipe-files.h - the recipe's files/ as part of the plan. */
#ifndef TINYX_ROOTFS_RECIPE_FILES_H
#define TINYX_ROOTFS_RECIPE_FILES_H

#include "rootfs/tree.h"

/* Adds every path below FOLDER to TREE (root:root; 0755 for folders and what may be executed, else
 * 0644, whatever the umask was when it was made). A FOLDER that does not exist is an empty one.
 * What its programs need is taken from ROOT, with the owners and modes of INSTALLED. Remarks
 * (char*) go to NOTES. */
gboolean recipe_files_add(Tree *tree, const char *folder, const char *root, const Tree *installed,
                          GPtrArray *notes, GPtrArray *suspects, GError **error);

#endif
