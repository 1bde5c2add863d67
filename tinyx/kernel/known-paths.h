/* known-paths.h - kconfig-heuristics/paths.known: devices, files of the kernel and families of
 * sockets that programs name, and for which no rule asks the kernel for anything.
 * scripts/check-paths reads it, too. */
#ifndef TINYX_KERNEL_KNOWN_PATHS_H
#define TINYX_KERNEL_KNOWN_PATHS_H

#include "base/error.h"

typedef struct KnownPaths KnownPaths;

/* INPUT: "FILE:LINE: what; what was expected". */
KnownPaths *known_paths_parse(const char *text, gsize size, const char *file, GError **error);
KnownPaths *known_paths_load(GError **error);
void known_paths_free(KnownPaths *paths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KnownPaths, known_paths_free)

/* Why an image does without PATH, a path or a pattern with "*" for what the program puts in, or
 * what it is there with; NULL where nothing is known of it. Owned by PATHS. */
const char *known_paths_reason(const KnownPaths *paths, const char *path);

#endif
