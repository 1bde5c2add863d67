/* debs.h - package files whose every byte is what the signed index says.
 *
 * apt checks a package when it downloads it, and later only looks at the size of what its folder
 * has. The folder of packages in the cache (CACHE/debs) is kept for months, so here each file's
 * SHA-256 is compared with the signed index at every use, while it is copied into a folder of the
 * caller's own: what is installed cannot be exchanged after the check.
 */
#ifndef TINYX_DEPS_DEBS_H
#define TINYX_DEPS_DEBS_H

#include "base/error.h"

/* Puts the packages that apt would install for PACKAGES (names or apt's patterns; NULL-terminated)
 * into FOLDER, which exists and is empty, and returns the names of the files (g_strfreev). APT_ROOT
 * is that of apt.h. STATUS is dpkg's database of what is installed already; NULL: PACKAGES alone
 * are wanted, without what they depend on. What is not in the cache is downloaded; what is damaged
 * there is thrown away, with a warning, and downloaded again.
 *
 * Fails with CHILD and what apt says (unknown packages, no network), CORRUPT where even a new
 * download is not what the index says, FAILED where the index names no SHA-256. */
char **debs_fetch(const char *apt_root, const char *status, const char *const *packages,
                  const char *folder, GError **error);

/* A repository of the files NAMES in FOLDER, which debs_fetch() made, for programs that take
 * packages from nothing else: FOLDER/dists/SUITE with an index of their sums. Nothing signs it: it
 * is for `[trusted=yes]` at once after the check. */
gboolean debs_repository(const char *folder, char *const *names, const char *suite, GError **error);

/* One line of `apt-get --print-uris`: "'URI' FILE SIZE SHA256:HEX". */
typedef struct {
  char *name; /* of the file, without a folder */
  char *sha256;
} Deb;
/* The files (Deb*) that TEXT names. FAILED: a line of another form, a name that leaves its folder,
 * or no SHA-256. g_ptr_array_unref. */
GPtrArray *debs_parse(const char *text, GError **error);

#endif
