/* test-files.c - files and cache: whole or not at all, damage noticed, locks. */
#include "base/cache.h"
#include "base/files.h"
#include "base/owner.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;

static char *
in_folder(const char *name) {
  return g_build_filename(folder, name, NULL);
}

static void
test_write_is_atomic(void) {
  g_autofree char *path = in_folder("a");
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = NULL;
  struct stat st;
  umask(077);
  g_assert_true(file_write(path, "one", 3, 0644, NULL));
  umask(022);
  g_assert_cmpint(stat(path, &st), ==, 0);
  g_assert_cmpint(st.st_mode & 0777, ==, 0600); /* the umask holds */
  g_assert_true(file_write(path, "two", 3, 0644, NULL));
  g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
  g_assert_cmpstr(text, ==, "two");
  g_assert_false(file_write("/no/such/folder/x", "x", 1, 0644, &error));
  g_assert_nonnull(strstr(error->message, "/no/such/folder/x"));
  dir = g_dir_open(folder, 0, NULL);
  g_assert_cmpstr(g_dir_read_name(dir), ==, "a");
  g_assert_null(g_dir_read_name(dir)); /* no temporary left */
}

/* /dev/full takes no byte: what a full disk does. */
static void
test_full_disk(void) {
  g_autoptr(GError) error = NULL;
  FILE *stream = fopen("/dev/full", "w");
  g_assert_nonnull(stream);
  fputs("x", stream);
  g_assert_false(file_commit(stream, "/nonexistent", "/nonexistent2", 0644, &error));
  g_assert_nonnull(strstr(error->message, "No space left"));
}

static void
test_copy_and_remove(void) {
  g_autofree char *deep = in_folder("d/e/f");
  g_autofree char *from = in_folder("d/e/f/one");
  g_autofree char *to = in_folder("d/two");
  g_autofree char *link = in_folder("d/link");
  g_autofree char *top = in_folder("d");
  g_autofree char *a = NULL, *b = NULL;
  g_assert_true(dir_make(deep, NULL));
  g_assert_true(file_write(from, "content", 7, 0600, NULL));
  g_assert_true(file_copy(from, to, 0640, NULL));
  a = file_sha256(from, NULL);
  b = file_sha256(to, NULL);
  g_assert_cmpstr(a, ==, b);
  g_assert_cmpint(symlink("/etc", link), ==, 0);
  g_assert_cmpint(chmod(deep, 0500), ==, 0);
  g_assert_true(dir_remove(top, NULL));
  g_assert_false(g_file_test(top, G_FILE_TEST_EXISTS));
  g_assert_true(g_file_test("/etc/passwd", G_FILE_TEST_EXISTS));
  g_assert_true(dir_remove(top, NULL));
}

static char *
make_entry(const char *text) {
  g_autofree char *work = cache_begin("kind", "key", NULL);
  g_autofree char *file = g_build_filename(work, "file", NULL);
  g_assert_true(file_write(file, text, strlen(text), 0644, NULL));
  return cache_commit(work, "kind", "key", NULL);
}

static void
test_cache_roundtrip(void) {
  g_autofree char *made = NULL, *found = NULL;
  g_assert_null(cache_lookup("kind", "key"));
  made = make_entry("hello");
  found = cache_lookup("kind", "key");
  g_assert_nonnull(made);
  g_assert_cmpstr(found, ==, made);
}

static void
test_cache_damage(void) {
  g_autofree char *made = make_entry("hello");
  g_autofree char *file = g_build_filename(made, "file", NULL);
  /* Same size, other bytes. */
  g_assert_true(file_write(file, "jello", 5, 0644, NULL));
  g_assert_null(cache_lookup("kind", "key"));
  g_free(make_entry("hello"));
  g_assert_cmpint(unlink(file), ==, 0);
  g_assert_null(cache_lookup("kind", "key"));
  g_assert_false(g_file_test(made, G_FILE_TEST_EXISTS));
}

