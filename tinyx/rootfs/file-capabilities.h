/* file-capabilities.h - rights that files give to whoever runs them (setcap(8)).
 *
 * Neither an initramfs (cpio has no extended attributes) nor the confinement of applications
 * (no_new_privs) leaves them anything to say in a guest. They are read so that the application can
 * be given what its programs count on: rootfs/rights.h.
 */
#ifndef TINYX_ROOTFS_FILE_CAPABILITIES_H
#define TINYX_ROOTFS_FILE_CAPABILITIES_H

#include "tree/tree.h"

#define FILE_CAPABILITIES "security.capability" /* the extended attribute: xattr(7) */

/* The permitted capabilities that BYTES, such an attribute, say (linux/capability.h, struct
 * vfs_cap_data of versions 1 to 3); 0 where it is none. */
guint64 file_capabilities_parse(const void *bytes, gsize size);

/* Those of the file SOURCE of this machine; 0: none. */
guint64 file_capabilities_of(const char *source);

/* Sets those of TREE's entries that the headers of TAR, a pax archive with extended attributes,
 * name. CORRUPT for what cannot be read. */
gboolean file_capabilities_import(const char *tar, Tree *tree, GError **error);

#endif
