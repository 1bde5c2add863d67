/* search-private.h - what the files of this folder share; not for others.
 *
 * A SearchRun is a search that stands at a question: all that was decided, and what is to be done
 * with the answer. It can be copied, so that a copy finds out what would be asked next after one
 * answer or the other (ahead.c).
 *
 * Functions that return gboolean here return FALSE, with the error in SearchRun.error, when the
 * closure failed; unless they say something else.
 */
#ifndef TINYX_SEARCH_SEARCH_PRIVATE_H
#define TINYX_SEARCH_SEARCH_PRIVATE_H

#include "search/search.h"

typedef struct {
  SearchVerdict verdict;
  guint question; /* that was answered so, or 0 */
  int because;    /* the needed or locked item it follows from, or -1 */
  gboolean stuck; /* instead of a verdict: cannot be asked, since it brings back what is gone */
} SearchAnswer;

typedef enum {
  SET_SAME,    /* nothing goes that matters here */
  SET_LOSSY,   /* something comes back that was gone: cannot be the next best set */
  SET_BLOCKED, /* known not to work, see answer */
  SET_OPEN,    /* can be asked */
} SearchSetKind;

/* The best set and some items more, closed. */
typedef struct {
  guint8 *gone; /* NULL: there is no set here */
  char *key;
  SearchSetKind kind;
  SearchAnswer answer; /* BLOCKED */
  double pass;         /* how likely it works, by the priors */
} SearchSet;

/* What the search is about, and so what it does with an answer. */
typedef enum {
  STAGE_GROUPS, /* asks about the next group */
  STAGE_HUNT,   /* a group did not work: asks about a part of what is suspected */
  STAGE_ASIDE,  /* asks about all that could not be tried alone, together */
  STAGE_ALONE,  /* asks about each item that is left */
  STAGE_END,
} SearchStage;

typedef struct {
  const SearchItem *items;
  guint n;
  SearchClose close;
  gpointer data;
  GHashTable *closed; /* GBytes (what is asked to go) -> Closure*: shared by all copies */
  SearchOptions options;
  GError **error;

  guint8 *gone;     /* the best set, known to pass */
  char *key;        /* its key */
  guint generation; /* how often it grew, from 1 */

  SearchItemFate *fates; /* UNTRIED: undecided */
  guint *stuck_at;       /* an item: the generation in which it cannot go, or 0 */
  guint *waits_for;      /* an item: 1 + the heavier one that it brings back, or 0 */
  double *guess;         /* that it is needed itself, as it was given, without 0 and 1 */
  double *prior;         /* the same, corrected by what was found (calibrate) */
  double *risk;          /* that it or what goes along is needed: for the order */
  guint *order;          /* all items: likely removable and heavy first */

  gboolean presume;    /* monotony is taken for granted */
  GHashTable *answers; /* key -> SearchAnswer* */
  GPtrArray *failed;   /* FailedSet*: sets that did not work */
  double tolerance;    /* that holds now */
  guint questions, saved, implied;

  SearchStage stage;
  gboolean complete; /* at the end: it was not the tolerance that ended it */
  gboolean waiting;  /* for the answer to ASKED */
  SearchSet asked;

  /* STAGE_GROUPS, and STAGE_HUNT in the group: how things stood when it was picked. */
  guint pool_size, pool_first, pool_generation;
  /* STAGE_HUNT: the items of which some do not go together, by the answer BLAME; else NULL. */
  GArray *suspects;
  SearchAnswer blame;
  /* STAGE_ASIDE, while its question is out: all fates as they were, else NULL. */
  SearchItemFate *fates_before;
  /* STAGE_ALONE: the place in the order, and how many have been tried since the last one went. */
  guint alone_at, alone_tried;
} SearchRun;

/* COPY, which is overwritten, becomes a set of N items like SET. */
void search_set_copy(const SearchSet *set, guint n, SearchSet *copy);
void search_set_clear(SearchSet *set);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SearchSet, search_set_clear)

/* run.c */
/* A run before its first step. */
SearchRun *search_run_new(const SearchItem *items, guint n, SearchClose close, gpointer data,
                          const SearchOptions *options);
SearchRun *search_run_copy(const SearchRun *run);
void search_run_free(SearchRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SearchRun, search_run_free)