/* An entry of every kind of path. */
static char *
make_deep_entry(void) {
  g_autofree char *work = cache_begin("kind", "deep", NULL);
  g_autofree char *root = g_build_filename(work, "root/bin", NULL);
  g_autofree char *file = g_build_filename(root, "a\tb\n\\c \303\244", NULL);
  g_autofree char *plain = g_build_filename(root, "sh", NULL);
  g_autofree char *link = g_build_filename(root, "link", NULL);
  g_assert_true(dir_make(root, NULL) && file_write(file, "odd", 3, 0644, NULL) &&
                file_write(plain, "shell", 5, 0755, NULL) && symlink("sh", link) == 0);
  return cache_commit(work, "kind", "deep", NULL);
}

static gboolean
run_in(const char *entry, const char *command) {
  g_autofree char *line = g_strdup_printf("cd '%s' && %s", entry, command);
  return system(line) == 0;
}

/* Whatever is done to whatever is in it, below its top too. */
static void
test_cache_damage_anywhere(void) {
  static const char *const commands[] = {
      "printf trojn >root/bin/sh",
      "printf x >>root/bin/sh",
      "printf trojn >new && touch -r root/bin/sh new && mv new root/bin/sh && chmod 755 "
      "root/bin/sh",
      "rm root/bin/sh",
      "rm root/bin/a*",
      "printf ode >root/bin/a*",
      "chmod 4755 root/bin/sh",
      "ln -sf other root/bin/link",
      "rm root/bin/link",
      "rm root/bin/link && printf sh >root/bin/link",
      "rm root/bin/sh && ln -s /bin/sh root/bin/sh",
      "rm root/bin/sh && mkdir root/bin/sh",
      "rm root/bin/sh && mkfifo root/bin/sh",
      "printf more >root/bin/more",
      "mkdir root/lib",
      "ln -s bin root/sbin",
      "rm entry.sum",
      ": >entry.sum",
      "sed -i 's/^./x/' entry.sum && touch root/bin/sh",
      "rm entry.stamps", /* an older tinyx had sums for files at the top alone */
  };
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
    g_autofree char *made = make_deep_entry();
    g_autofree char *found = cache_lookup("kind", "deep");
    g_assert_cmpstr(found, ==, made);
    g_assert_true(run_in(made, commands[i]));
    if (cache_lookup("kind", "deep") != NULL)
      g_error("not noticed: %s", commands[i]);
    g_assert_false(g_file_test(made, G_FILE_TEST_EXISTS));
  }
}

/* A copy of a cache is as good, and is hashed once: then its stamps are known. */
static void
test_cache_copied(void) {
  g_autofree char *made = make_deep_entry();
  g_autofree char *stamps = g_build_filename(made, "entry.stamps", NULL);
  g_autofree char *before = NULL, *after = NULL, *again = NULL;
  g_assert_true(g_file_get_contents(stamps, &before, NULL, NULL));
  g_assert_true(run_in(made, "cp -r root copy && rm -r root && mv copy root"));
  g_autofree char *found = cache_lookup("kind", "deep");
  g_assert_cmpstr(found, ==, made);
  g_assert_true(g_file_get_contents(stamps, &after, NULL, NULL));
  g_assert_cmpstr(before, !=, after);
  g_free(cache_lookup("kind", "deep"));
  g_assert_true(g_file_get_contents(stamps, &again, NULL, NULL));
  g_assert_cmpstr(again, ==, after);
}

/* The parts of an owner's text; see owner.h. */
enum { HOST, BOOT, SPACE, PID };

/* This process as an owner, but with PART being VALUE. */
static char *
owner_with(guint part, const char *value) {
  g_autofree char *self = owner_self();
  g_auto(GStrv) parts = g_strsplit(self, ".", -1);
  g_free(parts[part]);
  parts[part] = g_strdup(value);
  return g_strjoinv(".", parts);
}

/* The id of a process that is no longer there. */
static char *
dead_pid(void) {
  int status;
  pid_t pid = fork();
  if (pid == 0)
    _exit(0);
  waitpid(pid, &status, 0);
  return g_strdup_printf("%d", (int)pid);
}

