/* start.c - everything of a search up to the journal and the candidates. */
#include "minimize/run.h"

#include "base/cache.h"
#include "base/dotconfig.h"
#include "base/files.h"
#include "base/msg.h"
#include "kernel/choose.h"
#include "kernel/config.h"
#include "kernel/make.h"
#include "rootfs/glue.h"

#include <string.h>

#define START_MEMORY 256 /* MB, at least, for a start that is not our own */

void
run_clear(Run *run) {
  image_parts_clear(&run->parts);
  g_free(run->folder);
  g_free(run->rootfs);
  source_free(run->source);
  g_free(run->toolchain);
  kconfig_close(run->kconfig);
  g_clear_pointer(&run->platform, g_ptr_array_unref);
  g_clear_pointer(&run->asked, g_ptr_array_unref);
  g_clear_pointer(&run->start, g_ptr_array_unref);
  g_clear_pointer(&run->wishes, g_ptr_array_unref);
  g_clear_pointer(&run->symbols, g_ptr_array_unref);
  g_clear_pointer(&run->candidates, g_ptr_array_unref);
  g_clear_pointer(&run->code, g_hash_table_unref);
  codemap_free(run->map);
  g_clear_pointer(&run->trials, g_array_unref);
  g_clear_pointer(&run->values, config_free);
  g_free(run->start_key);
  journal_close(run->journal);
  bench_free(run->bench);
}

/* What `tinyx build` would ask for, and the same without rules and recipe. */
static gboolean
choose(Run *run, GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  KernelInput bare = {.source = run->parts.input.source, .platform = run->parts.input.platform};
  bare.files = g_ptr_array_new();
  run->platform = choose_symbols(&bare, data, NULL, error);
  g_ptr_array_unref(bare.files);
  if (run->platform != NULL)
    run->asked = choose_symbols(&run->parts.input, data, NULL, error);
  return run->asked != NULL;
}

/* A file that the user named. */
static char *
read_given(const char *path, const char *option, GError **error) {
  g_autoptr(GError) problem = NULL;
  char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, &problem))
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
requests_from(Run *run, GError **error) {
  const char *path = run->options->from;
  g_autofree char *text = NULL;
  g_autoptr(GHashTable) asked = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) requests = NULL;
  if ((text = read_given(path, "--from", error)) == NULL ||
      !kconfig_check_names(run->kconfig, text, path, error))
    return NULL;
  requests = kconfig_requests(run->kconfig, text, run->asked, path, error);
  if (requests == NULL)
    return NULL;
  leave_modules_out(requests, path);
  for (guint i = 0; i < run->asked->len; i++)
    g_hash_table_add(asked, ((SymbolRequest *)run->asked->pdata[i])->symbol);
  for (guint i = requests->len; i > 0; i--)
    if (g_hash_table_contains(asked, ((SymbolRequest *)requests->pdata[i - 1])->symbol))
      g_ptr_array_remove_index(requests, i - 1);
  for (guint i = 0; i < run->asked->len; i++) {
    const SymbolRequest *from = run->asked->pdata[i];
    SymbolRequest *request =
        symbol_request_new(from->symbol, from->value, from->origin, from->reason);
    request->may_vanish = from->may_vanish;
    g_ptr_array_add(requests, request);
  }
  return g_steal_pointer(&requests);
}

/* The start in full: every symbol that can be chosen has its own line, so that each can be taken
 * away without another coming back by its default. */
static gboolean
spell_out(Run *run, const GPtrArray *requests, GError **error) {
  g_autofree char *text = kconfig_apply(run->kconfig, requests, error);
  g_autoptr(GPtrArray) start = NULL;
  if (text == NULL)
    return FALSE;
  start = kconfig_requests(run->kconfig, text, NULL, "the start", error);
  if (start == NULL)
    return FALSE;
  for (guint i = start->len; i > 0; i--)
    if (strcmp(((SymbolRequest *)start->pdata[i - 1])->symbol, RUN_MAP_SYMBOL) == 0)
      g_ptr_array_remove_index(start, i - 1);
  g_ptr_array_add(start,
                  symbol_request_new(RUN_MAP_SYMBOL, "y", "tinyx minimize", "for the forecast"));
  run->start = g_steal_pointer(&start);
  return TRUE;
}

