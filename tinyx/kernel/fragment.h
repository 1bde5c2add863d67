/* fragment.h - what is asked of a kernel's configuration, and why.
 *
 * A fragment (kconfig-heuristics/) holds what somebody wants, with the reason:
 *
 *   CONFIG_EPOLL=y  # event loops wait on it
 *   CONFIG_SLUB_TINY=y  # may vanish: since 6.2; fewer pages held back
 *   CONFIG_VIRTIO_BLK=y  # on virtio: vda      (only on platforms of that family)
 *   CONFIG_PVH=y  # on xen-pvh, virtio: …      (only on those platforms or families)
 *
 * What Kconfig makes of it is a .config: base/dotconfig.h.
 */
#ifndef TINYX_KERNEL_FRAGMENT_H
#define TINYX_KERNEL_FRAGMENT_H

#include "base/dotconfig.h"
#include "kernel/kernel.h"

/* Parses one "CONFIG_NAME=VALUE  # REASON" line; ORIGIN is "file:line" and begins the messages. */
SymbolRequest *fragment_parse_line(const char *line, const char *origin, GError **error);

/* Parses a whole fragment of such lines, blank lines and "#" comment lines. FILE is for messages.
 * A symbol named twice for one platform is an error. Returns SymbolRequest*; g_ptr_array_unref. */
GPtrArray *fragment_parse(const char *text, gsize size, const char *file, GError **error);
GPtrArray *fragment_load(const char *path, const char *name, GError **error);

/* INPUT with the line where one of REQUESTS (SymbolRequest*) is for a platform or a family that
 * there is not: it would never be asked for. */
gboolean fragment_check_platforms(const GPtrArray *requests, GError **error);
/* PLATFORM, or its family, is one of those that the line names; or it names none. */
gboolean symbol_request_is_for(const SymbolRequest *request, const Platform *platform);

#endif
