/* elf.h - what the loader and we need to know of one ELF file (elf(5)). */
#ifndef TINYX_DEPS_ELF_H
#define TINYX_DEPS_ELF_H

#include "base/error.h"

typedef struct {
  guint16 machine; /* EM_X86_64 … */
  guint16 type;    /* ET_EXEC, ET_DYN, … */
  gboolean is64;
  gboolean big_endian;
  gboolean dynamic; /* has a dynamic section */
  char *interp;     /* NULL: none */
  char *soname;
  char **needed;     /* in file order; never NULL */
  char **filters;    /* DT_FILTER: libraries that have its symbols in its place; never NULL */
  char **auxiliary;  /* DT_AUXILIARY: the same, if they are there; never NULL */
  char *rpath;       /* DT_RPATH, or NULL */
  char *runpath;     /* DT_RUNPATH, or NULL */
  gboolean nodeflib; /* DF_1_NODEFLIB */
  gboolean pie;      /* DF_1_PIE: a program, although of type ET_DYN */
  GPtrArray *dlopen; /* char*: JSON of each .note.dlopen note */
  char **imports;    /* undefined dynamic symbols, without version, sorted; NULL unless asked for */
} ElfInfo;

typedef enum { ELF_WANT_IMPORTS = 1 << 0 } ElfWant;

/* NULL and INPUT for malformed and truncated files ("PATH: truncated: section headers at byte … of
 * …"); NULL without an error where the file is no ELF file at all. */
ElfInfo *elf_read(const char *path, ElfWant want, GError **error);
/* The same for bytes in memory; NAME is for messages. Reads nothing outside DATA, whatever it
 * holds. */
ElfInfo *elf_parse(const void *data, gsize size, const char *name, ElfWant want, GError **error);
void elf_info_free(ElfInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ElfInfo, elf_info_free)

/* "x86-64", "aarch64", …; "machine 247" where tinyx has no name for it. Static storage. */
const char *elf_machine_name(guint16 machine);
/* TRUE for x86-64 with 64 bits (x32 has 32): what the kernels of images run, and nothing else. */
gboolean elf_is_for_images(const ElfInfo *info);
/* The architecture that this tinyx runs on. */
guint16 elf_machine_here(void);

#endif
