/* bytecode.h - times that compiled modules hold of their sources. */
#ifndef TINYX_ROOTFS_BYTECODE_H
#define TINYX_ROOTFS_BYTECODE_H

#include "tree/tree.h"

/* Gives each source in TREE that a compiled module beside it (__pycache__/NAME.*.pyc) was made of
 * the time that the module holds, so that the module is valid in the image, too: with the time of
 * the build it would be passed over, and each module be compiled again at each start. The times are
 * those of the packages' files, and so the same in each build. */
void bytecode_times(Tree *tree);

#endif
