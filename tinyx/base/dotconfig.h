/* dotconfig.h - a .config: what Kconfig made of a configuration, of Linux or of BusyBox.
 *
 *   CONFIG_EPOLL=y
 *   # CONFIG_SMP is not set
 *
 * The one reader of that format. Names are without "CONFIG_"; what is not set, and what the file
 * does not name, has the value "n".
 */
#ifndef TINYX_BASE_DOTCONFIG_H
#define TINYX_BASE_DOTCONFIG_H

#include "base/error.h"

/* Bytes of a .config: a distribution's has 0.3 MB. */
#define CONFIG_BYTES_MAX (4U << 20)

typedef struct DotConfig DotConfig;

/* FILE begins the messages: INPUT with "FILE:LINE" for a line that is none of a .config. Of a
 * symbol that is there twice the last line counts, as for Kconfig (conf_read_simple in
 * scripts/kconfig/confdata.c). */
DotConfig *config_parse(const char *text, gsize size, const char *file, GError **error);
/* Reads the file PATH. INPUT where it cannot be read, too. */
DotConfig *config_load(const char *path, GError **error);
void config_free(DotConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DotConfig, config_free)

/* The value of NAME as the file has it ("y", "m", "0x10", "\"text\""). Owned by CONFIG. */
const char *config_value(const DotConfig *config, const char *name);
gboolean config_is_yes(const DotConfig *config, const char *name);
/* TRUE if the file names NAME, be it as not set. */
gboolean config_has(const DotConfig *config, const char *name);
/* All names, in the order of the file; ends with NULL. Owned by CONFIG. */
const char *const *config_names(const DotConfig *config);
/* How many symbols are y. */
guint config_count_yes(const DotConfig *config);

/* NAME gets VALUE, in its old place or at the end. */
void config_set(DotConfig *config, const char *name, const char *value);
/* The lines of CONFIG, without comments. g_free. */
char *config_text(const DotConfig *config);
/* Adds the line that says VALUE of NAME. */
void config_append_line(GString *text, const char *name, const char *value);

/* TRUE if ASKED and GOT mean the same: numbers by value (0x200000 is 2097152), else the same text.
 */
gboolean config_value_equal(const char *asked, const char *got);
/* NULL if VALUE can be a symbol's value (y, n, a number, a quoted string without $, ` and control
 * characters), else what was expected. Which strings a symbol may have: kernel/string-rules.h. */
const char *config_value_check(const char *value);
/* TRUE if NAME can be a symbol's name: letters, digits and '_'. */
gboolean config_name_valid(const char *name);

#endif
