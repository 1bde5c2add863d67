/* test-overlay.c - files given at boot: a second archive behind the first, at a multiple of four
 * bytes. */
#include "rootfs/overlay.h"

#include "base/files.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *work, *folder, *initramfs, *result;
} Place;

static void
place_make(Place *place, gconstpointer data) {
  (void)data;
  place->work = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  place->folder = g_build_filename(place->work, "given", NULL);
  place->initramfs = g_build_filename(place->work, "initramfs", NULL);
  place->result = g_build_filename(place->work, "result", NULL);
  g_assert_cmpint(g_mkdir(place->folder, 0700), ==, 0);
}

static void
place_remove(Place *place, gconstpointer data) {
  (void)data;
  g_assert_true(dir_remove(place->work, NULL));
  g_free(place->work);
  g_free(place->folder);
  g_free(place->initramfs);
  g_free(place->result);
}

static void
give_key(const Place *place) {
  g_autofree char *etc = g_build_filename(place->folder, "etc", NULL);
  g_autofree char *key = g_build_filename(etc, "key", NULL);
  g_autofree char *link = g_build_filename(etc, "link", NULL);
  g_assert_cmpint(g_mkdir(etc, 0700), ==, 0);
  g_assert_true(g_file_set_contents(key, "secret", -1, NULL));
  g_assert_cmpint(chmod(key, 0600), ==, 0);
  g_assert_cmpint(symlink("key", link), ==, 0);
}

/* The entry NAME of the newc archive TEXT: the field of that number (1 is the mode), or fails. */
static guint64
entry_field(const char *text, gsize size, const char *name, int field) {
  gsize length = strlen(name) + 1;
  const char *found = memmem(text, size, name, length);
  g_assert_true(found != NULL && found - text >= 110);
  g_autofree char *digits = g_strndup(found - 110 + 6 + 8 * field, 8);
  g_assert_cmpint(memcmp(found - 110, "070701", 6), ==, 0);
  return g_ascii_strtoull(digits, NULL, 16);
}

static void
test_join(Place *place, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  gsize size;
  (void)data;
  give_key(place);
  g_assert_true(g_file_set_contents(place->initramfs, "first", -1, NULL));
  g_assert_true(overlay_append(place->initramfs, place->folder, place->result, &error));
  g_assert_no_error(error);
  g_assert_true(g_file_get_contents(place->result, &text, &size, NULL));
  g_assert_cmpint(memcmp(text, "first\0\0\000070701", 14), ==, 0);
  g_assert_cmphex(entry_field(text + 8, size - 8, "etc/key", 1), ==, S_IFREG | 0600);
  g_assert_cmphex(entry_field(text + 8, size - 8, "etc/key", 2), ==, 0);
  g_assert_cmphex(entry_field(text + 8, size - 8, "etc/key", 6), ==, strlen("secret"));
  g_assert_cmphex(entry_field(text + 8, size - 8, "etc", 1), ==, S_IFDIR | 0755);
  g_assert_cmphex(entry_field(text + 8, size - 8, "etc/link", 1) & S_IFMT, ==, S_IFLNK);
}

/* Where the first one ends at such a multiple there is nothing between the two. */
static void
test_aligned(Place *place, gconstpointer data) {
  g_autofree char *text = NULL;
  (void)data;
  give_key(place);
  g_assert_true(g_file_set_contents(place->initramfs, "four", -1, NULL));
  g_assert_true(overlay_append(place->initramfs, place->folder, place->result, NULL));
  g_assert_true(g_file_get_contents(place->result, &text, NULL, NULL));
  g_assert_true(g_str_has_prefix(text, "four070701"));
}

static void
check_refused(const Place *place, const char *words) {
  g_autoptr(GError) error = NULL;
  g_assert_false(overlay_append(place->initramfs, place->folder, place->result, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, words));
  g_assert_false(g_file_test(place->result, G_FILE_TEST_EXISTS));
}

static void
test_refused(Place *place, gconstpointer data) {
  g_autofree char *pipe = g_build_filename(place->folder, "pipe", NULL);
  (void)data;
  g_assert_true(g_file_set_contents(place->initramfs, "four", -1, NULL));
  check_refused(place, "given: empty; expected files in it");
  g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
  check_refused(place, "pipe: neither a file nor a folder nor a link");
  g_assert_true(dir_remove(place->folder, NULL));
  check_refused(place, "given: no folder");
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add("/overlay/join", Place, NULL, place_make, test_join, place_remove);
  g_test_add("/overlay/aligned", Place, NULL, place_make, test_aligned, place_remove);
  g_test_add("/overlay/refused", Place, NULL, place_make, test_refused, place_remove);
  return g_test_run();
}
