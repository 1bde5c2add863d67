/* loader-environment.h - variables of environment= that tell the dynamic loader where to look, and
 * what to load first. */
#ifndef TINYX_ROOTFS_LOADER_ENVIRONMENT_H
#define TINYX_ROOTFS_LOADER_ENVIRONMENT_H

#include "deps/closure.h"
#include "recipe/recipe.h"

typedef struct {
  char *ld_library_path; /* of LD_LIBRARY_PATH, absolute folders with colons between; NULL: none */
  char *preload;         /* of LD_PRELOAD and LD_AUDIT, with colons between; NULL: none */
  gboolean has_files;    /* the recipe brings files, which only recipe_files_add() sees */
  gboolean differs;      /* applications of the image have different folders */
} LoaderEnvironment;

/* What the applications of RECIPE are started with (ld.so(8)): an empty or relative folder is one
 * of the working directory, directory=. */
LoaderEnvironment loader_environment(const Recipe *recipe);
void loader_environment_clear(LoaderEnvironment *environment);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LoaderEnvironment, loader_environment_clear)

#endif
