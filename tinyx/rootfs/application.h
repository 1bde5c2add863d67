/* application.h - the application's part of an image: what apt installed and the recipe adds. */
#ifndef TINYX_ROOTFS_APPLICATION_H
#define TINYX_ROOTFS_APPLICATION_H

#include "rootfs/rootfs.h"

/* Adds to PLAN's tree what the recipe's packages bring into the image, and the recipe's files/, as
 * LOCK (may be NULL) has it. Its notes and suspects get what a person should know. VERSIONS gets
 * package -> version and REASONS package -> reason (char* both, owned by the tables), for every
 * package that is installed. */
gboolean application_add(const Recipe *recipe, const FilesLock *lock, RootfsPlan *plan,
                         GHashTable *versions, GHashTable *reasons, GError **error);

#endif
