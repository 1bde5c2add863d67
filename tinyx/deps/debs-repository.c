/* debs-repository.c - an index of package files that were checked, for programs that take packages
 * from repositories only. */
#include "deps/debs.h"

#include "base/files.h"
#include "base/proc.h"

#include <string.h>

#define FIELDS_DEADLINE 60

/* The record of one file: its own control fields, and where it is. */
static gboolean
append_record(GString *index, const char *folder, const char *name, GError **error) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *sum = file_sha256(path, error);
  const char *const argv[] = {"dpkg-deb", "--field", path, NULL};
  ProcSpec spec = {.argv = argv, .deadline = FIELDS_DEADLINE, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  if (sum == NULL || !proc_run(&spec, &result, error))
    return FALSE;
  g_string_append_printf(index, "%s\nFilename: %s\nSize: %" G_GINT64_FORMAT "\nSHA256: %s\n\n",
                         g_strchomp(result.out), name, file_size(path), sum);
  return TRUE;
}

static gboolean
write_release(const char *suite_folder, const char *suite, const char *index, GError **error) {
  g_autofree char *path = g_build_filename(suite_folder, "Release", NULL);
  g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, index, -1);
  g_autofree char *text = g_strdup_printf("Codename: %s\nComponents: main\nArchitectures: amd64\n"
                                          "SHA256:\n %s %zu main/binary-amd64/Packages\n",
                                          suite, sum, strlen(index));
  return file_write(path, text, strlen(text), 0644, error);
}

gboolean
debs_repository(const char *folder, char *const *names, const char *suite, GError **error) {
  g_autofree char *suite_folder = g_build_filename(folder, "dists", suite, NULL);
  g_autofree char *index_folder = g_build_filename(suite_folder, "main/binary-amd64", NULL);
  g_autofree char *path = g_build_filename(index_folder, "Packages", NULL);
  g_autoptr(GString) index = g_string_new(NULL);
  for (guint i = 0; names[i] != NULL; i++)
    if (!append_record(index, folder, names[i], error))
      return FALSE;
  return dir_make(index_folder, error) && file_write(path, index->str, index->len, 0644, error) &&
         write_release(suite_folder, suite, index->str, error);
}
