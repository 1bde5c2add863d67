/* folder.h - whole folders: their paths, and a hash of what is in them. */
#ifndef TINYX_BASE_FOLDER_H
#define TINYX_BASE_FOLDER_H

#include "base/error.h"

/* The names in FOLDER, without "." and "..", that end with SUFFIX (NULL: all), sorted by their
 * bytes (char*). g_ptr_array_unref. */
GPtrArray *folder_names(const char *folder, const char *suffix, GError **error);

/* The paths below FOLDER (char*, "/etc/x"), sorted in each folder, folders before what is in them.
 * g_ptr_array_unref. */
GPtrArray *folder_paths(const char *folder, GError **error);

/* Bytes of all files of a folder that is hashed: a recipe's. */
#define FOLDER_BYTES_MAX (2ULL << 30)

/* A hash of every path, content, link target and executable bit below FOLDER; INPUT where its files
 * have more than FOLDER_BYTES_MAX. g_free. */
char *folder_hash(const char *folder, GError **error);

#endif
