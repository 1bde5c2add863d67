/* source.c - finds and unpacks the kernel's source, and gives out folders to build it in. */
#include "kernel/source.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "base/sums.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HASH_LENGTH 12       /* hexadecimal digits of the hash that name a folder */
#define UNPACK_DEADLINE 1800 /* seconds */
#define VERIFY_DEADLINE 300
#define MOST_FOLDERS 8 /* at once; half a gigabyte each */

void
source_free(KernelSource *source) {
  if (source == NULL)
    return;
  g_free(source->archive);
  g_free(source->id);
  g_free(source->folder);
  g_free(source->version);
  g_free(source);
}

/* "NAME = VALUE" of the top Makefile; "" where it is not there. */
static char *
makefile_value(char *const *lines, const char *name) {
  for (; *lines != NULL; lines++) {
    g_auto(GStrv) sides = g_strsplit(*lines, "=", 2);
    if (sides[0] != NULL && sides[1] != NULL && g_str_equal(g_strstrip(sides[0]), name))
      return g_strdup(g_strstrip(sides[1]));
  }
  return g_strdup("");
}

/* Fills version and date from the tree in FOLDER. */
static gboolean
read_tree(KernelSource *source, const char *folder, GError **error) {
  g_autofree char *makefile = g_build_filename(folder, "Makefile", NULL);
  g_autofree char *kconfig = g_build_filename(folder, "Kconfig", NULL);
  g_autofree char *text = NULL;
  struct stat st;
  if (!file_read(makefile, FILE_OWN_MAX, &text, NULL, NULL) || stat(makefile, &st) != 0 ||
      !g_file_test(kconfig, G_FILE_TEST_EXISTS)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: no kernel source; expected a folder with Makefile and Kconfig", folder);
    return FALSE;
  }
  g_auto(GStrv) lines = g_strsplit(text, "\n", 40);
  g_autofree char *version = makefile_value(lines, "VERSION");
  g_autofree char *patch = makefile_value(lines, "PATCHLEVEL");
  g_autofree char *sub = makefile_value(lines, "SUBLEVEL");
  g_autofree char *extra = makefile_value(lines, "EXTRAVERSION");
  if (*version == '\0' || *patch == '\0') {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: expected VERSION and PATCHLEVEL of a Linux kernel", makefile);
    return FALSE;
  }
  source->version = g_strdup_printf("%s.%s.%s%s", version, patch, sub, extra);
  source->date = st.st_mtime;
  return TRUE;
}

/* The id of a folder: people edit trees, so each file's name, size and time counts. */
static char *
hash_tree(const char *folder, GError **error) {
  char *const roots[] = {(char *)folder, NULL};
  FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
  guint64 sum = 0; /* of hashes: does not depend on the order of the folder */
  FTSENT *entry;
  if (fts == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s", folder, g_strerror(errno));
    return NULL;
  }
  while ((entry = fts_read(fts)) != NULL) {
    if (entry->fts_info == FTS_D && g_str_equal(entry->fts_name, ".git"))
      fts_set(fts, entry, FTS_SKIP);
    if (entry->fts_info != FTS_F)
      continue;
    g_autofree char *line = g_strdup_printf(
        "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%ld", entry->fts_path + strlen(folder),
        (gint64)entry->fts_statp->st_size, (gint64)entry->fts_statp->st_mtim.tv_sec,
        entry->fts_statp->st_mtim.tv_nsec);
    g_autofree char *hash = sha256_of_strings(line, NULL);
    hash[16] = '\0';
    sum += g_ascii_strtoull(hash, NULL, 16);
  }
  fts_close(fts);
  g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, sum);
  return sha256_of_strings(folder, text, NULL);
}

/* Whether ARCHIVE still is what its Debian package brought: dpkg has noted that. Its own signature
 * was checked by apt when the machine installed the package. */
