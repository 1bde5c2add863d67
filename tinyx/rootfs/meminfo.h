/* meminfo.h - a program of a few kB that says at shutdown how much memory was in use. */
#ifndef TINYX_ROOTFS_MEMINFO_H
#define TINYX_ROOTFS_MEMINFO_H

#include "tree/tree.h"

/* Compiles rootfs/glue/meminfo.c (cached) and adds it as /etc/tinyx/meminfo. */
gboolean meminfo_add(Tree *tree, GError **error);

#endif
