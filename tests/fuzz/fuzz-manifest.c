/* fuzz-manifest.c - any bytes as manifest.txt, and as contents.txt: tinyx/tree/manifest.c,
 * contents.c. */
#include "tree/tree.h"

#include "fuzz.h"

#include <string.h>

static void
read_contents(const char *bytes, size_t size) {
  static const char line[] =
      "f\t0644\t0:0\t3\t/a\tp\t{contents}\tpackage\tnew\t-\tpurpose\t-\tr\tr\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(Tree) tree = tree_parse_manifest(line, strlen(line), "manifest.txt", NULL);
  gboolean read = tree_take_contents(tree, bytes, size, "contents.txt", &error);
  if (read == (error != NULL) || (read && tree_find(tree, "/a")->data == NULL))
    g_error("read %d, error %p", read, (void *)error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GError) error = NULL;
  read_contents(copy, size);
  g_autoptr(Tree) tree = tree_parse_manifest(copy, size, "manifest.txt", &error);
  if ((tree == NULL) != (error != NULL))
    g_error("tree %p, error %p", (void *)tree, (void *)error);
  if (tree == NULL)
    return 0;
  /* What was read is written so that it reads the same. */
  g_autofree char *text = tree_manifest_text(tree, NULL);
  g_autoptr(Tree) again = tree_parse_manifest(text, strlen(text), "manifest.txt", &error);
  if (again == NULL)
    g_error("%s\n%s", error->message, text);
  g_autofree char *second = tree_manifest_text(again, NULL);
  if (strcmp(text, second) != 0)
    g_error("first:\n%s\nsecond:\n%s", text, second);
  return 0;
}
