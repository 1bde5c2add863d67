/* overlay.h - files that one domain gets over those of its image, when it boots. */
#ifndef TINYX_ROOTFS_OVERLAY_H
#define TINYX_ROOTFS_OVERLAY_H

#include "base/error.h"

/* Writes to PATH what INITRAMFS (packed or not) holds, and after it the files below FOLDER as a
 * second archive: the kernel unpacks one after the other
 * (Documentation/driver-api/early-userspace/buffer-format.rst), so that these replace those of the
 * same name. They are root's and keep their permission bits; folders are 0755. INPUT where FOLDER
 * is none, is empty, or holds something else than files, folders and links. */
gboolean overlay_append(const char *initramfs, const char *folder, const char *path,
                        GError **error);

#endif
