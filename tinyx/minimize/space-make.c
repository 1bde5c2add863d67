/* space-make.c - makes the search space: the start with a line for every symbol, and its
 * candidates.
 */
#include "minimize/space.h"

#include "base/dotconfig.h"
#include "base/files.h"
#include "base/msg.h"
#include "kernel/choose.h"

#include <string.h>

/* SPACE->asked becomes what `tinyx build` would ask for, SPACE->platform what of that the platform
 * alone asks for. */
static gboolean
choose(Space *space, const KernelInput *input, GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(GPtrArray) no_files = g_ptr_array_new();
  const KernelInput bare = {
      .source = input->source, .platform = input->platform, .files = no_files};
  space->platform = choose_symbols(&bare, data, NULL, error);
  if (space->platform != NULL)
    space->asked = choose_symbols(input, data, NULL, error);
  return space->asked != NULL;
}

/* The text of the file PATH, which the user gave with OPTION. */
static char *
read_given(const char *path, const char *option, GError **error) {
  g_autoptr(GError) problem = NULL;
  char *text = NULL;
  if (!file_read(path, CONFIG_BYTES_MAX, &text, NULL, &problem))
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s %s: %s", option, path, problem->message);
  return text;
}

/* An image has no modules. With MODULES=n, Kconfig would build in what the configuration has as a
 * module (sym_calc_value in scripts/kconfig/symbol.c): thousands of drivers that its kernel loads
 * only where there is such a device. */
static void
leave_modules_out(GPtrArray *requests, const char *path) {
  guint modules = 0;
  for (guint i = 0; i < requests->len; i++) {
    SymbolRequest *request = requests->pdata[i];
    if (strcmp(request->value, "m") != 0)
      continue;
    g_free(request->value);
    request->value = g_strdup("n");
    modules++;
  }
  if (modules > 0)
    msg_info("%s: %u symbols are modules there, and left out: images have none", path, modules);
}

/* --from: what that configuration says, and on top of it what the platform, the rules and the
 * recipe ask for. */
static GPtrArray *
requests_from(const Space *space, const char *path, GError **error) {
  g_autofree char *text = NULL;
  g_autoptr(GHashTable) asked = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) requests = NULL;
  if ((text = read_given(path, "--from", error)) == NULL ||
      !kconfig_check_names(space->kconfig, text, path, error))
    return NULL;
  requests = kconfig_requests(space->kconfig, text, space->asked, path, error);
  if (requests == NULL)
    return NULL;
  leave_modules_out(requests, path);
  for (guint i = 0; i < space->asked->len; i++)
    g_hash_table_add(asked, ((SymbolRequest *)space->asked->pdata[i])->symbol);
  for (guint i = requests->len; i > 0; i--)
    if (g_hash_table_contains(asked, ((SymbolRequest *)requests->pdata[i - 1])->symbol))
      g_ptr_array_remove_index(requests, i - 1);
  for (guint i = 0; i < space->asked->len; i++) {
    const SymbolRequest *from = space->asked->pdata[i];
    SymbolRequest *request =
        symbol_request_new(from->symbol, from->value, from->origin, from->reason);
    request->may_vanish = from->may_vanish;
    request->asker = from->asker;
    g_ptr_array_add(requests, request);
  }
  return g_steal_pointer(&requests);
}

/* Gives every symbol of the start that can be chosen a line of its own, so that none changes by its
 * default when another one is taken away. */
static gboolean
spell_out(Space *space, const GPtrArray *requests, GError **error) {
  g_autofree char *text = kconfig_apply(space->kconfig, requests, error);
  g_autoptr(GPtrArray) start = NULL;
  if (text == NULL)
    return FALSE;
  start = kconfig_requests(space->kconfig, text, NULL, "the start", error);
  if (start == NULL)
    return FALSE;
  for (guint i = start->len; i > 0; i--)
    if (strcmp(((SymbolRequest *)start->pdata[i - 1])->symbol, SPACE_MAP_SYMBOL) == 0)
      g_ptr_array_remove_index(start, i - 1);
  g_ptr_array_add(start,
                  symbol_request_new(SPACE_MAP_SYMBOL, "y", "tinyx minimize", "for the forecast"));
  space->start = g_steal_pointer(&start);
  return TRUE;
}

static gboolean
make_start(Space *space, const char *path, GError **error) {
  g_autoptr(GPtrArray) from = NULL;
  g_autofree char *text = NULL;
  if (path != NULL && (from = requests_from(space, path, error)) == NULL)
    return FALSE;
  if (!spell_out(space, from != NULL ? from : space->asked, error))
    return FALSE;
  text = space_configuration(space, NULL, NULL, error);
  if (text == NULL)
    return FALSE;
  space->values = config_parse(text, strlen(text), "the start", error);
  space->start_key = sha256_of_strings(text, NULL);
  space->symbols = space->values != NULL ? kconfig_symbols(space->kconfig, text, error) : NULL;
  return space->symbols != NULL;
}

