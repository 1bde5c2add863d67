/* installer.h - packages become files: each step in a sandbox (sandbox/sandbox.h), without a
 * network. */
#ifndef TINYX_ROOTFS_INSTALLER_H
#define TINYX_ROOTFS_INSTALLER_H

#include "base/error.h"

typedef struct {
  const char *apt;      /* the apt root (deps/apt.h), only read */
  const char *codename; /* its suite */
  const char *work;     /* a folder for the sandboxes alone; what a killed run left there goes */
} Installer;

/* A minimal Debian of the packages in the folder REPOSITORY (deps/debs.h), as the file TAR. Fails
 * with CHILD and what mmdebstrap and the maintainer scripts said. */
gboolean installer_base(const Installer *installer, const char *repository, const char *tar,
                        GError **error);
/* Installs PACKAGES over BASE, a tar file, by apt from the files in the folder DEBS. OUT gets
 * root.tar (all that there is then, numeric owners) and upper.list (paths, "./like/this", that the
 * installation made or changed, each with a NUL); and, where setcap(8) is among these,
 * capabilities.tar, a pax archive of all with the capabilities that files give. */
gboolean installer_packages(const Installer *installer, const char *base, const char *debs,
                            const char *const *packages, const char *out, GError **error);
/* Removes the work folder, whose files belong to subordinate ids. */
gboolean installer_clean(const Installer *installer, GError **error);

#endif
