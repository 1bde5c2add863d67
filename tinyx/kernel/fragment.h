/* fragment.h - the two text formats of kernel configuration.
 *
 * A fragment (kconfig-heuristics/) holds what somebody wants, with the reason:
 *
 *   CONFIG_EPOLL=y  # event loops wait on it
 *   CONFIG_SLUB_TINY=y  # may vanish: since 6.2; fewer pages held back
 *   CONFIG_VIRTIO_BLK=y  # on virtio: vda      (for platforms of that family only)
 *
 * A .config holds what Kconfig made of it.
 */
#ifndef TINYX_KERNEL_FRAGMENT_H
#define TINYX_KERNEL_FRAGMENT_H

#include "kernel/kernel.h"

/* Parses one "CONFIG_NAME=VALUE  # REASON" line; ORIGIN is "file:line" and begins the messages. */
SymbolRequest *fragment_parse_line(const char *line, const char *origin, GError **error);

/* Parses a whole fragment of such lines, blank lines and "#" comment lines. FILE is for messages.
 * A symbol named twice is an error. Returns SymbolRequest*; g_ptr_array_unref. */
GPtrArray *fragment_parse(const char *text, gsize size, const char *file, GError **error);
GPtrArray *fragment_load(const char *path, const char *name, GError **error);

/* A .config as a table from name (without CONFIG_) to value; what is "not set" is in it as "n".
 * g_hash_table_unref. */
GHashTable *config_parse(const char *text, gsize size, const char *file, GError **error);

/* The value of NAME, "n" where CONFIG (see config_parse) does not have it. */
const char *config_value(GHashTable *config, const char *name);

/* TRUE if ASKED and GOT mean the same: numbers by value (0x200000 is 2097152), else the same text.
 */
gboolean config_value_equal(const char *asked, const char *got);

/* NULL if VALUE can be a symbol's value (y, n, a number, a quoted string), else what was expected.
 */
const char *config_value_check(const char *value);
/* TRUE if NAME can be a symbol's name: letters, digits and '_'. */
gboolean config_name_valid(const char *name);

#endif
