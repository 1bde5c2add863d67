/* package-index.h - what dpkg's database says of a path. */
#ifndef TINYX_DEPS_PACKAGE_INDEX_H
#define TINYX_DEPS_PACKAGE_INDEX_H

#include "base/error.h"

/* Which package of ROOT's dpkg database owns PATH; NULL if none. The index is built once. */
typedef struct PackageIndex PackageIndex;
PackageIndex *package_index_load(const char *root, GError **error);
const char *package_index_owner(const PackageIndex *index, const char *path);
void package_index_free(PackageIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PackageIndex, package_index_free)

/* The MD5 sums that ROOT's dpkg database has of the files of packages: info/PACKAGE.md5sums, and
 * for configuration files the field Conffiles of its status. */
typedef struct PackageSums PackageSums;
PackageSums *package_sums_load(const char *root, GError **error);
void package_sums_free(PackageSums *sums);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PackageSums, package_sums_free)
/* 32 hexadecimal digits, owned by SUMS; NULL where no package has a sum for PATH. */
const char *package_sums_find(const PackageSums *sums, const char *path);

#endif
