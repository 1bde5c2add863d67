/* packages.h - which Debian packages a set of packages needs, as apt resolves it in the apt root of
 * apt.h. */
#ifndef TINYX_DEPS_PACKAGES_H
#define TINYX_DEPS_PACKAGES_H

#include "base/error.h"

typedef struct {
  char *name;
  char *version;
  gint64 installed_kb; /* Installed-Size */
  char *reason;        /* "named", "Depends of nginx", "Pre-Depends of …", "whitelist" */
  char *asked_by;      /* the package that asked first; NULL if named */
} PackageDep;

/* Instead of the path of a list: an empty one. */
#define PACKAGES_NONE ""

/* The closure of NAMES without recommends, minus BLACKLIST (their own needs are dropped too unless
 * someone else has them), plus WHITELIST; sorted by name. NULL lists: rootfs/blacklist and
 * rootfs/whitelist. INPUT for a package that apt does not know. */
GPtrArray *package_closure(const char *const *names, const char *blacklist, const char *whitelist,
                           GError **error);
void package_dep_free(PackageDep *dep);

#endif