/* The requests of the recipe and the user, for symbols or for features, that the start fulfils: the
 * search must not undo them. They are SPACE's own. */
static GPtrArray *
required(const Space *space) {
  GPtrArray *wanted = g_ptr_array_new();
  for (guint i = 0; i < space->asked->len; i++) {
    SymbolRequest *request = space->asked->pdata[i];
    if (request->asker >= ASKED_BY_NAME &&
        config_value_equal(request->value, config_value(space->values, request->symbol)))
      g_ptr_array_add(wanted, request);
  }
  return wanted;
}

/* Tells the person who named candidates which of them are locked. */
static void
tell_of_locked(const Space *space) {
  for (guint i = 0; i < space->candidates->len; i++) {
    const Candidate *candidate = space->candidates->pdata[i];
    if (candidate->locked != NULL)
      msg_warn("candidate %s=%s is not tried: %s", candidate->symbol, candidate->to,
               candidate->locked);
  }
}

/* Locks those of CANDIDATES that must not change, and removes SPACE_MAP_SYMBOL, which is only on
 * for the forecast. Returns CANDIDATES, which may be NULL. */
static GPtrArray *
only_ours(const Space *space, GPtrArray *candidates, const CandidateData *data, gboolean named) {
  if (candidates == NULL)
    return NULL;
  candidates_lock(candidates, data, named, space->required);
  for (guint i = candidates->len; i > 0; i--)
    if (strcmp(((Candidate *)candidates->pdata[i - 1])->symbol, SPACE_MAP_SYMBOL) == 0)
      g_ptr_array_remove_index(candidates, i - 1);
  return candidates;
}

/* candidates_all() for SYMBOLS, as only_ours() leaves it. */
static GPtrArray *
all_candidates(const Space *space, const GPtrArray *symbols, gboolean selected, GError **error) {
  g_autofree char *folder = data_path("kconfig-heuristics");
  g_auto(CandidateData) data = {0};
  if (!candidate_data_load(folder, space->target, &data, error))
    return NULL;
  return only_ours(space, candidates_all(symbols, &data, selected), &data, FALSE);
}

/* The candidates that a person names: in the file PATH, or in the recipe. */
static GPtrArray *
named_candidates(const Space *space, const SpaceInput *input, GError **error) {
  const CandidateData none = {0};
  const char *path = input->candidates;
  g_autofree char *text = path != NULL ? read_given(path, "--candidates", error)
                                       : g_strjoinv("\n", input->recipe->candidates);
  if (text == NULL)
    return NULL;
  return only_ours(
      space,
      candidates_named(text, path != NULL ? path : input->recipe->file, space->symbols, error),
      &none, TRUE);
}

static gboolean
make_candidates(Space *space, const SpaceInput *input, GError **error) {
  space->named = input->candidates != NULL || input->recipe->candidates[0] != NULL;
  space->required = required(space);
  space->candidates = space->named
                          ? named_candidates(space, input, error)
                          : all_candidates(space, space->symbols, input->from != NULL, error);
  if (space->candidates != NULL && space->named)
    tell_of_locked(space);
  return space->candidates != NULL;
}

gboolean
space_make(Space *space, KernelSource *source, const SpaceInput *input, GError **error) {
  space->target = input->kernel->platform;
  if (!choose(space, input->kernel, error) || !source_unpack(source, error))
    return FALSE;
  space->kconfig = kconfig_open(source, error);
  return space->kconfig != NULL && make_start(space, input->from, error) &&
         make_candidates(space, input, error);
}

void
space_clear(Space *space) {
  kconfig_close(space->kconfig);
  g_clear_pointer(&space->platform, g_ptr_array_unref);
  g_clear_pointer(&space->asked, g_ptr_array_unref);
  g_clear_pointer(&space->start, g_ptr_array_unref);
  g_clear_pointer(&space->required, g_ptr_array_unref);
  g_clear_pointer(&space->symbols, g_ptr_array_unref);
  g_clear_pointer(&space->values, config_free);
  g_free(space->start_key);
  g_clear_pointer(&space->candidates, g_ptr_array_unref);
}

static gboolean
is_candidate(const Space *space, const char *symbol) {
  for (guint i = 0; i < space->candidates->len; i++)
    if (strcmp(((const Candidate *)space->candidates->pdata[i])->symbol, symbol) == 0)
      return TRUE;
  return FALSE;
}

gboolean
space_add_candidates(Space *space, const char *config, GError **error) {
  g_autoptr(GPtrArray) symbols = kconfig_symbols(space->kconfig, config, error);
  g_autoptr(GPtrArray) found =
      symbols != NULL ? all_candidates(space, symbols, FALSE, error) : NULL;
  if (found == NULL)
    return FALSE;
  while (found->len > 0) {
    Candidate *candidate = g_ptr_array_steal_index(found, 0);
    if (candidate->locked != NULL || is_candidate(space, candidate->symbol))
      candidate_free(candidate);
    else
      g_ptr_array_add(space->candidates, candidate);
  }
  return TRUE;
}
