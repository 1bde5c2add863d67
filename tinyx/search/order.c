/* order.c - what is tried first, and where a group is cut: only arithmetic, no questions. */
#include "search/search-private.h"

#include <math.h>
#include <string.h>

/* A prior of 0 would never learn, one of 1 never be tried. */
static const double prior_least = 1e-6, prior_most = 1 - 1e-6;
/* How far from the middle a cut may be for the sake of a group. */
static const double group_slack = 0.15;

/* How much the guesses are trusted before any answer: as if they had predicted half a needed item,
 * and it had been found (the prior of calibrate, below). */
static const double trust = 0.5;
/* A guess of at least this is taken for knowledge, and not corrected. */
static const double known = 0.9;

static double
clamp_prior(double needed) {
  return !(needed > prior_least) ? prior_least : MIN(needed, prior_most);
}

/* What decides an item's place in the order. The band is the binary logarithm of its odds to be
 * needed, rounded: smaller bands come first. */
typedef struct {
  guint index;
  int band;
  double risk, weight;
  const char *group;
  double family_weight, group_weight; /* of all in the band with the same start of the path */
  gsize family;                       /* length of the path's first part */
} Place;

static int
compare_numbers(double a, double b) {
  return (a > b) - (a < b);
}

static int
compare_families(const Place *a, const Place *b) {
  int heavy = compare_numbers(b->family_weight, a->family_weight);
  int name = strncmp(a->group, b->group, MIN(a->family, b->family));
  return heavy != 0 ? heavy : name != 0 ? name : (a->family > b->family) - (a->family < b->family);
}

static int
compare_places(gconstpointer first, gconstpointer second, gpointer data) {
  const Place *a = first, *b = second;
  (void)data;
  int by[] = {
      (a->band > b->band) - (a->band < b->band),
      compare_families(a, b),
      compare_numbers(b->group_weight, a->group_weight),
      strcmp(a->group, b->group),
      compare_numbers(a->risk, b->risk),
      compare_numbers(b->weight, a->weight),
  };
  for (guint i = 0; i < G_N_ELEMENTS(by); i++)
    if (by[i] != 0)
      return by[i];
  return (a->index > b->index) - (a->index < b->index);
}

/* The sum for LENGTH bytes of the place's path, in its band. */
static double *
weight_of(GHashTable *sums, const Place *place, gsize length) {
  g_autofree char *name = g_strdup_printf("%d %.*s", place->band, (int)length, place->group);
  double *sum = g_hash_table_lookup(sums, name);
  if (sum == NULL) {
    sum = g_new0(double, 1);
    g_hash_table_insert(sums, g_steal_pointer(&name), sum);
  }
  return sum;
}

static Place
place_of(const SearchRun *run, guint item) {
  const char *group = run->items[item].group != NULL ? run->items[item].group : "";
  Place place = {.index = item, .risk = run->risk[item], .weight = run->items[item].weight};
  place.group = group;
  place.family = strcspn(group, "/");
  frexp(place.risk / (1 - place.risk), &place.band);
  return place;
}

void
search_order_sort(SearchRun *run) {
  g_autoptr(GHashTable) families = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(Place));
  for (guint i = 0; i < run->n; i++) {
    Place place = place_of(run, i);
    *weight_of(families, &place, place.family) += place.weight;
    *weight_of(groups, &place, strlen(place.group)) += place.weight;
    g_array_append_val(places, place);
  }
  for (guint i = 0; i < run->n; i++) {
    Place *place = &g_array_index(places, Place, i);
    place->family_weight = *weight_of(families, place, place->family);
    place->group_weight = *weight_of(groups, place, strlen(place->group));
  }
  g_array_sort_with_data(places, compare_places, NULL);
  for (guint i = 0; i < run->n; i++)
    run->order[i] = g_array_index(places, Place, i).index;
}

void
search_order_begin(SearchRun *run) {
  for (guint i = 0; i < run->n; i++)
    run->risk[i] = run->prior[i];
  search_order_sort(run);
}

void
search_order_init(SearchRun *run) {
  for (guint i = 0; i < run->n; i++)
    run->guess[i] = run->prior[i] = clamp_prior(run->items[i].needed);
  search_order_begin(run);
}

