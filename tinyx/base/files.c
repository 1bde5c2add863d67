/* files.c - files written whole or not at all, hashes, and where data and cache are. */
#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
file_failed(const char *path, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
  return FALSE;
}

static void
set_write_error(GError **error, const char *path) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot write: %s", path,
              g_strerror(errno));
}

/* ---- reading ------------------------------------------------------------ */

static gboolean
not_read(const char *path, GError **error) {
  return tinyx_fail(error, TINYX_ERROR_INPUT, "%s: %s", path, g_strerror(errno));
}

static const char *
kind_word(mode_t mode) {
  return S_ISDIR(mode)    ? "a folder"
         : S_ISFIFO(mode) ? "a FIFO"
         : S_ISSOCK(mode) ? "a socket"
         : S_ISCHR(mode)  ? "a character device"
         : S_ISBLK(mode)  ? "a block device"
                          : "a special file";
}

static gboolean
status_check(const char *path, const struct stat *status, guint64 most, GError **error) {
  if (!S_ISREG(status->st_mode))
    return tinyx_fail(error, TINYX_ERROR_INPUT, "%s: %s; expected a regular file", path,
                      kind_word(status->st_mode));
  if ((guint64)status->st_size <= most)
    return TRUE;
  g_autofree char *size = size_text((guint64)status->st_size), *limit = size_text(most);
  return tinyx_fail(error, TINYX_ERROR_INPUT, "%s: %s; expected at most %s", path, size, limit);
}

/* Neither waits for the other end of a FIFO nor takes a terminal. Looked at before it is opened,
 * for opening a device may do something; and afterwards, for the name may lead elsewhere by then.
 */
static int
regular_open(const char *path, guint64 most, GError **error) {
  struct stat status;
  int fd;
  if (stat(path, &status) != 0) {
    not_read(path, error);
    return -1;
  }
  if (!status_check(path, &status, most, error))
    return -1;
  fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 || fstat(fd, &status) != 0) {
    not_read(path, error);
  } else if (status_check(path, &status, most, error)) {
    return fd;
  }
  if (fd >= 0)
    close(fd);
  return -1;
}

/* All of FD, but no more than one byte beyond MOST: in /proc files have no size, and others grow.
 */
static GByteArray *
bytes_read(int fd, gsize most) {
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  struct stat status;
  gsize room = fstat(fd, &status) == 0 && status.st_size > 0 ? (gsize)status.st_size + 1 : 4096;
  for (;;) {
    gsize old = bytes->len, step = MIN(room, most + 1 - old);
    ssize_t got;
    if (step == 0)
      return g_steal_pointer(&bytes);
    g_byte_array_set_size(bytes, (guint)(old + step));
    do
      got = read(fd, bytes->data + old, step);
    while (got < 0 && errno == EINTR);
    g_byte_array_set_size(bytes, (guint)(old + (gsize)MAX(got, 0)));
    if (got < 0)
      return NULL;
    if (got == 0)
      return g_steal_pointer(&bytes);
    room = MAX(room - (gsize)got, 4096);
  }
}

static gboolean
no_nul(const char *path, const GByteArray *bytes, GError **error) {
  const guchar *nul = bytes->len > 0 ? memchr(bytes->data, '\0', bytes->len) : NULL;
  guint line = 1;
  if (nul == NULL)
    return TRUE;
  for (const guchar *at = bytes->data; at < nul; at++)
    line += *at == '\n';
  return tinyx_fail(error, TINYX_ERROR_INPUT, "%s:%u: a NUL byte; expected text", path, line);
}

