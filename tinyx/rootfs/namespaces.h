/* namespaces.h - where packages are installed and run: without root, where user namespaces are. */
#ifndef TINYX_ROOTFS_NAMESPACES_H
#define TINYX_ROOTFS_NAMESPACES_H

#include "base/error.h"

/* Adds the words of unshare(1): namespaces of its own for the command that follows; its mounts and
 * processes are gone with it. An ordinary user is root in them, with the subordinate ids that
 * /etc/subuid grants as the other users. */
void namespaces_args(GPtrArray *argv);
/* TOOL where this machine does not allow namespaces. Asked before they are used, since programs
 * that fail in them do not say why. */
gboolean namespaces_need(GError **error);

#endif
