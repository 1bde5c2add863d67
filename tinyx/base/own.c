/* own.c - where programs of ours are. */
#include "base/own.h"

#define LEVELS 3 /* build/tests/unit/test-x has them in build/ */

char *
own_program(const char *name, GError **error) {
  g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
  g_autofree char *folder = exe != NULL ? g_path_get_dirname(exe) : NULL;
  g_autofree char *installed = g_build_filename(TINYX_PREFIX "/libexec/tinyx", name, NULL);
  for (int i = 0; i < LEVELS && folder != NULL; i++) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *above;
    if (g_file_test(path, G_FILE_TEST_EXISTS))
      return g_steal_pointer(&path);
    above = g_path_get_dirname(folder);
    g_free(folder);
    folder = above;
  }
  if (g_file_test(installed, G_FILE_TEST_EXISTS))
    return g_steal_pointer(&installed);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_TOOL,
              "%s: not found; expected it beside tinyx (make builds it) or in " TINYX_PREFIX
              "/libexec/tinyx",
              name);
  return NULL;
}