static void
test_owner(void) {
  g_autofree char *self = owner_self(), *pid = dead_pid();
  g_autofree char *dead = owner_with(PID, pid), *rebooted = owner_with(BOOT, "00000000");
  g_autofree char *elsewhere = owner_with(HOST, "00000000"), *space = owner_with(SPACE, "1");
  g_assert_cmpint(owner_state(self), ==, OWNER_ALIVE);
  g_assert_cmpint(owner_state(dead), ==, OWNER_GONE);
  g_assert_cmpint(owner_state(rebooted), ==, OWNER_GONE); /* though there is such a process */
  g_assert_cmpint(owner_state(elsewhere), ==, OWNER_UNKNOWN);
  g_assert_cmpint(owner_state(space), ==, OWNER_UNKNOWN); /* a container's */
  g_assert_cmpint(owner_state("4711"), ==, OWNER_UNKNOWN);
  g_assert_cmpint(owner_state(""), ==, OWNER_UNKNOWN);
  g_assert_cmpint(owner_state("1.2.3.0"), ==, OWNER_UNKNOWN);
}

static void
test_owner_line(void) {
  g_autofree char *self = owner_line(), *other = owner_with(HOST, "00000000");
  g_autofree char *line = g_strconcat(other, " build.example.org", NULL);
  g_autofree char *here = owner_line_words(self), *there = owner_line_words(line);
  g_autofree char *own = g_strdup_printf("process %d", (int)getpid());
  g_autofree char *others = g_strdup_printf("%s on build.example.org", own);
  g_assert_cmpstr(here, ==, own);
  g_assert_cmpstr(there, ==, others);
  g_assert_null(owner_line_words("nobody"));
  g_assert_null(owner_line_words(""));
}

/* Unfinished work of OWNER, begun DAYS ago, when another piece of work begins here: is it there
 * still? */
static gboolean
outlives(const char *owner, int days) {
  g_autofree char *tmp = cache_folder("tmp", NULL);
  g_autofree char *left = g_strdup_printf("%s/%s-abcdef", tmp, owner);
  g_autofree char *file = g_build_filename(left, "file", NULL);
  struct timespec times[2] = {{.tv_sec = time(NULL) - days * 24 * 3600}, {0}};
  times[1] = times[0];
  g_assert_true(dir_make(left, NULL));
  g_assert_true(file_write(file, "text", 4, 0644, NULL));
  g_assert_cmpint(utimensat(AT_FDCWD, left, times, 0), ==, 0);
  g_autofree char *work = cache_begin("kind", "other", NULL);
  gboolean there = g_file_test(left, G_FILE_TEST_EXISTS);
  cache_discard(work);
  g_assert_true(dir_remove(left, NULL));
  return there;
}

static void
test_cache_leftovers(void) {
  g_autofree char *self = owner_self(), *pid = dead_pid();
  g_autofree char *dead = owner_with(PID, pid), *rebooted = owner_with(BOOT, "00000000");
  g_autofree char *elsewhere = owner_with(HOST, "00000000");
  g_autofree char *dead_elsewhere = g_strconcat("00000000", strchr(dead, '.'), NULL);
  g_assert_true(outlives(self, 0));
  g_assert_true(outlives(self, 100)); /* slow, but at work */
  /* Whoever it was, without a lock only its age speaks. */
  const char *const owners[] = {dead, rebooted, elsewhere, dead_elsewhere, pid};
  for (guint i = 0; i < G_N_ELEMENTS(owners); i++) {
    g_assert_true(outlives(owners[i], 0));
    g_assert_true(outlives(owners[i], 29));
    g_assert_false(outlives(owners[i], 31));
  }
}

/* A child that holds the lock of OWNER until it is killed. */
static pid_t
live_child(const char *owner) {
  g_autofree char *parent = cache_folder("live", NULL);
  g_autofree char *path = g_build_filename(parent, owner, NULL);
  int fds[2];
  char byte;
  g_assert_cmpint(pipe(fds), ==, 0);
  pid_t pid = fork();
  if (pid == 0) {
    int fd = open(path, O_RDWR | O_CREAT, 0644);
    if (fd < 0 || flock(fd, LOCK_SH) != 0 || write(fds[1], "x", 1) != 1)
      _exit(1);
    for (;;)
      pause();
  }
  g_assert_cmpint(read(fds[0], &byte, 1), ==, 1);
  close(fds[0]);
  close(fds[1]);
  return pid;
}

