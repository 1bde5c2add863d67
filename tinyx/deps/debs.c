/* debs.c - package files whose every byte is what the signed index says: see debs.h. */
#include "deps/debs.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "deps/apt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOWNLOAD_DEADLINE 900
#define RESOLVE_DEADLINE 120
#define HASH_NAME "SHA256:"
#define HASH_DIGITS 64
#define BUFFER (1 << 18)

static void
deb_free(gpointer data) {
  Deb *deb = data;
  g_free(deb->name);
  g_free(deb->sha256);
  g_free(deb);
}

static gboolean
is_sha256(const char *word) {
  return g_str_has_prefix(word, HASH_NAME) && strlen(word) == strlen(HASH_NAME) + HASH_DIGITS &&
         strspn(word + strlen(HASH_NAME), "0123456789abcdef") == HASH_DIGITS;
}

/* A name that is a file of its folder, and of the kind that apt makes for a package. */
static gboolean
is_deb_name(const char *word) {
  return word[0] != '.' && strchr(word, '/') == NULL && g_str_has_suffix(word, ".deb");
}

GPtrArray *
debs_parse(const char *text, GError **error) {
  g_autoptr(GPtrArray) debs = g_ptr_array_new_with_free_func(deb_free);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (lines[i][0] != '\'')
      continue; /* what apt tells people */
    g_auto(GStrv) words = g_strsplit(g_strchomp(lines[i]), " ", -1);
    if (g_strv_length(words) != 4 || !is_deb_name(words[1]) || !is_sha256(words[3])) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                  "apt-get --print-uris:%u: '%s'; expected 'URI' FILE.deb SIZE SHA256:HEX", i + 1,
                  lines[i]);
      return NULL;
    }
    Deb *deb = g_new0(Deb, 1);
    deb->name = g_strdup(words[1]);
    deb->sha256 = g_strdup(words[3] + strlen(HASH_NAME));
    g_ptr_array_add(debs, deb);
  }
  return g_steal_pointer(&debs);
}

/* What is asked of apt. */
typedef struct {
  const char *root;
  const char *status; /* NULL: the packages alone */
  const char *const *packages;
} Wanted;

/* apt-get's words for WANTED, with its packages in ARCHIVES; PRINT: only say which. */
static gboolean
ask_apt(const Wanted *wanted, const char *archives, gboolean print, ProcResult *result,
        GError **error) {
  g_autofree char *folder = g_strdup_printf("Dir::Cache::archives=%s/", archives);
  g_autofree char *status = g_strdup_printf("Dir::State::status=%s", wanted->status);
  g_autoptr(GPtrArray) words = g_ptr_array_new();
  /* No locks of apt's: it makes one beside STATUS too, which is in a finished cache entry. */
  const char *const fixed[] = {"-o", folder,
                               "-o", "Acquire::ForceHash=SHA256",
                               "-o", "APT::Keep-Downloaded-Packages=true",
                               "-o", "Debug::NoLocking=true",
                               "-q", "-y"};
  for (guint i = 0; i < G_N_ELEMENTS(fixed); i++)
    g_ptr_array_add(words, (gpointer)fixed[i]);
  if (wanted->status != NULL) {
    const char *const install[] = {"-o", status, "--no-install-recommends",
                                   print ? "--print-uris" : "--download-only", "install"};
    for (guint i = 0; i < G_N_ELEMENTS(install); i++)
      g_ptr_array_add(words, (gpointer)install[i]);
  } else {
    if (print)
      g_ptr_array_add(words, (gpointer) "--print-uris");
    g_ptr_array_add(words, (gpointer) "download");
  }
  g_ptr_array_add(words, (gpointer) "--");
  for (guint i = 0; wanted->packages[i] != NULL; i++)
    g_ptr_array_add(words, (gpointer)wanted->packages[i]);
  g_ptr_array_add(words, NULL);
  /* `download` puts packages into the folder that it is called in. */
  ProcSpec how = {.cwd = archives,
                  .deadline = print ? RESOLVE_DEADLINE : DOWNLOAD_DEADLINE,
                  .flags = print ? PROC_CAPTURE : 0};
  return apt_run(wanted->root, "apt-get", (const char *const *)words->pdata, &how, result, error);
}

/* The files of WANTED by the index alone: apt leaves out what its folder has, so it is shown an
 * empty one, FOLDER. */
static GPtrArray *
list_debs(const Wanted *wanted, const char *folder, GError **error) {
  g_autofree char *partial = g_build_filename(folder, "partial", NULL);
  g_auto(ProcResult) result = {0};
  if (!dir_make(partial, error) || !ask_apt(wanted, folder, TRUE, &result, error))
    return NULL;
  return debs_parse(result.out, error);
}

