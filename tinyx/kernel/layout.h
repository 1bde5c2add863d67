/* layout.h - what a platform changes in the kernel's linker script, as data:
 * kconfig-heuristics/platforms/NAME.layout. */
#ifndef TINYX_KERNEL_LAYOUT_H
#define TINYX_KERNEL_LAYOUT_H

#include "base/error.h"

typedef struct {
  char *from, *to; /* literal text */
} LayoutChange;

/* "OLD => NEW  # REASON" lines, comment lines and blank ones. FILE is for messages. LayoutChange*;
 * g_ptr_array_unref. INPUT. */
GPtrArray *layout_parse(const char *text, const char *file, GError **error);

/* PLATFORM's changes; empty where it has no such file. */
GPtrArray *layout_load(const char *platform, GError **error);

/* SCRIPT with every change made; *MISSING (or NULL) gets the first OLD that is not in it, or NULL.
 * g_free. */
char *layout_apply(const GPtrArray *changes, const char *script, const char **missing);

#endif