/* Whatever its name seems to say, work is left alone while its lock is held, and no longer: of a
 * process that is not here, of another boot (another machine of the same name and id), of another
 * space of process ids. */
static void
test_cache_live(void) {
  g_autofree char *pid = dead_pid(), *dead = owner_with(PID, pid);
  g_autofree char *rebooted = owner_with(BOOT, "00000000"), *space = owner_with(SPACE, "1");
  g_autofree char *elsewhere = owner_with(HOST, "00000000");
  const char *const owners[] = {dead, rebooted, space, elsewhere};
  for (guint i = 0; i < G_N_ELEMENTS(owners); i++) {
    pid_t child = live_child(owners[i]);
    g_assert_true(outlives(owners[i], 0));
    g_assert_true(outlives(owners[i], 100));
    g_assert_cmpint(kill(child, SIGKILL), ==, 0);
    waitpid(child, NULL, 0);
    g_assert_false(outlives(owners[i], 0));
    /* and its lock's file goes the next time */
    g_autofree char *work = cache_begin("kind", "other", NULL);
    g_autofree char *cache = cache_dir(), *path = g_build_filename(cache, "live", owners[i], NULL);
    cache_discard(work);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
  }
}

/* The work of a real second process. It begins in a space of process ids of its own, where that can
 * be made. */
static void
test_cache_live_process(void) {
  int fds[2];
  char text[4096] = "";
  g_assert_cmpint(pipe(fds), ==, 0);
  pid_t pid = fork();
  if (pid == 0) {
    pid_t inner = unshare(CLONE_NEWPID) == 0 ? fork() : 0;
    if (inner == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      g_autofree char *work = cache_begin("kind", "live", NULL);
      if (work == NULL || write(fds[1], work, strlen(work) + 1) < 0)
        _exit(1);
    }
    for (;;)
      pause();
  }
  g_assert_cmpint(read(fds[0], text, sizeof text - 1), >, 0);
  g_free(cache_begin("kind", "other", NULL));
  g_assert_true(g_file_test(text, G_FILE_TEST_IS_DIR));
  g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
  waitpid(pid, NULL, 0);
  for (int i = 0; i < 100 && g_file_test(text, G_FILE_TEST_IS_DIR); i++) {
    g_usleep(50000); /* until the inner one has died after it */
    g_autofree char *work = cache_begin("kind", "other", NULL);
    cache_discard(work);
  }
  g_assert_false(g_file_test(text, G_FILE_TEST_IS_DIR));
}

/* The lock's file says who has it. */
static void
test_cache_lock_owner(void) {
  g_autoptr(CacheLock) lock = cache_lock("kind", "named", NULL);
  g_autofree char *locks = cache_folder("locks", NULL);
  g_autofree char *path = g_build_filename(locks, "kind-named", NULL);
  g_autofree char *text = NULL, *self = owner_line();
  g_assert_nonnull(lock);
  g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
  g_assert_cmpstr(g_strchomp(text), ==, self);
}

/* A second process gets the lock only after the first has gone, however it went. */
static void
test_cache_lock(void) {
  int fds[2];
  char byte;
  pid_t pid;
  g_assert_cmpint(pipe(fds), ==, 0);
  pid = fork();
  if (pid == 0) {
    CacheLock *lock = cache_lock("kind", "lock", NULL);
    if (lock == NULL || write(fds[1], "x", 1) != 1)
      _exit(1);
    g_usleep(400000);
    abort();
  }
  g_assert_cmpint(read(fds[0], &byte, 1), ==, 1);
  gint64 begun = g_get_monotonic_time();
  g_autoptr(CacheLock) lock = cache_lock("kind", "lock", NULL);
  g_assert_nonnull(lock);
  g_assert_cmpint(g_get_monotonic_time() - begun, >, 200000);
  waitpid(pid, NULL, 0);
}