static gboolean
make_start(Run *run, GError **error) {
  g_autoptr(GPtrArray) from = NULL;
  g_autofree char *text = NULL;
  if (run->options->from != NULL && (from = requests_from(run, error)) == NULL)
    return FALSE;
  if (!spell_out(run, from != NULL ? from : run->asked, error))
    return FALSE;
  text = run_configuration(run, NULL, NULL, error);
  if (text == NULL)
    return FALSE;
  run->values = config_parse(text, strlen(text), "the start", error);
  run->start_key = sha256_of_strings(text, NULL);
  run->symbols = run->values != NULL ? kconfig_symbols(run->kconfig, text, error) : NULL;
  return run->symbols != NULL;
}

/* What the recipe and the user ask for, by symbol or by a feature's name, and the start has: not
 * for the search to take away. The requests stay RUN's. */
static GPtrArray *
wishes(const Run *run) {
  GPtrArray *wanted = g_ptr_array_new();
  for (guint i = 0; i < run->asked->len; i++) {
    SymbolRequest *request = run->asked->pdata[i];
    if (request->asker >= ASKED_BY_NAME &&
        config_value_equal(request->value, config_value(run->values, request->symbol)))
      g_ptr_array_add(wanted, request);
  }
  return wanted;
}

/* A person who names a candidate that the recipe keeps is told. */
static void
tell_of_locked(const Run *run) {
  for (guint i = 0; i < run->candidates->len; i++) {
    const Candidate *candidate = run->candidates->pdata[i];
    if (candidate->locked != NULL)
      msg_warn("candidate %s=%s is not tried: %s", candidate->symbol, candidate->to,
               candidate->locked);
  }
}

/* Locks what is to stay. Takes CANDIDATES, and gives them back; NULL where they are NULL. */
static GPtrArray *
only_ours(const Run *run, GPtrArray *candidates, const CandidateData *data, gboolean named) {
  if (candidates == NULL)
    return NULL;
  candidates_lock(candidates, data, named, run->wishes);
  for (guint i = candidates->len; i > 0; i--)
    if (strcmp(((Candidate *)candidates->pdata[i - 1])->symbol, RUN_MAP_SYMBOL) == 0)
      g_ptr_array_remove_index(candidates, i - 1);
  return candidates;
}

GPtrArray *
run_all_candidates(Run *run, const GPtrArray *symbols, gboolean selected, GError **error) {
  g_autofree char *folder = data_path("kconfig-heuristics");
  g_auto(CandidateData) data = {0};
  if (!candidate_data_load(folder, &data, error))
    return NULL;
  return only_ours(run, candidates_all(symbols, &data, selected), &data, FALSE);
}

/* Those that a person names, in a file or in the recipe. */
static GPtrArray *
named_candidates(Run *run, GError **error) {
  const CandidateData none = {0};
  const char *path = run->options->candidates;
  g_autofree char *text = path != NULL ? read_given(path, "--candidates", error)
                                       : g_strjoinv("\n", run->recipe->candidates);
  if (text == NULL)
    return NULL;
  return only_ours(
      run, candidates_named(text, path != NULL ? path : run->recipe->file, run->symbols, error),
      &none, TRUE);
}

gboolean
run_is_named(const Run *run) {
  return run->options->candidates != NULL || run->recipe->candidates[0] != NULL;
}

static gboolean
make_candidates(Run *run, GError **error) {
  gboolean named = run_is_named(run);
  run->wishes = wishes(run);
  run->candidates = named
                        ? named_candidates(run, error)
                        : run_all_candidates(run, run->symbols, run->options->from != NULL, error);
  if (run->candidates != NULL && named)
    tell_of_locked(run);
  return run->candidates != NULL;
}

