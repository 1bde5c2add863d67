/* test-files.c - files and cache: whole or not at all, damage noticed, locks. */
#include "base/cache.h"
#include "base/files.h"

#include <stdlib.h>
#include <string.h>
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
  g_assert_cmpint(st.st_mode & 0777, ==, 0644);
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

static void
test_cache_leftovers(void) {
  g_autofree char *tmp = cache_folder("tmp", NULL);
  g_autofree char *dead = NULL, *work = NULL;
  int status;
  pid_t pid = fork();
  if (pid == 0)
    _exit(0);
  waitpid(pid, &status, 0);
  dead = g_strdup_printf("%s/%d-abcdef", tmp, (int)pid);
  g_assert_true(dir_make(dead, NULL));
  work = cache_begin("kind", "other", NULL);
  g_assert_false(g_file_test(dead, G_FILE_TEST_EXISTS));
  cache_discard(work);
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
  g_test_add_func("/cache/roundtrip", test_cache_roundtrip);
  g_test_add_func("/cache/damage", test_cache_damage);
  g_test_add_func("/cache/leftovers", test_cache_leftovers);
  g_test_add_func("/cache/lock", test_cache_lock);
  status = g_test_run();
  dir_remove(folder, NULL);
  dir_remove(cache_real, NULL);
  return status;
}
