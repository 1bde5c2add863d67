/* cache.c - the cache of finished results: locks, entries, their sums, and what unfinished work
 * leaves. */
#include "base/cache.h"

#include "base/files.h"
#include "base/folder.h"
#include "base/live.h"
#include "base/msg.h"
#include "base/owner.h"
#include "base/proc.h"
#include "base/sums.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Seconds: no work takes that long, whoever does it, and however wrong a machine's clock is. */
#define LEFT_FOR_GOOD (30 * 24 * 3600)

struct CacheLock {
  int fd;
};

/* PATH, the cache or a folder in it, is made. Where it cannot be, the place is wrong that somebody
 * named, or that is the usual one. */
static gboolean
make_folder(const char *path, GError **error) {
  g_autofree char *base = cache_dir();
  g_autoptr(GError) why = NULL;
  if (dir_make_private(path, &why))
    return TRUE;
  return tinyx_fail(error, TINYX_ERROR_INPUT,
                    "the cache %s cannot be written to (%s); it is there because of %s; expected "
                    "TINYX_CACHE=DIR with a folder that can",
                    base, why->message, cache_dir_origin());
}

char *
cache_folder(const char *name, GError **error) {
  g_autofree char *base = cache_dir();
  g_autofree char *folder = g_build_filename(base, name, NULL);
  if (!make_folder(base, error) || !cache_check(error) || !make_folder(folder, error))
    return NULL;
  return g_steal_pointer(&folder);
}

/* The lock's file says who has it, for people. Nobody judges by that whether it is still held:
 * flock(2) knows, also on a file system that other machines share. So a full disk does no harm. */
static void
write_owner(int fd) {
  g_autofree char *owner = owner_line();
  g_autofree char *line = g_strconcat(owner, "\n", NULL);
  if (ftruncate(fd, 0) != 0 || pwrite(fd, line, strlen(line), 0) < 0)
    msg_verbose("a lock in the cache cannot be given its owner's name: %s", g_strerror(errno));
}

static char *
lock_path(const char *kind, const char *key, GError **error) {
  g_autofree char *locks = cache_folder("locks", error);
  g_autofree char *name = g_strdup_printf("%s-%s", kind, key);
  return locks != NULL ? g_build_filename(locks, name, NULL) : NULL;
}

/* Says who has the lock. What its file says may be a moment old. */
static void
say_waiting(const char *kind, const char *key) {
  g_autofree char *path = lock_path(kind, key, NULL);
  g_autofree char *text = NULL, *words = NULL;
  if (path != NULL && file_read(path, FILE_OWN_MAX, &text, NULL, NULL))
    words = owner_line_words(g_strchomp(text));
  msg_info("waiting for another tinyx that is making the same %s%s%s%s", kind,
           words != NULL ? " (" : "", words != NULL ? words : "", words != NULL ? ")" : "");
}

/* *LOCK stays NULL where somebody else holds it. HOW is LOCK_EX or LOCK_SH. FALSE with ERROR. */
static gboolean
try_lock(const char *kind, const char *key, int how, CacheLock **lock, GError **error) {
  g_autofree char *path = lock_path(kind, key, error);
  int fd;
  if (path == NULL)
    return FALSE;
  fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0)
    return file_failed(path, error);
  if (flock(fd, how | LOCK_NB) == 0) {
    write_owner(fd);
    *lock = g_new0(CacheLock, 1);
    (*lock)->fd = fd;
    return TRUE;
  }
  if (errno == EWOULDBLOCK || errno == EINTR) {
    close(fd);
    return TRUE;
  }
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: flock: %s", path, g_strerror(errno));
  close(fd);
  return FALSE;
}

/* The first place has the key's own name: the only one, or the one that is always there. */
static gboolean
try_places(const char *kind, const char *key, guint places, guint *place, CacheLock **lock,
           GError **error) {
  for (*place = 0; *place < places; (*place)++) {
    g_autofree char *name = *place == 0 ? g_strdup(key) : g_strdup_printf("%s-%u", key, *place + 1);
    if (!try_lock(kind, name, LOCK_EX, lock, error))
      return FALSE;
    if (*lock != NULL)
      return TRUE;
  }
  return TRUE;
}

CacheLock *
cache_lock_place(const char *kind, const char *key, guint places, guint *place, GError **error) {
  CacheLock *lock = NULL;
  gboolean said = FALSE;
  while (try_places(kind, key, places, place, &lock, error)) {
    if (lock != NULL)
      return lock;
    if (!said && places == 1)
      say_waiting(kind, key);
    else if (!said)
      msg_info("waiting for one of %u other tinyx that are each making a %s", places, kind);
    said = TRUE;
    if (!proc_sleep(0.2)) {
      proc_set_interrupted_error(error);
      return NULL;
    }
  }
  return NULL;
}

CacheLock *
cache_lock(const char *kind, const char *key, GError **error) {
  guint place;
  return cache_lock_place(kind, key, 1, &place, error);
}

