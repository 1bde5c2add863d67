/* fuzz-dpkg-database.c - any bytes as what dpkg noted in a root: a list of files and, after each
 * NUL, sums and the status: tinyx/deps/package-index.c. */
#include "base/files.h"
#include "deps/package-index.h"

#include "fuzz.h"

/* Puts what stands up to the next NUL into TOP/NAME; returns what is behind it. */
static const char *
put(const char *top, const char *name, const char *at, const char *end) {
  const char *nul = at < end ? memchr(at, '\0', (gsize)(end - at)) : NULL;
  g_autofree char *path = g_build_filename(top, "var/lib/dpkg", name, NULL);
  gssize size = (nul != NULL ? nul : end) - at;
  g_assert_true(g_file_set_contents_full(path, at, size, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  return nul != NULL ? nul + 1 : end;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL, why = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *top = g_dir_make_tmp("tinyx-fuzz-XXXXXX", NULL);
  g_autofree char *info = g_build_filename(top, "var/lib/dpkg/info", NULL);
  const char *at = copy, *end = copy + size;
  g_assert_true(dir_make(info, NULL));
  at = put(top, "info/a:amd64.list", at, end);
  at = put(top, "info/a:amd64.md5sums", at, end);
  put(top, "status", at, end);
  g_autoptr(PackageIndex) index = package_index_load(top, &error);
  g_autoptr(PackageSums) sums = package_sums_load(top, &why);
  if ((index == NULL) != (error != NULL) || (sums == NULL) != (why != NULL))
    g_error("index %p, error %p, sums %p, error %p", (void *)index, (void *)error, (void *)sums,
            (void *)why);
  const char *owner = index != NULL ? package_index_owner(index, "/usr/bin/x") : NULL;
  const char *sum = sums != NULL ? package_sums_find(sums, "/usr/bin/x") : NULL;
  if ((owner != NULL && strcmp(owner, "a") != 0) || (sum != NULL && strlen(sum) != 32))
    g_error("the package '%s', the sum '%s'", owner, sum);
  g_assert_true(dir_remove(top, NULL));
  return 0;
}
