/* install.h - Debian packages really installed, in an overlay over a minimal base.
 *
 * base (mmdebstrap, only essential packages) -> overlay in which apt installs
 * the packages with their maintainer scripts -> one plain folder with readable
 * copies of every file, beside a list that has their real owners and modes.
 * All of it is cached; none of it needs root where user namespaces are allowed.
 */
#ifndef TINYX_ROOTFS_INSTALL_H
#define TINYX_ROOTFS_INSTALL_H

#include "tree/tree.h"

typedef struct {
  char *root; /* folder: what an apt installation has, owned and readable by us */
  Tree *tree; /* every path of it: source (the copy in root), mode, uid, gid, sha256; origin
                 ORIGIN_BASE, ORIGIN_PACKAGE or ORIGIN_SCRIPT (no package has it), state and package
                 by dpkg's database */
} Installation;

/* Installs PACKAGES (may be none), or takes the installation from the cache. CHILD, with what apt
 * says, for unknown packages; package_closure() finds those earlier, and as INPUT. */
gboolean installation_get(const char *const *packages, Installation *installation, GError **error);
void installation_clear(Installation *installation);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Installation, installation_clear)

/* Asks the database of dpkg in ROOT, a folder with the files of TREE as import_tar leaves them, for
 * the package of every path and for the sum that it brought: sets package, origin and state. */
gboolean installation_compare(Tree *tree, const char *root, GError **error);

/* TRUE if the installation of the packages made or changed ENTRY; FALSE for the base. */
gboolean installation_is_new(const TreeEntry *entry);
/* CORRUPT unless the copy of the file ENTRY still is what was installed. */
gboolean installation_check(const TreeEntry *entry, GError **error);
/* Removes it from the cache, so that the next installation_get makes it again. */
gboolean installation_forget(const Installation *installation, GError **error);

#endif