gboolean
file_read(const char *path, gsize most, char **text, gsize *size, GError **error) {
  g_autoptr(GByteArray) bytes = NULL;
  int fd;
  *text = NULL;
  most = MIN(most, G_MAXINT32 - 2); /* GByteArray counts in 32 bits */
  fd = regular_open(path, most, error);
  if (fd < 0)
    return FALSE;
  bytes = bytes_read(fd, most);
  if (bytes == NULL)
    not_read(path, error);
  close(fd);
  if (bytes == NULL)
    return FALSE;
  if (bytes->len > most) {
    g_autofree char *limit = size_text(most);
    return tinyx_fail(error, TINYX_ERROR_INPUT, "%s: it does not end; expected at most %s", path,
                      limit);
  }
  if (size == NULL && !no_nul(path, bytes, error))
    return FALSE;
  if (size != NULL)
    *size = bytes->len;
  g_byte_array_append(bytes, (const guchar *)"", 1);
  *text = (char *)g_byte_array_free(g_steal_pointer(&bytes), FALSE);
  return TRUE;
}

gboolean
file_read_if_there(const char *path, gsize most, char **text, gsize *size, GError **error) {
  struct stat status;
  if (stat(path, &status) == 0 || errno != ENOENT)
    return file_read(path, most, text, size, error);
  *text = NULL;
  if (size != NULL)
    *size = 0;
  return TRUE;
}

GMappedFile *
file_map(const char *path, guint64 most, GError **error) {
  int fd = regular_open(path, most, error);
  GMappedFile *map;
  if (fd < 0)
    return NULL;
  map = g_mapped_file_new_from_fd(fd, FALSE, error);
  close(fd);
  if (map == NULL)
    g_prefix_error(error, "%s: ", path);
  return map;
}

FILE *
file_open(const char *path, guint64 most, GError **error) {
  int fd = regular_open(path, most, error);
  FILE *stream = fd >= 0 ? fdopen(fd, "r") : NULL;
  if (fd >= 0 && stream == NULL) {
    not_read(path, error);
    close(fd);
  }
  return stream;
}

gboolean
file_check(const char *path, guint64 most, GError **error) {
  int fd = regular_open(path, most, error);
  if (fd >= 0)
    close(fd);
  return fd >= 0;
}

/* ---- writing ------------------------------------------------------------ */

FILE *
file_open_new(const char *path, char **temporary, GError **error) {
  g_autofree char *name = g_strdup_printf("%s.tmp-XXXXXX", path);
  int fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
  FILE *stream = fd >= 0 ? fdopen(fd, "w") : NULL;
  if (stream == NULL) {
    set_write_error(error, path);
    if (fd >= 0) {
      close(fd);
      unlink(name);
    }
    return NULL;
  }
  *temporary = g_steal_pointer(&name);
  return stream;
}

void
file_abandon(FILE *stream, const char *temporary) {
  fclose(stream);
  unlink(temporary);
}

/* The process' umask. It can only be read by setting it; a file that is made meanwhile gets fewer
 * permissions, not more. */
static mode_t
umask_now(void) {
  mode_t mask = umask(0777);
  umask(mask);
  return mask;
}

gboolean
file_commit(FILE *stream, const char *temporary, const char *path, unsigned mode, GError **error) {
  gboolean ok = fflush(stream) == 0 && !ferror(stream) &&
                fchmod(fileno(stream), mode & ~umask_now()) == 0 && fsync(fileno(stream)) == 0;
  int saved = errno;
  if (fclose(stream) != 0 && ok) {
    ok = FALSE;
    saved = errno;
  }
  errno = saved;
  if (ok && rename(temporary, path) == 0)
    return TRUE;
  set_write_error(error, path);
  unlink(temporary);
  return FALSE;
}

gboolean
file_write(const char *path, const void *data, gsize size, unsigned mode, GError **error) {
  g_autofree char *temporary = NULL;
  FILE *stream = file_open_new(path, &temporary, error);
  if (stream == NULL)
    return FALSE;
  fwrite(data, 1, size, stream); /* a failure stays in ferror() */
  return file_commit(stream, temporary, path, mode, error);
}

/* Bytes from FD to STREAM's descriptor: shared blocks if possible, else inside the kernel. */
static gboolean
copy_descriptor(int from, int to) {
  if (ioctl(to, FICLONE, from) == 0)
    return TRUE;
  for (;;) {
    ssize_t n = sendfile(to, from, NULL, 1 << 24);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return n == 0;
  }
}