static gboolean
write_all(int fd, const guchar *bytes, gsize size) {
  while (size > 0) {
    ssize_t put = write(fd, bytes, size);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return FALSE;
    bytes += put;
    size -= (gsize)put;
  }
  return TRUE;
}

/* FROM's bytes to TO; the SHA-256 of the very bytes that were written, or NULL with errno. */
static char *
copy_and_hash(int from, int to) {
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  g_autofree guchar *buffer = g_malloc(BUFFER);
  for (;;) {
    ssize_t got = read(from, buffer, BUFFER);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0 || (got > 0 && !write_all(to, buffer, (gsize)got)))
      return NULL;
    if (got == 0)
      return g_strdup(g_checksum_get_string(sum));
    g_checksum_update(sum, buffer, got);
  }
}

/* A regular file, and nothing that a link leads to or a reader waits for. */
static int
open_regular(const char *path) {
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  struct stat info;
  if (fd >= 0 && (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))) {
    close(fd);
    return -1;
  }
  return fd;
}

/* Copies FROM to the new file TO; *SUM is of what was written, or NULL where FROM is no file. */
static gboolean
copy_regular(const char *from, const char *to, char **sum, GError **error) {
  int in = open_regular(from);
  if (in < 0)
    return TRUE;
  int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  *sum = out >= 0 ? copy_and_hash(in, out) : NULL;
  if (*sum == NULL)
    file_failed(to, error);
  if (out >= 0)
    close(out);
  close(in);
  return *sum != NULL;
}

/* *TAKEN: whether DEBS has DEB as the index says; then FOLDER has it now. What is otherwise is
 * thrown out of DEBS. FALSE with ERROR where that cannot be done. */
static gboolean
take_deb(const Deb *deb, const char *debs, const char *folder, gboolean *taken, GError **error) {
  g_autofree char *from = g_build_filename(debs, deb->name, NULL);
  g_autofree char *to = g_build_filename(folder, deb->name, NULL);
  g_autofree char *sum = NULL;
  struct stat info;
  *taken = FALSE;
  if (lstat(from, &info) != 0)
    return TRUE;
  if (!copy_regular(from, to, &sum, error))
    return FALSE;
  *taken = g_strcmp0(sum, deb->sha256) == 0;
  if (*taken)
    return TRUE;
  msg_warn("%s is not what the signed index says; it is thrown away and downloaded again", from);
  unlink(to);
  return dir_remove(from, error);
}

/* Copies what DEBS has of LIST; *MISSING is how many are not there. */
static gboolean
take_debs(const GPtrArray *list, const char *debs, const char *folder, guint *missing,
          GError **error) {
  *missing = 0;
  for (guint i = 0; i < list->len; i++) {
    const Deb *deb = list->pdata[i];
    g_autofree char *path = g_build_filename(folder, deb->name, NULL);
    gboolean taken = g_file_test(path, G_FILE_TEST_EXISTS); /* by the first round */
    if (!taken && !take_deb(deb, debs, folder, &taken, error))
      return FALSE;
    *missing += !taken;
  }
  return TRUE;
}

static gboolean
take_or_download(const Wanted *wanted, const GPtrArray *list, const char *folder, GError **error) {
  g_autofree char *debs = cache_folder("debs", error);
  g_autofree char *partial = debs != NULL ? g_build_filename(debs, "partial", NULL) : NULL;
  guint missing;
  if (partial == NULL || !dir_make(partial, error))
    return FALSE;
  g_autoptr(CacheLock) lock = cache_lock("debs", "download", error);
  if (lock == NULL || !take_debs(list, debs, folder, &missing, error))
    return FALSE;
  if (missing == 0)
    return TRUE;
  msg_stage_detail("downloading %u packages", missing);
  if (!ask_apt(wanted, debs, FALSE, NULL, error) || !take_debs(list, debs, folder, &missing, error))
    return FALSE;
  if (missing == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT,
              "%u of %u packages are not what the signed index says, even after a new download",
              missing, list->len);
  return FALSE;
}

char **
debs_fetch(const char *apt_root, const char *status, const char *const *packages,
           const char *folder, GError **error) {
  Wanted wanted = {.root = apt_root, .status = status, .packages = packages};
  /* Both questions to apt are about one index. */
  g_autoptr(CacheLock) index = apt_index_lock(apt_root, error);
  g_autoptr(GPtrArray) list = index != NULL ? list_debs(&wanted, folder, error) : NULL;
  if (list == NULL || !take_or_download(&wanted, list, folder, error)) {
    g_prefix_error(error, "packages: ");
    return NULL;
  }
  g_autoptr(GStrvBuilder) names = g_strv_builder_new();
  for (guint i = 0; i < list->len; i++)
    g_strv_builder_add(names, ((const Deb *)list->pdata[i])->name);
  return g_strv_builder_end(names);
}
