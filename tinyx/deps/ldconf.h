/* ldconf.h - the folders that a root's own files give to its loader. */
#ifndef TINYX_DEPS_LDCONF_H
#define TINYX_DEPS_LDCONF_H

#include "deps/root.h"

/* The folders (char*) that the file at PATH names (ld.so.conf, read as ldconfig(8) does: "include"
 * with globs, comments, "=TYPE" suffixes). A missing file gives none. g_ptr_array_unref. */
GPtrArray *ldconf_read(Root *root, const char *path);

/* The folders (char*) of musl's loader INTERP ("/lib/ld-musl-x86_64.so.1"):
 * /etc/ld-musl-ARCH.path, else its built-in list. g_ptr_array_unref. */
GPtrArray *ldconf_musl_folders(Root *root, const char *interp);

#endif
