/* holes.c - finds the holes of files, by lseek(2). */
#include "rootfs/holes.h"

#include <fcntl.h>
#include <unistd.h>

#define WORTH_A_NOTE (1 << 20) /* bytes */

/* Bytes of FD, of SIZE, that were never written; 0 where the file system cannot tell. */
static guint64
hole_bytes(int fd, off_t size) {
  guint64 bytes = 0;
  for (off_t hole = lseek(fd, 0, SEEK_HOLE), data; hole >= 0 && hole < size;
       hole = lseek(fd, data, SEEK_HOLE)) {
    data = lseek(fd, hole, SEEK_DATA); /* fails behind the last data */
    if (data < 0)
      return bytes + (guint64)(size - hole);
    bytes += (guint64)(data - hole);
  }
  return bytes;
}

void
holes_note(Tree *tree, GPtrArray *notes) {
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    int fd = entry->type == TREE_FILE && entry->source != NULL && entry->size > WORTH_A_NOTE
                 ? open(entry->source, O_RDONLY | O_CLOEXEC)
                 : -1;
    if (fd < 0)
      continue;
    guint64 bytes = hole_bytes(fd, (off_t)entry->size);
    close(fd);
    if (bytes > WORTH_A_NOTE)
      g_ptr_array_add(notes,
                      g_strdup_printf("%s: %" G_GUINT64_FORMAT " MB of it are holes, which take "
                                      "as much of the guest's memory; --format=squashfs keeps them",
                                      entry->path, bytes >> 20));
  }
}
