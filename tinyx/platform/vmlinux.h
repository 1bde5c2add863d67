/* vmlinux.h - an ELF kernel: where it lies in memory, and the notes that loaders look for. */
#ifndef TINYX_PLATFORM_VMLINUX_H
#define TINYX_PLATFORM_VMLINUX_H

#include "base/error.h"

typedef struct {
  guint64 phys_start; /* physical address of the first loaded byte */
  guint64 span;       /* bytes from there to the end of the last loaded segment, .bss included */
} VmlinuxFacts;

/* A note of the ELF file; its bytes are the file's. */
typedef struct {
  const char *owner; /* "Xen", "GNU" */
  guint32 type;
  const char *bytes;
  gsize size;
} VmlinuxNote;

typedef struct {
  char *name; /* for messages */
  VmlinuxFacts facts;
  gboolean has_entry; /* the entry point lies in what is loaded */
  GArray *notes;      /* VmlinuxNote, in the file's order */
  GMappedFile *map;
} Vmlinux;

/* FAILED where PATH is no ELF kernel for x86-64. */
Vmlinux *vmlinux_open(const char *path, GError **error);
/* The same for bytes in memory, which must outlive it; NAME is for messages. */
Vmlinux *vmlinux_parse(const void *data, gsize size, const char *name, GError **error);
void vmlinux_free(Vmlinux *kernel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vmlinux, vmlinux_free)

/* The last note of OWNER and TYPE, as loaders take it; NULL: there is none. */
const VmlinuxNote *vmlinux_note(const Vmlinux *kernel, const char *owner, guint32 type);

#endif
