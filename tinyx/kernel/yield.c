/* yield.c - finds the lines of weaker askers that stand in the way of stronger ones. */
#include "kernel/yield.h"

#include "base/dotconfig.h"
#include "base/msg.h"
#include "kernel/query.h"

#include <string.h>

typedef struct {
  const GPtrArray *chosen, *facts;
  const DotConfig *config;
  GHashTable *yielded;
} Search;

gboolean
asker_wins_over(SymbolAsker asker, SymbolAsker other) {
  switch (asker) {
  case ASKED_BY_REQUEST:
    return TRUE;
  case ASKED_BY_NAME:
    return other < ASKED_BY_NAME;
  case ASKED_BY_RULE:
    return other == ASKED_BY_LOCK;
  case ASKED_BY_LOCK:
    return other == ASKED_BY_PLATFORM;
  default:
    return FALSE;
  }
}

char *
yield_key(SymbolAsker asker, const char *symbol) {
  return g_strdup_printf("%d %s", asker, symbol);
}

gboolean
yield_has(GHashTable *yielded, SymbolAsker asker, const char *symbol) {
  g_autofree char *key = yield_key(asker, symbol);
  return yielded != NULL && g_hash_table_contains(yielded, key);
}

static gboolean
is_lost(const Search *search, guint i) {
  const SymbolRequest *request = search->chosen->pdata[i];
  return !request->may_vanish &&
         !config_value_equal(request->value, config_value(search->config, request->symbol));
}

static gboolean
is_name(char c) {
  return g_ascii_isalnum(c) || c == '_';
}

/* TRUE if DEPENDS ("SLAB [=n] || !SMP [=y]") asks for SYMBOL with another value than VALUE. */
static gboolean
depends_on_other(const char *depends, const char *symbol, const char *value) {
  gsize length = strlen(symbol);
  gboolean off = strcmp(value, "n") == 0;
  for (const char *at = depends; (at = strstr(at, symbol)) != NULL; at += length) {
    gboolean begins = at == depends || !is_name(at[-1]);
    gboolean negated = at != depends && at[-1] == '!';
    if (begins && !is_name(at[length]) && negated != off)
      return TRUE;
  }
  return FALSE;
}

static gboolean
same_choice(const Search *search, guint a, guint b) {
  const SymbolFacts *first = search->facts->pdata[a], *second = search->facts->pdata[b];
  return first->choice != NULL && g_strcmp0(first->choice, second->choice) == 0;
}

/* TRUE if both LINE and ASKED, members of one choice, are wanted on, and LINE's asker is the weaker
 * one. */
static gboolean
is_other_member(const Search *search, guint line, guint asked) {
  const SymbolRequest *ours = search->chosen->pdata[line], *other = search->chosen->pdata[asked];
  return ours->asker != other->asker && asker_wins_over(other->asker, ours->asker) &&
         strcmp(ours->value, "n") != 0 && strcmp(other->value, "n") != 0;
}

/* TRUE if LINE stands in the way of ASKED, which somebody stronger asks for. */
static gboolean
is_in_the_way(const Search *search, guint line, guint asked) {
  const SymbolRequest *ours = search->chosen->pdata[line], *other = search->chosen->pdata[asked];
  const SymbolFacts *facts = search->facts->pdata[asked];
  gboolean lock = ours->asker == ASKED_BY_LOCK && other->asker > ASKED_BY_LOCK;
  if (same_choice(search, line, asked))
    return (lock || is_other_member(search, line, asked)) &&
           (is_lost(search, line) || is_lost(search, asked));
  return lock && is_lost(search, asked) && facts->depends != NULL && !facts->depends_met &&
         depends_on_other(facts->depends, ours->symbol, ours->value);
}

static gboolean
add(const Search *search, guint line, guint asked) {
  const SymbolRequest *ours = search->chosen->pdata[line], *other = search->chosen->pdata[asked];
  if (yield_has(search->yielded, ours->asker, ours->symbol))
    return FALSE;
  g_autofree char *text =
      g_strdup_printf("%s: %s=%s gives way to %s=%s (%s)", ours->origin, ours->symbol, ours->value,
                      other->symbol, other->value, other->origin);
  /* What stands by default does so in every build, and is no news. */
  if (other->by_default)
    msg_verbose("kernel: %s", text);
  return g_hash_table_insert(search->yielded, yield_key(ours->asker, ours->symbol),
                             other->by_default ? g_strdup("") : g_steal_pointer(&text));
}

/* With one member of a choice the lock's others go, too. */
static void
add_members(const Search *search, guint line, guint asked) {
  for (guint i = 0; i < search->chosen->len; i++) {
    const SymbolRequest *request = search->chosen->pdata[i];
    if (request->asker == ASKED_BY_LOCK && same_choice(search, line, i))
      add(search, i, asked);
  }
}

/* The symbol that gave way and that DEPENDS ("SLAB [=n] || SLUB [=n]") asks for; NULL: none. */
static const char *
yielded_in(const Search *search, const char *depends) {
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init(&iter, search->yielded);
  while (g_hash_table_iter_next(&iter, &key, NULL)) {
    const char *symbol = strchr(key, ' ') + 1;
    if (depends_on_other(depends, symbol, "n"))
      return symbol;
  }
  return NULL;
}

/* A platform's or a lock's line that needs a member of a choice goes with that. */
static gboolean
add_dependents(const Search *search) {
  gboolean any = FALSE;
  for (guint i = 0; i < search->chosen->len; i++) {
    const SymbolRequest *line = search->chosen->pdata[i];
    const SymbolFacts *facts = search->facts->pdata[i];
    if (line->asker > ASKED_BY_LOCK || !is_lost(search, i) || facts->depends == NULL ||
        facts->depends_met || yield_has(search->yielded, line->asker, line->symbol))
      continue;
    const char *needed = yielded_in(search, facts->depends);
    if (needed == NULL)
      continue;
    char *text = g_strdup_printf("%s: %s=%s goes with %s, which it depends on", line->origin,
                                 line->symbol, line->value, needed);
    any |= g_hash_table_insert(search->yielded, yield_key(line->asker, line->symbol), text);
  }
  return any;
}

gboolean
yield_find(const GPtrArray *chosen, const DotConfig *config, const GPtrArray *facts,
           GHashTable *yielded) {
  const Search search = {chosen, facts, config, yielded};
  gboolean any = FALSE;
  for (guint asked = 0; asked < chosen->len; asked++) {
    for (guint line = 0; line < chosen->len; line++) {
      const SymbolRequest *request = chosen->pdata[line];
      if (line == asked || !is_in_the_way(&search, line, asked) || !add(&search, line, asked))
        continue;
      if (request->asker == ASKED_BY_LOCK)
        add_members(&search, line, asked);
      any = TRUE;
    }
  }
  return add_dependents(&search) || any;
}
