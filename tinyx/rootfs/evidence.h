/* evidence.h - what the files of an application and its recipe show, before the glue is there. */
#ifndef TINYX_ROOTFS_EVIDENCE_H
#define TINYX_ROOTFS_EVIDENCE_H

#include "facts/facts.h"
#include "recipe/recipe.h"
#include "tree/tree.h"

/* Adds to FACTS: the strings of rootfs/mounts.rules and $ORIGIN in programs, and what
 * rootfs/text.facts finds in configuration files, in RECIPE's commands and its ready-udp=. TREE has
 * the application's files only. The kernel's own rules read the programs once more, for what they
 * look for. */
gboolean evidence_collect(Tree *tree, const Recipe *recipe, Facts *facts, GError **error);

/* Adds to FACTS the names of PACKAGES (RootfsPackage*): those that the image has files of. */
void evidence_add_packages(const GPtrArray *packages, Facts *facts);

#endif