gboolean
file_copy(const char *from, const char *to, unsigned mode, GError **error) {
  g_autofree char *temporary = NULL;
  int fd = regular_open(from, G_MAXUINT64, error);
  FILE *stream;
  gboolean copied;
  if (fd < 0)
    return FALSE;
  stream = file_open_new(to, &temporary, error);
  if (stream == NULL) {
    close(fd);
    return FALSE;
  }
  copied = copy_descriptor(fd, fileno(stream));
  close(fd);
  if (copied)
    return file_commit(stream, temporary, to, mode, error);
  set_write_error(error, to);
  file_abandon(stream, temporary);
  return FALSE;
}

static gboolean
make_folder(const char *path, mode_t mode, GError **error) {
  g_autofree char *parent = NULL;
  if (mkdir(path, mode) == 0 || (errno == EEXIST && g_file_test(path, G_FILE_TEST_IS_DIR)))
    return TRUE;
  if (errno != ENOENT) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot make the folder: %s", path,
                g_strerror(errno));
    return FALSE;
  }
  parent = g_path_get_dirname(path);
  if (strcmp(parent, path) == 0 || !make_folder(parent, 0755, error))
    return FALSE;
  return mkdir(path, mode) == 0 || errno == EEXIST || file_failed(path, error);
}

gboolean
dir_make(const char *path, GError **error) {
  return make_folder(path, 0755, error);
}

gboolean
dir_make_private(const char *path, GError **error) {
  return make_folder(path, 0700, error);
}

static gboolean remove_at(int folder, const char *name);

static gboolean
remove_contents(int fd) {
  DIR *dir = fdopendir(fd);
  struct dirent *entry;
  gboolean ok = dir != NULL;
  if (dir == NULL) {
    close(fd);
    return FALSE;
  }
  while ((entry = readdir(dir)) != NULL)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      ok = remove_at(dirfd(dir), entry->d_name) && ok;
  closedir(dir);
  return ok;
}

static gboolean
remove_at(int folder, const char *name) {
  int fd;
  if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
    return TRUE;
  if (errno != EISDIR && errno != EPERM)
    return FALSE;
  fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && errno == EACCES && fchmodat(folder, name, 0700, 0) == 0)
    fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return FALSE;
  fchmod(fd, 0700); /* so that its entries can go; if it fails, they say so */
  return remove_contents(fd) && unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

gboolean
dir_remove(const char *path, GError **error) {
  if (remove_at(AT_FDCWD, path))
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot remove: %s", path,
              g_strerror(errno));
  return FALSE;
}

gint64
file_size(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 ? (gint64)st.st_size : -1;
}

char *
file_stamp(const char *path) {
  struct stat st;
  if (stat(path, &st) != 0)
    return NULL;
  return g_strdup_printf("%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ".%09ld,%" G_GINT64_FORMAT
                         ".%09ld,%" G_GUINT64_FORMAT,
                         (gint64)st.st_size, (gint64)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                         (gint64)st.st_ctim.tv_sec, st.st_ctim.tv_nsec, (guint64)st.st_ino);
}

static char *
file_sum(const char *path, GChecksumType type, GError **error) {
  g_autoptr(GChecksum) sum = g_checksum_new(type);
  g_autofree guchar *buffer = g_malloc(1 << 18);
  int fd = regular_open(path, G_MAXUINT64, error);
  ssize_t got;
  if (fd < 0)
    return NULL;
  while ((got = read(fd, buffer, 1 << 18)) > 0 || (got < 0 && errno == EINTR))
    if (got > 0)
      g_checksum_update(sum, buffer, got);
  if (got < 0)
    file_failed(path, error);
  close(fd);
  return got < 0 ? NULL : g_strdup(g_checksum_get_string(sum));
}

char *
file_sha256(const char *path, GError **error) {
  return file_sum(path, G_CHECKSUM_SHA256, error);
}

char *
file_md5(const char *path, GError **error) {
  return file_sum(path, G_CHECKSUM_MD5, error);
}

