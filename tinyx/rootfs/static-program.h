/* static-program.h - programs of a few kB of our own, from one C file, linked with musl. */
#ifndef TINYX_ROOTFS_STATIC_PROGRAM_H
#define TINYX_ROOTFS_STATIC_PROGRAM_H

#include "base/error.h"

/* The program that SOURCE (a data file: "rootfs/glue/meminfo.c") compiles to; cached. g_free. */
char *static_program(const char *source, GError **error);

#endif
