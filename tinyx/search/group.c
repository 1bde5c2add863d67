/* group.c - chooses the set of items that is asked about next: a large group, or a part of one that
 * did not work.
 *
 * Which items really go when some are wanted gone is for the closure to say (search.h): it may take
 * others along, or bring some back. So every candidate for a question is closed first, and what the
 * closure made of it is looked at. Closing costs no question.
 *
 * The "pool" is the list of all items that may be tried now, the likely removable ones first. */
#include "search/search-private.h"

#define item_at(list, i) g_array_index(list, guint, i)

/* How many unlikely items pass_over() skips at most to make one group larger: each skip costs some
 * closures. */
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

/* Some items only go together with others. *COUNT: the least number of items at the start of LIST
 * that must be wanted beside WANTED so that anything goes at all; MOST + 1 where even the first
 * MOST are not enough. */
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

/* SET: the smallest set of which anything goes, made of item LAST of LIST and of those items before
 * it that it needs for that. SET_SAME where there is no such set. */
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

/* A first guess for longest_addition(), by the priors and without closing anything: how many items
 * of POOL from FROM on can join a set that passes with probability PASS, so that the whole still
 * passes with prefix_odds. */
static guint
guess_length(const SearchRun *run, const GArray *pool, guint from, double pass) {
  guint length = 0;
  while (from + length < pool->len &&
         (pass *= 1 - run->prior[item_at(pool, from + length)]) >= run->options.prefix_odds)
    length++;
  return MAX(length, 1);
}

/* *LENGTH: the greatest number of items of POOL from FROM on that can be added to WANTED, which
 * passes with probability PASS, so that the whole, closed, still passes with prefix_odds (or
 * nothing of it goes, which costs nothing). *SET is that whole. Found by bisection. */
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

/* The same from the start of POOL, with nothing wanted before. */
static gboolean
longest_prefix(SearchRun *run, const GArray *pool, SearchSet *set, guint *length) {
  g_autoptr(GArray) nothing = g_array_new(FALSE, FALSE, sizeof(guint));
  return longest_addition(run, nothing, 1, pool, 0, set, length);
}

/* *SET, the first LENGTH items of POOL, could not be made longer because the item behind them makes
 * it unlikely to pass (together they take away what neither takes alone). Skips that item and those
 * like it, and adds to *SET what follows them and fits. */
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

/* Nothing goes when all of POOL is wanted together. *SET: the first item that goes alone; those
 * before it, which do not, are settled. */
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

/* ITEM takes other items along, so that its removal is as risky as all of theirs together: it moves
 * back in the order, behind them. That is how a menu comes to be tried after its entries. FALSE if
 * its risk was known to be that high. */
static gboolean
raise_risk(SearchRun *run, guint item, double risk) {
  risk = MIN(risk, 1 - 1e-9);
  if (risk <= run->risk[item] * (1 + 1e-6)) /* not higher but for rounding */
    return FALSE;
  run->risk[item] = risk;
  search_order_sort(run);
  return TRUE;
}

/* ITEM is the one at which the group could not be made longer; ALONE is its closure. TRUE if that
 * tells something without a question: that ITEM cannot go, or that it takes more along than was
 * known. The pool has another order, or one item less, then. */
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

/* Not even one item at the start of POOL is likely to pass; nothing goes of the first LENGTH. *SET:
 * the item behind these, with as few others as it needs to go. It is asked all the same, for every
 * item is to be decided. */
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

/* ITEM, of the first LENGTH of POOL, goes alone, but not in SET together with the others: one of
 * them brings it back. Of two such rivals the heavier is to go, so a lighter rival waits until ITEM
 * is decided. *NEWS becomes TRUE where there is one. */
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

/* Calls let_lighter_wait() for each item that is wanted in SET and does not go. */
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

/* SET: what goes when a number of items at the start of LIST are wanted, LENGTH or one near it, so
 * that it is a part of LIST: some, not all. Where there is no such number, nothing goes with one
 * and everything with the next: *JUMP is that next number, else it stays as it is. */
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

/* SET: a part of LIST that is all of it but one item, which the others do not take along. SET_SAME
 * where every one is taken along. */
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
    /* This item takes all others along: behind them it can be left out. */
    g_array_remove_index(list, jump - 1);
    g_array_append_val(list, item);
  }
  return part_without_one(run, list, set);
}
