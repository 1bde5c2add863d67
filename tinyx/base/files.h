/* files.h - files written whole or not at all, hashes, and where things are. */
#ifndef TINYX_BASE_FILES_H
#define TINYX_BASE_FILES_H

#include "base/error.h"

#include <stdio.h>

/* Sets FAILED with "PATH: " and what errno says. Returns FALSE. */
gboolean file_failed(const char *path, GError **error);

/* Reading files that others made: a recipe, a lock, what a package or an archive brought, what a
 * guest left. Only regular files are read: a FIFO or a device would be waited for, or never end.
 * MOST, in bytes, is what the file's parser takes at most, which is defined beside the parser.
 * INPUT with PATH for another kind of file and for a longer one; FAILED with what errno says. */

/* The whole file, with a NUL behind it that *SIZE does not count. SIZE may be NULL: then *TEXT is
 * read as a string, and a NUL byte in the file is INPUT with "PATH:LINE". g_free. */
gboolean file_read(const char *path, gsize most, char **text, gsize *size, GError **error);
/* The same; where there is no file *TEXT is NULL and *SIZE 0, which is no error. */
gboolean file_read_if_there(const char *path, gsize most, char **text, gsize *size, GError **error);
/* The file in memory, not to be written to. g_mapped_file_unref. One that becomes shorter before
 * that ends tinyx with a message (shrunk.h). */
GMappedFile *file_map(const char *path, guint64 most, GError **error);
/* A stream on it. fclose(3). */
FILE *file_open(const char *path, guint64 most, GError **error);
/* TRUE if the file at PATH is one that the functions above would read. */
gboolean file_check(const char *path, guint64 most, GError **error);

/* What files of tinyx' own may have at most: its rules, its lists, what it noted in the cache. */
#define FILE_OWN_MAX (256U << 20)

/* Writes to a temporary name in PATH's folder, fsyncs, renames. MODE is the
 * permission, less what the umask takes. */
gboolean file_write(const char *path, const void *data, gsize size, unsigned mode, GError **error);

/* The same for streams: file_open_new returns a FILE on the temporary name
 * (*TEMPORARY, to free); file_commit flushes, checks, renames to PATH and
 * closes; file_abandon closes and removes. */
FILE *file_open_new(const char *path, char **temporary, GError **error);
gboolean file_commit(FILE *stream, const char *temporary, const char *path, unsigned mode,
                     GError **error);
void file_abandon(FILE *stream, const char *temporary);

/* Copies content (not metadata) with a reflink where the file system can; atomic as above. */
gboolean file_copy(const char *from, const char *to, unsigned mode, GError **error);

/* mkdir -p; mode 0755, less what the umask takes. */
gboolean dir_make(const char *path, GError **error);
/* The same with mode 0700 for the folder itself. One that is there keeps its mode. */
gboolean dir_make_private(const char *path, GError **error);
/* rm -rf; a missing path is no error. Does not follow symlinks. */
gboolean dir_remove(const char *path, GError **error);
/* Bytes of the file at PATH, or -1. */
gint64 file_size(const char *path);

/* What changes whenever somebody writes to the file at PATH: its size, its times (ctime can be set
 * by no program) and its inode, as one word. NULL with errno where there is none. g_free. */
char *file_stamp(const char *path);

/* SHA-256 as 64 hex digits; free with g_free. */
char *file_sha256(const char *path, GError **error);
/* MD5 as 32 hex digits, for what dpkg has noted; free with g_free. */
char *file_md5(const char *path, GError **error);
char *sha256_of_strings(const char *first, ...) G_GNUC_NULL_TERMINATED;

/* A data file or folder of tinyx ("rootfs/busybox.config", "recipes"): under
 * $TINYX_DATADIR, else the source tree that the binary was built in, else
 * PREFIX/share/tinyx. Never NULL; existence is not checked. g_free. */
char *data_path(const char *relative);
/* INPUT where nothing of what tinyx needs is in the folder of data_path() (a wrong TINYX_DATADIR, a
 * program that was copied without its data), with what would be right. */
gboolean data_check(GError **error);
/* $TINYX_CACHE, else $XDG_CACHE_HOME/tinyx. g_free. */
char *cache_dir(void);
/* Where cache_dir() has its folder from, for messages: "TINYX_CACHE" or another variable. */
const char *cache_dir_origin(void);
/* Absolute form of PATH (need not exist), without "." and ".." components. g_free. */
char *path_absolute(const char *path);

/* A size in bytes as people read it: "1.62 MB" (10^6). Units: B, kB, MB, GB. g_free. */
char *size_text(guint64 bytes);

#endif
