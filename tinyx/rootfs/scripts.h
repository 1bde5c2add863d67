/* scripts.h - the shell scripts that an image starts: what they want of BusyBox. */
#ifndef TINYX_ROOTFS_SCRIPTS_H
#define TINYX_ROOTFS_SCRIPTS_H

#include "recipe/recipe.h"
#include "tree/tree.h"

/* Reads the recipe's commands, its own scripts in TREE, and the scripts that these call. APPLETS
 * are those that the image gets; a program of TREE stands before the applet of its name. OPTIONS
 * (busybox_options_new()) gets what BusyBox needs for them, by rootfs/busybox.features, and NOTES
 * (char*) what it cannot do and which commands nothing brings, each with script and line. */
gboolean scripts_read(Tree *tree, const Recipe *recipe, const char *const *applets,
                      GPtrArray *options, GPtrArray *notes, GError **error);

/* The applets that scripts use, of rootfs/script.applets. g_strfreev. */
char **scripts_common_applets(GError **error);

#endif
