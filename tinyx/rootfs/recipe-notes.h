/* recipe-notes.h - what a recipe says that comes to nothing: notes, for it may be meant so. */
#ifndef TINYX_ROOTFS_RECIPE_NOTES_H
#define TINYX_ROOTFS_RECIPE_NOTES_H

#include "recipe/recipe.h"
#include "tree/tree.h"

/* Adds to NOTES (char*) the words of exclude= that match nothing in INSTALLED, what apt left. */
void recipe_note_excluded(const Recipe *recipe, Tree *installed, GPtrArray *notes);
/* Adds to NOTES what in command= and environment= only a shell would understand, which runs
 * neither: "$HOME", "> file". */
void recipe_note_shell(const Recipe *recipe, GPtrArray *notes);

#endif
