/* import.c - a tar of a whole root file system as a plain folder and a list. */
#include "rootfs/import.h"

#include "base/files.h"
#include "confine/nodes.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 65536
#define SPARSE "it is sparse, and may fill the disk; expected none that is larger than the archive"

typedef struct {
  struct archive *archive;
  const char *folder;
  GHashTable *fresh;
  Tree *tree;
} Import;

static gboolean
failed(const char *path, const char *why, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s", path, why);
  return FALSE;
}

/* "./usr/bin/x" as "/usr/bin/x"; NULL for the root itself, and for what would lead out of it. */
static char *
path_in_root(const char *name) {
  g_auto(GStrv) parts = g_strsplit(name, "/", -1);
  g_autoptr(GString) path = g_string_new("");
  for (char **part = parts; *part != NULL; part++) {
    if (**part == '\0' || strcmp(*part, ".") == 0)
      continue;
    if (strcmp(*part, "..") == 0)
      return NULL;
    g_string_append_printf(path, "/%s", *part);
  }
  return path->len == 0 ? NULL : g_string_free(g_steal_pointer(&path), FALSE);
}

/* Which package it is of is found later, in dpkg's database. */
static TreeFrom
from_import(const Import *import, const char *path) {
  gboolean fresh = g_hash_table_contains(import->fresh, path);
  return (TreeFrom){.origin = fresh ? ORIGIN_SCRIPT : ORIGIN_BASE};
}

static gboolean
bytes_write(int fd, const char *bytes, gsize size) {
  while (size > 0) {
    ssize_t written = write(fd, bytes, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return FALSE;
    bytes += written;
    size -= written;
  }
  return TRUE;
}

/* The content of the current entry into FD and SUM. */
static gboolean
content_copy(Import *import, int fd, GChecksum *sum, const char *path, GError **error) {
  g_autofree char *buffer = g_malloc(BLOCK);
  la_int64_t done = 0;
  la_ssize_t size;
  while ((size = archive_read_data(import->archive, buffer, BLOCK)) > 0) {
    done += size;
    if (done > archive_filter_bytes(import->archive, -1)) /* one that is a hole, too, has no map */
      return failed(path, SPARSE, error);
    if (!bytes_write(fd, buffer, size))
      return failed(path, g_strerror(errno), error);
    g_checksum_update(sum, (const guchar *)buffer, size);
  }
  return size == 0 || failed(path, archive_error_string(import->archive), error);
}

/* On this machine a file is readable to us, to others at most where it was, and never setuid: the
 * list has what it was. */
static unsigned
mode_here(unsigned mode) {
  return 0400 | (mode & 0755);
}

static TreeEntry *
file_import(Import *import, struct archive_entry *header, const char *path, const char *copy,
            GError **error) {
  unsigned mode = archive_entry_perm(header);
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  int fd = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    failed(copy, g_strerror(errno), error);
    return NULL;
  }
  gboolean ok = content_copy(import, fd, sum, path, error) &&
                (fchmod(fd, mode_here(mode)) == 0 || failed(copy, g_strerror(errno), error));
  if (close(fd) != 0 && ok)
    ok = failed(copy, g_strerror(errno), error);
  if (!ok)
    return NULL;
  TreeEntry *entry =
      tree_add_file(import->tree, path, copy, mode, from_import(import, path), error);
  if (entry == NULL)
    return NULL;
  entry->sha256 = g_strdup(g_checksum_get_string(sum));
  g_free(entry->source);
  entry->source = g_strdup(path);
  return entry;
}

/* The device whose place the file COPY holds; -1: none, as almost always. */
static int
node_in(const char *copy) {
  g_autofree char *text = NULL;
  gsize size;
  if (file_size(copy) > NODE_TEXT_MAX || !file_read(copy, NODE_TEXT_MAX, &text, &size, NULL))
    return -1;
  for (guint i = 0; i < G_N_ELEMENTS(nodes_granted); i++) {
    g_autofree char *wanted =
        g_strdup_printf(NODE_TEXT, nodes_granted[i].major, nodes_granted[i].minor);
    if (strlen(wanted) == size && memcmp(wanted, text, size) == 0)
      return (int)i;
  }
  return -1;
}

/* What a maintainer script made by mknod(2) came as a file that says so (confine/nodes.h). */
static TreeEntry *
file_or_node(Import *import, TreeEntry *entry, const char *path, const char *copy, GError **error) {
  int node = entry != NULL ? node_in(copy) : -1;
  unsigned mode = entry != NULL ? entry->mode : 0;
  if (node < 0)
    return entry;
  if (unlink(copy) != 0) {
    failed(copy, g_strerror(errno), error);
    return NULL;
  }
  return tree_add_node(import->tree, path, TREE_CHAR, mode, nodes_granted[node].major,
                       nodes_granted[node].minor, from_import(import, path), error);
}

