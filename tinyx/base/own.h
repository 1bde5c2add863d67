/* own.h - programs of ours that run beside tinyx: next to a guest, in its QEMU, around foreign
 * code. */
#ifndef TINYX_BASE_OWN_H
#define TINYX_BASE_OWN_H

#include "base/error.h"

/* The path of NAME ("tinyx-agent") on this machine: beside the executable or in a folder above it
 * (build/tests/unit/test-x), else in PREFIX/libexec/tinyx. g_free; NULL with TOOL where it has not
 * been built. */
char *own_program(const char *name, GError **error);

#endif
