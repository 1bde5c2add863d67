/* run.h - one minimisation while it runs; for the files of this folder. */
#ifndef TINYX_MINIMIZE_RUN_H
#define TINYX_MINIMIZE_RUN_H

#include "minimize/bench.h"
#include "minimize/candidates.h"
#include "minimize/minimize.h"

#include "minimize/predict.h"

#include "base/dotconfig.h"
#include "image/parts.h"
#include "kernel/build.h"
#include "search/search.h"

/* Bytes and places of every function, for the forecast: changes nothing in the image. */
#define RUN_MAP_SYMBOL "VMLINUX_MAP"

typedef struct {
  const Recipe *recipe;
  const MinimizeOptions *options;
  MinimizeReport *report;

  ImageParts parts; /* root file system, evidence, what is asked for */
  char *folder;     /* CACHE/minimize/NAME-PLATFORM-HASH: journal, root file systems, best kernel */
  char *rootfs;     /* the root file system's file */
  KernelSource *source;
  char *toolchain;
  Kconfig *kconfig;
  GPtrArray *platform; /* SymbolRequest*: the platform's fragment */
  GPtrArray *asked;    /* SymbolRequest*: by platform, rules, recipe and user, with reasons */
  GPtrArray *start;    /* SymbolRequest*: the start, every symbol that can be chosen */
  GPtrArray *wishes;   /* SymbolRequest* of asked: what no trial may change */
  GPtrArray *symbols;  /* KconfigSymbol* of the start */
  DotConfig *values;   /* of the start */
  char *start_key;
  GPtrArray *candidates; /* Candidate* */
  Codemap *map;          /* of the start's kernel, with what ran; NULL: no trace */
  GHashTable *code;      /* symbol -> SymbolCode* of MAP; NULL: as above */
  Journal *journal;
  int memory; /* MB of a trial's domain; a start from elsewhere needs more than the result */
  Bench *bench;
  gint64 begin;
  gint64 deadline;   /* monotonic microseconds; G_MAXINT64: none */
  gint64 best_bytes; /* of the best kernel so far, the one in FOLDER/best; 0: none yet */
  GArray *trials;    /* guint: of each question of the search, its number in the journal */
} Run;

/* start.c: everything up to the journal and the candidates. */
gboolean run_prepare(Run *run, GError **error);
void run_clear(Run *run);
/* Whether a person names the candidates, in a file or in the recipe. */
gboolean run_is_named(const Run *run);
/* All that can be switched in a configuration with SYMBOLS (KconfigSymbol*), as candidates_all()
 * has it, without what is only there for us; what must stay is locked. Candidate*. */
GPtrArray *run_all_candidates(Run *run, const GPtrArray *symbols, gboolean selected,
                              GError **error);
/* The guard: an image without the application must fail. */
gboolean run_guard(Run *run, GError **error);

/* question.c: a set of candidates becomes a configuration. REMOVED (a byte a candidate) is changed
 * to what really goes; the configuration's text, or NULL. MORE (may be NULL) gets the symbols that
 * went without being a candidate of the set (char*). */
char *run_configuration(Run *run, guint8 *removed, GPtrArray *more, GError **error);
/* What the recipe or the user asks for by name and CONFIG, a configuration's text, has not; NULL:
 * it has all. Owned by RUN. */
const SymbolRequest *run_missed_wish(const Run *run, const char *config);
/* REMOVED as a SearchClose has it; DATA is the Run. */
char *run_search_close(guint8 *removed, gpointer data, GError **error);
/* The requests of that set. SymbolRequest*. */
GPtrArray *run_requests(const Run *run, const guint8 *removed);

/* ask.c */
/* Builds and boots CONFIG unless the journal knows the answer, and adds it there. */
gboolean run_ask(Run *run, const char *kind, const char *config, const guint8 *removed,
                 const GPtrArray *more, const JournalEntry **answer, GError **error);
/* The kernel of CONFIG, built or from the cache. g_free. */
char *run_build(Run *run, const char *config, JournalEntry *entry, GError **error);
/* Keeps the last lines of CONSOLE that hold anything in ENTRY. */
void run_note_console(const char *console, JournalEntry *entry);
/* FALSE: the budget is used up. What the journal knows of KEY costs none. */
gboolean run_may_try(const Run *run, const char *key);
/* A question of the search: does it work without REMOVED? The journal's entry, which stays its own.
 */
const JournalEntry *run_try(Run *run, const guint8 *removed, GError **error);
SearchVerdict run_verdict(const JournalEntry *entry);

/* forecast.c: fills weight and needed of the candidates. */
gboolean run_forecast(Run *run, GError **error);
/* The same of CANDIDATE alone, by its own code. */
void run_guess(const Run *run, Candidate *candidate);
/* What is thought of the candidates from FIRST on, for a person; and for `tinyx explain`, in the
 * journal, where KEY is the hash of the configuration that has them. */
void run_show_candidates(const Run *run, guint first);
gboolean run_note_forecast(Run *run, const char *key, guint first, GError **error);

/* rounds.c: the group search, then again with what can be switched in its result only, until there
 * is nothing new. */
gboolean run_search(Run *run, SearchOutcome *result, GError **error);

/* The journal's number of the search's question QUESTION; 0: none. */
guint run_trial_of(const Run *run, guint question);

/* finish.c: from the result to the lock. */
gboolean run_finish(Run *run, const SearchOutcome *result, GError **error);

#endif
