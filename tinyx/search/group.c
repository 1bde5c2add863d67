/* group.c - which set is the next question: large groups first, then parts of a bad one. Sets are
 * closed, so a group is what really goes, not what is asked for: the shapes of that are found out
 * with close() alone. */
#include "search/search-private.h"

#define item_at(list, i) g_array_index(list, guint, i)

/* Items in the way of a group that are passed over, at most: each costs some closures. */
#define PASSED_OVER_MOST 24

static const SearchAnswer stuck = {SEARCH_UNRESOLVED, 0, -1, TRUE};

static gboolean
close_prefix(SearchRun *run, const GArray *list, guint length, SearchSet *set) {
  return search_close(run, (const guint *)list->data, length, set);
}

static void
swap_sets(SearchSet *a, SearchSet *b) {
  SearchSet other = *a;
  *a = *b;
  *b = other;
}

/* How many of the first MOST of LIST it takes, beside WANTED, that something goes; MOST + 1: all of
 * them are not enough. */
static gboolean
companions_needed(SearchRun *run, const GArray *list, guint most, GArray *wanted, guint *count) {
  g_auto(SearchSet) probe = {0};
  guint low = 0, core = wanted->len;
  *count = most + 1;
  while (low + 1 < *count) {
    guint middle = (low + *count) / 2;
    g_array_append_vals(wanted, list->data, middle);
    if (!close_prefix(run, wanted, wanted->len, &probe))
      return FALSE;
    g_array_set_size(wanted, core);
    if (probe.kind == SET_SAME)
      low = middle;
    else
      *count = middle;
  }
  return TRUE;
}

/* The smallest set with item LAST of LIST, and with as many of those before it as it takes, of
 * which something goes at all; SAME if there is none. */
static gboolean
smallest_set(SearchRun *run, const GArray *list, guint last, SearchSet *set) {
  g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(guint));
  g_array_append_vals(wanted, &item_at(list, last), 1);
  for (guint round = 0; round <= last; round++) {
    guint count;
    if (!close_prefix(run, wanted, wanted->len, set))
      return FALSE;
    if (set->kind != SET_SAME)
      return TRUE;
    if (!companions_needed(run, list, last, wanted, &count))
      return FALSE;
    if (count > last)
      return TRUE;
    g_array_append_vals(wanted, &item_at(list, count - 1), 1);
  }
  return TRUE;
}

/* How many of POOL from item FROM on are likely enough to pass by the priors alone, beside what
 * passes with PASS. */
static guint
guess_length(const SearchRun *run, const GArray *pool, guint from, double pass) {
  guint length = 0;
  while (from + length < pool->len &&
         (pass *= 1 - run->prior[item_at(pool, from + length)]) >= run->options.prefix_odds)
    length++;
  return MAX(length, 1);
}

/* How many of POOL from item FROM on can be added to WANTED, which passes with PASS, so that
 * nothing goes, or what goes is likely enough to pass: *SET is that of the longest such addition.
 */
static gboolean
longest_addition(SearchRun *run, GArray *wanted, double pass, const GArray *pool, guint from,
                 SearchSet *set, guint *length) {
  g_auto(SearchSet) probe = {0};
  guint core = wanted->len, low = 0, high = pool->len - from + 1;
  guint guess = guess_length(run, pool, from, pass), next = guess;
  *length = 0;
  set->kind = SET_SAME;
  while (low + 1 < high) {
    g_array_append_vals(wanted, &item_at(pool, from), next);
    gboolean closed = close_prefix(run, wanted, wanted->len, &probe);
    g_array_set_size(wanted, core);
    if (!closed)
      return FALSE;
    if (probe.kind == SET_SAME ||
        (probe.kind == SET_OPEN && probe.pass >= run->options.prefix_odds)) {
      *length = low = next;
      swap_sets(set, &probe);
    } else {
      high = next;
    }
    next = low == guess ? low + 1 : (low + high) / 2;
  }
  return TRUE;
}

