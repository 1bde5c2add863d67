/* coverage.h - what a traced test opened, compared with what the image has.
 *
 * To be added to the image are: files that were opened or run and that it lacks, with the links on
 * the way to them; the interpreters of programs that were run, which the kernel opens without a
 * system call; the folders of files that were made; and folders whose existence was asked for,
 * since they cost next to nothing and a program may do something else without them. A file or link
 * whose existence alone was asked for (stat, access) is not added. What SKIP matches
 * (rootfs/trace.skip: /proc, /tmp, ...) and what no package installed is passed over.
 *
 * A file of the image that was neither opened nor run nor written is "unopened": it could be
 * dropped.
 */
#ifndef TINYX_TRACE_COVERAGE_H
#define TINYX_TRACE_COVERAGE_H

#include "rootfs/patterns.h"
#include "tree/tree.h"

typedef struct {
  char *path;
  TreeReason reason; /* REASON_OPENED or REASON_LOOKED_FOR */
  guint64 size;
} CoverageAdded;

typedef struct {
  char *path;
  char *package;     /* or NULL */
  TreeReason reason; /* why it is in the image */
  guint64 size;
  gboolean looked_at; /* its existence was asked for, no more */
} CoverageUnopened;

typedef struct {
  GPtrArray *added;    /* CoverageAdded*, sorted by path */
  GPtrArray *unopened; /* CoverageUnopened*, sorted by path */
  guint opened;        /* files of packages that were opened: of the image, and to be added */
  guint64 unopened_bytes;
} Coverage;

/* PLAN: the image (without what a lock adds or drops); USES: Use*. */
void coverage_find(Tree *plan, Tree *installed, const Patterns *skip, const GPtrArray *uses,
                   Coverage *coverage);
void coverage_clear(Coverage *coverage);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Coverage, coverage_clear)

/* unopened.txt: a line each, "SIZE<tab>PATH<tab>PACKAGE<tab>looked at or -<tab>why it is in".
 * g_free. */
char *coverage_unopened_text(const Coverage *coverage);

#endif
