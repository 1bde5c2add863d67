/* elf-reader.h - bounds and byte order of one ELF file; for elf.c and elf-notes.c only. */
#ifndef TINYX_DEPS_ELF_READER_H
#define TINYX_DEPS_ELF_READER_H

#include "deps/elf.h"

#include <elf.h>
#include <string.h>

typedef struct {
  const guint8 *data;
  gsize size;
  const char *name;
  gboolean is64, swap;
  guint64 phoff, shoff;
  guint phnum, shnum, shstrndx;
} Elf;

typedef struct {
  guint32 type;
  guint64 offset, vaddr, filesz, align;
} Segment;

/* TRUE if LENGTH bytes at OFFSET are in the file. */
static inline gboolean
elf_has(const Elf *elf, guint64 offset, guint64 length) {
  return offset <= elf->size && length <= elf->size - offset;
}

static inline guint16
get16(const Elf *elf, guint64 offset) {
  guint16 value;
  memcpy(&value, elf->data + offset, sizeof value);
  return elf->swap ? GUINT16_SWAP_LE_BE(value) : value;
}

static inline guint32
get32(const Elf *elf, guint64 offset) {
  guint32 value;
  memcpy(&value, elf->data + offset, sizeof value);
  return elf->swap ? GUINT32_SWAP_LE_BE(value) : value;
}

static inline guint64
get64(const Elf *elf, guint64 offset) {
  guint64 value;
  memcpy(&value, elf->data + offset, sizeof value);
  return elf->swap ? GUINT64_SWAP_LE_BE(value) : value;
}

/* A field of the class's own word size; the two offsets are those in the two structures. */
static inline guint64
get_word(const Elf *elf, guint64 base, gsize offset32, gsize offset64) {
  return elf->is64 ? get64(elf, base + offset64) : get32(elf, base + offset32);
}

#define FIELD_WORD(elf, base, type, field)                                                         \
  get_word(elf, base, offsetof(Elf32_##type, field), offsetof(Elf64_##type, field))
#define FIELD_32(elf, base, type, field)                                                           \
  get32(elf, (base) + ((elf)->is64 ? offsetof(Elf64_##type, field) : offsetof(Elf32_##type, field)))
#define FIELD_16(elf, base, type, field)                                                           \
  get16(elf, (base) + ((elf)->is64 ? offsetof(Elf64_##type, field) : offsetof(Elf32_##type, field)))
#define RECORD_SIZE(elf, type) ((elf)->is64 ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

static inline Segment
get_segment(const Elf *elf, guint index) {
  guint64 base = elf->phoff + (guint64)index * RECORD_SIZE(elf, Phdr);
  return (Segment){
      .type = FIELD_32(elf, base, Phdr, p_type),
      .offset = FIELD_WORD(elf, base, Phdr, p_offset),
      .vaddr = FIELD_WORD(elf, base, Phdr, p_vaddr),
      .filesz = FIELD_WORD(elf, base, Phdr, p_filesz),
      .align = FIELD_WORD(elf, base, Phdr, p_align),
  };
}

/* elf-notes.c: the .note.dlopen entries of a PT_NOTE segment, and, where no segment has any, of the
 * section of that name. */
void elf_read_notes(const Elf *elf, guint64 offset, guint64 length, guint64 align, ElfInfo *info);
void elf_read_note_sections(const Elf *elf, ElfInfo *info);

#endif