static gboolean
verify_archive(const char *archive, GError **error) {
  g_autofree char *base = g_path_get_basename(archive);
  g_autofree char *package = g_strndup(base, (gsize)(strstr(base, ".tar") - base));
  const char *const argv[] = {"dpkg", "--verify", package, NULL};
  ProcSpec spec = {
      .argv = argv, .deadline = VERIFY_DEADLINE, .flags = PROC_CAPTURE | PROC_ANY_STATUS};
  g_auto(ProcResult) result = {0};
  if (!proc_run(&spec, &result, error))
    return FALSE;
  /* "??5??????   /usr/src/linux-source-6.1.tar.xz"; nothing for one that is no package's. */
  if (strstr(result.out, archive) == NULL)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT,
              "%s is not what its package brought (dpkg --verify %s); expected Debian's kernel "
              "source (run: apt-get install --reinstall %s)",
              archive, package, package);
  return FALSE;
}

/* The SHA-256 of the archive, remembered for as long as its size, times and inode stay the same. */
static char *
hash_archive(const char *archive, GError **error) {
  g_autofree char *folder = cache_folder("src", error);
  g_autofree char *known_stamp = folder != NULL ? file_stamp(archive) : NULL;
  if (folder == NULL)
    return NULL;
  if (known_stamp == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s", archive, g_strerror(errno));
    return NULL;
  }
  g_autofree char *stamp = g_strdup_printf("%s %s ", archive, known_stamp);
  g_autofree char *base = g_path_get_basename(archive);
  g_autofree char *name = g_strconcat(base, ".id", NULL);
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *text = NULL;
  if (file_read(path, FILE_OWN_MAX, &text, NULL, NULL) && g_str_has_prefix(text, stamp) &&
      strlen(text) == strlen(stamp) + 64)
    return g_strdup(text + strlen(stamp));
  if (!verify_archive(archive, error))
    return NULL;
  char *hash = file_sha256(archive, error);
  g_autofree char *line = g_strconcat(stamp, hash != NULL ? hash : "", NULL);
  if (hash != NULL && !file_write(path, line, strlen(line), 0644, error))
    g_clear_pointer(&hash, g_free);
  return hash;
}

static KernelSource *
find_folder(const char *name, GError **error) {
  g_autoptr(KernelSource) source = g_new0(KernelSource, 1);
  source->folder = path_absolute(name);
  if (!read_tree(source, source->folder, error))
    return NULL;
  g_autofree char *config = g_build_filename(source->folder, ".config", NULL);
  if (g_file_test(config, G_FILE_TEST_EXISTS)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: it was built in; expected a clean tree (run: make -C %s mrproper)", config,
                source->folder);
    return NULL;
  }
  source->id = hash_tree(source->folder, error);
  return source->id != NULL ? g_steal_pointer(&source) : NULL;
}

static gboolean
is_folder(const char *name) {
  return strchr(name, '/') != NULL || g_str_equal(name, ".") || g_str_equal(name, "..");
}

char *
source_version(const char *name, GError **error) {
  g_autoptr(KernelSource) source = g_new0(KernelSource, 1);
  if (!is_folder(name))
    return g_strdup(name);
  source->folder = path_absolute(name);
  return read_tree(source, source->folder, error) ? g_strdup(source->version) : NULL;
}

KernelSource *
source_find(const char *name, GError **error) {
  if (is_folder(name))
    return find_folder(name, error);
  if (*name == '\0' || strspn(name, "0123456789.") != strlen(name)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "unknown kernel source \"%s\"; expected a version (6.1) or a folder (./linux)",
                name);
    return NULL;
  }
  g_autoptr(KernelSource) source = g_new0(KernelSource, 1);
  source->archive = g_strdup_printf("/usr/src/linux-source-%s.tar.xz", name);
  if (!g_file_test(source->archive, G_FILE_TEST_EXISTS)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_TOOL,
                "%s: not found; expected Debian's kernel source (run: apt-get install "
                "linux-source-%s)",
                source->archive, name);
    return NULL;
  }
  source->id = hash_archive(source->archive, error);
  return source->id != NULL ? g_steal_pointer(&source) : NULL;
}

