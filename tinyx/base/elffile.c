/* elffile.c - the headers, segments and notes of an ELF file; every access is bounds-checked. */
#include "base/elffile.h"

gboolean
elf_file_bad(const ElfFile *elf, GError **error, const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s", elf->name, text);
  return FALSE;
}

gboolean
elf_file_is(const void *data, gsize size) {
  return size >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

static gboolean
read_ident(ElfFile *elf, GError **error) {
  if (!elf_file_is(elf->data, elf->size))
    return elf_file_bad(elf, error, "no ELF file");
  if (elf->size < EI_NIDENT)
    return elf_file_bad(elf, error,
                        "truncated: ELF identification needs %d bytes, the file has %zu", EI_NIDENT,
                        elf->size);
  guint8 class = elf->data[EI_CLASS], order = elf->data[EI_DATA];
  if (class != ELFCLASS32 && class != ELFCLASS64)
    return elf_file_bad(elf, error, "malformed: ELF class %u; expected 1 (32-bit) or 2 (64-bit)",
                        class);
  if (order != ELFDATA2LSB && order != ELFDATA2MSB)
    return elf_file_bad(elf, error, "malformed: ELF byte order %u; expected 1 (little) or 2 (big)",
                        order);
  if (elf->data[EI_VERSION] != EV_CURRENT)
    return elf_file_bad(elf, error, "malformed: ELF version %u; expected 1", elf->data[EI_VERSION]);
  elf->is64 = class == ELFCLASS64;
  elf->big_endian = order == ELFDATA2MSB;
  if (elf->size < ELF_SIZE(elf, Ehdr))
    return elf_file_bad(elf, error, "truncated: the ELF header needs %zu bytes, the file has %zu",
                        ELF_SIZE(elf, Ehdr), elf->size);
  return TRUE;
}

/* Where there are too many headers for 16 bits, section header 0 holds the numbers (elf(5)). */
static gboolean
read_extended_counts(ElfFile *elf, GError **error) {
  if (elf->shoff == 0 || (elf->shnum != 0 && elf->phnum != PN_XNUM && elf->shstrndx != SHN_XINDEX))
    return TRUE;
  if (!elf_has(elf, elf->shoff, ELF_SIZE(elf, Shdr)))
    return elf_file_bad(elf, error,
                        "truncated: section headers at byte %" G_GUINT64_FORMAT " of %zu",
                        elf->shoff, elf->size);
  if (elf->shnum == 0)
    elf->shnum = (guint)MIN(ELF_WORD(elf, elf->shoff, Shdr, sh_size), G_MAXUINT);
  if (elf->phnum == PN_XNUM)
    elf->phnum = ELF_FIELD32(elf, elf->shoff, Shdr, sh_info);
  if (elf->shstrndx == SHN_XINDEX)
    elf->shstrndx = ELF_FIELD32(elf, elf->shoff, Shdr, sh_link);
  return TRUE;
}

static gboolean
check_tables(ElfFile *elf, GError **error) {
  guint phentsize = ELF_FIELD16(elf, 0, Ehdr, e_phentsize);
  if (elf->phnum != 0 && phentsize != ELF_SIZE(elf, Phdr))
    return elf_file_bad(elf, error, "malformed: program headers of %u bytes each; expected %zu",
                        phentsize, ELF_SIZE(elf, Phdr));
  if (!elf_has(elf, elf->phoff, (guint64)elf->phnum * ELF_SIZE(elf, Phdr)))
    return elf_file_bad(elf, error,
                        "truncated: %u program headers at byte %" G_GUINT64_FORMAT " of %zu",
                        elf->phnum, elf->phoff, elf->size);
  if ((guint64)elf->phnum * phentsize > ELF_PHDRS_MAX)
    return elf_file_bad(elf, error,
                        "malformed: %u program headers; expected at most %d bytes of them",
                        elf->phnum, ELF_PHDRS_MAX);

  guint shentsize = ELF_FIELD16(elf, 0, Ehdr, e_shentsize);
  if (elf->shoff == 0 || elf->shnum == 0)
    elf->shnum = 0;
  else if (shentsize != ELF_SIZE(elf, Shdr))
    return elf_file_bad(elf, error, "malformed: section headers of %u bytes each; expected %zu",
                        shentsize, ELF_SIZE(elf, Shdr));
  if (!elf_has(elf, elf->shnum != 0 ? elf->shoff : 0, (guint64)elf->shnum * shentsize))
    return elf_file_bad(elf, error,
                        "truncated: section headers at byte %" G_GUINT64_FORMAT " of %zu",
                        elf->shoff, elf->size);
  return TRUE;
}

gboolean
elf_file_open(ElfFile *elf, const void *data, gsize size, const char *name, GError **error) {
  *elf = (ElfFile){.data = data, .size = size, .name = name};
  if (!read_ident(elf, error))
    return FALSE;
  elf->type = ELF_FIELD16(elf, 0, Ehdr, e_type);
  elf->machine = ELF_FIELD16(elf, 0, Ehdr, e_machine);
  elf->entry = ELF_WORD(elf, 0, Ehdr, e_entry);
  elf->phoff = ELF_WORD(elf, 0, Ehdr, e_phoff);
  elf->shoff = ELF_WORD(elf, 0, Ehdr, e_shoff);
  elf->phnum = ELF_FIELD16(elf, 0, Ehdr, e_phnum);
  elf->shnum = ELF_FIELD16(elf, 0, Ehdr, e_shnum);
  elf->shstrndx = ELF_FIELD16(elf, 0, Ehdr, e_shstrndx);
  return read_extended_counts(elf, error) && check_tables(elf, error);
}

ElfSegment
elf_file_segment(const ElfFile *elf, guint index) {
  guint64 base = elf->phoff + (guint64)index * ELF_SIZE(elf, Phdr);
  return (ElfSegment){
      .type = ELF_FIELD32(elf, base, Phdr, p_type),
      .offset = ELF_WORD(elf, base, Phdr, p_offset),
      .vaddr = ELF_WORD(elf, base, Phdr, p_vaddr),
      .paddr = ELF_WORD(elf, base, Phdr, p_paddr),
      .filesz = ELF_WORD(elf, base, Phdr, p_filesz),
      .memsz = ELF_WORD(elf, base, Phdr, p_memsz),
      .align = ELF_WORD(elf, base, Phdr, p_align),
  };
}

guint64
elf_file_room(const ElfFile *elf, guint64 vaddr, guint64 *offset) {
  for (guint i = 0; i < elf->phnum; i++) {
    ElfSegment segment = elf_file_segment(elf, i);
    guint64 inside = vaddr - segment.vaddr;
    if (segment.type != PT_LOAD || vaddr < segment.vaddr || inside >= segment.filesz ||
        !elf_has(elf, segment.offset, segment.filesz))
      continue;
    *offset = segment.offset + inside;
    return segment.filesz - inside;
  }
  return 0;
}

gboolean
elf_file_find(const ElfFile *elf, guint64 vaddr, guint64 length, guint64 *offset) {
  for (guint i = 0; i < elf->phnum; i++) {
    ElfSegment segment = elf_file_segment(elf, i);
    if (segment.type != PT_LOAD || vaddr < segment.vaddr)
      continue;
    guint64 inside = vaddr - segment.vaddr;
    if (inside > segment.filesz || length > segment.filesz - inside ||
        !elf_has(elf, segment.offset, inside) || !elf_has(elf, segment.offset + inside, length))
      continue;
    *offset = segment.offset + inside;
    return TRUE;
  }
  return FALSE;
}

/* Where what follows SIZE bytes begins, which begin at a multiple of ALIGN. */
static guint64
aligned(guint64 size, guint64 align) {
  return (size + align - 1) / align * align;
}

gboolean
elf_file_note(const ElfFile *elf, guint64 *offset, guint64 end, guint64 align, ElfNote *note) {
  const gsize header = sizeof(Elf64_Nhdr); /* of both classes the same */
  guint64 at = *offset;
  if (end > elf->size || at > end || end - at < header)
    return FALSE;
  align = align == 8 ? 8 : 4;
  guint64 owner_size = elf_get32(elf, at), size = elf_get32(elf, at + 4);
  guint64 text = at + aligned(header + owner_size, align);
  if (text > end || size > end - text)
    return FALSE;
  *note = (ElfNote){.owner = (const char *)elf->data + at + header,
                    .owner_size = (gsize)owner_size,
                    .type = elf_get32(elf, at + 8),
                    .bytes = (const char *)elf->data + text,
                    .size = (gsize)size};
  *offset = text + aligned(size, align);
  return TRUE;
}