/* A probability as a hazard, -log(1 - p): the hazards of a group's items add up, and guesses that
 * are all too high or too low by the same factor can be corrected by it. */
static double
hazard(double needed) {
  return -log1p(-needed);
}

/* The factor is how many items were found to be needed, by how many the guesses had predicted: the
 * estimate of a rate with a gamma prior of mean 1. Guesses that are knowledge (see above) neither
 * count nor are corrected. */
void
search_order_calibrate(SearchRun *run) {
  double expected = trust, found = trust;
  if (!run->options.calibrate)
    return;
  for (guint i = 0; i < run->n; i++) {
    gboolean needed = run->fates[i].fate == SEARCH_NEEDED && run->fates[i].because < 0;
    if (run->guess[i] >= known || !(needed || run->fates[i].fate == SEARCH_REMOVED))
      continue;
    expected += MIN(hazard(run->guess[i]), 1);
    found += needed;
  }
  for (guint i = 0; i < run->n; i++)
    if (run->guess[i] < known)
      run->prior[i] = clamp_prior(-expm1(-hazard(run->guess[i]) * found / expected));
}

/* The probability that at least one of ITEMS (guint) is needed; NEEDED has that of each item. */
static double
doubt_of(const double *needed, const GArray *items) {
  double pass = 1;
  for (guint i = 0; i < items->len; i++)
    pass *= 1 - needed[g_array_index(items, guint, i)];
  return 1 - pass;
}

/* What a cut between A and B costs: nothing between families, little between groups. */
static double
cut_cost(const SearchRun *run, guint a, guint b) {
  const char *one = run->items[a].group, *other = run->items[b].group;
  if (g_strcmp0(one, other) == 0 || one == NULL || other == NULL)
    return group_slack;
  gsize family = strcspn(one, "/");
  gboolean kin = family == strcspn(other, "/") && strncmp(one, other, family) == 0;
  return kin ? group_slack / 3 : 0;
}

guint
search_balance(const SearchRun *run, const GArray *list) {
  const guint *items = (const guint *)list->data;
  double doubt = doubt_of(run->prior, list), pass = 1, least = 2;
  guint best = 1;
  for (guint i = 1; i < list->len; i++) {
    pass *= 1 - run->prior[items[i - 1]];
    double off = fabs((1 - pass) / doubt - 0.5);
    double cost = off + (off <= group_slack ? cut_cost(run, items[i - 1], items[i]) : group_slack);
    if (cost < least) {
      least = cost;
      best = i;
    }
  }
  return best;
}

/* The items among which at least one is known to be needed; NULL: none are known. */
static const GArray *
guilty(const SearchRun *run) {
  return run->suspects != NULL && run->blame.verdict == SEARCH_FAIL ? run->suspects : NULL;
}

double
search_expected_saving(const SearchRun *run) {
  const GArray *suspects = guilty(run);
  double sum = 0;
  for (guint i = 0; i < run->n; i++)
    if (!run->gone[i] && run->fates[i].fate == SEARCH_UNTRIED)
      sum += run->items[i].weight * (1 - run->guess[i]);
  if (suspects == NULL)
    return sum;
  /* Bayes: one of the suspects is needed, so each is more likely to be it than was guessed. */
  double doubt = doubt_of(run->guess, suspects);
  for (guint i = 0; i < suspects->len; i++) {
    guint item = g_array_index(suspects, guint, i);
    if (run->fates[item].fate != SEARCH_UNTRIED)
      continue;
    sum -= run->items[item].weight * (1 - run->guess[item]);
    sum += run->items[item].weight * (1 - MIN(run->guess[item] / doubt, 1));
  }
  return sum;
}

/* In a group that does not work, a part of it works if what is needed is in the rest. */
double
search_chance(const SearchRun *run) {
  const GArray *suspects = guilty(run);
  double doubt = suspects != NULL ? doubt_of(run->prior, suspects) : 0;
  double pass = doubt > 0 ? 1 - (1 - run->asked.pass) / doubt : run->asked.pass;
  return CLAMP(pass, 0.01, 0.99);
}
