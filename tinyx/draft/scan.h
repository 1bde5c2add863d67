/* scan.h - what a start needs besides its program: the programs, BusyBox applets and files that its
 * shell scripts name. */
#ifndef TINYX_DRAFT_SCAN_H
#define TINYX_DRAFT_SCAN_H

#include "draft/service.h"

/* Reads SERVICE's command, what comes before it and, as far as these are shell scripts, what they
 * call and source. Adds to INCLUDE (char*) what no package of PACKAGES (char*) brings anyway, and
 * applets (rootfs/script.applets) to SERVICE. */
gboolean scan_start(Service *service, const Tree *installed, const GPtrArray *packages,
                    GPtrArray *include, GError **error);

/* Adds to INCLUDE the plugins of the packages in DIRECT: shared objects outside the loader's own
 * folders, which nothing is linked with. A package that another names in Depends is there for them.
 */
void scan_plugins(const Tree *installed, const char *const *direct, GPtrArray *include);

#endif
