/* search.h - which of many things can go, found with few questions.
 *
 * N items are in. "Does it still work without these?" is very dear to answer, so the answer is
 * searched by groups: generalized binary splitting (Hwang 1972; Du and Hwang, "Combinatorial Group
 * Testing and Its Applications") with a prior probability for each item. Nothing here knows what
 * the items are. The same items and the same answers give the same questions in the same order, so
 * that an interrupted search is resumed by answering from a journal.
 *
 * The search itself takes it that what is needed in a small loss is needed in a larger one
 * (monotony), and asks nothing that follows from that. With SearchOptions.exhaustive each item left
 * is then tried alone, without that assumption, until none can go: the answer is 1-minimal.
 */
#ifndef TINYX_SEARCH_SEARCH_H
#define TINYX_SEARCH_SEARCH_H

#include "base/error.h"

typedef enum {
  SEARCH_PASS,
  SEARCH_FAIL,
  SEARCH_UNRESOLVED, /* could not be tried (did not build): no evidence */
  SEARCH_STOP,       /* no answer: the budget is used up, or somebody interrupts; keep the best */
  SEARCH_ERROR,      /* no answer, and GError is set */
} SearchVerdict;

typedef struct {
  double weight;     /* what its removal is expected to save, in bytes; may be 0 */
  double needed;     /* 0..1: how likely it is needed */
  const char *group; /* "Networking/IPv4", or NULL: what is related is tried together */
  gboolean locked;   /* never goes, not even along with another item */
  gboolean gone;     /* it is gone in what the search starts with */
} SearchItem;

typedef enum {
  SEARCH_UNTRIED,     /* undecided when the search ended: stopped, or within the tolerance */
  SEARCH_REMOVED,     /* gone, and the rest was seen to work */
  SEARCH_NEEDED,      /* a question showed that, or it would take along what is needed or locked */
  SEARCH_KEPT_LOCKED, /* SearchItem.locked */
  SEARCH_SET_ASIDE,   /* could not be tried alone */
  SEARCH_STUCK,       /* comes back, or brings back what is gone */
} SearchFate;

typedef struct {
  SearchFate fate;
  guint question; /* the question that showed it, from 1; 0: none (see because) */
  int because;    /* NEEDED: the item that would go along and must not, or -1 */
} SearchItemFate;

/* How far the search is, after a question. */
typedef struct {
  guint questions;          /* asked so far */
  SearchVerdict verdict;    /* the last answer */
  guint removed, undecided; /* items, before what the last answer changes */
  double removed_weight;    /* of the removed */
  double undecided_weight;  /* expected: the sum of weight * (1 - needed) */
  double questions_left;    /* expected: the entropy of what is undecided, in bits */
} SearchState;

typedef struct {
  /* Turns REMOVED (a byte an item, 1: is to go) into what really goes when that is asked for: may
   * add items (they vanish along) and take items back (something brings them back). Returns a key
   * (g_free) that is equal for two sets which lead to the same question, such as a configuration's
   * hash; NULL with ERROR set. Called far more often than ask(), so it should be cheap. */
  char *(*close)(guint8 *removed, gpointer data, GError **error);
  /* Does it work without REMOVED, a set that close() returned with KEY? Never asked twice for a
   * key, and not for the start (what is gone in the items), which is taken to work. */
  SearchVerdict (*ask)(const guint8 *removed, const char *key, gpointer data, GError **error);
  /* Instead of the options' tolerance, where that depends on what was found; may be NULL. */
  double (*tolerance)(gpointer data);
  /* After each answer; may be NULL. */
  void (*progress)(const SearchState *state, gpointer data);
} SearchOracle;

typedef struct {
  gboolean exhaustive; /* see above */
  double tolerance;    /* without exhaustive: end when what is undecided is expected to save no more
                          than this, in bytes; 0: never */
  gboolean calibrate;  /* believe the guesses less (or more) as answers show how good they are */
  double prefix_odds;  /* a group is as large as its chance to pass is at least this; 0: 0.5 */
} SearchOptions;

typedef struct {
  SearchItemFate *items;
  guint8 *removed;   /* a byte an item: the best set, which passed */
  char *key;         /* its key */
  guint n;           /* items */
  guint questions;   /* asked */
  guint saved;       /* not asked, since the key was known */
  guint implied;     /* not asked, since the answer followed from another */
  gboolean complete; /* nothing is UNTRIED, and with exhaustive, the set is 1-minimal */
  gboolean stopped;  /* by SEARCH_STOP */
} SearchOutcome;

/* Searches. OPTIONS may be NULL (all 0). FALSE with ERROR set, and an empty OUTCOME, when close()
 * or ask() failed; TRUE otherwise, also when stopped. */
gboolean search_run(const SearchItem *items, guint n, const SearchOracle *oracle, gpointer data,
                    const SearchOptions *options, SearchOutcome *outcome, GError **error);

void search_outcome_clear(SearchOutcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SearchOutcome, search_outcome_clear)

/* "removed", "needed", ...: for reports. */
const char *search_fate_name(SearchFate fate);

#endif
