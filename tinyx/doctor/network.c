/* network.c - asks each archive that packages come from for its index's signed list. */
#include "doctor/doctor-private.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/proc.h"
#include "deps/apt.h"
#include "deps/deb822.h"

#include <string.h>

#define FETCH_SECONDS 20
#define APT_HELPER "/usr/lib/apt/apt-helper"

/* apt's own downloader: mirrors, proxies and passwords are as apt has them (apt.conf(5)). */
static gboolean
fetch(const char *uri, const char *suite, const char *into, GError **error) {
  g_autofree char *address =
      g_strdup_printf("%s%sdists/%s/InRelease", uri, g_str_has_suffix(uri, "/") ? "" : "/", suite);
  const char *const argv[] = {APT_HELPER, "-o", "Acquire::Retries=0", "download-file", address,
                              into,       NULL};
  const ProcSpec spec = {.argv = argv, .deadline = FETCH_SECONDS};
  if (proc_run(&spec, NULL, error))
    return TRUE;
  g_prefix_error(error, "%s: ", address);
  return FALSE;
}

/* Each suite of each address of STANZA; their number in *COUNT. */
static gboolean
fetch_all(const Deb822Stanza *stanza, const char *into, guint *count, GError **error) {
  const char *uris = deb822_get(stanza, "URIs"), *suites = deb822_get(stanza, "Suites");
  g_auto(GStrv) uri = g_strsplit_set(uris != NULL ? uris : "", " \n", -1);
  g_auto(GStrv) suite = g_strsplit_set(suites != NULL ? suites : "", " \n", -1);
  for (guint i = 0; uri[i] != NULL; i++)
    for (guint j = 0; uri[i][0] != '\0' && suite[j] != NULL; j++)
      if (suite[j][0] != '\0') {
        if (!fetch(uri[i], suite[j], into, error))
          return FALSE;
        (*count)++;
      }
  return TRUE;
}

static gboolean
ask_archives(const char *folder, guint *count, GError **error) {
  g_autofree char *root = apt_root(NULL, error), *sources = NULL, *text = NULL, *into = NULL;
  g_autoptr(GPtrArray) stanzas = NULL;
  gsize size;
  if (root == NULL)
    return FALSE;
  sources = g_build_filename(root, "etc/apt", APT_SOURCES, NULL);
  into = g_build_filename(folder, "InRelease", NULL);
  if (!file_read(sources, FILE_OWN_MAX, &text, &size, error) ||
      (stanzas = deb822_parse(text, size, sources, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < stanzas->len; i++)
    if (!fetch_all(stanzas->pdata[i], into, count, error))
      return FALSE;
  return TRUE;
}

DoctorFinding *
examine_network(const char *subject) {
  GError *problem = NULL;
  guint count = 0;
  g_autofree char *folder = g_dir_make_tmp("tinyx-doctor-XXXXXX", &problem);
  gboolean done = folder != NULL && ask_archives(folder, &count, &problem);
  if (folder != NULL)
    dir_remove(folder, NULL);
  if (done)
    return finding_new(subject, DOCTOR_GOOD,
                       g_strdup_printf("Debian's archive answers (%u suites)", count), NULL);
  return finding_bad(subject, problem,
                     g_strdup("see /etc/apt/sources.list and apt.conf(5) for proxies, or export "
                              "TINYX_MIRROR=ADDRESS"));
}
