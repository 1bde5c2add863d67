/* page.c - writes the results of a comparison again from its measured.json (TINYX_TEST_KEPT) to the
 * folder OUT, without measuring. Run by tests/slow/54-compare.sh. */
#include "compare/compare.h"
#include "compare/store.h"

#include <stdio.h>

static void
test_page(void) {
  const char *file = g_getenv("TINYX_TEST_KEPT"), *folder = g_getenv("OUT");
  g_autoptr(GError) error = NULL;
  g_autoptr(Comparison) comparison = NULL;
  g_autofree char *text = NULL;
  gsize size;
  if (file == NULL || folder == NULL) {
    g_test_skip("run by tests/slow/54-compare.sh");
    return;
  }
  g_assert_true(g_file_get_contents(file, &text, &size, &error));
  comparison = store_parse(text, (gssize)size, file, &error);
  g_assert_no_error(error);
  g_assert_true(paper_load(comparison->paper, &error));
  g_assert_true(compare_write(comparison, folder, &error));
  g_assert_no_error(error);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/compare/page", test_page);
  return g_test_run();
}
