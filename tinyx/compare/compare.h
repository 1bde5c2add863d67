/* compare.h - `tinyx compare` as a function: builds the systems, measures them, writes the results.
 */
#ifndef TINYX_COMPARE_COMPARE_H
#define TINYX_COMPARE_COMPARE_H

#include "compare/figures.h"
#include "image/image.h"

typedef struct {
  ImageOptions image;         /* what ours is built with */
  const char *host;           /* --host as given, or NULL */
  const char *folder;         /* for the results; NULL: out/NAME/compare, or compare-PLATFORM */
  const char *const *kernels; /* configurations to build and compare; or NULL */
  const char *const *images;  /* folders that tinyx build wrote; or NULL */
  gboolean no_debian, no_cloud;
  gboolean no_boot; /* only what can be told without booting */
  gboolean again;   /* forget what an earlier run measured */
  int memory;       /* MB for Debian; 0: 512 */
} CompareOptions;

/* INPUT where Debian's kernels do not run on the platform, before anything is written. Results in
 * the folder (*FOLDER, g_free): compare.json, compare.html, compare.md; beside them measured.json,
 * from which a later run goes on. NULL with ERROR; what was measured until then is kept. */
Comparison *compare(const Recipe *recipe, const CompareOptions *options, char **folder,
                    GError **error);

/* Writes the results of COMPARISON to FOLDER. For tests. */
gboolean compare_write(const Comparison *comparison, const char *folder, GError **error);

#endif
