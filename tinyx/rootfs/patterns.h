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

/* A pattern a line, "PATTERN  # reason". INPUT: "FILE:LINE: what; what was expected". */
Patterns *patterns_parse(const char *text, gsize size, const char *file, GError **error);
Patterns *patterns_read(const char *file, GError **error);
/* The reason of the first pattern that matches, or NULL. */
const char *patterns_match(const Patterns *patterns, const char *path);
void patterns_free(Patterns *patterns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Patterns, patterns_free)

#endif