char *
sha256_of_strings(const char *first, ...) {
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  va_list args;
  va_start(args, first);
  for (const char *s = first; s != NULL; s = va_arg(args, const char *))
    g_checksum_update(sum, (const guchar *)s, (gssize)strlen(s) + 1); /* the NUL keeps them apart */
  va_end(args);
  return g_strdup(g_checksum_get_string(sum));
}

/* Where the data is, seen from this program's own place: the source tree that it was built in
 * (build/tinyx, build/tests/unit/test-x), or PREFIX/share/tinyx beside PREFIX/bin, wherever the
 * installation was moved to. NULL: neither. */
static char *
data_folder(void) {
  g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
  g_autofree char *folder = exe != NULL ? g_path_get_dirname(exe) : NULL;
  for (int i = 0; folder != NULL && i < 4; i++) {
    g_autofree char *shared = g_build_filename(folder, "share", "tinyx", NULL);
    const char *const places[] = {folder, shared};
    for (guint k = 0; k < G_N_ELEMENTS(places); k++) {
      g_autofree char *mark = g_build_filename(places[k], "rootfs", "runtime.rules", NULL);
      if (g_file_test(mark, G_FILE_TEST_IS_REGULAR))
        return g_strdup(places[k]);
    }
    char *parent = g_path_get_dirname(folder);
    g_free(folder);
    folder = parent;
  }
  return NULL;
}

char *
data_path(const char *relative) {
  const char *given = g_getenv("TINYX_DATADIR");
  g_autofree char *folder = NULL;
  if (given != NULL && given[0] != '\0')
    return g_build_filename(given, relative, NULL);
  folder = data_folder();
  if (folder != NULL)
    return g_build_filename(folder, relative, NULL);
  return g_build_filename(TINYX_PREFIX, "share", "tinyx", relative, NULL);
}

gboolean
data_check(GError **error) {
  static const char *const parts[] = {"recipes", "kconfig-heuristics", "rootfs", "scripts"};
  const char *given = g_getenv("TINYX_DATADIR");
  g_autofree char *folder = data_path("");
  for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
    g_autofree char *path = data_path(parts[i]);
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
      return TRUE; /* whoever lacks a part of it says which */
  }
  if (given != NULL && given[0] != '\0')
    return tinyx_fail(
        error, TINYX_ERROR_INPUT,
        "TINYX_DATADIR is %s: tinyx' data are not there; expected the folder with "
        "recipes/, kconfig-heuristics/, rootfs/ and scripts/, or the variable not set",
        given);
  return tinyx_fail(
      error, TINYX_ERROR_INPUT,
      "the data that belong to this program are neither beside it nor in %s; expected it where it "
      "was built or installed (make install), or TINYX_DATADIR set to the folder with recipes/, "
      "kconfig-heuristics/, rootfs/ and scripts/",
      folder);
}

const char *
cache_dir_origin(void) {
  static const char *const names[] = {"TINYX_CACHE", "XDG_CACHE_HOME"};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    const char *value = g_getenv(names[i]);
    if (value != NULL && value[0] != '\0')
      return names[i];
  }
  return "HOME";
}

char *
cache_dir(void) {
  const char *given = g_getenv("TINYX_CACHE");
  if (given != NULL && given[0] != '\0')
    return path_absolute(given);
  return g_build_filename(g_get_user_cache_dir(), "tinyx", NULL);
}

char *
path_absolute(const char *path) {
  char *whole = g_canonicalize_filename(path, NULL);
  if (whole[0] == '/' &&
      whole[1] == '/') /* POSIX lets two slashes mean something else, Linux not */
    memmove(whole, whole + 1, strlen(whole));
  return whole;
}

char *
size_text(guint64 bytes) {
  if (bytes < 1000)
    return g_strdup_printf("%u B", (unsigned)bytes);
  if (bytes < 1000 * 1000)
    return g_strdup_printf("%.1f kB", (double)bytes / 1e3);
  if (bytes < 1000 * 1000 * 1000)
    return g_strdup_printf("%.2f MB", (double)bytes / 1e6);
  return g_strdup_printf("%.2f GB", (double)bytes / 1e9);
}