/* How the recipe tests. What a recipe does not say is not part of the text. */
static char *
test_text(const Run *run) {
  const Recipe *recipe = run->recipe;
  g_autofree char *programs = g_strjoinv(" ", recipe->test_programs);
  g_autofree char *packages = g_strjoinv(" ", recipe->test_packages);
  GString *text = g_string_new(NULL);
  g_string_printf(text, "%d %d %d", run->memory != recipe->memory ? run->memory : 0, recipe->memory,
                  recipe->ready_port);
  if (recipe->ready_udp > 0)
    g_string_append_printf(text, " udp %d", recipe->ready_udp);
  if (recipe->test_timeout != RECIPE_TIMEOUT)
    g_string_append_printf(text, " timeout %d", recipe->test_timeout);
  if (programs[0] != '\0' || packages[0] != '\0')
    g_string_append_printf(text, " with %s %s", programs, packages);
  return g_string_free(text, FALSE);
}

/* The questions' answers hold as long as these are the same. */
static char *
input_hash(Run *run, GError **error) {
  g_autofree char *rootfs = file_sha256(run->rootfs, error);
  g_autofree char *script = NULL, *test = test_text(run);
  if (rootfs == NULL)
    return NULL;
  if (run->recipe->test_script != NULL &&
      (script = file_sha256(run->recipe->test_script, error)) == NULL)
    return NULL;
  return sha256_of_strings(rootfs, script != NULL ? script : "", test, run->source->id,
                           run->toolchain, run->start_key,
                           run->options->command != NULL ? run->options->command : "", NULL);
}

static char *
work_folder(const Run *run, GError **error) {
  g_autofree char *base = cache_folder("minimize", error);
  g_autofree char *name =
      g_strdup_printf("%s-%s", run->recipe->name, run->options->image.platform->name);
  return base != NULL ? g_build_filename(base, name, NULL) : NULL;
}

static gboolean
open_journal(Run *run, GError **error) {
  g_autofree char *input = input_hash(run, error);
  g_autofree char *name = NULL, *path = NULL, *title = NULL;
  if (input == NULL)
    return FALSE;
  name = g_strdup_printf("%.12s.journal", input);
  path = g_build_filename(run->folder, name, NULL);
  title = g_strdup_printf("%s on %s, Linux %s", run->recipe->name,
                          run->options->image.platform->name, run->source->version);
  run->journal = journal_open(path, input, title, error);
  run->report->journal = g_steal_pointer(&path);
  return run->journal != NULL;
}

static gboolean
write_rootfs(Run *run, GError **error) {
  guint64 loaded; /* of no interest here */
  run->folder = work_folder(run, error);
  if (run->folder == NULL || !dir_make(run->folder, error))
    return FALSE;
  run->rootfs = g_build_filename(run->folder, rootfs_format_file(run->options->image.format), NULL);
  return image_write_rootfs(run->parts.plan->tree, run->options->image.platform,
                            run->options->image.format, run->rootfs, &loaded, error);
}

/* What a distribution's kernel needs has nothing to do with what the recipe's own image gets. */
static int
trial_memory(const Run *run) {
  if (run->options->memory > 0)
    return run->options->memory;
  return run->options->from != NULL ? MAX(run->recipe->memory, START_MEMORY) : run->recipe->memory;
}

gboolean
run_prepare(Run *run, GError **error) {
  BenchSetup setup = {.recipe = run->recipe,
                      .platform = run->options->image.platform,
                      .host = run->options->host,
                      .command = run->options->command,
                      .format = run->options->image.format,
                      .memory = trial_memory(run)};
  run->memory = setup.memory;
  run->trials = g_array_new(FALSE, FALSE, sizeof(guint));
  if (!image_parts(run->recipe, &run->options->image, &run->parts, error) ||
      !write_rootfs(run, error) || !choose(run, error))
    return FALSE;
  msg_stage_begin("configuration");
  run->source = source_find(run->parts.input.source, error);
  run->toolchain = run->source != NULL ? kernel_toolchain(error) : NULL;
  if (run->toolchain == NULL || !source_unpack(run->source, error) ||
      (run->kconfig = kconfig_open(run->source, error)) == NULL || !make_start(run, error) ||
      !make_candidates(run, error) || !open_journal(run, error)) {
    msg_stage_abort();
    return FALSE;
  }
  g_autofree char *done =
      g_strdup_printf("%u symbols, %u candidates", run->symbols->len, run->candidates->len);
  msg_stage_end(done);
  run->bench = bench_new(&setup);
  return TRUE;
}

