/* vmlinux.c - reads the headers and notes of an ELF kernel. */
#include "platform/vmlinux.h"
#include "base/files.h"

#include "base/elffile.h"

#include <string.h>

static gboolean
malformed(const Vmlinux *kernel, const char *what, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s; expected a Linux kernel (ELF)",
              kernel->name, what);
  return FALSE;
}

/* Collects the notes of SEGMENT; ends at the first that is cut off, or whose owner is no text. */
static void
read_notes(Vmlinux *kernel, const ElfFile *elf, const ElfSegment *segment) {
  guint64 offset = segment->offset;
  ElfNote note;
  if (!elf_has(elf, offset, segment->filesz))
    return;
  while (elf_file_note(elf, &offset, segment->offset + segment->filesz, 4, &note)) {
    if (note.owner_size == 0 || note.owner[note.owner_size - 1] != '\0')
      return;
    VmlinuxNote found = {note.owner, note.type, note.bytes, note.size};
    g_array_append_val(kernel->notes, found);
  }
}

static gboolean
read_segments(Vmlinux *kernel, const ElfFile *elf, GError **error) {
  guint64 start = G_MAXUINT64, end = 0;
  for (guint i = 0; i < elf->phnum; i++) {
    ElfSegment segment = elf_file_segment(elf, i);
    if (segment.type == PT_NOTE)
      read_notes(kernel, elf, &segment);
    if (segment.type != PT_LOAD || segment.memsz > G_MAXUINT64 - segment.paddr)
      continue;
    /* Linux' own is a physical address. */
    kernel->has_entry |=
        elf->entry - segment.paddr < segment.memsz || elf->entry - segment.vaddr < segment.memsz;
    start = MIN(start, segment.paddr);
    end = MAX(end, segment.paddr + segment.memsz);
  }
  if (end <= start)
    return malformed(kernel, "nothing to load", error);
  kernel->facts = (VmlinuxFacts){start, end - start};
  return TRUE;
}

Vmlinux *
vmlinux_parse(const void *data, gsize size, const char *name, GError **error) {
  g_autoptr(Vmlinux) kernel = g_new0(Vmlinux, 1);
  g_autoptr(GError) problem = NULL;
  ElfFile elf;
  kernel->name = g_strdup(name);
  kernel->notes = g_array_new(FALSE, FALSE, sizeof(VmlinuxNote));
  if (!elf_file_open(&elf, data, size, name, &problem)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s; expected a Linux kernel (ELF)",
                problem->message);
    return NULL;
  }
  if (!elf.is64 || elf.machine != EM_X86_64) {
    malformed(kernel, "no ELF file for x86-64", error);
    return NULL;
  }
  return read_segments(kernel, &elf, error) ? g_steal_pointer(&kernel) : NULL;
}

Vmlinux *
vmlinux_open(const char *path, GError **error) {
  g_autoptr(GMappedFile) map = file_map(path, ELF_BYTES_MAX, error);
  if (map == NULL)
    return NULL;
  const char *bytes = g_mapped_file_get_contents(map);
  Vmlinux *kernel =
      vmlinux_parse(bytes != NULL ? bytes : "", g_mapped_file_get_length(map), path, error);
  if (kernel != NULL)
    kernel->map = g_steal_pointer(&map);
  return kernel;
}

void
vmlinux_free(Vmlinux *kernel) {
  if (kernel == NULL)
    return;
  g_free(kernel->name);
  g_array_unref(kernel->notes);
  g_clear_pointer(&kernel->map, g_mapped_file_unref);
  g_free(kernel);
}

const VmlinuxNote *
vmlinux_note(const Vmlinux *kernel, const char *owner, guint32 type) {
  for (guint i = kernel->notes->len; i-- > 0;) {
    const VmlinuxNote *note = &g_array_index(kernel->notes, VmlinuxNote, i);
    if (note->type == type && strcmp(note->owner, owner) == 0)
      return note;
  }
  return NULL;
}
