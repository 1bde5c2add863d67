/* needed.h - why the plan has a file that a closure brought in. */
#ifndef TINYX_ROOTFS_NEEDED_H
#define TINYX_ROOTFS_NEEDED_H

#include "deps/closure.h"
#include "tree/reason.h"

/* What FILE, of ORIGIN and PACKAGE (or NULL), is added to a plan with. The strings stay FILE's and
 * PACKAGE's. */
TreeFrom needed_from(const DepFile *file, TreeOrigin origin, const char *package);

#endif
