/* cache-check.c - whether the cache is the caller's alone. */
#include "base/cache.h"

#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
refuse(const char *path, const char *what, const char *expected, GError **error) {
  g_set_error(
      error, TINYX_ERROR, TINYX_ERROR_INPUT,
      "the cache %s %s: whoever can change it can have their programs run here; expected %s", path,
      what, expected);
  return FALSE;
}

/* In a folder such as /tmp, whose sticky bit keeps others from renaming what is not theirs, a cache
 * is safe; without that bit anybody can put another one in its place. */
static gboolean
check_parent(const char *path, GError **error) {
  g_autofree char *parent = g_path_get_dirname(path);
  struct stat info;
  if (stat(parent, &info) != 0 || (info.st_mode & S_IWOTH) == 0 || (info.st_mode & S_ISVTX) != 0)
    return TRUE;
  return refuse(path, "is in a folder in which everybody may rename and replace it",
                "another place (TINYX_CACHE), or that folder closed to others (chmod o-w)", error);
}

/* Closes the cache to others, who may read it so far. */
static gboolean
close_to_others(const char *path, GError **error) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  gboolean done = fd >= 0 && (fchmod(fd, 0700) == 0 || errno == EROFS);
  int problem = errno;
  if (fd >= 0)
    close(fd);
  return done || tinyx_fail(error, TINYX_ERROR_INPUT,
                            "the cache %s (from %s) cannot be closed to others: %s; expected "
                            "TINYX_CACHE=DIR with a folder of your own",
                            path, cache_dir_origin(), g_strerror(problem));
}

gboolean
cache_check(GError **error) {
  g_autofree char *path = cache_dir();
  struct stat info;
  if (lstat(path, &info) != 0)
    return TRUE; /* whoever makes it says what is wrong */
  if (S_ISLNK(info.st_mode))
    return refuse(path, "is a symbolic link", "a folder (TINYX_CACHE may name the link's target)",
                  error);
  if (!S_ISDIR(info.st_mode))
    return refuse(path, "is no folder", "a folder, or nothing", error);
  if (info.st_uid != geteuid()) {
    g_autofree char *what = g_strdup_printf("belongs to the user %u, not to %u",
                                            (unsigned)info.st_uid, (unsigned)geteuid());
    return refuse(path, what, "one of your own (TINYX_CACHE)", error);
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    g_autofree char *what =
        g_strdup_printf("may be written to by others (mode %04o)", (unsigned)info.st_mode & 07777);
    return refuse(path, what,
                  "a new one; or, if nobody else has been there, its mode changed (chmod 700)",
                  error);
  }
  return check_parent(path, error) && ((info.st_mode & 0077) == 0 || close_to_others(path, error));
}
