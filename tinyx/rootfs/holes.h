/* holes.h - files with holes, which an initramfs holds as zeros. */
#ifndef TINYX_ROOTFS_HOLES_H
#define TINYX_ROOTFS_HOLES_H

#include "tree/tree.h"

/* Adds to NOTES (char*) a line for each file of TREE with more than a megabyte of holes: cpio has
 * none, so the guest writes them into its memory when it starts. A squashfs keeps them. */
void holes_note(Tree *tree, GPtrArray *notes);

#endif
