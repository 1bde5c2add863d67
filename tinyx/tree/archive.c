/* archive.c - the plan as a tar archive (by libarchive), and by way of it as a squashfs. */
#include "base/files.h"
#include "base/proc.h"
#include "tree/tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>

#define SQUASHFS_DEADLINE 600

static gboolean
archive_failed(struct archive *archive, GError **error) {
  const char *text = archive_error_string(archive);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "tar: %s", text ? text : "unknown error");
  return FALSE;
}

static void
header_fill(struct archive_entry *header, const TreeEntry *entry, const TreeEntry *first,
            gint64 epoch) {
  static const unsigned types[] = {
      [TREE_FILE] = AE_IFREG, [TREE_DIR] = AE_IFDIR,   [TREE_SYMLINK] = AE_IFLNK,
      [TREE_CHAR] = AE_IFCHR, [TREE_BLOCK] = AE_IFBLK, [TREE_FIFO] = AE_IFIFO,
  };
  archive_entry_set_pathname(header, entry->path + 1);
  archive_entry_set_filetype(header, types[entry->type]);
  archive_entry_set_perm(header, entry->mode);
  archive_entry_set_uid(header, entry->uid);
  archive_entry_set_gid(header, entry->gid);
  archive_entry_set_mtime(header, entry->mtime != 0 ? entry->mtime : epoch, 0);
  if (first != entry)
    archive_entry_set_hardlink(header, first->path + 1);
  else
    archive_entry_set_size(header, entry->size);
  if (entry->type == TREE_SYMLINK)
    archive_entry_set_symlink(header, entry->target);
  if (entry->type == TREE_CHAR || entry->type == TREE_BLOCK) {
    archive_entry_set_rdevmajor(header, entry->rdev_major);
    archive_entry_set_rdevminor(header, entry->rdev_minor);
  }
}

static gboolean
content_write(struct archive *archive, const TreeEntry *entry, GError **error) {
  g_autoptr(GBytes) bytes = NULL;
  if (entry->source == NULL) {
    bytes = g_bytes_ref(entry->data);
  } else {
    g_autoptr(GMappedFile) file = file_map(entry->source, G_MAXUINT64, error);
    if (file == NULL)
      return FALSE;
    bytes = g_mapped_file_get_bytes(file);
  }
  gsize size;
  const void *data = g_bytes_get_data(bytes, &size);
  if (size != entry->size) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: its size changed while it was read",
                entry->source);
    return FALSE;
  }
  if (size > 0 && archive_write_data(archive, data, size) != (la_ssize_t)size)
    return archive_failed(archive, error);
  return TRUE;
}

