/* program.h - the facts that programs, libraries and scripts show by their bytes. */
#ifndef TINYX_FACTS_PROGRAM_H
#define TINYX_FACTS_PROGRAM_H

#include "facts/facts.h"

/* What the rules ask for: only these are searched for. */
typedef struct {
  gboolean imports;         /* imported symbols: every one, or those of import_names */
  GHashTable *import_names; /* set of char*, or NULL */
  GPtrArray *strings;       /* char*, or NULL */
  GPtrArray *calls;         /* CallWanted* (facts/calls.h), or NULL */
  GHashTable *syscalls;     /* GINT_TO_POINTER(number) -> char* name, or NULL */
  GPtrArray *ignored;       /* char*: globs of base names that show nothing (the C library) */
} FactsWanted;

/* Adds what the file SOURCE shows, which is PATH in the image. Other files than ELF files of x86-64
 * and scripts ("#!") show nothing; with EXECUTABLE, which says that the file may be executed, it is
 * searched for strings all the same: a shell reads such a file too. */
gboolean facts_read_program(Facts *facts, const char *path, const char *source, gboolean executable,
                            const FactsWanted *wanted, GError **error);

/* Adds the "GLOB  # REASON" lines of TEXT to IGNORED (char*). FILE is for messages. */
gboolean facts_parse_ignored(const char *text, gsize size, const char *file, GPtrArray *ignored,
                             GError **error);
/* The same of our data kconfig-heuristics/no-evidence. */
gboolean facts_load_ignored(GPtrArray *ignored, GError **error);

#endif
