/* kernelfile.c - sizes of a kernel, read from a bzImage or an ELF file. */
#include "compare/kernelfile.h"

#include "base/elffile.h"
#include "base/files.h"
#include "base/proc.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Fields of the boot protocol's header. */
enum {
  SETUP_SECTS = 0x1f1,
  MAGIC = 0x202,
  VERSION = 0x206,
  PAYLOAD_OFFSET = 0x248,
  PAYLOAD_LENGTH = 0x24c,
  HEADER_END = 0x250
};
#define UNPACKED_LIMIT (1 << 30)

static GBytes *
malformed(const char *name, const char *what, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s; expected a bzImage or an ELF file",
              name, what);
  return NULL;
}

static guint32
read32(const guint8 *bytes, gsize at) {
  return (guint32)bytes[at] | (guint32)bytes[at + 1] << 8 | (guint32)bytes[at + 2] << 16 |
         (guint32)bytes[at + 3] << 24;
}

/* The packed bytes. All but gzip are followed by the unpacked size, four bytes that are no part of
 * the stream (scripts/Makefile.lib, size_append). */
static gboolean
find_payload(const guint8 *bytes, gsize size, gsize *offset, gsize *length) {
  if (size < HEADER_END || memcmp(bytes + MAGIC, "HdrS", 4) != 0 ||
      ((guint)bytes[VERSION] | (guint)bytes[VERSION + 1] << 8) < 0x208)
    return FALSE;
  guint sectors = bytes[SETUP_SECTS] != 0 ? bytes[SETUP_SECTS] : 4;
  *offset = (gsize)(sectors + 1) * 512 + read32(bytes, PAYLOAD_OFFSET);
  *length = read32(bytes, PAYLOAD_LENGTH);
  if (*offset > size || *length > size - *offset || *length < 8)
    return FALSE;
  if (bytes[*offset] != 0x1f || bytes[*offset + 1] != 0x8b)
    *length -= 4;
  return TRUE;
}

/* Reads all of the one "file" in ARCHIVE. */
static GBytes *
read_all(struct archive *archive, const char *name, GError **error) {
  g_autoptr(GByteArray) all = g_byte_array_new();
  struct archive_entry *entry;
  guint8 buffer[65536];
  la_ssize_t got;
  if (archive_read_next_header(archive, &entry) != ARCHIVE_OK)
    return malformed(name, "a packing that cannot be read", error);
  while ((got = archive_read_data(archive, buffer, sizeof buffer)) > 0) {
    g_byte_array_append(all, buffer, (guint)got);
    if (all->len > UNPACKED_LIMIT)
      return malformed(name, "more than 1 GB when unpacked", error);
  }
  /* A stream that is cut off gives an ELF file that is cut off: size(1) says so. */
  if (got < 0 && all->len == 0)
    return malformed(name, "damaged packed data", error);
  return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

GBytes *
kernelfile_unpack(GBytes *data, const char *name, GError **error) {
  gsize size, offset, length;
  const guint8 *bytes = g_bytes_get_data(data, &size);
  if (size > SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0)
    return g_bytes_ref(data);
  if (!find_payload(bytes, size, &offset, &length))
    return malformed(name, "no boot header with a payload", error);
  struct archive *archive = archive_read_new();
  archive_read_support_filter_all(archive);
  archive_read_support_format_raw(archive);
  GBytes *unpacked = NULL;
  if (archive_read_open_memory(archive, bytes + offset, length) == ARCHIVE_OK)
    unpacked = read_all(archive, name, error);
  else
    malformed(name, "a packing that cannot be read", error);
  archive_read_free(archive);
  return unpacked;
}

/* The second line of size(1): text, data, bss, their sum twice, the file. */
static gboolean
parse_size(const char *out, const char *name, KernelfileSizes *sizes, GError **error) {
  const char *line = strchr(out, '\n');
  long long text, data, bss;
  if (line == NULL || sscanf(line, " %lld %lld %lld", &text, &data, &bss) != 3) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: size says '%s'", name, out);
    return FALSE;
  }
  sizes->text = text;
  sizes->data = data;
  sizes->bss = bss;
  return TRUE;
}

static gboolean
elf_sizes(GBytes *elf, const char *name, KernelfileSizes *sizes, GError **error) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-kernel-XXXXXX", error);
  g_autofree char *path = folder != NULL ? g_build_filename(folder, "vmlinux", NULL) : NULL;
  g_auto(ProcResult) result = {0};
  gsize size;
  const void *bytes = g_bytes_get_data(elf, &size);
  const char *const argv[] = {"size", path, NULL};
  ProcSpec spec = {.argv = argv, .deadline = 60, .flags = PROC_CAPTURE};
  gboolean done = folder != NULL && file_write(path, bytes, size, 0644, error) &&
                  proc_run(&spec, &result, error) && parse_size(result.out, name, sizes, error);
  if (folder != NULL)
    dir_remove(folder, NULL);
  return done;
}

gboolean
kernelfile_sizes(const char *path, KernelfileSizes *sizes, GError **error) {
  char *text = NULL;
  gsize size;
  if (!file_read(path, ELF_BYTES_MAX, &text, &size, error))
    return FALSE;
  g_autoptr(GBytes) data = g_bytes_new_take(text, size);
  g_autoptr(GBytes) elf = kernelfile_unpack(data, path, error);
  sizes->file = (gint64)size;
  return elf != NULL && elf_sizes(elf, path, sizes, error);
}
