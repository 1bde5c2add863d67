/* search.h - which of many items can be taken away, in few questions. Knows nothing of kernels.
 *
 * A question ("is all well without these?") is dear: minutes. It is answered for a set of items;
 * what is asked for and what really goes may differ (dependencies), which the oracle's close()
 * says.
 *
 * Generalised binary splitting (Hwang 1972) with a probability for each item: the likeliest to go
 * are tried together, as many as have an even chance; a group that fails is halved by probability,
 * at the border of two groups where there is one. Where N items hold D needed ones, about D
 * log2(N/D) questions; where the probabilities are good, far fewer. Plain ddmin asks more than one
 * by one does.
 *
 * It presumes that what is needed stays needed as more is taken away; exhaustive mode does not.
 */
#ifndef TINYX_SEARCH_SEARCH_H
#define TINYX_SEARCH_SEARCH_H

#include "base/error.h"

typedef enum {
  SEARCH_PASS,
  SEARCH_FAIL,
  SEARCH_UNRESOLVED, /* could not be tried: no evidence */
  SEARCH_STOP,       /* no more questions: the best so far is the result */
  SEARCH_ERROR       /* ERROR is set */
} SearchVerdict;

typedef struct {
  double weight;     /* what it is expected to save; any unit, 0 or more */
  double needed;     /* how likely it is needed, 0 to 1 */
  const char *group; /* items of one group are tried together where that costs nothing; or NULL */
  gboolean locked;   /* never tried */
} SearchItem;

typedef struct {
  /* Changes REMOVED (a byte an item) to what really goes: some go along, some come back. Returns a
   * key that two sets share if they lead to the same question (g_free); NULL with ERROR. Cheap. */
  char *(*close)(guint8 *removed, gpointer data, GError **error);
  /* Never called twice with one KEY, and never with the key of what is known to pass. */
  SearchVerdict (*ask)(const guint8 *removed, const char *key, gpointer data, GError **error);
  gpointer data;
} SearchOracle;

typedef struct {
  gboolean exhaustive; /* the result is 1-minimal: no single item can go, each was asked for */
  gboolean one_by_one; /* every item alone, in their order: for comparison */
  double tolerance;    /* unless exhaustive: end when what is left is expected to save less */
} SearchOptions;

typedef enum {
  SEARCH_REMOVED,
  SEARCH_NEEDED, /* a question failed that differs from one that passed by this */
  SEARCH_LOCKED,
  SEARCH_SET_ASIDE, /* could not be tried alone */
  SEARCH_STUCK,     /* comes back: something else keeps it */
  SEARCH_UNTRIED    /* by tolerance, or stopped before */
} SearchFate;

typedef struct {
  SearchFate fate;
  int question; /* that showed it, from 0 in the order of asking; -1: none */
  int because;  /* NEEDED without a question of its own: this needed item would go with it; or -1 */
} SearchItemResult;

typedef struct {
  SearchItemResult *items;
  guint8 *removed; /* the set that passed */
  guint count;
  guint questions; /* asked */
  guint spared;    /* answered by their key alone */
  gboolean stopped;
} SearchOutcome;

void search_outcome_clear(SearchOutcome *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SearchOutcome, search_outcome_clear)

/* The start (nothing taken away) must be known to pass. The same answers lead to the same questions
 * in the same order. After SEARCH_STOP the result is what is best so far. */
gboolean search_run(const SearchItem *items, guint count, const SearchOracle *oracle,
                    const SearchOptions *options, SearchOutcome *result, GError **error);

#endif
