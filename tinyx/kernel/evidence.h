/* evidence.h - what the files of an image say about the kernel they need.
 *
 * Each file is read once. Evidence of the C library itself is not evidence:
 * libc imports or contains everything.
 */
#ifndef TINYX_KERNEL_EVIDENCE_H
#define TINYX_KERNEL_EVIDENCE_H

#include "kernel/kernel.h"

typedef enum {
  EVIDENCE_IMPORT,  /* an undefined dynamic symbol of an ELF file */
  EVIDENCE_SYSCALL, /* a "mov $NUMBER,%eax … syscall" in an ELF file's code */
  EVIDENCE_STRING,  /* bytes in an ELF file or script */
  EVIDENCE_TYPE,    /* script, elf-dynamic, elf-static, elf-foreign */
  EVIDENCE_PACKAGE, /* a Debian package of the image */
  EVIDENCE_FACT,    /* "format:cpio", "mount:proc", … */
  EVIDENCE_KINDS
} EvidenceKind;

/* "import", "syscall", …; -1 for an unknown word. */
int evidence_kind_parse(const char *word);
const char *evidence_kind_name(EvidenceKind kind);

typedef struct Evidence Evidence;

/* What the rules ask for: only these are searched for. */
typedef struct {
  GPtrArray *strings;   /* char* */
  GHashTable *syscalls; /* GINT_TO_POINTER(number) -> char* name */
  GPtrArray *ignored;   /* char*: globs of base names that are no evidence (the C library) */
} EvidenceWanted;

Evidence *evidence_new(void);
void evidence_free(Evidence *evidence);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Evidence, evidence_free)

/* Collects from FILES (KernelFile*) and FACTS ("package:NAME" counts as a package). */
Evidence *evidence_collect(const GPtrArray *files, const char *const *facts,
                           const EvidenceWanted *wanted, GError **error);
/* Adds one piece, found in FILE (an image path, or NULL). */
void evidence_add(Evidence *evidence, EvidenceKind kind, const char *name, const char *file);

/* The image path of the first file that has it and whose base name no pattern of EXCEPT (char*,
 * globs, may be NULL) matches; "" where no file goes with it; NULL: there is none. */
const char *evidence_find(const Evidence *evidence, EvidenceKind kind, const char *name,
                          const GPtrArray *except);

/* What cannot be known from the files (char*, one line each). */
const GPtrArray *evidence_notes(const Evidence *evidence);

#endif