/* A second name of a file that came earlier. */
static TreeEntry *
hardlink_import(Import *import, const char *target, const char *path, const char *copy,
                GError **error) {
  g_autofree char *first = path_in_root(target);
  const TreeEntry *old = first != NULL ? tree_find(import->tree, first) : NULL;
  if (old == NULL || old->type != TREE_FILE) {
    failed(path, "a hard link to something that is not in the archive", error);
    return NULL;
  }
  g_autofree char *from = g_build_filename(import->folder, first, NULL);
  if (link(from, copy) != 0) {
    failed(copy, g_strerror(errno), error);
    return NULL;
  }
  unsigned mode = old->mode, uid = old->uid, gid = old->gid;
  g_autofree char *sum = g_strdup(old->sha256);
  TreeEntry *entry =
      tree_add_file(import->tree, path, copy, mode, from_import(import, path), error);
  if (entry == NULL)
    return NULL;
  entry->sha256 = g_steal_pointer(&sum);
  entry->uid = uid;
  entry->gid = gid;
  g_free(entry->source);
  entry->source = g_strdup(path);
  return entry;
}

static TreeEntry *
entry_import(Import *import, struct archive_entry *header, const char *path, const char *copy,
             GError **error) {
  TreeFrom from = from_import(import, path);
  if (archive_entry_filetype(header) == AE_IFREG)
    return file_or_node(import, file_import(import, header, path, copy, error), path, copy, error);
  if (archive_entry_filetype(header) == AE_IFDIR) {
    if (!dir_make(copy, error))
      return NULL;
    if (chmod(copy, 0700 | mode_here(archive_entry_perm(header))) != 0) {
      failed(copy, g_strerror(errno), error);
      return NULL;
    }
    return tree_add_dir(import->tree, path, archive_entry_perm(header), from, error);
  }
  if (archive_entry_filetype(header) == AE_IFIFO)
    return tree_add_node(import->tree, path, TREE_FIFO, archive_entry_perm(header), 0, 0, from,
                         error);
  const char *target = archive_entry_symlink(header);
  if (target == NULL || target[0] == '\0') {
    failed(path, "a link to nothing", error);
    return NULL;
  }
  if (symlink(target, copy) != 0) {
    failed(copy, g_strerror(errno), error);
    return NULL;
  }
  return tree_add_symlink(import->tree, path, target, from, error);
}

/* Links of the archive lie in FOLDER as links of this machine: a member below one of them, or in
 * the place of one, would be written to where that leads. */
static gboolean
place_check(const Import *import, const char *path, unsigned type, GError **error) {
  g_autofree char *folder = g_path_get_dirname(path);
  const TreeEntry *parent = strcmp(folder, "/") != 0 ? tree_find(import->tree, folder) : NULL;
  const TreeEntry *old = tree_find(import->tree, path);
  if (strcmp(folder, "/") != 0 && (parent == NULL || parent->type != TREE_DIR))
    return failed(path, "it is in no folder of the archive; expected that to come first", error);
  if (old != NULL && (old->type != TREE_DIR || type != AE_IFDIR))
    return failed(path, "it is in the archive twice", error);
  return TRUE;
}

static gboolean
header_import(Import *import, struct archive_entry *header, GError **error) {
  const char *name = archive_entry_pathname(header); /* NULL: it cannot be read in this locale */
  g_autofree char *path = name != NULL ? path_in_root(name) : NULL;
  const char *hardlink = archive_entry_hardlink(header);
  unsigned type = archive_entry_filetype(header);
  if (path == NULL)
    return TRUE;
  g_autofree char *copy = g_build_filename(import->folder, path, NULL);
  if (hardlink == NULL && type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK &&
      type != AE_IFIFO)
    return TRUE;
  if (!place_check(import, path, type, error))
    return FALSE;
  if (hardlink != NULL)
    return hardlink_import(import, hardlink, path, copy, error) != NULL;
  if (archive_entry_sparse_count(header) > 0)
    return failed(path, SPARSE, error);
  TreeEntry *entry = entry_import(import, header, path, copy, error);
  if (entry == NULL)
    return FALSE;
  entry->uid = archive_entry_uid(header);
  entry->gid = archive_entry_gid(header);
  return TRUE;
}

static gboolean
headers_import(Import *import, const char *path, GError **error) {
  struct archive_entry *header;
  int status;
  while ((status = archive_read_next_header(import->archive, &header)) == ARCHIVE_OK)
    if (!header_import(import, header, error))
      return FALSE;
  return status == ARCHIVE_EOF || failed(path, archive_error_string(import->archive), error);
}

/* Takes ARCHIVE, which STATUS says was opened or was not. */
static Tree *
import_archive(struct archive *archive, int status, const char *path, const char *folder,
               GHashTable *fresh, GError **error) {
  g_autoptr(Tree) tree = tree_new();
  Import import = {.archive = archive, .folder = folder, .fresh = fresh, .tree = tree};
  gboolean ok = status == ARCHIVE_OK ? headers_import(&import, path, error)
                                     : failed(path, archive_error_string(archive), error);
  archive_read_free(archive);
  return ok ? g_steal_pointer(&tree) : NULL;
}

static struct archive *
tar_reader(void) {
  struct archive *archive = archive_read_new();
  archive_read_support_format_tar(archive);
  return archive;
}

Tree *
import_tar(const char *path, const char *folder, GHashTable *fresh, GError **error) {
  struct archive *archive = tar_reader();
  int status = archive_read_open_filename(archive, path, BLOCK);
  return import_archive(archive, status, path, folder, fresh, error);
}

Tree *
import_tar_bytes(const void *bytes, gsize size, const char *name, const char *folder,
                 GHashTable *fresh, GError **error) {
  struct archive *archive = tar_reader();
  int status = archive_read_open_memory(archive, bytes, size);
  return import_archive(archive, status, name, folder, fresh, error);
}