static void
assert_refused(const char *expected) {
  g_autoptr(GError) error = NULL, again = NULL;
  g_assert_false(cache_check(&error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  if (strstr(error->message, expected) == NULL)
    g_error("'%s' does not say '%s'", error->message, expected);
  g_assert_null(cache_folder("kind", &again)); /* nor later, where it was changed meanwhile */
  g_assert_nonnull(again);
}

static unsigned
mode_of(const char *path) {
  struct stat info;
  g_assert_cmpint(stat(path, &info), ==, 0);
  return info.st_mode & 07777;
}

/* A cache that is not the caller's alone is not used. */
static void
test_cache_check(void) {
  g_autofree char *before = g_strdup(g_getenv("TINYX_CACHE"));
  g_autofree char *parent = in_folder("open"), *cache = in_folder("open/cache");
  g_autofree char *link = in_folder("link"), *kind = in_folder("open/cache/kind");
  g_setenv("TINYX_CACHE", cache, TRUE);
  g_assert_true(cache_check(NULL)); /* there is none yet */
  g_autofree char *made = cache_folder("kind", NULL);
  g_assert_cmpstr(made, ==, kind);
  g_assert_cmpint(mode_of(cache), ==, 0700);
  g_assert_cmpint(mode_of(kind), ==, 0700);
  g_assert_cmpint(chmod(cache, 0755), ==, 0); /* as earlier versions made it */
  g_assert_true(cache_check(NULL));
  g_assert_cmpint(mode_of(cache), ==, 0700);
  g_assert_cmpint(chmod(cache, 0777), ==, 0);
  assert_refused("may be written to by others (mode 0777)");
  g_assert_cmpint(chmod(cache, 0720), ==, 0);
  assert_refused("may be written to by others (mode 0720)");
  g_assert_cmpint(chmod(cache, 0700), ==, 0);
  g_assert_cmpint(chmod(parent, 0777), ==, 0);
  assert_refused("everybody may rename and replace it");
  g_assert_cmpint(chmod(parent, 01777), ==, 0); /* as /tmp */
  g_assert_true(cache_check(NULL));
  if (geteuid() == 0) {
    g_assert_cmpint(chown(cache, 65534, 65534), ==, 0);
    assert_refused("belongs to the user 65534, not to 0");
    g_assert_cmpint(chown(cache, 0, 0), ==, 0);
  }
  g_assert_cmpint(symlink(cache, link), ==, 0);
  g_setenv("TINYX_CACHE", link, TRUE);
  assert_refused("is a symbolic link");
  g_setenv("TINYX_CACHE", before, TRUE);
}

static void
test_size_text(void) {
  g_autofree char *a = size_text(999), *b = size_text(1234), *c = size_text(1620000);
  g_assert_cmpstr(a, ==, "999 B");
  g_assert_cmpstr(b, ==, "1.2 kB");
  g_assert_cmpstr(c, ==, "1.62 MB");
}

int
main(int argc, char **argv) {
  g_autoptr(GError) error = NULL;
  int status;
  g_test_init(&argc, &argv, NULL);
  g_log_set_always_fatal(G_LOG_LEVEL_CRITICAL);
  folder = g_dir_make_tmp("test-files-XXXXXX", &error);
  g_autofree char *cache_real = g_strdup_printf("%s-cache", folder);
  g_setenv("TINYX_CACHE", cache_real, TRUE);
  g_test_add_func("/files/write", test_write_is_atomic);
  g_test_add_func("/files/full-disk", test_full_disk);
  g_test_add_func("/files/copy-remove", test_copy_and_remove);
  g_test_add_func("/files/size-text", test_size_text);
  g_test_add_func("/cache/check", test_cache_check);
  g_test_add_func("/cache/roundtrip", test_cache_roundtrip);
  g_test_add_func("/cache/damage", test_cache_damage);
  g_test_add_func("/cache/owner", test_owner);
  g_test_add_func("/cache/owner/line", test_owner_line);
  g_test_add_func("/cache/leftovers", test_cache_leftovers);
  g_test_add_func("/cache/damage/anywhere", test_cache_damage_anywhere);
  g_test_add_func("/cache/copied", test_cache_copied);
  g_test_add_func("/cache/live", test_cache_live);
  g_test_add_func("/cache/live/process", test_cache_live_process);
  g_test_add_func("/cache/lock/owner", test_cache_lock_owner);
  g_test_add_func("/cache/lock", test_cache_lock);
  status = g_test_run();
  dir_remove(folder, NULL);
  dir_remove(cache_real, NULL);
  return status;
}
