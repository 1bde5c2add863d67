/* runnable.h - whether the image's kernel can start what the recipe runs. */
#ifndef TINYX_ROOTFS_RUNNABLE_H
#define TINYX_ROOTFS_RUNNABLE_H

#include "facts/facts.h"
#include "tree/tree.h"

/* INPUT where PROGRAM, or for a script the interpreter that TREE has for it, is an ELF file that is
 * broken, no program, or for another machine; PLACE ("file: [section] key") begins the message. */
gboolean runnable_check(const Tree *tree, const TreeEntry *program, const char *place,
                        GError **error);
/* Warns, once, of the programs in TREE that FACTS show to be for another machine. */
void runnable_warn(const Tree *tree, const Facts *facts);

#endif
