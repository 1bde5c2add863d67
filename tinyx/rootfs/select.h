/* select.h - which files of an installation go into the image.
 *
 * - Files that the installation made: those of the packages that the recipe
 *   names, those that maintainer scripts made, and the data of the packages that
 *   they depend on; without what rootfs/prune lists.
 * - Programs and libraries of the other packages, and anything of the base, only
 *   where the closure of the files above asks for them. A package that has
 *   programs or libraries none of which is used is left out with its data.
 * - What a lock adds ("opened at run time"), with its closure.
 * - The recipe's include= (with its closure) and exclude= have the last word.
 */
#ifndef TINYX_ROOTFS_SELECT_H
#define TINYX_ROOTFS_SELECT_H

#include "recipe/recipe.h"
#include "rootfs/files-lock.h"
#include "rootfs/patterns.h"
#include "tree/tree.h"

typedef struct {
  const Recipe *recipe;
  const char *root;    /* folder with the installation's files */
  Tree *installed;     /* as in Installation; read only */
  GPtrArray *packages; /* PackageDep*: the recipe's packages and what they depend on */
  const Patterns *prune;
  const char *rules;     /* run-time rules; NULL: rootfs/runtime.rules */
  const FilesLock *lock; /* its FILES_ADD lines are followed; NULL: none */
  GPtrArray *suspects;   /* Suspect*: gets what the closure suspects; NULL: nobody asks */
} SelectInput;

/* Adds the files to TREE, and remarks for a person (char*) to NOTES. INPUT where include= matches
 * nothing. */
gboolean select_files(const SelectInput *input, Tree *tree, GPtrArray *notes, GError **error);

/* TRUE if PATTERN of include= matches something of what is INSTALLED: else a build refuses it. */
gboolean include_matches(const Tree *installed, const char *pattern);

#endif
