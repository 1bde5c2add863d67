/* import.h - a tar of a whole root file system as a plain folder and a list. */
#ifndef TINYX_ROOTFS_IMPORT_H
#define TINYX_ROOTFS_IMPORT_H

#include "tree/tree.h"

/* Unpacks the tar at PATH below FOLDER (which exists) with files and folders that everyone can
 * read, whatever their modes in the tar are. The tree has the real modes and owners; its files have
 * their own path as source and "STATE SHA256" as reason, where STATE is "new" for paths in
 * FRESH (a set of absolute paths), else "base". Device nodes and sockets are left out.
 *
 * The tar is foreign: what ran in the root may have written it. Nothing of it is written outside of
 * FOLDER. FAILED: a member whose folder did not come before it, that comes twice, or that is
 * sparse, and thus larger than the tar. */
Tree *import_tar(const char *path, const char *folder, GHashTable *fresh, GError **error);
/* The same of SIZE BYTES in memory; NAME is for messages. */
Tree *import_tar_bytes(const void *bytes, gsize size, const char *name, const char *folder,
                       GHashTable *fresh, GError **error);

#endif
