/* minimize.h - `tinyx minimize`: the smallest kernel that still passes the recipe's test.
 *
 * Start, guard, forecast (one traced boot, boots of neutralised kernels), group search with a build
 * and a boot a question, the lock, and its verification. Every answer goes to a journal before it
 * is used; a run that was ended finds them there. docs/minimize.md has the measurements.
 */
#ifndef TINYX_MINIMIZE_MINIMIZE_H
#define TINYX_MINIMIZE_MINIMIZE_H

#include "image/image.h"

typedef struct {
  ImageOptions image;     /* platform, kernel source, format */
  const char *host;       /* as guest_host_open() takes it */
  const char *command;    /* instead of booting a guest: see runner.h */
  const char *candidates; /* a file with one symbol a line; NULL: all, or the recipe's */
  const char *from;       /* a .config to start with; NULL: what `tinyx build` uses */
  double budget;          /* seconds for the search; 0: no limit */
  guint jobs;             /* of a kernel build; 0: one a processor */
  gboolean exhaustive;    /* until no single removal passes */
  gboolean plain;         /* one by one, in the order of the candidates: the paper's way */
  int memory;             /* MB for the trials; 0: the recipe's, with FROM at least 256 */
} MinimizeOptions;

typedef struct {
  char *lock;        /* the file that was written; NULL: none (the search found nothing) */
  char *journal;     /* the trials */
  char *best;        /* folder with the best kernel so far */
  gboolean complete; /* FALSE: the budget ran out first */
  guint symbols_before, symbols_after; /* =y */
  gint64 bytes_before, bytes_after;    /* of the file that the platform says is packed */
  guint asked_before, asked_after;     /* symbols asked for above tinyconfig and the platform */
  guint builds, boots, predictions;    /* made, by all runs of this journal */
  guint trials, old_trials;            /* questions, and those that an earlier run had answered */
  guint compiled, cached;              /* objects */
  double seconds, build_seconds, boot_seconds;
  int least_memory; /* MB in which the result passes; 0: not found out */
} MinimizeReport;

void minimize_report_clear(MinimizeReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MinimizeReport, minimize_report_clear)

/* REPORT is filled as far as it got, also on failure and after Ctrl-C. */
gboolean minimize(const Recipe *recipe, const MinimizeOptions *options, MinimizeReport *report,
                  GError **error);

/* The figures of REPORT as JSON. g_free. */
char *minimize_report_json(const MinimizeReport *report);
/* The same, to image_search_path(), from where `tinyx build` has them for its
 * report.json. */
gboolean minimize_write_table(const Recipe *recipe, const char *platform,
                              const MinimizeReport *report, GError **error);

/* The file that holds the trials behind a recipe's lock for PLATFORM. g_free. */
char *minimize_journal_path(const Recipe *recipe, const char *platform);

#endif
