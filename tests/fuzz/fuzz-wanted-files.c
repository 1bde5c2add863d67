/* fuzz-wanted-files.c - any bytes as rootfs/files.wanted: tinyx/rootfs/wanted-files.c. */
#include "rootfs/wanted-files.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(WantedFiles) files = wanted_files_parse(copy, size, "files.wanted", &error);
  if ((files == NULL) != (error != NULL))
    g_error("files %p, error %p", (void *)files, (void *)error);
  if (files == NULL)
    return 0;
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(Facts) facts = facts_new();
  const GPtrArray *paths = wanted_files_strings(files);
  for (guint i = 0; i < paths->len; i++) {
    if (((const char *)paths->pdata[i])[0] != '/')
      g_error("\"%s\" is no path", (const char *)paths->pdata[i]);
    facts_add(facts, FACTS_FROM_BYTES, paths->pdata[i], "/usr/bin/program");
  }
  wanted_files_note(files, tree, facts);
  if (facts_notes(facts)->len > paths->len)
    g_error("%u notes on %u files", facts_notes(facts)->len, paths->len);
  return 0;
}
