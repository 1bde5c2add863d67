/* cpio.c - the newc form of cpio, which the kernel unpacks as its initramfs.
 * Format: Linux, Documentation/driver-api/early-userspace/buffer-format.rst. */
#include "base/files.h"
#include "base/proc.h"
#include "tree/tree.h"

#include <string.h>
#include <sys/stat.h>

/* Seconds that a compressor may take; xz -9 on a large image is slow under emulation. */
#define FILTER_DEADLINE 1800

static const unsigned file_type_bits[] = {
    [TREE_FILE] = S_IFREG, [TREE_DIR] = S_IFDIR,   [TREE_SYMLINK] = S_IFLNK,
    [TREE_CHAR] = S_IFCHR, [TREE_BLOCK] = S_IFBLK, [TREE_FIFO] = S_IFIFO,
};

static gboolean
pad_to(FILE *out, guint64 *offset, unsigned boundary) {
  static const char zeros[512];
  gsize missing = (boundary - *offset % boundary) % boundary;
  *offset += missing;
  return fwrite(zeros, 1, missing, out) == missing;
}

static gboolean
header_write(FILE *out, guint64 *offset, const TreeEntry *entry, TreeName inode, gint64 epoch,
             guint32 size, const char *name) {
  int length = fprintf(out, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
                       inode.first + 1, entry->mode | file_type_bits[entry->type], entry->uid,
                       entry->gid, entry->type == TREE_DIR ? 2U : inode.count,
                       (guint32)(entry->mtime != 0 ? entry->mtime : epoch), size, 0U, 0U,
                       entry->rdev_major, entry->rdev_minor, (guint)strlen(name) + 1, 0U);
  if (length < 0 || fwrite(name, 1, strlen(name) + 1, out) != strlen(name) + 1)
    return FALSE;
  *offset += length + strlen(name) + 1;
  return pad_to(out, offset, 4);
}

/* Exactly SIZE bytes of SOURCE; a file that changed its size since it was planned is an error. */
static gboolean
source_copy(FILE *out, const char *source, guint64 size, GError **error) {
  FILE *in = file_open(source, G_MAXUINT32, error); /* newc has 32 bits for a size */
  char buffer[65536];
  guint64 done = 0;
  gsize count;

  if (in == NULL)
    return FALSE;
  while ((count = fread(buffer, 1, sizeof buffer, in)) > 0 && (done += count) <= size)
    if (fwrite(buffer, 1, count, out) != count) {
      fclose(in);
      return file_failed("write", error);
    }
  gboolean unreadable = ferror(in);
  fclose(in);
  if (!unreadable && done == size)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s", source,
              unreadable ? "cannot be read" : "its size changed while it was read");
  return FALSE;
}

/* HAS_BYTES: not for the second name of a file, which the kernel knows by its inode number. */
static gboolean
entry_write(FILE *out, guint64 *offset, const TreeEntry *entry, TreeName inode, gboolean has_bytes,
            gint64 epoch, GError **error) {
  gsize text_size = 0;
  const void *text = entry->target;
  guint64 size = has_bytes ? entry->size : 0;

  if (entry->type == TREE_SYMLINK)
    size = text_size = strlen(entry->target);
  else if (has_bytes && entry->data != NULL)
    text = g_bytes_get_data(entry->data, &text_size);
  if (size > G_MAXUINT32) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: %" G_GUINT64_FORMAT " bytes: a newc cpio archive holds files below 4 GB only",
                entry->path, size);
    return FALSE;
  }
  if (!header_write(out, offset, entry, inode, epoch, size, entry->path + 1))
    return file_failed("write", error);
  if (has_bytes && entry->source != NULL && !source_copy(out, entry->source, size, error))
    return FALSE;
  if (text_size > 0 && fwrite(text, 1, text_size, out) != text_size)
    return file_failed("write", error);
  *offset += size;
  return pad_to(out, offset, 4) || file_failed("write", error);
}

static gboolean
archive_write(FILE *out, Tree *tree, gint64 epoch, GError **error) {
  static const TreeEntry trailer = {.type = TREE_FILE};
  static const TreeName no_inode = {G_MAXUINT, 1}; /* its number is 0 */
  const GPtrArray *entries = tree_entries(tree);
  g_autoptr(GArray) names = tree_names(tree);
  guint64 offset = 0;

  for (guint i = 0; i < entries->len; i++) {
    TreeName inode = g_array_index(names, TreeName, i);
    if (!entry_write(out, &offset, entries->pdata[i], inode, inode.first == i, epoch, error))
      return FALSE;
  }
  /* cpio pads the archive to its block size. */
  if (!header_write(out, &offset, &trailer, no_inode, 0, 0, "TRAILER!!!") ||
      !pad_to(out, &offset, 512))
    return file_failed("write", error);
  return TRUE;
}

/* Writes the plain archive to a file without a name, and the filter's output to OUT. */
static gboolean
archive_write_filtered(FILE *out, Tree *tree, const char *const *filter, gint64 epoch,
                       GError **error) {
  FILE *plain = tmpfile();
  if (plain == NULL)
    return file_failed("temporary file", error);
  gboolean ok = archive_write(plain, tree, epoch, error) &&
                ((fflush(plain) == 0 && fseek(plain, 0, SEEK_SET) == 0) ||
                 file_failed("temporary file", error));
  if (ok) {
    ProcSpec spec = {.argv = filter,
                     .input_fd = fileno(plain),
                     .output_fd = fileno(out),
                     .deadline = FILTER_DEADLINE};
    ok = proc_run(&spec, NULL, error);
  }
  fclose(plain);
  return ok;
}

gboolean
tree_write_cpio(Tree *tree, const char *path, const char *const *filter, gint64 epoch,
                GError **error) {
  g_autofree char *temporary = NULL;
  FILE *out = file_open_new(path, &temporary, error);
  if (out == NULL)
    return FALSE;
  gboolean ok = filter == NULL ? archive_write(out, tree, epoch, error)
                               : archive_write_filtered(out, tree, filter, epoch, error);
  if (!ok) {
    file_abandon(out, temporary);
    g_prefix_error(error, "%s: ", path);
    return FALSE;
  }
  return file_commit(out, temporary, path, 0644, error);
}
