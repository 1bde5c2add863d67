/* run.h - one minimisation while it runs; for the files of this folder. Each part of a Run is
 * written in one place only. */
#ifndef TINYX_MINIMIZE_RUN_H
#define TINYX_MINIMIZE_RUN_H

#include "minimize/minimize.h"
#include "minimize/predict.h"
#include "minimize/runner.h"
#include "minimize/space.h"

#include "base/dotconfig.h"
#include "image/parts.h"
#include "kernel/build.h"
#include "search/search.h"

/* What the user asked for, and what every trial needs. Written by run_prepare() alone. */
typedef struct {
  const Recipe *recipe;
  const MinimizeOptions *options;
  gint64 begin;     /* monotonic microseconds */
  gint64 deadline;  /* monotonic microseconds; G_MAXINT64: none */
  ImageParts parts; /* root file system, evidence, what is asked for */
  char *folder;     /* CACHE/minimize/NAME-PLATFORM: journals, root file systems, the best kernel */
  char *rootfs;     /* the root file system's file */
  KernelSource *source;
  char *toolchain;
  int memory; /* MB of the guest in trials; with --from more, as the start may be a large kernel */
  Runner *runner;
} RunInput;

/* What ran in one traced boot. Written by forecast.c, for its guesses. */
typedef struct {
  Codemap *map;     /* of the start's kernel, with what ran; NULL: no trace */
  GHashTable *code; /* symbol -> SymbolCode* of MAP; NULL: as above */
} RunForecast;

/* Counts of trials, and the best kernel so far. Written by ask.c. */
typedef struct {
  GArray *numbers; /* guint: of each question of the search, its number in the journal */
  guint asked,
      known;         /* questions of any kind, and those of them that an earlier run had answered */
  gint64 best_bytes; /* of the best kernel so far; 0: none yet */
  char *best;        /* the folder that has it, INPUT.folder/best; NULL: this run made none */
} RunTrials;

/* The result. Written by finish.c. */
typedef struct {
  char *lock; /* the file; NULL: not that far */
  gboolean complete;
  gint64 bytes;
  guint symbols; /* =y */
  guint asked;   /* symbols asked for above tinyconfig and the platform */
  int least_memory;
} RunResult;

typedef struct {
  RunInput input;
  Space space;      /* by space-make.c, but for the guesses at candidates, which are forecast.c's */
  Journal *journal; /* opened by run_prepare(); whoever tries something adds to it */
  RunForecast forecast;
  RunTrials trials;
  RunResult result;
} Run;

/* start.c: everything up to the journal and the candidates. */
gboolean run_prepare(Run *run, const Recipe *recipe, const MinimizeOptions *options,
                     GError **error);
void run_clear(Run *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

/* guard.c: an image without the application must fail. */
gboolean run_guard(Run *run, GError **error);

/* ask.c */
/* Builds and boots CONFIG and adds the answer to the journal, unless that has it already. */
gboolean run_ask(Run *run, const char *kind, const char *config, const guint8 *removed,
                 const GPtrArray *more, const JournalEntry **answer, GError **error);
/* The kernel of CONFIG, built or from the cache. g_free. */
char *run_build(const Run *run, const char *config, JournalEntry *entry, GError **error);
/* Keeps the last lines of CONSOLE that are not blank in ENTRY. */
void run_note_console(const char *console, JournalEntry *entry);
/* FALSE: the budget is used up, and the journal has no answer for KEY either. */
gboolean run_may_try(const Run *run, const char *key);
/* Answers a question of the search: does it work without REMOVED? Returns the journal's entry,
 * which is the journal's. */
const JournalEntry *run_try(Run *run, const guint8 *removed, GError **error);
SearchVerdict run_verdict(const JournalEntry *entry);
/* The journal's number of the search's question QUESTION; 0: none. */
guint run_trial_of(const Run *run, guint question);

/* forecast.c: fills weight and needed of the candidates. */
gboolean run_forecast(Run *run, GError **error);
/* The same of CANDIDATE alone, by its own code. */
void run_guess(const Run *run, Candidate *candidate);
/* Show the guesses at the candidates from FIRST on, and add them to the journal for `tinyx
 * explain`. KEY is the hash of the configuration in which they can be switched. */
void run_show_candidates(const Run *run, guint first);
gboolean run_note_forecast(Run *run, const char *key, guint first, GError **error);

/* rounds.c: the group search, then again with what can be switched in its result only, until there
 * is nothing new. */
gboolean run_search(Run *run, SearchOutcome *result, GError **error);
/* one-by-one.c: each candidate alone, in order; what passes stays off. */
gboolean run_one_by_one(Run *run, SearchOutcome *outcome, GError **error);

/* vary.c: the kernel of CONFIG, the result, booted as the test's machine does not: processors, save
 * and restore, memory, the time. What it fails without is put back into REMOVED (then *CHANGED is
 * TRUE, and the candidate locked, with the reason). */
gboolean run_vary(Run *run, const char *config, guint8 *removed, gboolean *changed, GError **error);

/* finish.c: from the outcome to the lock. */
gboolean run_finish(Run *run, const SearchOutcome *outcome, GError **error);

#endif
