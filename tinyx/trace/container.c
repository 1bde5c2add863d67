/* container.c - a container of namespaces in which the test runs under strace. */
#include "trace/container.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "confine/confine.h"
#include "rootfs/glue.h"
#include "rootfs/recipe-files.h"
#include "sandbox/sandbox.h"
#include "trace/container-run.h"
#include "trace/diagnose.h"
#include "trace/strace.h"

#include <string.h>
#include <unistd.h>

#define STRACE_BYTES_MAX (1U << 30) /* of what strace wrote of one process */
#define TAIL_LINES 15

/* The container has its own /dev. */
static gboolean
is_device(const TreeEntry *entry) {
  return entry->type == TREE_CHAR || entry->type == TREE_BLOCK || entry->type == TREE_FIFO;
}

static gboolean
entry_copy(Tree *tree, const TreeEntry *entry, GError **error) {
  TreeFrom from = from_reason(entry->origin, entry->package, &entry->reason);
  return is_device(entry) || tree_add_copy(tree, entry, from, error) != NULL;
}

/* Links are added first, for a path below a link would make a folder in its place. */
static gboolean
entries_copy(Tree *tree, Tree *from, GError **error) {
  const GPtrArray *entries = tree_entries(from);
  for (int links = 1; links >= 0; links--)
    for (guint i = 0; i < entries->len; i++) {
      const TreeEntry *entry = entries->pdata[i];
      if ((entry->type == TREE_SYMLINK) == links && !entry_copy(tree, entry, error))
        return FALSE;
    }
  return TRUE;
}

Tree *
container_tree(Tree *plan, Tree *installed, GError **error) {
  g_autoptr(Tree) tree = tree_new();
  if (!entries_copy(tree, installed, error) || !entries_copy(tree, plan, error))
    return NULL;
  return g_steal_pointer(&tree);
}

static void
append_value(GString *text, const char *name, const char *value) {
  g_autofree char *quoted = g_shell_quote(value);
  g_string_append_printf(text, "%s=%s\n", name, quoted);
}

static char *
job_text(const Recipe *recipe) {
  static const char *const on_exit_names[] = {"respawn", "poweroff", "reboot"};
  g_autoptr(GString) starts = g_string_new(NULL);
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < recipe->runs->len; i++) {
    const RecipeRun *run = recipe->runs->pdata[i];
    g_autofree char *path = glue_start_path(run);
    g_autofree char *start = g_path_get_basename(path);
    g_string_append_printf(starts, "%s%s:%s", i > 0 ? " " : "", start, on_exit_names[run->on_exit]);
  }
  append_value(text, "host", recipe->name);
  append_value(text, "starts", starts->str);
  append_value(text, "address", CONTAINER_ADDRESS);
  return g_string_free(text, FALSE);
}

static gboolean
job_write(const Recipe *recipe, Tree *tree, const char *bundle, const char *out, GError **error) {
  g_autofree char *conf = g_build_filename(out, "job.conf", NULL);
  g_autofree char *root = g_build_filename(out, "root.tar", NULL);
  g_autofree char *test = g_build_filename(out, "bundle.tar", NULL);
  g_autofree char *text = job_text(recipe);
  return file_write(conf, text, strlen(text), 0644, error) &&
         file_copy(bundle, test, 0644, error) && tree_write_tar(tree, root, 0, error);
}

/* Traces /bin/true: whether the kernel and this machine allow that is found out before the work. */
static gboolean
tracing_need(GError **error) {
  static const char *const options[] = {"--trusted", "--programs", "--bare-proc", "/proc",
                                        "--dev",     "/dev",       NULL};
  static const char *const command[] = {"strace", "-f", "-o", "/dev/null", "true", NULL};
  g_autoptr(GError) why = NULL;
  g_auto(GStrv) argv = NULL;
  if (!proc_need("strace", error) || !sandbox_need(error) ||
      (argv = sandbox_words(options, command, error)) == NULL)
    return FALSE;
  ProcSpec spec = {.argv = (const char *const *)argv, .deadline = 30};
  if (proc_run(&spec, NULL, &why))
    return TRUE;
  if (why->code == TINYX_ERROR_INTERRUPTED) {
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
  }
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_TOOL,
              "a test is traced by strace in a sandbox, and this machine does not allow that "
              "(ptrace(2)): %s",
              why->message);
  return FALSE;
}

/* The last lines of the file NAME in OUT, each behind "  | ". */
static void
append_tail(GString *text, const char *title, const char *out, const char *name) {
  g_autofree char *path = g_build_filename(out, name, NULL);
  g_autofree char *content = NULL, *valid = NULL;
  if (!file_read(path, STRACE_BYTES_MAX, &content, NULL, NULL) || g_strstrip(content)[0] == '\0')
    return;
  valid = g_utf8_make_valid(content, -1);
  g_auto(GStrv) lines = g_strsplit(valid, "\n", -1);
  guint count = g_strv_length(lines);
  g_string_append_printf(text, "\n%s%s:", title, count > TAIL_LINES ? " (its end)" : "");
  for (guint i = count > TAIL_LINES ? count - TAIL_LINES : 0; i < count; i++)
    g_string_append_printf(text, "\n  | %s", lines[i]);
}

