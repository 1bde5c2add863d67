/* live.c - a lock says which process is at work in the cache: see live.h. */
#include "base/live.h"

#include "base/files.h"
#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* CACHE/live/OWNER. */
static char *
live_path(const char *owner) {
  g_autofree char *cache = cache_dir();
  return g_build_filename(cache, "live", owner, NULL);
}

/* Whether PATH still is the file that is open as FD. */
static gboolean
is_same_file(int fd, const char *path) {
  struct stat open_one, named;
  return fstat(fd, &open_one) == 0 && stat(path, &named) == 0 && open_one.st_dev == named.st_dev &&
         open_one.st_ino == named.st_ino;
}

/* A descriptor that holds PATH shared, or -1 with errno. Shared, because two processes may have one
 * name where /proc does not tell their spaces apart: then it is held until both have ended. */
static int
hold(const char *path) {
  for (;;) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
      return -1;
    /* Whoever asks for our state has it for a moment, and removes the file where we were gone. */
    int failed = flock(fd, LOCK_SH);
    if (failed == 0 && is_same_file(fd, path))
      return fd;
    if (failed != 0 && errno != EINTR) {
      int saved = errno;
      close(fd);
      errno = saved;
      return -1;
    }
    close(fd);
  }
}

gboolean
live_hold(GError **error) {
  /* One for the process, as its name is: to give it back would take an owner for every user. */
  static char *held;
  g_autofree char *owner = owner_self();
  g_autofree char *path = live_path(owner);
  g_autofree char *folder = g_path_get_dirname(path);
  if (g_strcmp0(held, path) == 0)
    return TRUE;
  if (!dir_make_private(folder, error))
    return FALSE;
  if (hold(path) < 0)
    return file_failed(path, error);
  g_free(held);
  held = g_steal_pointer(&path);
  return TRUE;
}

LiveState
live_state(const char *owner) {
  g_autofree char *self = owner_self();
  g_autofree char *path = live_path(owner);
  if (strcmp(owner, self) == 0)
    return LIVE_YES; /* on NFS, to open and close it again would lose our own lock */
  return strchr(owner, '/') == NULL ? live_file_state(path) : LIVE_UNKNOWN;
}

LiveState
live_file_state(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return LIVE_UNKNOWN;
  LiveState state = flock(fd, LOCK_EX | LOCK_NB) == 0 ? LIVE_NO
                    : errno == EWOULDBLOCK            ? LIVE_YES
                                                      : LIVE_UNKNOWN;
  close(fd);
  return state;
}

int
live_file_hold(const char *path, GError **error) {
  int fd = hold(path);
  if (fd < 0 || fcntl(fd, F_SETFD, 0) != 0)
    file_failed(path, error);
  return fd;
}

void
live_forget(const char *owner) {
  g_autofree char *path = live_path(owner);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return;
  /* Under the lock: a new process of this name waits in hold(), and looks again. */
  if (flock(fd, LOCK_EX | LOCK_NB) == 0 && is_same_file(fd, path))
    unlink(path);
  close(fd);
}
