/* apt.h - an apt root of our own.
 *
 * tinyx keeps an apt root of its own (CACHE/apt/SUITE): the machine's Debian
 * sources, its own index and no installed packages, so that no root rights are
 * needed and what is installed on the machine plays no part.
 */
#ifndef TINYX_DEPS_APT_H
#define TINYX_DEPS_APT_H

#include "base/cache.h"
#include "base/proc.h"

/* The apt root's sources, in its etc/apt: a file of deb822, see sources.h. */
#define APT_SOURCES "tinyx.sources"

/* The apt root, made and its index fetched if that has not been done today (an older one is used,
 * with a warning, when there is no network). Returns the folder (g_free). CODENAME is filled with
 * the suite ("bookworm"; g_free) unless NULL. The machine's own Debian sources are used (apt-get
 * indextargets), or $TINYX_MIRROR, signed by $TINYX_KEYRING. */
char *apt_root(char **codename, GError **error);
/* argv prefix that makes an apt program work in that root: "-o" "Dir=…" …; g_strfreev. */
char **apt_options(const char *apt_root);
/* Held while the index of APT_ROOT is read more than once and must stay the same: nobody fetches a
 * newer one meanwhile, so the holder must not call apt_root() (nor apt_index_key()). */
CacheLock *apt_index_lock(const char *apt_root, GError **error);
/* Runs PROGRAM ("apt-get", "apt-cache") with ARGUMENTS (NULL-terminated) in that root, while nobody
 * changes its index; HOW has everything but the arguments. As proc_run(). */
gboolean apt_run(const char *apt_root, const char *program, const char *const *arguments,
                 const ProcSpec *how, ProcResult *result, GError **error);
/* A line that changes with the index (hash of the Release files); g_free. */
char *apt_index_key(GError **error);
/* The same for the index that APT_ROOT has now; fetches nothing. */
char *apt_index_sum(const char *apt_root, GError **error);

#endif
