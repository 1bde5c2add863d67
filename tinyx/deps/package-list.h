/* package-list.h - rootfs/blacklist and rootfs/whitelist: a package a line, "NAME  # reason". */
#ifndef TINYX_DEPS_PACKAGE_LIST_H
#define TINYX_DEPS_PACKAGE_LIST_H

#include "base/error.h"

/* Name -> reason (both char*). INPUT: "FILE:LINE: what; what was expected". g_hash_table_unref. */
GHashTable *package_list_parse(const char *text, gsize size, const char *file, GError **error);
/* The same from a file. */
GHashTable *package_list_read(const char *file, GError **error);

#endif
