/* search.h - which of many things can go, found with few questions.
 *
 * N items are in. "Does it still work without these?" is very dear to answer, so the answer is
 * searched by groups: generalized binary splitting (Hwang 1972; Du and Hwang, "Combinatorial Group
 * Testing and Its Applications") with a prior probability for each item. Nothing here knows what
 * the items are, or how a question is answered:
 *
 *   while (search_next(search, &question, &error) && question != NULL)
 *     search_answer(search, question, ask_the_world(question), 0);
 *   search_outcome(search, &outcome);
 *
 * Whoever can answer several questions at a time asks search_next() for more before he answers; the
 * answers may come in any order. The outcome is the same however many are out and whenever they are
 * answered, for a question that is handed out ahead of its turn is one that the search may come to,
 * and its answer lies ready until it does. The same items and the same answers give the same
 * questions in the same order, so that an interrupted search is resumed by answering from a
 * journal.
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

/* Turns REMOVED (a byte an item, 1: is to go) into what really goes when that is asked for: may add
 * items (they vanish along) and take items back (something brings them back). Returns a key
 * (g_free) that is equal for two sets which lead to the same question, such as a configuration's
 * hash; NULL with ERROR set. It is called many times for each question, so it should be cheap; the
 * same REMOVED must always become the same set and key. */
typedef char *(*SearchClose)(guint8 *removed, gpointer data, GError **error);

typedef struct {
  gboolean exhaustive; /* see above */
  double tolerance;    /* without exhaustive: end when what is undecided is expected to save no more
                          than this, in bytes; 0: never */
  gboolean calibrate;  /* believe the guesses less (or more) as answers show how good they are */
  double prefix_odds;  /* a group is as large as its chance to pass is at least this; 0: 0.5 */
} SearchOptions;

/* Does it work without REMOVED, a set that the closure returned with KEY? No key is asked twice,
 * nor that of the start (what is gone in the items), which is taken to work. */
typedef struct {
  guint number; /* from 1, in the order in which they are handed out */
  const guint8 *removed;
  const char *key;
} SearchQuestion;

typedef struct {
  SearchItemFate *items;
  guint8 *removed;   /* a byte an item: the best set, which passed */
  char *key;         /* its key */
  guint n;           /* items */
  guint questions;   /* whose answers were used; those handed out ahead may be more */
  guint saved;       /* not asked, since the key was known */
  guint implied;     /* not asked, since the answer followed from another */
  gboolean complete; /* nothing is UNTRIED, and with exhaustive, the set is 1-minimal */
  gboolean stopped;  /* there were more questions to ask */
} SearchOutcome;

typedef struct Search Search;

/* A search among the N ITEMS, which must outlive it, as must DATA, which is for CLOSE. OPTIONS may
 * be NULL (all 0). */
Search *search_new(const SearchItem *items, guint n, SearchClose close, gpointer data,
                   const SearchOptions *options);
void search_free(Search *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Search, search_free)

/* The next question, besides those that are out, in *QUESTION, which stays SEARCH's and is there as
 * long as SEARCH is. NULL: there is none until one of those that are out is answered; if none is
 * out, or search_ended(), there will be none any more. FALSE with ERROR set when the closure
 * failed: then SEARCH can only be freed. */
gboolean search_next(Search *search, const SearchQuestion **question, GError **error);

/* The answer to QUESTION, once for each. A TOLERANCE above 0 is what is undecided may be expected
 * to save from this answer on (see SearchOptions), where that is less than before: for whoever
 * counts it against the size of what passed. */
void search_answer(Search *search, const SearchQuestion *question, SearchVerdict verdict,
                   double tolerance);

/* Whether all is decided that is to be: what is still out need not be answered. */
gboolean search_ended(const Search *search);

/* What is known after the last search_next(); may be called at any time, and first of all when
 * somebody does not want to ask on. */
void search_outcome(const Search *search, SearchOutcome *outcome);
void search_outcome_clear(SearchOutcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SearchOutcome, search_outcome_clear)

/* "removed", "needed", ...: for reports. */
const char *search_fate_name(SearchFate fate);

#endif
