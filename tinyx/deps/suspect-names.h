/* suspect-names.h - the names of libraries and folders that stand in the bytes of a file. */
#ifndef TINYX_DEPS_SUSPECT_NAMES_H
#define TINYX_DEPS_SUSPECT_NAMES_H

#include "deps/elf.h"

/* Names of libraries in one file. */
typedef struct {
  GPtrArray *names; /* char*, each once: whole strings "libx.so.1", "/usr/lib/x/y.so" */
  char *format;     /* the first string that a name is made of: "%s/lib%s.so"; NULL: none */
} SuspectNames;

/* The strings (ended by a NUL, short, printable) in SIZE bytes of DATA that are or make a library's
 * name, but for those that ELF itself names: its own, its loader's and those that it needs. */
void suspect_names_find(const char *data, gsize size, const ElfInfo *elf, SuspectNames *names);
void suspect_names_clear(SuspectNames *names);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SuspectNames, suspect_names_clear)

/* The absolute paths of two names and more (char*, each once) that stand anywhere in SIZE bytes of
 * DATA. g_ptr_array_unref. */
GPtrArray *suspect_folders_find(const char *data, gsize size);

/* TRUE for "x.so" and "x.so.1.2". */
gboolean suspect_is_library_name(const char *name);

#endif
