/* names.h - what the programs of an image name by its path: devices, files of the kernel, programs,
 * and files of the installation. image/absent.h says which of it the image lacks.
 */
#ifndef TINYX_ROOTFS_NAMES_H
#define TINYX_ROOTFS_NAMES_H

#include "tree/tree.h"

#define NAMES_MOST 20000 /* of an image; a hostile package may name millions */

typedef struct {
  char *path;         /* or a pattern of fnmatch(3) for what a program makes: "/dev/loop*" */
  char *file;         /* the first file of the image that names it */
  gboolean installed; /* a package of the recipe has it, or its maintainer scripts made it */
  gboolean program;   /* installed, and a file that may be executed */
} NamedPath;

/* The names (NamedPath*, sorted by path, each once) in the programs, libraries and scripts of TREE:
 * those below /dev, /proc and /sys, those in folders of programs, and those that INSTALLED has.
 * Files whose base name matches IGNORED (char*, globs) say nothing. g_ptr_array_unref. */
GPtrArray *names_find(Tree *tree, Tree *installed, const GPtrArray *ignored, GError **error);

#endif
