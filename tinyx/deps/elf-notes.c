/* elf-notes.c - ELF notes: .note.dlopen. */
#include "deps/elf-reader.h"

/* https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ */
#define NOTE_DLOPEN_TYPE 0x407c0c0aU
#define NOTE_DLOPEN_OWNER "FDO"

/* Notes are a convenience, not something the loader needs: a malformed one ends the search. */
void
elf_read_notes(const Elf *elf, guint64 offset, guint64 length, guint64 align, ElfInfo *info) {
  guint64 end = offset + length;
  align = align == 8 ? 8 : 4;
  while (end - offset >= 12) {
    guint64 name_size = get32(elf, offset), desc_size = get32(elf, offset + 4);
    guint32 type = get32(elf, offset + 8);
    guint64 name = offset + 12;
    guint64 desc = (name - offset + name_size + align - 1) / align * align + offset;
    if (desc > end || desc_size > end - desc)
      return;
    if (type == NOTE_DLOPEN_TYPE && name_size == sizeof NOTE_DLOPEN_OWNER &&
        memcmp(elf->data + name, NOTE_DLOPEN_OWNER, name_size) == 0)
      g_ptr_array_add(info->dlopen, g_strndup((const char *)elf->data + desc, desc_size));
    guint64 next = desc + (desc_size + align - 1) / align * align;
    if (next > end)
      return;
    offset = next;
  }
}

static void
read_note_section(const Elf *elf, guint64 names, guint64 names_size, guint index, ElfInfo *info) {
  static const char wanted[] = ".note.dlopen";
  guint64 base = elf->shoff + (guint64)index * RECORD_SIZE(elf, Shdr);
  guint64 name = FIELD_32(elf, base, Shdr, sh_name);
  guint64 offset = FIELD_WORD(elf, base, Shdr, sh_offset);
  guint64 size = FIELD_WORD(elf, base, Shdr, sh_size);
  if (FIELD_32(elf, base, Shdr, sh_type) != SHT_NOTE || name >= names_size ||
      names_size - name < sizeof wanted || !elf_has(elf, offset, size))
    return;
  if (memcmp(elf->data + names + name, wanted, sizeof wanted) == 0)
    elf_read_notes(elf, offset, size, FIELD_WORD(elf, base, Shdr, sh_addralign), info);
}

void
elf_read_note_sections(const Elf *elf, ElfInfo *info) {
  if (elf->shstrndx >= elf->shnum)
    return;
  guint64 base = elf->shoff + (guint64)elf->shstrndx * RECORD_SIZE(elf, Shdr);
  guint64 names = FIELD_WORD(elf, base, Shdr, sh_offset);
  guint64 names_size = FIELD_WORD(elf, base, Shdr, sh_size);
  if (!elf_has(elf, names, names_size))
    return;
  for (guint i = 0; i < elf->shnum; i++)
    read_note_section(elf, names, names_size, i, info);
}