CacheLock *
cache_lock_shared(const char *kind, const char *key, GError **error) {
  CacheLock *lock = NULL;
  gboolean said = FALSE;
  while (try_lock(kind, key, LOCK_SH, &lock, error)) {
    if (lock != NULL)
      return lock;
    if (!said)
      say_waiting(kind, key);
    said = TRUE;
    if (!proc_sleep(0.2)) {
      proc_set_interrupted_error(error);
      return NULL;
    }
  }
  return NULL;
}

void
cache_unlock(CacheLock *lock) {
  if (lock == NULL)
    return;
  close(lock->fd);
  g_free(lock);
}

static char *
entry_path(const char *kind, const char *key) {
  g_autofree char *base = cache_dir();
  return g_build_filename(base, kind, key, NULL);
}

char *
cache_lookup(const char *kind, const char *key) {
  g_autofree char *folder = entry_path(kind, key);
  g_autofree char *wrong = NULL;
  if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
    return NULL;
  wrong = sums_check(folder);
  if (wrong == NULL)
    return g_steal_pointer(&folder);
  msg_warn("the cache entry %s is damaged (%s); it is made again", folder, wrong);
  dir_remove(folder, NULL); /* if that fails, cache_commit says so */
  return NULL;
}

static char *
owner_of(const char *name) {
  const char *dash = strrchr(name, '-');
  return dash != NULL ? g_strndup(name, (gsize)(dash - name)) : g_strdup(name);
}

/* Work whose owner never had a lock (an older tinyx') is left alone until nothing has been put into
 * its folder for a month: a process id, a host's name and a boot do not say whether it goes on. */
static gboolean
is_left(const char *parent, const char *name) {
  g_autofree char *path = g_build_filename(parent, name, NULL);
  g_autofree char *owner = owner_of(name);
  struct stat st;
  if (strchr(name, '-') == NULL)
    return FALSE; /* nobody's in particular */
  LiveState live = live_state(owner);
  if (live != LIVE_UNKNOWN)
    return live == LIVE_NO;
  return lstat(path, &st) == 0 && st.st_mtime < g_get_real_time() / G_USEC_PER_SEC - LEFT_FOR_GOOD;
}

void
cache_remove_left(const char *parent) {
  g_autoptr(GPtrArray) names = folder_names(parent, NULL, NULL);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autofree char *path = g_build_filename(parent, names->pdata[i], NULL);
    /* What cannot go now goes another time. */
    if (is_left(parent, names->pdata[i]))
      dir_remove(path, NULL);
  }
}

/* The locks of owners that ended are of no use once nothing has their name any more. */
static void
forget_owners(void) {
  static const char *const places[] = {"tmp", "run"};
  g_autofree char *cache = cache_dir(), *live = g_build_filename(cache, "live", NULL);
  g_autoptr(GPtrArray) files = folder_names(live, NULL, NULL);
  g_autoptr(GHashTable) owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
    g_autofree char *folder = g_build_filename(cache, places[i], NULL);
    g_autoptr(GPtrArray) names = folder_names(folder, NULL, NULL);
    for (guint k = 0; names != NULL && k < names->len; k++)
      g_hash_table_add(owners, owner_of(names->pdata[k]));
  }
  for (guint i = 0; files != NULL && i < files->len; i++)
    if (!g_hash_table_contains(owners, files->pdata[i]) && live_state(files->pdata[i]) == LIVE_NO)
      live_forget(files->pdata[i]);
}

char *
cache_begin(const char *kind, const char *key, GError **error) {
  g_autofree char *tmp = cache_folder("tmp", error);
  g_autofree char *owner = NULL, *folder = NULL;
  (void)kind;
  (void)key;
  if (tmp == NULL || !live_hold(error))
    return NULL;
  cache_remove_left(tmp);
  forget_owners();
  owner = owner_self();
  folder = g_strdup_printf("%s/%s-XXXXXX", tmp, owner);
  if (g_mkdtemp(folder) == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot make a folder: %s", tmp,
                g_strerror(errno));
    return NULL;
  }
  return g_steal_pointer(&folder);
}

/* The name of an entry in PARENT is on the disk when this has returned. */
static void
sync_folder(const char *parent) {
  int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fsync(fd) != 0)
    msg_verbose("%s: %s", parent, g_strerror(errno)); /* at worst it is made again */
  if (fd >= 0)
    close(fd);
}

char *
cache_commit(const char *folder, const char *kind, const char *key, GError **error) {
  g_autofree char *parent = cache_folder(kind, error);
  g_autofree char *final = entry_path(kind, key);
  if (parent == NULL || !sums_write(folder, error) || !dir_remove(final, error)) {
    g_prefix_error(error, "cache: ");
    return NULL;
  }
  if (rename(folder, final) != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "cache: %s: %s", final, g_strerror(errno));
    return NULL;
  }
  sync_folder(parent);
  return g_steal_pointer(&final);
}

void
cache_discard(const char *folder) {
  if (folder != NULL)
    dir_remove(folder, NULL);
}
