/* search-private.h - what the files of this folder share; not for others.
 *
 * Functions that return gboolean here return FALSE when the search is to end; SearchRun.end says
 * why, and for END_ERROR the caller's GError is set.
 */
#ifndef TINYX_SEARCH_SEARCH_PRIVATE_H
#define TINYX_SEARCH_SEARCH_PRIVATE_H

#include "search/search.h"

typedef enum { END_NOT_YET, END_STOP, END_TOLERANCE, END_ERROR } SearchEnd;

typedef struct {
  SearchVerdict verdict;
  guint question; /* that was answered so, or 0 */
  int because;    /* the needed or locked item it follows from, or -1 */
  gboolean stuck; /* instead of a verdict: cannot be asked, since it brings back what is gone */
} SearchAnswer;

typedef struct {
  const SearchItem *items;
  guint n;
  const SearchOracle *oracle;
  gpointer data;
  SearchOptions options;
  GError **error;
  SearchEnd end;

  guint8 *gone;     /* C: the best set, known to pass */
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
  guint questions, saved, implied;

  const GArray *suspects; /* of which some are needed, or NULL */
} SearchRun;

typedef enum {
  SET_SAME,    /* nothing goes that matters here */
  SET_LOSSY,   /* something comes back that was gone: cannot be the next best set */
  SET_BLOCKED, /* known not to work, see answer */
  SET_OPEN,    /* can be asked */
} SearchSetKind;

/* C and some items more, closed. */
typedef struct {
  guint8 *gone;
  char *key;
  SearchSetKind kind;
  SearchAnswer answer; /* BLOCKED */
  double pass;         /* how likely it works, by the priors */
} SearchSet;

void search_set_clear(SearchSet *set);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SearchSet, search_set_clear)

/* question.c */
/* Makes the start C. */
gboolean search_start(SearchRun *run);
/* Makes SET from C and the COUNT items of WANTED (indices). */
gboolean search_close(SearchRun *run, const guint *wanted, guint count, SearchSet *set);
/* The answer for SET without a question; FALSE (with the search going on) if there is none. */
gboolean search_known(SearchRun *run, const SearchSet *set, SearchAnswer *answer);
/* The answer for SET, asked where it is not known. */
gboolean search_answer(SearchRun *run, const SearchSet *set, SearchAnswer *answer);
/* SET passed: it is the new C. */
void search_adopt(SearchRun *run, SearchSet *set, const SearchAnswer *answer);

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
/* Fills the expectations of STATE from what is undecided, by the guesses as they were given: the
 * end of a search does not depend on how it went. */
void search_expect(const SearchRun *run, SearchState *state);

/* group.c */
/* The next set to ask, out of POOL (guint, undecided, in order). SET_SAME: none yet, something else
 * was settled instead, and the pool is to be made again. */
gboolean search_pick(SearchRun *run, const GArray *pool, SearchSet *set);
/* A set without some of LIST (guint, is put in another order), but not without all. SET_SAME: there
 * is none, all of them come and go together. */
gboolean search_part(SearchRun *run, GArray *list, SearchSet *set);

/* search.c */
/* Settles an item that does not go, by the ANSWER for the smallest set with it. */
void search_settle(SearchRun *run, guint item, const SearchAnswer *answer);

/* alone.c */
/* Tries each item that is left alone, whatever it was found to be, until none can go. */
gboolean search_alone(SearchRun *run);

#endif