/* CACHE/src/linux-*-HASH if it is there: it got its name when it was complete. */
static char *
find_unpacked(const char *cache, const char *hash) {
  g_autoptr(GDir) dir = g_dir_open(cache, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
    if (g_str_has_prefix(name, "linux-") && g_str_has_suffix(name, hash))
      return g_build_filename(cache, name, NULL);
  return NULL;
}

/* Left out: what no build of an x86 kernel reads, a third of the bytes. Kconfig reads
 * Documentation/Kconfig and every other Kconfig file, those of other architectures too. */
static gboolean
unpack_to(const char *archive, const char *folder, GError **error) {
  const char *argv[] = {"tar",
                        "-C",
                        folder,
                        "-xf",
                        archive,
                        "-I",
                        "xz -T0",
                        "--strip-components=1",
                        "--no-same-owner",
                        "--anchored",
                        "--no-wildcards-match-slash",
                        "--exclude=*/Documentation/*/*",
                        "--exclude=*/tools/testing/*",
                        "--exclude=*/arch/*/boot/dts",
                        "--exclude=*/drivers/gpu/drm/amd/include",
                        NULL};
  ProcSpec spec = {.argv = argv, .deadline = UNPACK_DEADLINE};
  msg_stage_detail("unpacking %s", archive);
  return dir_remove(folder, error) && dir_make(folder, error) && proc_need("xz", error) &&
         proc_run(&spec, NULL, error);
}

/* Whether each file is still what the archive has: a look at 65,000 times, half a second. */
static gboolean
is_whole(const char *folder) {
  g_autofree char *wrong = sums_check(folder);
  if (wrong != NULL)
    msg_warn("the kernel source %s is damaged (%s); it is unpacked again", folder, wrong);
  return wrong == NULL;
}

/* Sets source->folder, of the same name as DAMAGED (NULL: there is none), which goes: by two
 * renames, so that a build that reads it meanwhile finds the same files at once again. We hold the
 * lock. */
static gboolean
unpack_again(KernelSource *source, const char *cache, const char *hash, const char *damaged,
             GError **error) {
  g_autofree char *temporary = g_strdup_printf("%s/unpacking-%s", cache, hash);
  g_autofree char *old = g_strdup_printf("%s/replaced-%s", cache, hash);
  if (!unpack_to(source->archive, temporary, error) || !read_tree(source, temporary, error) ||
      !sums_write(temporary, error) || !dir_remove(old, error)) {
    dir_remove(temporary, NULL);
    return FALSE;
  }
  g_autofree char *final = g_strdup_printf("%s/linux-%s-%s", cache, source->version, hash);
  if ((damaged != NULL && rename(damaged, old) != 0) || rename(temporary, final) != 0)
    return file_failed(final, error);
  source->folder = g_steal_pointer(&final);
  return dir_remove(old, error);
}

gboolean
source_unpack(KernelSource *source, GError **error) {
  if (source->folder != NULL)
    return TRUE;
  g_autofree char *cache = cache_folder("src", error);
  g_autofree char *hash = g_strndup(source->id, HASH_LENGTH);
  g_autoptr(CacheLock) lock = cache != NULL ? cache_lock("src", hash, error) : NULL;
  if (lock == NULL)
    return FALSE;
  source->folder = find_unpacked(cache, hash);
  if (source->folder != NULL && is_whole(source->folder))
    return read_tree(source, source->folder, error);
  g_autofree char *damaged = g_steal_pointer(&source->folder);
  if (unpack_again(source, cache, hash, damaged, error))
    return TRUE;
  g_prefix_error(error, "kernel source: ");
  return FALSE;
}

char *
source_build_folder(const char *kind, const char *key, const char *what, CacheLock **lock,
                    GError **error) {
  g_autofree char *parent = cache_folder("build", error);
  guint place;
  if (parent == NULL)
    return NULL;
  *lock =
      cache_lock_place(what, key, CLAMP(g_get_num_processors(), 2, MOST_FOLDERS), &place, error);
  if (*lock == NULL)
    return NULL;
  return place == 0 ? g_strdup_printf("%s/%s-%s", parent, kind, key)
                    : g_strdup_printf("%s/%s-%s-%u", parent, kind, key, place + 1);
}
