/* library-cache.h - the index by which glibc's loader finds libraries: /etc/ld.so.cache. */
#ifndef TINYX_ROOTFS_LIBRARY_CACHE_H
#define TINYX_ROOTFS_LIBRARY_CACHE_H

#include "tree/tree.h"

/* Writes the index of the libraries that TREE has in the folders of ld.so.conf (the one in TREE,
 * and the one of the installation in the folder ROOT) and in the loader's own folders, in place of
 * the installation's, which knows neither what the recipe brings nor what was left out. None where
 * no library lies elsewhere than in the loader's own folders, unless TREE has one already; none
 * over one that the recipe brings. */
gboolean library_cache_add(Tree *tree, const char *root, GError **error);

#endif
