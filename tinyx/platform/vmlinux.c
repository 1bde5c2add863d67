/* vmlinux.c - reads the headers and notes of an ELF kernel. */
#include "platform/vmlinux.h"

#include <elf.h>
#include <string.h>

typedef struct {
  const char *bytes;
  gsize size;
} Bytes;

static gboolean
malformed(const Vmlinux *kernel, const char *what, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s; expected a Linux kernel (ELF)",
              kernel->name, what);
  return FALSE;
}

static gsize
round4(gsize size) {
  return (size + 3) & ~(gsize)3;
}

/* Collects the notes in OFFSET … OFFSET+SIZE; ends at the first that is cut off, or whose owner is
 * no text. */
static void
read_notes(Vmlinux *kernel, const Bytes *file, guint64 offset, guint64 size) {
  if (offset > file->size || size > file->size - offset)
    return;
  const char *at = file->bytes + offset;
  gsize left = (gsize)size;
  while (left >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr header;
    memcpy(&header, at, sizeof header);
    gsize owner = sizeof header, text = owner + round4(header.n_namesz);
    gsize next = text + round4(header.n_descsz);
    if (next > left || header.n_namesz == 0 || at[owner + header.n_namesz - 1] != '\0')
      return;
    VmlinuxNote note = {at + owner, header.n_type, at + text, header.n_descsz};
    g_array_append_val(kernel->notes, note);
    at += next;
    left -= next;
  }
}

static gboolean
read_segments(Vmlinux *kernel, const Bytes *file, GError **error) {
  Elf64_Ehdr header;
  guint64 start = G_MAXUINT64, end = 0;
  if (file->size < sizeof header)
    return malformed(kernel, "too short", error);
  memcpy(&header, file->bytes, sizeof header);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_machine != EM_X86_64 || header.e_phentsize != sizeof(Elf64_Phdr))
    return malformed(kernel, "no ELF file for x86-64", error);
  if (header.e_phoff > file->size ||
      header.e_phnum > (file->size - header.e_phoff) / sizeof(Elf64_Phdr))
    return malformed(kernel, "truncated program headers", error);
  for (guint i = 0; i < header.e_phnum; i++) {
    Elf64_Phdr segment;
    memcpy(&segment, file->bytes + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_NOTE)
      read_notes(kernel, file, segment.p_offset, segment.p_filesz);
    if (segment.p_type != PT_LOAD || segment.p_memsz > G_MAXUINT64 - segment.p_paddr)
      continue;
    /* Linux' own is a physical address. */
    kernel->has_entry |= header.e_entry - segment.p_paddr < segment.p_memsz ||
                         header.e_entry - segment.p_vaddr < segment.p_memsz;
    start = MIN(start, segment.p_paddr);
    end = MAX(end, segment.p_paddr + segment.p_memsz);
  }
  if (end <= start)
    return malformed(kernel, "nothing to load", error);
  kernel->facts = (VmlinuxFacts){start, end - start};
  return TRUE;
}

Vmlinux *
vmlinux_parse(const void *data, gsize size, const char *name, GError **error) {
  const Bytes file = {data, size};
  g_autoptr(Vmlinux) kernel = g_new0(Vmlinux, 1);
  kernel->name = g_strdup(name);
  kernel->notes = g_array_new(FALSE, FALSE, sizeof(VmlinuxNote));
  return read_segments(kernel, &file, error) ? g_steal_pointer(&kernel) : NULL;
}

Vmlinux *
vmlinux_open(const char *path, GError **error) {
  g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, error);
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
