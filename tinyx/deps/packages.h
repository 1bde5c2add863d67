/* packages.h - which Debian packages a set of packages needs, as apt resolves it.
 *
 * tinyx keeps an apt root of its own (CACHE/apt/SUITE): the machine's Debian
 * sources, its own index and no installed packages, so that no root rights are
 * needed and what is installed on the machine plays no part.
 */
#ifndef TINYX_DEPS_PACKAGES_H
#define TINYX_DEPS_PACKAGES_H

#include "base/error.h"

/* The apt root, made and its index fetched if that has not been done today (an older one is used,
 * with a warning, when there is no network). Returns the folder (g_free). CODENAME is filled with
 * the suite ("bookworm"; g_free) unless NULL. The machine's own Debian sources are used (apt-get
 * indextargets), or $TINYX_MIRROR. */
char *apt_root(char **codename, GError **error);
/* argv prefix that makes an apt program work in that root: "-o" "Dir=…" …; g_strfreev. */
char **apt_options(const char *apt_root);
/* A line that changes with the index (hash of the Release files); g_free. */
char *apt_index_key(GError **error);

typedef struct {
  char *name;
  char *version;
  gint64 installed_kb; /* Installed-Size */
  char *reason;        /* "named", "Depends of nginx", "Pre-Depends of …", "whitelist" */
  char *asked_by;      /* the package that asked first; NULL if named */
} PackageDep;

/* The closure of NAMES without recommends, minus BLACKLIST (their own needs are dropped too unless
 * someone else has them), plus WHITELIST; sorted by name. NULL lists: rootfs/blacklist and
 * rootfs/whitelist. INPUT for a package that apt does not know. */
GPtrArray *package_closure(const char *const *names, const char *blacklist, const char *whitelist,
                           GError **error);
void package_dep_free(PackageDep *dep);

/* Which package of ROOT's dpkg database owns PATH; NULL if none. The index is built once. */
typedef struct PackageIndex PackageIndex;
PackageIndex *package_index_load(const char *root, GError **error);
const char *package_index_owner(const PackageIndex *index, const char *path);
void package_index_free(PackageIndex *index);

#endif
