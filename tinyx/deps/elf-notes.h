/* elf-notes.h - the .note.dlopen entries of an ELF file; for elf.c only. */
#ifndef TINYX_DEPS_ELF_NOTES_H
#define TINYX_DEPS_ELF_NOTES_H

#include "base/elffile.h"
#include "deps/elf.h"

/* How many notes of one file are looked at: segments and sections may lie over each other. */
#define ELF_NOTES_MAX 1024
/* How many .note.dlopen notes of one file count. */
#define ELF_DLOPEN_MAX 64

/* In both, *LEFT is how many notes of the file may still be looked at. */

/* Adds those of the PT_NOTE segment SEGMENT to INFO. */
void elf_read_notes(const ElfFile *elf, const ElfSegment *segment, ElfInfo *info, guint *left);
/* Adds those of the section of that name, which matters where no segment has any. */
void elf_read_note_sections(const ElfFile *elf, ElfInfo *info, guint *left);

#endif
