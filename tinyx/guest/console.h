/* console.h - what a guest says on its console, as rootfs/glue writes it. */
#ifndef TINYX_GUEST_CONSOLE_H
#define TINYX_GUEST_CONSOLE_H

#include <glib.h>

/* From the line "tinyx: meminfo MemTotal=… MemFree=… MemAvailable=…" of a guest's console: the
 * value of FIELD in kB, or -1. The last such line counts. */
gint64 console_meminfo(const char *console, const char *field);

#endif
