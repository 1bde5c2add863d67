/* import.h - a tar of a whole root file system as a plain folder and a list. */
#ifndef TINYX_ROOTFS_IMPORT_H
#define TINYX_ROOTFS_IMPORT_H

#include "tree/tree.h"

/* Unpacks the tar at PATH below FOLDER (which exists) with files and folders that everyone can
 * read, whatever their modes in the tar are. The tree has the real modes and owners; its files have
 * their own path as source and "STATE SHA256" as reason, where STATE is "new" for paths in
 * FRESH (a set of absolute paths), else "base". Device nodes and sockets are left out. */
Tree *import_tar(const char *path, const char *folder, GHashTable *fresh, GError **error);

#endif