/* The program of APPLICATION, as the image has it, taken out of TREE. BusyBox as a program is init,
 * too, without which every test fails: there what starts the application is taken away. */
static gboolean
take_away(Run *run, Tree *tree, const RecipeRun *application, GError **error) {
  g_auto(GStrv) words = NULL;
  if (!g_shell_parse_argv(application->command, NULL, &words, error))
    return FALSE;
  const TreeEntry *named = tree_find(tree, words[0]), *program = tree_resolve(tree, words[0]);
  g_autofree char *start = glue_start_path(application);
  if (named != NULL && named->type == TREE_SYMLINK) /* an applet: the program is others', too */
    return tree_remove(tree, words[0]);
  if (program != NULL)
    return tree_remove(tree, program == tree_resolve(tree, "/sbin/init") ? start : program->path);
  if (application != run->recipe->runs->pdata[0])
    return TRUE; /* two applications may be one program */
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: the image has no %s to take away; expected the command to name a file of it",
              run->recipe->file, words[0]);
  return FALSE;
}

static gboolean
without_application(Run *run, const char *path, GError **error) {
  g_autoptr(RootfsPlan) plan =
      rootfs_plan(run->recipe, run->options->image.platform, run->options->image.format,
                  run->parts.files_lock, error);
  guint64 loaded;
  if (plan == NULL)
    return FALSE;
  for (guint i = 0; i < run->recipe->runs->len; i++)
    if (!take_away(run, plan->tree, run->recipe->runs->pdata[i], error))
      return FALSE;
  return image_write_rootfs(plan->tree, run->options->image.platform, run->options->image.format,
                            path, &loaded, error);
}

gboolean
run_guard(Run *run, GError **error) {
  g_autofree char *config = run_configuration(run, NULL, NULL, error);
  const JournalEntry *old = journal_find(run->journal, "guard", run->start_key);
  g_autofree char *path = g_build_filename(run->folder, "guard", NULL);
  g_autofree char *kernel = NULL, *image = NULL;
  g_auto(BenchResult) result = {0};
  JournalEntry *entry;
  if (config == NULL)
    return FALSE;
  if (old == NULL || old->verdict == VERDICT_PASS) { /* the test may be a better one now */
    JournalEntry unused = {0};
    if (!without_application(run, path, error) ||
        (kernel = run_build(run, config, &unused, error)) == NULL)
      return FALSE;
    image = g_build_filename(kernel, run->options->image.platform->kernel, NULL);
    msg_stage_begin("guard: without the application the test must fail");
    if (!bench_boot(run->bench, image, path, run->memory, 1, &result, error)) {
      msg_stage_abort();
      return FALSE;
    }
    msg_stage_end(result.passed ? "it PASSED" : "it failed, as it must");
    run->report->boots += result.boots;
    entry = journal_entry_new("guard", run->start_key);
    entry->verdict = result.passed ? VERDICT_PASS : VERDICT_FAIL;
    entry->why = g_strdup(result.why);
    entry->boots = result.boots;
    entry->boot_seconds = result.seconds;
    if (!journal_add(run->journal, entry, error))
      return FALSE;
    old = entry;
  }
  if (old->verdict == VERDICT_FAIL)
    return TRUE;
  const RecipeRun *first = run->recipe->runs->pdata[0];
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: this test cannot fail: it passed with an image from which the program of "
              "'%s' was taken away; expected a test that talks to the application",
              run->recipe->file, first->command);
  return FALSE;
}
