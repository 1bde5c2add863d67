/* own-kinds.h - the kinds of programs that people write, as rootfs/own-programs.conf has them. */
#ifndef TINYX_DRAFT_OWN_KINDS_H
#define TINYX_DRAFT_OWN_KINDS_H

#include "base/error.h"

/* One section of the file; lists are NULL where a section does not have the key. */
typedef struct {
  char *name;
  char **evidence, **suffix, **interpreter, **main, **packages, **environment, **applets, **take,
      **leave, **needs, **same;
  char *python_names, *command, *make;
  int port; /* 0: none */
  gboolean elf;
  gboolean compiled;      /* its command is the file that is started, and nothing else */
  gboolean evidence_only; /* of its kernel */
} OwnKind;

/* All kinds (OwnKind*) in their order. INPUT with file and line for what is not one; a kind has a
 * command=, and main= or nothing that a folder is known by. g_ptr_array_unref. */
GPtrArray *own_kinds_load(GError **error);
/* The same of TEXT, which is FILE. */
GPtrArray *own_kinds_parse(const char *text, gsize size, const char *file, GError **error);

#endif
