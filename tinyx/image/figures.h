/* figures.h - what is known of a recipe's image: recipes/NAME/tested-PLATFORM.json, which
 * `tinyx test --record` writes; `tinyx recipes` and docs/recipes.md show it. */
#ifndef TINYX_IMAGE_FIGURES_H
#define TINYX_IMAGE_FIGURES_H

#include "recipe/recipe.h"

typedef struct {
  char *date;  /* YYYY-MM-DD (UTC) of the test; NULL: never recorded */
  char *linux; /* "6.1.192" */
  gboolean passed, locked;
  gint64 kernel_bytes, rootfs_bytes; /* the file that is booted; the packed root file system */
  int symbols;                       /* =y */
  int packages;
  int memory;       /* MB of the domain in the test */
  int least_memory; /* MB: in which the test passes where that is known, else what creating it takes
                     */
  gboolean least_tested; /* it is known: by a lock, or by tinyx test --least */
  double answer; /* seconds from its creation to the first answer; < 0: nobody waited for one */
} Figures;

/* Of the last recorded test. FALSE with CORRUPT for a damaged file; without a file TRUE, and date
 * is NULL. */
gboolean figures_load(const Recipe *recipe, const char *platform, Figures *figures, GError **error);
typedef struct {
  gboolean passed;
  int memory;    /* MB of the domain */
  int least;     /* MB: the least in which it passes; 0: nobody looked for it */
  double answer; /* seconds from its creation to the first answer; < 0: nobody waited for one */
} FigureTest;

/* Reads FOLDER/report.json, adds what the test said, writes the file. */
gboolean figures_record(const Recipe *recipe, const char *platform, const char *folder,
                        const FigureTest *test, GError **error);
void figures_clear(Figures *figures);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Figures, figures_clear)

#endif