/* Adds the last lines of the test and of the application to ERROR, if it is about the test. */
static void
explain(const Recipe *recipe, const char *out, GError **error) {
  g_autoptr(GString) text = g_string_new(NULL);
  if (error == NULL || !g_error_matches(*error, TINYX_ERROR, TINYX_ERROR_GUEST))
    return;
  append_tail(text, "output of the test", out, "test.out");
  append_tail(text, "output of the application", out, "console");
  g_autofree char *why = g_strdup((*error)->message);
  g_clear_error(error);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
              "%s: traced in a container of all that its packages installed: %s%s", recipe->name,
              why, text->str);
}

/* All traces in OUT: one for each start of each application. FAILED may be NULL. */
static GPtrArray *
read_traces(const char *out, const char *root, GPtrArray *failed, GError **error) {
  g_autoptr(GPtrArray) uses = g_ptr_array_new_with_free_func((GDestroyNotify)use_free);
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(FailureRules) rules = failed != NULL ? failure_rules_load(error) : NULL;
  g_autoptr(RuleSet) features = rules != NULL ? rules_load(data, error) : NULL;
  g_autoptr(GDir) dir = NULL;
  const char *name;
  if ((failed != NULL && features == NULL) || (dir = g_dir_open(out, 0, error)) == NULL)
    return NULL;
  while ((name = g_dir_read_name(dir)) != NULL) {
    if (!g_str_has_prefix(name, "trace."))
      continue;
    g_autofree char *path = g_build_filename(out, name, NULL);
    g_autofree char *text = NULL;
    gsize size;
    if (!file_read(path, STRACE_BYTES_MAX, &text, &size, error))
      return NULL;
    if (failed != NULL)
      diagnose_trace(rules, features, text, failed);
    g_autoptr(GPtrArray) some = strace_uses(text, size, root);
    uses_merge(uses, some);
  }
  if (uses->len > 0)
    return g_steal_pointer(&uses);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "strace saw nothing of the application");
  return NULL;
}

/* Removes the work folder, whose files belong to subordinate ids. */
static void
work_remove(const char *work) {
  if (sandbox_remove(work, NULL))
    rmdir(work);
}

/* Removes the tar files. The traces and outputs stay until the next trace, for whoever wants to
 * look at them. */
static void
big_files_remove(const char *out) {
  static const char *const names[] = {"root.tar", "bundle.tar"};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *path = g_build_filename(out, names[i], NULL);
    unlink(path);
  }
}

static GPtrArray *
trace_in(const Recipe *recipe, Tree *tree, const char *bundle, int watch, GPtrArray *failed,
         const char *area, const char *out, GError **error) {
  g_autofree char *work = g_build_filename(area, "work", NULL);
  msg_stage_detail("a container with all that was installed");
  /* What a killed run left would be taken for the installation's. */
  if ((g_file_test(work, G_FILE_TEST_EXISTS) && !sandbox_remove(work, error)) ||
      !dir_make(work, error) || !job_write(recipe, tree, bundle, out, error))
    return NULL;
  gboolean done = container_run(recipe, work, out, watch, error);
  if (!proc_interrupted())
    work_remove(work);
  if (!done) {
    explain(recipe, out, error);
    return NULL;
  }
  return read_traces(out, CONFINE_ROOT, failed, error);
}

/* WATCH is container_run()'s. */
static GPtrArray *
trace_for(const Recipe *recipe, Tree *plan, Tree *installed, const char *bundle, int watch,
          GPtrArray *failed, GError **error) {
  g_autofree char *area = cache_folder("trace-area", error);
  g_autoptr(CacheLock) lock = area != NULL ? cache_lock("trace", "area", error) : NULL;
  g_autoptr(Tree) tree = NULL;
  if (lock == NULL || !tracing_need(error) ||
      (tree = container_tree(plan, installed, error)) == NULL ||
      !recipe_files_add_at_boot(tree, recipe, error))
    return NULL;
  g_autofree char *out = g_build_filename(area, "out", NULL);
  if (!dir_remove(out, error) || !dir_make(out, error))
    return NULL;
  GPtrArray *uses = trace_in(recipe, tree, bundle, watch, failed, area, out, error);
  big_files_remove(out);
  return uses;
}

GPtrArray *
container_trace(const Recipe *recipe, Tree *plan, Tree *installed, const char *bundle,
                GError **error) {
  return trace_for(recipe, plan, installed, bundle, 0, NULL, error);
}

GPtrArray *
container_watch(const Recipe *recipe, Tree *plan, Tree *installed, const char *bundle, int seconds,
                GPtrArray *failed, GError **error) {
  return trace_for(recipe, plan, installed, bundle, seconds, failed, error);
}
