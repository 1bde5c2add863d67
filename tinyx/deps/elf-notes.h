/* elf-notes.h - the .note.dlopen entries of an ELF file; for elf.c only. */
#ifndef TINYX_DEPS_ELF_NOTES_H
#define TINYX_DEPS_ELF_NOTES_H

#include "base/elffile.h"
#include "deps/elf.h"

/* Adds those of the PT_NOTE segment SEGMENT to INFO. */
void elf_read_notes(const ElfFile *elf, const ElfSegment *segment, ElfInfo *info);
/* Adds those of the section of that name, which matters where no segment has any. */
void elf_read_note_sections(const ElfFile *elf, ElfInfo *info);

#endif
