/* yield.c - finds the lines of a lock that stand in the way of later requests. */
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

/* TRUE if LINE, the lock's, stands in the way of ASKED, which somebody asks for after it. */
static gboolean
is_in_the_way(const Search *search, guint line, guint asked) {
  const SymbolRequest *ours = search->chosen->pdata[line];
  const SymbolFacts *facts = search->facts->pdata[asked];
  if (same_choice(search, line, asked))
    return is_lost(search, line) || is_lost(search, asked);
  return is_lost(search, asked) && facts->depends != NULL && !facts->depends_met &&
         depends_on_other(facts->depends, ours->symbol, ours->value);
}

static gboolean
add(const Search *search, guint line, guint asked) {
  const SymbolRequest *ours = search->chosen->pdata[line], *other = search->chosen->pdata[asked];
  if (g_hash_table_contains(search->yielded, ours->symbol))
    return FALSE;
  g_autofree char *text =
      g_strdup_printf("%s: %s=%s gives way to %s=%s (%s)", ours->origin, ours->symbol, ours->value,
                      other->symbol, other->value, other->origin);
  /* What stands by default does so in every build, and is no news. */
  if (other->by_default)
    msg_verbose("kernel: %s", text);
  return g_hash_table_insert(search->yielded, g_strdup(ours->symbol),
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

gboolean
yield_find(const GPtrArray *chosen, const DotConfig *config, const GPtrArray *facts,
           GHashTable *yielded) {
  const Search search = {chosen, facts, config, yielded};
  gboolean any = FALSE;
  for (guint asked = 0; asked < chosen->len; asked++) {
    if (((const SymbolRequest *)chosen->pdata[asked])->asker <= ASKED_BY_LOCK)
      continue;
    for (guint line = 0; line < chosen->len; line++) {
      const SymbolRequest *request = chosen->pdata[line];
      if (request->asker != ASKED_BY_LOCK || !is_in_the_way(&search, line, asked) ||
          !add(&search, line, asked))
        continue;
      add_members(&search, line, asked);
      any = TRUE;
    }
  }
  return any;
}
