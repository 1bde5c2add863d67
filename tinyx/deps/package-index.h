/* package-index.h - which package owns a path. */
#ifndef TINYX_DEPS_PACKAGE_INDEX_H
#define TINYX_DEPS_PACKAGE_INDEX_H

#include "base/error.h"

/* Which package of ROOT's dpkg database owns PATH; NULL if none. The index is built once. */
typedef struct PackageIndex PackageIndex;
PackageIndex *package_index_load(const char *root, GError **error);
const char *package_index_owner(const PackageIndex *index, const char *path);
void package_index_free(PackageIndex *index);

#endif
