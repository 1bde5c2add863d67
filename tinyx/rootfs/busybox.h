/* busybox.h - BusyBox from Debian's source, static against musl, with only the applets asked for.
 *
 * Configuration: BusyBox's allnoconfig, plus rootfs/busybox.config, plus the
 * applets' symbols, which are found in BusyBox's own applet table. What was
 * asked is verified in the final .config and in the binary's own list.
 */
#ifndef TINYX_ROOTFS_BUSYBOX_H
#define TINYX_ROOTFS_BUSYBOX_H

#include "tree/tree.h"

/* Adds /bin/busybox with APPLETS (names such as "sh", "["; order and repeats do not matter) and a
 * symlink for each, where BusyBox itself would install it. A path that the tree has already stays
 * as it is (a recipe's real /usr/bin/test wins). OPTIONS (scripts_read()) are on besides
 * rootfs/busybox.config. INPUT for an applet that BusyBox does not have. */
gboolean busybox_add(Tree *tree, const char *const *applets, const GPtrArray *options,
                     GError **error);

/* A line that changes with musl-gcc, musl's libc.a and the kernel's exported headers. g_free. */
char *musl_toolchain(GError **error);

#endif
