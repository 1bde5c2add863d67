/* objects.h - what a kernel's build folder says about its objects. */
#ifndef TINYX_KERNEL_OBJECTS_H
#define TINYX_KERNEL_OBJECTS_H

#include "base/error.h"

/* One line "OBJECT SOURCE SYMBOL…" for every object that kbuild compiled in the folder OBJECTS,
 * sorted: paths relative to OBJECTS and to TREE, and the symbols (without CONFIG_) that fixdep
 * (scripts/basic/fixdep.c) found in what was read for it: it is compiled again when one of them
 * changes. From the ".NAME.o.cmd" files. g_free. */
char *objects_list(const char *objects, const char *tree, GError **error);

/* One such file; NULL if it is not about an object with a source; for tests. */
char *objects_line(const char *text, const char *tree);

#endif
