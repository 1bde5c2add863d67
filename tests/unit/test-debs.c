/* test-debs.c - packages are compared with the index at every use: a stand-in for apt has an index
 * and a mirror, the cache has what it should not. */
#include "base/files.h"
#include "deps/debs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static char *
in_folder(const char *name) {
  return g_build_filename(folder, name, NULL);
}

static void
put(const char *name, const char *text, unsigned mode) {
  g_autofree char *path = in_folder(name), *parent = g_path_get_dirname(path);
  g_autoptr(GError) error = NULL;
  dir_make(parent, &error);
  g_assert_no_error(error);
  file_write(path, text, strlen(text), mode, &error);
  g_assert_no_error(error);
}

static char *
text_of(const char *name) {
  g_autofree char *path = in_folder(name);
  char *text = NULL;
  g_file_get_contents(path, &text, NULL, NULL);
  return text;
}

static int
downloads(void) {
  g_autofree char *calls = text_of("calls");
  return calls != NULL ? (int)strlen(calls) : 0;
}

/* apt-get: --print-uris says the index; download and --download-only bring what the mirror has and
 * the folder lacks, as apt does, which looks at names and sizes alone. */
static void
make_stand_in(void) {
  g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "the real one", -1);
  g_autofree char *index = g_strdup_printf("Reading lists\n'http://a/app.deb' app_1_all.deb 12 "
                                           "SHA256:%s\n",
                                           sum);
  put("index", index, 0644);
  put("mirror/app_1_all.deb", "the real one", 0644);
  put("bin/apt-get",
      "#!/bin/sh\n"
      "here=$(dirname \"$0\")/..\n"
      "case \"$*\" in\n"
      "*--print-uris*) cat \"$here/index\" ;;\n"
      "*download*) printf x >>\"$here/calls\"\n"
      "  for f in \"$here\"/mirror/*; do test -e \"${f##*/}\" || cp \"$f\" .; done ;;\n"
      "esac\n",
      0755);
}

static char **
fetch(GError **error) {
  static const char *const packages[] = {"app", NULL};
  g_autofree char *root = in_folder("root"), *out = in_folder("out");
  g_assert_true(dir_remove(out, NULL) && dir_make(out, NULL));
  return debs_fetch(root, "/dev/null", packages, out, error);
}

static void
assert_fetched(int expected_downloads) {
  g_autoptr(GError) error = NULL;
  int before = downloads();
  g_auto(GStrv) names = fetch(&error);
  g_assert_no_error(error);
  g_assert_cmpuint(g_strv_length(names), ==, 1);
  g_assert_cmpstr(names[0], ==, "app_1_all.deb");
  g_autofree char *taken = text_of("out/app_1_all.deb"),
                  *kept = text_of("cache/debs/app_1_all.deb");
  g_assert_cmpstr(taken, ==, "the real one");
  g_assert_cmpstr(kept, ==, "the real one");
  g_assert_cmpint(downloads() - before, ==, expected_downloads);
}

static void
test_downloaded_once(void) {
  assert_fetched(1);
  assert_fetched(0);
}

/* Whatever lies there under the package's name: another file of the same size, a longer one, a link
 * to a good one, which somebody could change after the check, a folder, a FIFO. */
static void
test_damaged(void) {
  g_autofree char *deb = in_folder("cache/debs/app_1_all.deb");
  g_autofree char *mirror = in_folder("mirror/app_1_all.deb");
  static const char *const texts[] = {"a trojan !!!", "the real one and more", ""};
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    put("cache/debs/app_1_all.deb", texts[i], 0644);
    assert_fetched(1);
  }
  g_assert_true(unlink(deb) == 0 && symlink(mirror, deb) == 0);
  assert_fetched(1);
  g_assert_false(g_file_test(deb, G_FILE_TEST_IS_SYMLINK));
  g_assert_true(unlink(deb) == 0 && mkdir(deb, 0755) == 0);
  assert_fetched(1);
  g_assert_true(unlink(deb) == 0 && mkfifo(deb, 0644) == 0);
  assert_fetched(1);
}

/* The copy is no second name of the cache's file: writing to that later changes nothing. */
static void
test_copy_is_own(void) {
  struct stat kept, taken;
  assert_fetched(0);
  g_autofree char *deb = in_folder("cache/debs/app_1_all.deb");
  g_autofree char *out = in_folder("out/app_1_all.deb");
  g_assert_true(stat(deb, &kept) == 0 && stat(out, &taken) == 0);
  g_assert_true(kept.st_ino != taken.st_ino);
}

static void
test_mirror_lies(void) {
  g_autoptr(GError) error = NULL;
  put("cache/debs/app_1_all.deb", "a trojan !!!", 0644);
  put("mirror/app_1_all.deb", "another one!", 0644);
  g_assert_null(fetch(&error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT);
  g_autofree char *taken = text_of("out/app_1_all.deb"),
                  *kept = text_of("cache/debs/app_1_all.deb");
  g_assert_null(taken);
  g_assert_null(kept);
  put("mirror/app_1_all.deb", "the real one", 0644);
}

static void
test_index_lines(void) {
#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  static const char *const bad[] = {
      "'u' a.deb 1 MD5Sum:0123456789abcdef0123456789abcdef", /* too weak */
      "'u' a.deb 1 SHA256:" SUM "0",
      "'u' a.deb 1 SHA256:0123",
      "'u' a.deb 1",
      "'u' ../a.deb 1 SHA256:" SUM,
      "'u' /a.deb 1 SHA256:" SUM,
      "'u' .a.deb 1 SHA256:" SUM,
      "'u' partial 1 SHA256:" SUM,
      "'u' a.deb 1 SHA256:" SUM " more",
  };
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(debs_parse(bad[i], &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_FAILED);
  }
  g_autoptr(GPtrArray) good = debs_parse("Note\n'u' a_1%3a2.deb 1 SHA256:" SUM "\n", NULL);
  g_assert_cmpuint(good->len, ==, 1);
  g_assert_cmpstr(((Deb *)good->pdata[0])->name, ==, "a_1%3a2.deb");
  g_assert_cmpstr(((Deb *)good->pdata[0])->sha256, ==, SUM);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  folder = g_dir_make_tmp("tinyx-debs-XXXXXX", NULL);
  g_assert_nonnull(folder);
  g_autofree char *cache = in_folder("cache");
  g_autofree char *path = g_strdup_printf("%s/bin:%s", folder, g_getenv("PATH"));
  g_setenv("TINYX_CACHE", cache, TRUE);
  g_setenv("PATH", path, TRUE);
  make_stand_in();
  g_test_add_func("/debs/downloaded-once", test_downloaded_once);
  g_test_add_func("/debs/damaged", test_damaged);
  g_test_add_func("/debs/copy-is-own", test_copy_is_own);
  g_test_add_func("/debs/mirror-lies", test_mirror_lies);
  g_test_add_func("/debs/index-lines", test_index_lines);
  int status = g_test_run();
  dir_remove(folder, NULL);
  g_free(folder);
  return status;
}
