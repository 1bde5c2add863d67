/* changelog.h - what a Debian changelog (deb-changelog(5)) says is new: the names of advisories. */
#ifndef TINYX_UPKEEP_CHANGELOG_H
#define TINYX_UPKEEP_CHANGELOG_H

#include "base/error.h"

#define CHANGELOG_MOST (16U << 20) /* bytes of one */

/* "CVE-2024-1234", "DSA-5678-1", "DLA-…" (char*, sorted, each once) of the entries of TEXT that are
 * newer than VERSION, the newest first in it. Entries of a kernel's source are by its upstream
 * version where VERSION has no revision ("6.1.190"). g_ptr_array_unref. */
GPtrArray *changelog_advisories(const char *text, const char *version);

#endif