/* stage.c */
/* Goes on until it waits for an answer, or is at its end. */
gboolean search_advance(SearchRun *run, GError **error);
/* The answer that RUN waits for, to question NUMBER; TOLERANCE as search_answer() has it. */
gboolean search_take(SearchRun *run, guint number, SearchVerdict verdict, double tolerance,
                     GError **error);
/* Settles an item that does not go, by the ANSWER for the smallest set with it. */
void search_settle(SearchRun *run, guint item, const SearchAnswer *answer);
/* What is undecided, in order: of SET, unless that is NULL, and of the items in ONLY, unless that
 * is. guint; g_array_unref. */
GArray *search_undecided(const SearchRun *run, const SearchSet *set, const GArray *only);

/* hunt.c: finds one item (or some that go only together) that is to blame. */
/* SET, a group, does not work, by ANSWER. */
void search_hunt_begin(SearchRun *run, const SearchSet *set, const SearchAnswer *answer);
/* One step: less suspects without a question, or RUN->asked is the next one. */
gboolean search_hunt_ask(SearchRun *run);
gboolean search_hunt_take(SearchRun *run, SearchSet *part, const SearchAnswer *answer);

/* alone.c: each item that is left, whatever it was found to be, until none can go. */
/* RUN->asked is the next one; it stays empty when there is none any more. */
gboolean search_alone_ask(SearchRun *run);
void search_alone_take(SearchRun *run, SearchSet *set, const SearchAnswer *answer);

/* question.c */
/* Makes the start the best set. */
gboolean search_start(SearchRun *run);
/* Makes SET from the best set and the COUNT items of WANTED (indices). */
gboolean search_close(SearchRun *run, const guint *wanted, guint count, SearchSet *set);
/* TRUE: the ANSWER for SET is known without a question. Counts it as saved or implied. */
gboolean search_known(SearchRun *run, const SearchSet *set, SearchAnswer *answer);
/* ANSWER was given for SET. */
void search_remember(SearchRun *run, const SearchSet *set, const SearchAnswer *answer);
/* SET passed: it is the new best set. */
void search_adopt(SearchRun *run, SearchSet *set, const SearchAnswer *answer);
/* For search_run_copy(). */
GPtrArray *search_failed_copy(const GPtrArray *failed, guint n);
GHashTable *search_closures_new(void);

/* order.c */
/* Sets the priors from the items, and begins. */
void search_order_init(SearchRun *run);
/* The order by the priors alone: what goes along with an item raises its risk again. */
void search_order_begin(SearchRun *run);
/* Puts the items in order again, after a risk changed. */
void search_order_sort(SearchRun *run);
/* Corrects the priors by what is decided: with SearchOptions.calibrate only. */
void search_order_calibrate(SearchRun *run);
/* Where to cut LIST (two items at least) in two parts that are about equally likely to hold a
 * needed item: the length of the first. Between two groups, if there is such a place. */
guint search_balance(const SearchRun *run, const GArray *list);
/* What the undecided are expected to save, in bytes, by the guesses as they were given: the end of
 * a search does not depend on how it went. */
double search_expected_saving(const SearchRun *run);
/* How likely the question that RUN waits for is answered with PASS. */
double search_chance(const SearchRun *run);

/* group.c */
/* The next set to ask, out of POOL (guint, undecided, in order). SET_SAME: none yet, something else
 * was settled instead, and the pool is to be made again. */
gboolean search_pick(SearchRun *run, const GArray *pool, SearchSet *set);
/* A set without some of LIST (guint, is put in another order), but not without all. SET_SAME: there
 * is none, all of them come and go together. */
gboolean search_part(SearchRun *run, GArray *list, SearchSet *set);

/* ahead.c */
/* What is known of a question with KEY: nothing, that it is out, or its answer. */
typedef struct {
  gboolean out, answered;
  guint number;
  SearchVerdict verdict;
  double tolerance;
} SearchAsked;
typedef void (*SearchLookup)(const char *key, SearchAsked *asked, gpointer data);
/* RUN waits for a question that is out. *SET becomes the question that is most likely to come next
 * and neither out nor answered; it stays empty if there is none worth asking. RUN is not changed.
 */
gboolean search_ahead(const SearchRun *run, SearchLookup lookup, gpointer data, SearchSet *set,
                      GError **error);

#endif
