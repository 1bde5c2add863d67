/* start.c - prepares a search: root file system, search space, journal, and the runner. */
#include "minimize/run.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/folder.h"
#include "base/msg.h"
#include "kernel/config.h"
#include "kernel/make.h"

#define START_MEMORY 256 /* MB, at least, for a start that is not our own */

/* How the recipe is tested, as text for the key of the journal. Keys that a recipe does not have
 * are left out, so that a new kind of key changes no old journal's key. */
static char *
test_text(const RunInput *input) {
  const Recipe *recipe = input->recipe;
  g_autofree char *programs = g_strjoinv(" ", recipe->test_programs);
  g_autofree char *packages = g_strjoinv(" ", recipe->test_packages);
  GString *text = g_string_new(NULL);
  g_string_printf(text, "%d %d %d", input->memory != recipe->memory ? input->memory : 0,
                  recipe->memory, recipe->ready_port);
  if (recipe->ready_udp > 0)
    g_string_append_printf(text, " udp %d", recipe->ready_udp);
  if (recipe->test_timeout != RECIPE_TIMEOUT)
    g_string_append_printf(text, " timeout %d", recipe->test_timeout);
  if (programs[0] != '\0' || packages[0] != '\0')
    g_string_append_printf(text, " with %s %s", programs, packages);
  return g_string_free(text, FALSE);
}

/* The key of the journal: its answers hold as long as all of this is the same. */
static char *
input_hash(const RunInput *input, const Space *space, GError **error) {
  g_autofree char *rootfs = file_sha256(input->rootfs, error);
  g_autofree char *script = NULL, *test = test_text(input);
  if (rootfs == NULL)
    return NULL;
  if (input->recipe->test_script != NULL &&
      (script = file_sha256(input->recipe->test_script, error)) == NULL)
    return NULL;
  if (input->recipe->test_at_boot != NULL) {
    g_autofree char *given = folder_hash(input->recipe->test_at_boot, error);
    char *more = given != NULL ? g_strdup_printf("%s at-boot %s", test, given) : NULL;
    g_free(test);
    if ((test = more) == NULL)
      return NULL;
  }
  return sha256_of_strings(rootfs, script != NULL ? script : "", test, input->source->id,
                           input->toolchain, space->start_key,
                           input->options->command != NULL ? input->options->command : "", NULL);
}

static char *
work_folder(const RunInput *input, GError **error) {
  g_autofree char *base = cache_folder("minimize", error);
  g_autofree char *name =
      g_strdup_printf("%s-%s", input->recipe->name, input->options->image.platform->name);
  return base != NULL ? g_build_filename(base, name, NULL) : NULL;
}

static Journal *
open_journal(const RunInput *input, const Space *space, GError **error) {
  g_autofree char *hash = input_hash(input, space, error);
  g_autofree char *name = NULL, *path = NULL, *title = NULL;
  if (hash == NULL)
    return NULL;
  name = g_strdup_printf("%.12s.journal", hash);
  path = g_build_filename(input->folder, name, NULL);
  title = g_strdup_printf("%s on %s, Linux %s", input->recipe->name,
                          input->options->image.platform->name, input->source->version);
  return journal_open(path, hash, title, error);
}

static gboolean
write_rootfs(RunInput *input, GError **error) {
  guint64 loaded; /* of no interest here */
  input->folder = work_folder(input, error);
  if (input->folder == NULL || !dir_make(input->folder, error))
    return FALSE;
  input->rootfs =
      g_build_filename(input->folder, rootfs_format_file(input->options->image.format), NULL);
  return image_write_rootfs(input->parts.plan->tree, input->options->image.platform,
                            input->options->image.format, input->rootfs, &loaded, error);
}

/* MB of the guest in trials. With --from the kernel may be a distribution's, which needs more than
 * the recipe's own. */
static int
trial_memory(const RunInput *input) {
  if (input->options->memory > 0)
    return input->options->memory;
  return input->options->from != NULL ? MAX(input->recipe->memory, START_MEMORY)
                                      : input->recipe->memory;
}

static Runner *
make_runner(const RunInput *input) {
  const RunnerSetup setup = {.recipe = input->recipe,
                             .platform = input->options->image.platform,
                             .host = input->options->host,
                             .command = input->options->command,
                             .format = input->options->image.format,
                             .memory = input->memory};
  return runner_new(&setup);
}

static gboolean
make_space(Run *run, GError **error) {
  RunInput *input = &run->input;
  const SpaceInput space = {.recipe = input->recipe,
                            .kernel = &input->parts.input,
                            .from = input->options->from,
                            .candidates = input->options->candidates};
  input->source = source_find(input->parts.input.source, error);
  input->toolchain = input->source != NULL ? kernel_toolchain(error) : NULL;
  return input->toolchain != NULL && space_make(&run->space, input->source, &space, error);
}

gboolean
run_prepare(Run *run, const Recipe *recipe, const MinimizeOptions *options, GError **error) {
  RunInput *input = &run->input;
  gint64 now = g_get_monotonic_time();
  gint64 budget = (gint64)(options->budget * G_USEC_PER_SEC);
  *input = (RunInput){.recipe = recipe,
                      .options = options,
                      .begin = now,
                      .deadline = options->budget > 0 ? now + budget : G_MAXINT64};
  input->memory = trial_memory(input);
  input->runner = make_runner(input);
  if (!image_parts(recipe, &options->image, &input->parts, error) || !write_rootfs(input, error))
    return FALSE;
  msg_stage_begin("configuration");
  if (!make_space(run, error) || (run->journal = open_journal(input, &run->space, error)) == NULL) {
    msg_stage_abort();
    return FALSE;
  }
  g_autofree char *done = g_strdup_printf("%u symbols, %u candidates", run->space.symbols->len,
                                          run->space.candidates->len);
  msg_stage_end(done);
  return TRUE;
}

static void
input_clear(RunInput *input) {
  image_parts_clear(&input->parts);
  g_free(input->folder);
  g_free(input->rootfs);
  source_free(input->source);
  g_free(input->toolchain);
  runner_free(input->runner);
}

void
run_clear(Run *run) {
  g_clear_pointer(&run->forecast.code, g_hash_table_unref);
  codemap_free(run->forecast.map);
  g_clear_pointer(&run->trials.numbers, g_array_unref);
  g_free(run->trials.best);
  g_free(run->result.lock);
  journal_close(run->journal);
  space_clear(&run->space);
  input_clear(&run->input);
}
