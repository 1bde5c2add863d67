/* elf-notes.c - ELF notes: .note.dlopen. */
#include "deps/elf-notes.h"

#include "deps/dlopen.h"

/* https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ */
#define NOTE_DLOPEN_TYPE 0x407c0c0aU
#define NOTE_DLOPEN_OWNER "FDO"

/* Adds those between OFFSET and OFFSET+LENGTH, which are in the file. Notes are a convenience, not
 * something the loader needs: a malformed one ends the search. */
static void
read_range(const ElfFile *elf, guint64 offset, guint64 length, guint64 align, ElfInfo *info,
           guint *left) {
  guint64 end = offset + length;
  ElfNote note;
  for (; *left > 0 && elf_file_note(elf, &offset, end, align, &note); (*left)--)
    if (info->dlopen->len < ELF_DLOPEN_MAX && note.type == NOTE_DLOPEN_TYPE &&
        note.owner_size == sizeof NOTE_DLOPEN_OWNER &&
        memcmp(note.owner, NOTE_DLOPEN_OWNER, note.owner_size) == 0)
      g_ptr_array_add(info->dlopen, g_strndup(note.bytes, MIN(note.size, DLOPEN_BYTES_MAX + 1)));
}

void
elf_read_notes(const ElfFile *elf, const ElfSegment *segment, ElfInfo *info, guint *left) {
  read_range(elf, segment->offset, segment->filesz, segment->align, info, left);
}

static void
read_note_section(const ElfFile *elf, guint64 names, guint64 names_size, guint index, ElfInfo *info,
                  guint *left) {
  static const char wanted[] = ".note.dlopen";
  guint64 base = elf->shoff + (guint64)index * ELF_SIZE(elf, Shdr);
  guint64 name = ELF_FIELD32(elf, base, Shdr, sh_name);
  guint64 offset = ELF_WORD(elf, base, Shdr, sh_offset);
  guint64 size = ELF_WORD(elf, base, Shdr, sh_size);
  if (ELF_FIELD32(elf, base, Shdr, sh_type) != SHT_NOTE || name >= names_size ||
      names_size - name < sizeof wanted || !elf_has(elf, offset, size))
    return;
  if (memcmp(elf->data + names + name, wanted, sizeof wanted) == 0)
    read_range(elf, offset, size, ELF_WORD(elf, base, Shdr, sh_addralign), info, left);
}

void
elf_read_note_sections(const ElfFile *elf, ElfInfo *info, guint *left) {
  if (elf->shstrndx >= elf->shnum)
    return;
  guint64 base = elf->shoff + (guint64)elf->shstrndx * ELF_SIZE(elf, Shdr);
  guint64 names = ELF_WORD(elf, base, Shdr, sh_offset);
  guint64 names_size = ELF_WORD(elf, base, Shdr, sh_size);
  if (!elf_has(elf, names, names_size))
    return;
  for (guint i = 0; i < elf->shnum; i++)
    read_note_section(elf, names, names_size, i, info, left);
}
