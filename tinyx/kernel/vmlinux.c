#include "kernel/vmlinux.h"

#include <elf.h>
#include <string.h>

/* Types of notes whose owner is "Xen". */
enum { NOTE_ENTRY = 1, NOTE_VIRT_BASE = 3, NOTE_XEN_VERSION = 5, NOTE_GUEST_OS = 6, NOTE_MAX = 32 };

typedef struct {
  const char *bytes;
  gsize size;
  const char *name;
} Image;

typedef struct {
  const char *text[NOTE_MAX]; /* by type; NULL: there is none */
  gsize size[NOTE_MAX];
} Notes;

static gboolean
malformed(const Image *image, const char *what, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s; expected a Linux kernel (ELF)",
              image->name, what);
  return FALSE;
}

static gsize
round4(gsize size) {
  return (size + 3) & ~(gsize)3;
}

/* Collects the notes in OFFSET … OFFSET+SIZE; ends at the first that is cut off. */
static void
read_notes(const Image *image, guint64 offset, guint64 size, Notes *notes) {
  if (offset > image->size || size > image->size - offset)
    return;
  const char *at = image->bytes + offset;
  gsize left = (gsize)size;
  while (left >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr header;
    memcpy(&header, at, sizeof header);
    gsize name = sizeof header, text = name + round4(header.n_namesz);
    gsize next = text + round4(header.n_descsz);
    if (next > left)
      return;
    if (header.n_namesz == 4 && memcmp(at + name, "Xen", 4) == 0 && header.n_type < NOTE_MAX) {
      notes->text[header.n_type] = at + text;
      notes->size[header.n_type] = header.n_descsz;
    }
    at += next;
    left -= next;
  }
}

static gboolean
note_is(const Notes *notes, int type, const char *text) {
  gsize size = strlen(text) + 1;
  return notes->size[type] >= size && memcmp(notes->text[type], text, size) == 0;
}

static gboolean
check_notes(const Image *image, const Notes *notes, GError **error) {
  const char *missing = NULL;
  if (notes->size[NOTE_ENTRY] != 8)
    missing = "ENTRY";
  else if (notes->size[NOTE_VIRT_BASE] != 8)
    missing = "VIRT_BASE";
  else if (!note_is(notes, NOTE_XEN_VERSION, "xen-3.0"))
    missing = "XEN_VERSION \"xen-3.0\"";
  else if (!note_is(notes, NOTE_GUEST_OS, "linux"))
    missing = "GUEST_OS \"linux\"";
  if (missing == NULL)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_UNBOOTABLE,
              "%s: no Xen note %s: Xen's PV domain builder would refuse this kernel; expected "
              "CONFIG_XEN_PV to have put it in",
              image->name, missing);
  return FALSE;
}

gboolean
vmlinux_parse(const void *data, gsize size, const char *name, VmlinuxFacts *facts, GError **error) {
  const Image image = {data, size, name};
  Elf64_Ehdr header;
  Notes notes = {0};
  guint64 start = G_MAXUINT64, end = 0;

  if (size < sizeof header)
    return malformed(&image, "too short", error);
  memcpy(&header, data, sizeof header);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_machine != EM_X86_64 || header.e_phentsize != sizeof(Elf64_Phdr))
    return malformed(&image, "no ELF file for x86-64", error);
  if (header.e_phoff > size || header.e_phnum > (size - header.e_phoff) / sizeof(Elf64_Phdr))
    return malformed(&image, "truncated program headers", error);

  for (guint i = 0; i < header.e_phnum; i++) {
    Elf64_Phdr segment;
    memcpy(&segment, image.bytes + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_NOTE)
      read_notes(&image, segment.p_offset, segment.p_filesz, &notes);
    if (segment.p_type != PT_LOAD || segment.p_memsz > G_MAXUINT64 - segment.p_paddr)
      continue;
    start = MIN(start, segment.p_paddr);
    end = MAX(end, segment.p_paddr + segment.p_memsz);
  }
  if (end <= start)
    return malformed(&image, "nothing to load", error);
  facts->phys_start = start;
  facts->span = end - start;
  return check_notes(&image, &notes, error);
}

gboolean
vmlinux_inspect(const char *path, VmlinuxFacts *facts, GError **error) {
  g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, error);
  if (map == NULL)
    return FALSE;
  const char *bytes = g_mapped_file_get_contents(map);
  return vmlinux_parse(bytes != NULL ? bytes : "", g_mapped_file_get_length(map), path, facts,
                       error);
}
