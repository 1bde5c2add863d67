/* space.c - makes the configuration of a set of candidates, and tells what came of each symbol. */
#include "minimize/space.h"

#include "base/dotconfig.h"
#include "base/files.h"

#include <string.h>

static void
request_free(gpointer request) {
  symbol_request_free(request);
}

/* The values that the candidates in REMOVED ask for: symbol -> value; the strings are the
 * candidates'. */
static GHashTable *
overrides(const Space *space, const guint8 *removed) {
  GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; removed != NULL && i < space->candidates->len; i++) {
    const Candidate *candidate = space->candidates->pdata[i];
    for (guint j = 0; removed[i] && j < candidate->set->len; j++) {
      const SymbolRequest *request = candidate->set->pdata[j];
      g_hash_table_insert(table, request->symbol, request->value);
    }
  }
  return table;
}

static void
add_request(GPtrArray *requests, const SymbolRequest *from, const char *value) {
  SymbolRequest *request = symbol_request_new(from->symbol, value, from->origin, from->reason);
  request->may_vanish = from->may_vanish;
  g_ptr_array_add(requests, request);
}

GPtrArray *
space_requests(const Space *space, const guint8 *removed) {
  GPtrArray *requests = g_ptr_array_new_with_free_func(request_free);
  g_autoptr(GHashTable) changed = overrides(space, removed);
  GHashTableIter iter;
  gpointer symbol, value;
  for (guint i = 0; i < space->start->len; i++) {
    const SymbolRequest *request = space->start->pdata[i];
    const char *other = g_hash_table_lookup(changed, request->symbol);
    add_request(requests, request, other != NULL ? other : request->value);
    g_hash_table_remove(changed, request->symbol);
  }
  /* Then what the start has no line for: members of a choice that were off. */
  g_hash_table_iter_init(&iter, changed);
  while (g_hash_table_iter_next(&iter, &symbol, &value))
    g_ptr_array_add(requests, symbol_request_new(symbol, value, "tinyx minimize", "a candidate"));
  return requests;
}

/* Adds to MORE the symbols that went off along with the set without being a candidate of it. */
static void
note_more(const Space *space, const DotConfig *config, const guint8 *removed, GPtrArray *more) {
  g_autoptr(GHashTable) named = overrides(space, removed);
  for (const char *const *name = config_names(space->values); *name != NULL; name++)
    if (config_is_yes(space->values, *name) && !config_is_yes(config, *name) &&
        !g_hash_table_contains(named, *name))
      g_ptr_array_add(more, g_strdup(*name));
}

/* TRUE if CANDIDATE has changed as asked for in CONFIG; or if it is a number that is not there any
 * more, since the option that it belongs to has gone. */
static gboolean
is_gone(const Candidate *candidate, const DotConfig *config) {
  const char *value = config_value(config, candidate->symbol);
  return config_value_equal(candidate->to, value) ||
         (g_ascii_isdigit(candidate->from[0]) && strcmp(value, "n") == 0);
}

char *
space_configuration(const Space *space, guint8 *removed, GPtrArray *more, GError **error) {
  g_autoptr(GPtrArray) requests = space_requests(space, removed);
  g_autofree char *text = kconfig_apply(space->kconfig, requests, error);
  g_autoptr(DotConfig) config =
      text != NULL ? config_parse(text, strlen(text), "kconfig", error) : NULL;
  if (config == NULL)
    return NULL;
  for (guint i = 0; removed != NULL && i < space->candidates->len; i++) {
    const Candidate *candidate = space->candidates->pdata[i];
    removed[i] = is_gone(candidate, config);
  }
  if (more != NULL)
    note_more(space, config, removed, more);
  return g_steal_pointer(&text);
}

const SymbolRequest *
space_missed(const Space *space, const char *config) {
  g_autoptr(DotConfig) values = config_parse(config, strlen(config), "kconfig", NULL);
  for (guint i = 0; values != NULL && i < space->required->len; i++) {
    const SymbolRequest *request = space->required->pdata[i];
    if (!config_value_equal(request->value, config_value(values, request->symbol)))
      return request;
  }
  return NULL;
}

char *
space_close(guint8 *removed, gpointer data, GError **error) {
  const Space *space = data;
  g_autofree char *text = space_configuration(space, removed, NULL, error);
  return text != NULL ? sha256_of_strings(text, NULL) : NULL;
}
