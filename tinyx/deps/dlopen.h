/* dlopen.h - the ELF note .note.dlopen: libraries that a program opens by itself.
 * https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ */
#ifndef TINYX_DEPS_DLOPEN_H
#define TINYX_DEPS_DLOPEN_H

#include "base/error.h"

typedef enum { DLOPEN_REQUIRED, DLOPEN_RECOMMENDED, DLOPEN_SUGGESTED } DlopenPriority;

typedef struct {
  char **sonames; /* alternatives, best first; at least one */
  char *feature;  /* "lzma", or NULL */
  DlopenPriority priority;
} DlopenNote;

/* Bytes of one note: systemd's have some 200. */
#define DLOPEN_BYTES_MAX 65536
/* Names in one note: each is looked for in every folder of libraries. */
#define DLOPEN_NAMES_MAX 256

/* The entries (DlopenNote*) of one note's JSON; INPUT if it is malformed or has more.
 * g_ptr_array_unref. */
GPtrArray *dlopen_parse(const char *json, GError **error);

#endif
