/* deps-show.h - how `tinyx deps` prints what it found. */
#ifndef TINYX_CMD_DEPS_SHOW_H
#define TINYX_CMD_DEPS_SHOW_H

#include "deps/closure.h"
#include "deps/packages.h"

#include <stdio.h>

/* A line a file: path, size, reason; then a line with the totals. */
void deps_show_files(const Closure *closure);
/* Each file below the one that asked for it first. */
void deps_show_files_tree(const Closure *closure);
/* {"files": [{path, size, kind, link, needed_by, rule}], "missing": [], "notes": [], "bytes"} */
void deps_show_files_json(const Closure *closure);

/* The same for PACKAGES (PackageDep*). */
void deps_show_packages(const GPtrArray *packages);
void deps_show_packages_tree(const GPtrArray *packages);
void deps_show_packages_json(const GPtrArray *packages);

#endif