static gboolean
entries_write(struct archive *archive, Tree *tree, gint64 epoch, GError **error) {
  const GPtrArray *entries = tree_entries(tree);
  g_autoptr(GArray) names = tree_names(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    guint first = g_array_index(names, TreeName, i).first;
    struct archive_entry *header = archive_entry_new();
    header_fill(header, entry, entries->pdata[first], epoch);
    /* A warning means that something could not be stored as it is: that is a failure here. */
    gboolean ok =
        archive_write_header(archive, header) == ARCHIVE_OK || archive_failed(archive, error);
    archive_entry_free(header);
    if (!ok || (entry->type == TREE_FILE && first == i && !content_write(archive, entry, error))) {
      g_prefix_error(error, "%s: ", entry->path);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
tar_write_fd(Tree *tree, int fd, gint64 epoch, GError **error) {
  struct archive *archive = archive_write_new();
  gboolean ok =
      archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
      archive_write_set_format_option(archive, "pax", "hdrcharset", "BINARY") == ARCHIVE_OK &&
      archive_write_open_fd(archive, fd) == ARCHIVE_OK;
  if (!ok)
    archive_failed(archive, error);
  ok = ok && entries_write(archive, tree, epoch, error);
  if (ok && archive_write_close(archive) != ARCHIVE_OK)
    ok = archive_failed(archive, error);
  archive_write_free(archive);
  return ok;
}

gboolean
tree_write_tar(Tree *tree, const char *path, gint64 epoch, GError **error) {
  g_autofree char *temporary = NULL;
  FILE *out = file_open_new(path, &temporary, error);
  if (out == NULL)
    return FALSE;
  if (!tar_write_fd(tree, fileno(out), epoch, error)) {
    file_abandon(out, temporary);
    g_prefix_error(error, "%s: ", path);
    return FALSE;
  }
  return file_commit(out, temporary, path, 0644, error);
}

/* The latest time that an entry has of its own; 0: none has one. */
static gint64
latest_time(Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  gint64 latest = 0;
  for (guint i = 0; i < entries->len; i++)
    latest = MAX(latest, ((const TreeEntry *)entries->pdata[i])->mtime);
  return latest;
}

static void
words_add(GPtrArray *argv, const char *const *words) {
  for (; *words != NULL; words++)
    g_ptr_array_add(argv, (char *)*words);
}

/* LATEST: latest_time(). Of a tar file mksquashfs 4.5 takes all times but that of the root folder,
 * which is now; only -all-time sets that, for everything, or SOURCE_DATE_EPOCH, to which later
 * times are brought down. Beside -mkfs-time it refuses SOURCE_DATE_EPOCH. */
static gboolean
mksquashfs_run(FILE *tar, const char *output, gint64 epoch, gint64 latest, GError **error) {
  g_autofree char *time = g_strdup_printf("%" G_GINT64_FORMAT, epoch);
  g_autofree char *most =
      g_strdup_printf("SOURCE_DATE_EPOCH=%" G_GINT64_FORMAT, MAX(epoch, latest));
  /* One processor: with more, the order of fragments could depend on which thread is first.
   * gzip: what the kernel's option list is shortest with (see "format:squashfs"). */
  const char *const words[] = {
      "mksquashfs",   "-",      output,        "-tar", "-noappend", "-no-xattrs",
      "-no-progress", "-quiet", "-comp",       "gzip", "-b",        "128K",
      "-root-mode",   "0755",   "-root-uid",   "0",    "-root-gid", "0",
      "-processors",  "1",      "-no-exports", NULL};
  const char *const same[] = {"-mkfs-time", time, "-all-time", time, NULL};
  const char *const unset[] = {"env", "-u", "SOURCE_DATE_EPOCH", NULL}, *const set[] = {"env", most,
                                                                                        NULL};
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  words_add(argv, latest > 0 ? set : unset);
  words_add(argv, words);
  if (latest == 0)
    words_add(argv, same);
  g_ptr_array_add(argv, NULL);
  if (!proc_need("mksquashfs", error))
    return FALSE;
  ProcSpec spec = {.argv = (const char *const *)argv->pdata,
                   .input_fd = fileno(tar),
                   .deadline = SQUASHFS_DEADLINE};
  return proc_run(&spec, NULL, error);
}

gboolean
tree_write_squashfs(Tree *tree, const char *path, gint64 epoch, GError **error) {
  g_autofree char *temporary = NULL;
  FILE *tar = tmpfile();
  if (tar == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: temporary file: %s", path,
                g_strerror(errno));
    return FALSE;
  }
  FILE *out = file_open_new(path, &temporary, error);
  /* mksquashfs writes to the temporary name that OUT stands for. */
  gboolean ok = out != NULL && tar_write_fd(tree, fileno(tar), epoch, error) &&
                lseek(fileno(tar), 0, SEEK_SET) == 0 &&
                mksquashfs_run(tar, temporary, epoch, latest_time(tree), error);
  fclose(tar);
  if (ok)
    return file_commit(out, temporary, path, 0644, error);
  if (out != NULL)
    file_abandon(out, temporary);
  g_prefix_error(error, "%s: ", path);
  return FALSE;
}
