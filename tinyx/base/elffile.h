/* elffile.h - an ELF file (elf(5)): its headers, segments and notes, of both classes and both byte
 * orders.
 *
 * Nothing outside the bytes is read, whatever they say. What the parts mean to a loader is known
 * elsewhere: deps/elf.h for programs, platform/vmlinux.h for kernels.
 */
#ifndef TINYX_BASE_ELFFILE_H
#define TINYX_BASE_ELFFILE_H

#include "base/error.h"

#include <elf.h>
#include <string.h>

/* Bytes of an ELF file that is read: a browser has 0.3 GB, a kernel with all it knows for a
 * debugger 0.7 GB. */
#define ELF_BYTES_MAX (1U << 30)
/* Bytes of program headers: as many as the kernel takes (load_elf_phdrs in fs/binfmt_elf.c). Every
 * look-up of an address goes through them. */
#define ELF_PHDRS_MAX 65536

typedef struct {
  const guint8 *data;
  gsize size;
  const char *name; /* for messages */
  gboolean is64, big_endian;
  guint16 type;    /* ET_EXEC, ET_DYN, … */
  guint16 machine; /* EM_X86_64, … */
  guint64 entry;
  guint64 phoff, shoff;
  guint phnum, shnum, shstrndx; /* all headers of these numbers are in the file */
} ElfFile;

typedef struct {
  guint32 type;
  guint64 offset, vaddr, paddr, filesz, memsz, align;
} ElfSegment;

typedef struct {
  const char *owner; /* OWNER_SIZE bytes; no NUL needs to be among them */
  gsize owner_size;
  guint32 type;
  const char *bytes;
  gsize size;
} ElfNote;

/* TRUE if the SIZE bytes of DATA begin like an ELF file. */
gboolean elf_file_is(const void *data, gsize size);
/* Reads the headers of DATA, which must outlive ELF, as must NAME. INPUT for truncated and
 * malformed ones ("NAME: truncated: …"). */
gboolean elf_file_open(ElfFile *elf, const void *data, gsize size, const char *name,
                       GError **error);

/* Program header INDEX, which is below phnum. */
ElfSegment elf_file_segment(const ElfFile *elf, guint index);
/* TRUE if LENGTH bytes that are loaded at VADDR are in the file: at *OFFSET. */
gboolean elf_file_find(const ElfFile *elf, guint64 vaddr, guint64 length, guint64 *offset);
/* How many bytes from VADDR on are loaded and in the file, up to the end of their segment: they are
 * at *OFFSET. 0: none. */
guint64 elf_file_room(const ElfFile *elf, guint64 vaddr, guint64 *offset);
/* The note at *OFFSET, which moves behind it; FALSE where none is left before END, or it is cut
 * off. ALIGN is the segment's: 8, or else 4. */
gboolean elf_file_note(const ElfFile *elf, guint64 *offset, guint64 end, guint64 align,
                       ElfNote *note);

/* INPUT with "NAME: " and a text. Returns FALSE. */
gboolean elf_file_bad(const ElfFile *elf, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* TRUE if LENGTH bytes at OFFSET are in the file. */
static inline gboolean
elf_has(const ElfFile *elf, guint64 offset, guint64 length) {
  return offset <= elf->size && length <= elf->size - offset;
}

/* Numbers at OFFSET, which must be in the file. */
static inline guint16
elf_get16(const ElfFile *elf, guint64 offset) {
  guint16 value;
  memcpy(&value, elf->data + offset, sizeof value);
  return elf->big_endian ? GUINT16_FROM_BE(value) : GUINT16_FROM_LE(value);
}

static inline guint32
elf_get32(const ElfFile *elf, guint64 offset) {
  guint32 value;
  memcpy(&value, elf->data + offset, sizeof value);
  return elf->big_endian ? GUINT32_FROM_BE(value) : GUINT32_FROM_LE(value);
}

static inline guint64
elf_get64(const ElfFile *elf, guint64 offset) {
  guint64 value;
  memcpy(&value, elf->data + offset, sizeof value);
  return elf->big_endian ? GUINT64_FROM_BE(value) : GUINT64_FROM_LE(value);
}

/* A field of the structure TYPE (Ehdr, Phdr, …) at BASE: of the class's own word size, of 32 bits,
 * of 16; and the size of the whole structure. */
#define ELF_WORD(elf, base, type, field)                                                           \
  ((elf)->is64 ? elf_get64(elf, (base) + offsetof(Elf64_##type, field))                            \
               : elf_get32(elf, (base) + offsetof(Elf32_##type, field)))
#define ELF_FIELD32(elf, base, type, field)                                                        \
  elf_get32(                                                                                       \
      elf, (base) + ((elf)->is64 ? offsetof(Elf64_##type, field) : offsetof(Elf32_##type, field)))
#define ELF_FIELD16(elf, base, type, field)                                                        \
  elf_get16(                                                                                       \
      elf, (base) + ((elf)->is64 ? offsetof(Elf64_##type, field) : offsetof(Elf32_##type, field)))
#define ELF_SIZE(elf, type) ((elf)->is64 ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

#endif
