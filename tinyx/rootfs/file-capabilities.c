/* file-capabilities.c - reads what setcap(8) wrote, of files and of archives. */
#include "rootfs/file-capabilities.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/xattr.h>

#define BLOCK 65536
#define VERSION_SHIFT 24
#define LEAST_BYTES 12 /* of version 1: the version, 32 permitted and 32 inheritable ones */
#define WIDE_BYTES                                                                                 \
  20 /* of version 2: twice as many; version 3 has the owner of a namespace, too                   \
      */

static guint32
word_at(const void *bytes, gsize at) {
  guint32 word;
  memcpy(&word, (const char *)bytes + at, sizeof word);
  return GUINT32_FROM_LE(word);
}

guint64
file_capabilities_parse(const void *bytes, gsize size) {
  guint32 version = size >= LEAST_BYTES ? word_at(bytes, 0) >> VERSION_SHIFT : 0;
  if (version == 1)
    return word_at(bytes, 4);
  if ((version != 2 && version != 3) || size < WIDE_BYTES)
    return 0;
  return word_at(bytes, 4) | (guint64)word_at(bytes, 12) << 32;
}

guint64
file_capabilities_of(const char *source) {
  char bytes[64];
  gssize size = getxattr(source, FILE_CAPABILITIES, bytes, sizeof bytes);
  return size > 0 ? file_capabilities_parse(bytes, (gsize)size) : 0;
}

/* What HEADER has of it. */
static guint64
header_capabilities(struct archive_entry *header) {
  const char *name;
  const void *bytes;
  size_t size;
  archive_entry_xattr_reset(header);
  while (archive_entry_xattr_next(header, &name, &bytes, &size) == ARCHIVE_OK)
    if (strcmp(name, FILE_CAPABILITIES) == 0)
      return file_capabilities_parse(bytes, size);
  return 0;
}

gboolean
file_capabilities_import(const char *tar, Tree *tree, GError **error) {
  struct archive *archive = archive_read_new();
  struct archive_entry *header;
  archive_read_support_format_tar(archive);
  int status = archive_read_open_filename(archive, tar, BLOCK);
  while (status == ARCHIVE_OK &&
         (status = archive_read_next_header(archive, &header)) == ARCHIVE_OK) {
    const char *path = archive_entry_pathname(header); /* "./usr/bin/ping" */
    TreeEntry *entry =
        path != NULL && g_str_has_prefix(path, "./") ? tree_find(tree, path + 1) : NULL;
    if (entry != NULL && entry->type == TREE_FILE)
      entry->capabilities = header_capabilities(header);
  }
  if (status != ARCHIVE_EOF)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: %s", tar,
                archive_error_string(archive));
  archive_read_free(archive);
  return status == ARCHIVE_EOF;
}