/* The longest prefix of POOL of which nothing goes, or what goes is likely enough to pass. */
static gboolean
longest_prefix(SearchRun *run, const GArray *pool, SearchSet *set, guint *length) {
  g_autoptr(GArray) nothing = g_array_new(FALSE, FALSE, sizeof(guint));
  return longest_addition(run, nothing, 1, pool, 0, set, length);
}

/* *SET, of the first LENGTH of POOL, ends at an item that is unlikely with them (it takes away what
 * neither would alone): some of those behind it may go all the same. */
static gboolean
pass_over(SearchRun *run, const GArray *pool, guint length, SearchSet *set) {
  g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(guint));
  g_array_append_vals(wanted, pool->data, length);
  g_auto(SearchSet) longer = {0};
  guint at = length + 1, more;
  for (guint passed = 0; passed < PASSED_OVER_MOST && at < pool->len; passed++) {
    if (set->pass * (1 - run->prior[item_at(pool, at)]) < run->options.prefix_odds)
      break;
    if (!longest_addition(run, wanted, set->pass, pool, at, &longer, &more))
      return FALSE;
    if (longer.kind == SET_OPEN) {
      g_array_append_vals(wanted, &item_at(pool, at), more);
      swap_sets(set, &longer);
    }
    at += more + 1;
  }
  return TRUE;
}

/* Nothing goes, whatever of POOL is wanted together: is there one that goes alone? */
static gboolean
pick_single(SearchRun *run, const GArray *pool, SearchSet *set) {
  for (guint i = 0; i < pool->len; i++) {
    guint item = item_at(pool, i);
    if (!search_close(run, &item, 1, set))
      return FALSE;
    if (set->kind == SET_OPEN)
      return TRUE;
    search_settle(run, item, set->kind == SET_BLOCKED ? &set->answer : &stuck);
  }
  set->kind = SET_SAME;
  return TRUE;
}

/* An item that takes more with it than it seemed goes back in the order, behind what it takes: a
 * menu is tried after its entries. TRUE if it was news. */
static gboolean
raise_risk(SearchRun *run, guint item, double risk) {
  risk = MIN(risk, 1 - 1e-9);
  if (risk <= run->risk[item] * (1 + 1e-6)) /* rounding is no news */
    return FALSE;
  run->risk[item] = risk;
  search_order_sort(run);
  return TRUE;
}

/* ITEM is where the likely prefix ends. TRUE if something is to be learnt from it without a
 * question: that it cannot go, or that it takes more along than it seemed. */
static gboolean
clear_way(SearchRun *run, guint item, const SearchSet *alone) {
  SearchAnswer answer;
  if (alone->kind == SET_OPEN)
    return raise_risk(run, item, 1 - alone->pass);
  if (alone->kind == SET_SAME || !search_known(run, alone, &answer))
    return FALSE;
  search_settle(run, item, &answer);
  return TRUE;
}

/* No prefix is likely to pass: the item after the empty ones, with as little as can be. */
static gboolean
pick_unlikely(SearchRun *run, const GArray *pool, guint length, SearchSet *set) {
  if (!smallest_set(run, pool, length, set))
    return FALSE;
  if (set->kind == SET_SAME || set->kind == SET_LOSSY) {
    search_settle(run, item_at(pool, length), &stuck);
    set->kind = SET_SAME;
  }
  return TRUE;
}

/* ITEM of the first LENGTH of POOL does not go in SET with the others, though it goes alone: a
 * lighter one that brings it back waits until ITEM is decided. *NEWS: there is one. */
static gboolean
let_lighter_wait(SearchRun *run, const GArray *pool, guint length, const SearchSet *set, guint item,
                 gboolean *news) {
  g_auto(SearchSet) probe = {0};
  guint pair[] = {item, 0};
  if (!search_close(run, pair, 1, &probe))
    return FALSE;
  if (!probe.gone[item])
    return TRUE;
  for (guint i = 0; i < length; i++) {
    pair[1] = item_at(pool, i);
    if (!set->gone[pair[1]] || run->items[pair[1]].weight >= run->items[item].weight)
      continue;
    if (!search_close(run, pair, 2, &probe))
      return FALSE;
    if (!probe.gone[item]) {
      run->waits_for[pair[1]] = item + 1;
      *news = TRUE;
    }
  }
  return TRUE;
}

