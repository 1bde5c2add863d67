/* guard.c - checks that the test can fail at all: it must, with an image without the application.
 */
#include "minimize/run.h"

#include "base/msg.h"
#include "rootfs/glue.h"

/* Takes the program of APPLICATION out of TREE. Where that program is BusyBox, it is init, too, and
 * without init every test fails: then the script that starts the application is taken out instead.
 */
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
  if (application != run->input.recipe->runs->pdata[0])
    return TRUE; /* two applications may be one program */
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: the image has no %s to take away; expected the command to name a file of it",
              run->input.recipe->file, words[0]);
  return FALSE;
}

static gboolean
without_application(Run *run, const char *path, GError **error) {
  const ImageOptions *options = &run->input.options->image;
  gboolean sockets = FALSE;
  if (!image_has_sockets(run->input.recipe, options, &sockets, error))
    return FALSE;
  g_autoptr(RootfsPlan) plan = rootfs_plan(run->input.recipe, options->platform, options->format,
                                           run->input.parts.files_lock, sockets, error);
  guint64 loaded;
  if (plan == NULL)
    return FALSE;
  for (guint i = 0; i < run->input.recipe->runs->len; i++)
    if (!take_away(run, plan->tree, run->input.recipe->runs->pdata[i], error))
      return FALSE;
  return image_write_rootfs(plan->tree, run->input.options->image.platform,
                            run->input.options->image.format, path, &loaded, error);
}

gboolean
run_guard(Run *run, GError **error) {
  g_autofree char *config = space_configuration(&run->space, NULL, NULL, error);
  const JournalEntry *old = journal_find(run->journal, "guard", run->space.start_key);
  g_autofree char *path = g_build_filename(run->input.folder, "guard", NULL);
  g_autofree char *kernel = NULL, *image = NULL;
  g_auto(RunnerResult) result = {0};
  JournalEntry *entry;
  if (config == NULL)
    return FALSE;
  if (old == NULL || old->verdict == VERDICT_PASS) { /* the test may be a better one now */
    JournalEntry unused = {0};
    if (!without_application(run, path, error) ||
        (kernel = run_build(run, config, &unused, error)) == NULL)
      return FALSE;
    image = g_build_filename(kernel, run->input.options->image.platform->kernel, NULL);
    msg_stage_begin("guard: without the application the test must fail");
    if (!runner_boot(run->input.runner, image, path, run->input.memory, 1, &result, error)) {
      msg_stage_abort();
      return FALSE;
    }
    msg_stage_end(result.passed ? "it PASSED" : "it failed, as it must");
    entry = journal_entry_new("guard", run->space.start_key);
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
  const RecipeRun *first = run->input.recipe->runs->pdata[0];
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: this test cannot fail: it passed with an image from which the program of "
              "'%s' was taken away; expected a test that talks to the application",
              run->input.recipe->file, first->command);
  return FALSE;
}
