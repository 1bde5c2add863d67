/* fuzz-manifest.c - any bytes as manifest.txt: tinyx/tree/manifest.c. */
#include "tree/tree.h"

#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GError) error = NULL;
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