/* Of two that do not go together, the heavier is to go. */
static gboolean
settle_rivals(SearchRun *run, const GArray *pool, guint length, const SearchSet *set,
              gboolean *news) {
  *news = FALSE;
  for (guint i = 0; i < length && set->kind == SET_OPEN; i++)
    if (!set->gone[item_at(pool, i)] &&
        !let_lighter_wait(run, pool, length, set, item_at(pool, i), news))
      return FALSE;
  return TRUE;
}

gboolean
search_pick(SearchRun *run, const GArray *pool, SearchSet *set) {
  g_auto(SearchSet) alone = {0};
  guint length;
  gboolean news;
  if (!longest_prefix(run, pool, set, &length) || !settle_rivals(run, pool, length, set, &news))
    return FALSE;
  if (news) {
    set->kind = SET_SAME;
    return TRUE;
  }
  if (length == pool->len)
    return set->kind == SET_OPEN || pick_single(run, pool, set);
  if (!search_close(run, &item_at(pool, length), 1, &alone))
    return FALSE;
  if (clear_way(run, item_at(pool, length), &alone)) {
    set->kind = SET_SAME;
    return TRUE;
  }
  return set->kind == SET_OPEN ? pass_over(run, pool, length, set)
                               : pick_unlikely(run, pool, length, set);
}

/* How many of LIST go in SET. */
static guint
count_gone(const GArray *list, const SearchSet *set) {
  guint count = 0;
  for (guint i = 0; i < list->len; i++)
    count += set->gone[item_at(list, i)];
  return count;
}

static gboolean
is_part(const GArray *list, const SearchSet *set) {
  guint count = count_gone(list, set);
  return count > 0 && count < list->len;
}

/* A prefix that is a part, the one of LENGTH or the nearest to it. *JUMP: or the length with which,
 * after nothing went with one less, all go. */
static gboolean
prefix_part(SearchRun *run, const GArray *list, guint length, SearchSet *set, guint *jump) {
  guint low = 0, high = list->len;
  for (guint next = length; low + 1 < high; next = (low + high) / 2) {
    if (!close_prefix(run, list, next, set))
      return FALSE;
    if (is_part(list, set))
      return TRUE;
    if (count_gone(list, set) == 0)
      low = next;
    else
      high = next;
  }
  *jump = high;
  return TRUE;
}

/* All but one, where that one does not go along with the others. */
static gboolean
part_without_one(SearchRun *run, const GArray *list, SearchSet *set) {
  for (guint i = 0; i < list->len; i++) {
    g_autoptr(GArray) others = g_array_copy((GArray *)list);
    g_array_remove_index(others, i);
    if (!close_prefix(run, others, others->len, set))
      return FALSE;
    if (is_part(list, set))
      return TRUE;
  }
  set->kind = SET_SAME;
  return TRUE;
}

gboolean
search_part(SearchRun *run, GArray *list, SearchSet *set) {
  set->kind = SET_SAME;
  if (list->len < 2)
    return TRUE;
  for (guint moves = 0; moves < list->len; moves++) {
    guint jump = 0;
    if (!prefix_part(run, list, search_balance(run, list), set, &jump))
      return FALSE;
    if (jump == 0)
      return TRUE;
    guint item = item_at(list, jump - 1);
    if (!smallest_set(run, list, jump - 1, set))
      return FALSE;
    if (is_part(list, set))
      return TRUE;
    /* It takes all of them along: its turn comes when they are gone. */
    g_array_remove_index(list, jump - 1);
    g_array_append_val(list, item);
  }
  return part_without_one(run, list, set);
}
