/* patterns.h - lists of paths as data: rootfs/prune, include= and exclude= of a recipe.
 *
 * A pattern is an absolute path in which *, ? and [] match within one component
 * (glob(7)); it stands for what it matches and everything below that.
 */
#ifndef TINYX_ROOTFS_PATTERNS_H
#define TINYX_ROOTFS_PATTERNS_H

#include "base/error.h"

gboolean pattern_matches(const char *pattern, const char *path);
/* The first of the NULL-terminated PATTERNS that matches PATH, or NULL. */
const char *pattern_find(const char *const *patterns, const char *path);

typedef struct Patterns Patterns;

/* A pattern a line, "PATTERN [of PACKAGE...]  # reason"; PACKAGE may have * and ?. INPUT:
 * "FILE:LINE: what; what was expected". */
Patterns *patterns_parse(const char *text, gsize size, const char *file, GError **error);
Patterns *patterns_read(const char *file, GError **error);
/* The reason of the first pattern that matches, or NULL. A pattern that is of one of PACKAGES
 * (NULL-terminated; NULL: none) does not count: what it stands for is what they work with. */
const char *patterns_match(const Patterns *patterns, const char *path, const char *const *packages);
void patterns_free(Patterns *patterns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Patterns, patterns_free)

#endif
