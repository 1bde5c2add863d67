/* fuzz-ldconf.c - any bytes as ld.so.conf, as a file that it includes (after their first NUL) and
 * as the list of musl's loader: tinyx/deps/ldconf.c. */
#include "base/files.h"
#include "deps/ldconf.h"

#include "fuzz.h"

static char *
put(const char *top, const char *name, const char *text, gsize size) {
  char *path = g_build_filename(top, name, NULL);
  g_assert_true(
      g_file_set_contents_full(path, text, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  return path;
}

static void
check_folders(GPtrArray *folders) {
  for (guint i = 0; i < folders->len; i++)
    if (((char *)folders->pdata[i])[0] != '/')
      g_error("'%s' is not absolute", (char *)folders->pdata[i]);
  g_ptr_array_unref(folders);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *top = g_dir_make_tmp("tinyx-fuzz-XXXXXX", NULL);
  g_autofree char *etc = g_build_filename(top, "etc", NULL);
  const char *nul = size > 0 ? memchr(copy, '\0', size) : NULL;
  gsize first = nul != NULL ? (gsize)(nul - copy) : size;
  g_assert_true(dir_make(etc, NULL));
  g_autofree char *conf = put(top, "etc/ld.so.conf", copy, first);
  g_autofree char *more = put(top, "etc/more.conf", copy + first, size - first);
  g_autofree char *musl = put(top, "etc/ld-musl-x86_64.path", copy, size);
  g_autoptr(Root) root = root_new(top, NULL);
  check_folders(ldconf_read(root, "/etc/ld.so.conf"));
  check_folders(ldconf_musl_folders(root, "/lib/ld-musl-x86_64.so.1"));
  g_assert_true(dir_remove(top, NULL));
  return 0;
}
