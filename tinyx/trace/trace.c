/* trace.c - a traced test, from the cache or made, and the lock that it gives. */
#include "trace/trace.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/own.h"
#include "base/plain.h"
#include "guest/bundle.h"
#include "image/parts.h"
#include "trace/container.h"
#include "trace/diagnose.h"
#include "trace/strace.h"

#include <string.h>

#define USES_BYTES_MAX (64U << 20) /* of the list of what a trace saw */
#define KIND "trace"
#define USES "uses"
#define LARGEST 10

/* The cache's key. A trace depends on the image's bytes (which tell how it is started), on the
 * installation below them, on the test, and on what runs it. */
static char *
trace_key(const Recipe *recipe, const Trace *trace, const char *bundle, GError **error) {
  g_autofree char *tree = tree_hash(trace->plan->tree, error);
  g_autofree char *script = data_path("scripts/trace-run");
  g_autofree char *confine = own_program("tinyx-confine", error);
  g_autofree char *sum = tree != NULL ? file_sha256(script, error) : NULL;
  g_autofree char *confine_sum =
      sum != NULL && confine != NULL ? file_sha256(confine, error) : NULL;
  g_autofree char *ready = g_strdup_printf("%d %d", recipe->ready_port, recipe->test_timeout);
  if (confine_sum == NULL)
    return NULL;
  return sha256_of_strings("trace 2", TINYX_VERSION, tree, sum, confine_sum,
                           trace->installation.root, bundle, ready, NULL);
}

static GPtrArray *
uses_load(const char *entry, GError **error) {
  g_autofree char *path = g_build_filename(entry, USES, NULL);
  g_autofree char *text = NULL;
  gsize size;
  return file_read(path, USES_BYTES_MAX, &text, &size, error) ? uses_parse(text, size, path, error)
                                                              : NULL;
}

static gboolean
uses_save(const GPtrArray *uses, const char *key, GError **error) {
  g_autofree char *folder = cache_begin(KIND, key, error);
  if (folder == NULL)
    return FALSE;
  g_autofree char *path = g_build_filename(folder, USES, NULL);
  g_autofree char *text = uses_text(uses);
  if (!file_write(path, text, strlen(text), 0644, error)) {
    cache_discard(folder);
    return FALSE;
  }
  g_autofree char *entry = cache_commit(folder, KIND, key, error);
  return entry != NULL;
}

static gboolean
uses_get(const Recipe *recipe, Trace *trace, GError **error) {
  g_autofree char *bundle = test_bundle(recipe, error);
  g_autofree char *key = bundle != NULL ? trace_key(recipe, trace, bundle, error) : NULL;
  if (key == NULL)
    return FALSE;
  g_autofree char *entry = cache_lookup(KIND, key);
  if (entry != NULL) {
    trace->from_cache = TRUE;
    trace->uses = uses_load(entry, error);
    return trace->uses != NULL;
  }
  trace->uses = container_trace(recipe, trace->plan->tree, trace->installation.tree, bundle, error);
  return trace->uses != NULL && uses_save(trace->uses, key, error);
}

static gboolean
find_coverage(Trace *trace, GError **error) {
  g_autofree char *path = data_path("rootfs/trace.skip");
  g_autoptr(Patterns) skip = patterns_read(path, error);
  if (skip == NULL)
    return FALSE;
  coverage_find(trace->plan->tree, trace->installation.tree, skip, trace->uses, &trace->coverage);
  return TRUE;
}

/* The plan is that of a cpio image, which is writable everywhere, as the container is. */
static gboolean
prepare(const Recipe *recipe, const Platform *platform, Trace *trace, GError **error) {
  trace->plan = rootfs_plan(recipe, platform, ROOTFS_CPIO, NULL, TRUE, error);
  return trace->plan != NULL &&
         installation_get((const char *const *)recipe->packages, &trace->installation, error);
}

static gboolean
make(const Recipe *recipe, const Platform *platform, Trace *trace, GError **error) {
  if (recipe->test_script == NULL && recipe->ready_port == 0 && recipe->ready_udp == 0 &&
      recipe_on_exit(recipe) != RECIPE_POWEROFF) {
    g_set_error(
        error, TINYX_ERROR, TINYX_ERROR_INPUT,
        "%s: nothing to trace: there is no test; expected [test] script=, ready= or ready-udp=, or "
        "[run] on-exit=poweroff",
        recipe->file);
    return FALSE;
  }
  if (recipe->vifs > 1) {
    g_set_error(
        error, TINYX_ERROR, TINYX_ERROR_INPUT,
        "%s: vifs=%d: a trace runs in a container with the loopback only; expected a recipe "
        "with one network, or none",
        recipe->file, recipe->vifs);
    return FALSE;
  }
  return prepare(recipe, platform, trace, error) && uses_get(recipe, trace, error) &&
         find_coverage(trace, error);
}

gboolean
trace_make(const Recipe *recipe, const Platform *platform, Trace *trace, GError **error) {
  memset(trace, 0, sizeof *trace);
  msg_stage_begin("trace of the test");
  if (!make(recipe, platform, trace, error)) {
    msg_stage_abort();
    g_prefix_error(error, "trace: ");
    return FALSE;
  }
  g_autofree char *result =
      g_strdup_printf("%u files opened, %u to be added, %u of the image never opened%s",
                      trace->coverage.opened, trace->coverage.added->len,
                      trace->coverage.unopened->len, trace->from_cache ? ", from the cache" : "");
  trace->seconds = msg_stage_end(result);
  return TRUE;
}

gboolean
trace_start(const Recipe *recipe, int seconds, Trace *trace, GError **error) {
  g_autofree char *bundle = NULL;
  g_autoptr(Platform) platform = platform_load(PLATFORM_DEFAULT, error);
  memset(trace, 0, sizeof *trace);
  if (platform == NULL || !prepare(recipe, platform, trace, error) ||
      (bundle = test_bundle(recipe, error)) == NULL)
    return FALSE;
  trace->failed = diagnose_list_new();
  trace->uses = container_watch(recipe, trace->plan->tree, trace->installation.tree, bundle,
                                seconds, trace->failed, error);
  return trace->uses != NULL && find_coverage(trace, error);
}

void
trace_clear(Trace *trace) {
  installation_clear(&trace->installation);
  g_clear_pointer(&trace->plan, rootfs_plan_free);
  g_clear_pointer(&trace->uses, g_ptr_array_unref);
  g_clear_pointer(&trace->failed, g_ptr_array_unref);
  coverage_clear(&trace->coverage);
}

FilesLock *
trace_lock(const Recipe *recipe, const Trace *trace, GError **error) {
  const Coverage *coverage = &trace->coverage;
  g_autofree char *path = image_files_lock_path(recipe);
  g_autoptr(FilesLock) lock = files_lock_new(path, recipe->name);
  g_autoptr(FilesLock) old = NULL;
  if (!image_files_lock_load(recipe, &old, error))
    return NULL;
  lock->opened = coverage->opened;
  lock->unopened = coverage->unopened->len;
  lock->unopened_bytes = coverage->unopened_bytes;
  for (guint i = 0; old != NULL && i < old->notes->len; i++)
    g_ptr_array_add(lock->notes, g_strdup(old->notes->pdata[i]));
  for (guint i = 0; i < trace->uses->len; i++) {
    const Use *use = trace->uses->pdata[i];
    if (use->kind == USE_SHOW)
      facts_add_traced(lock->facts, use->path, use->program);
  }
  for (guint i = 0; i < coverage->added->len; i++) {
    const CoverageAdded *added = coverage->added->pdata[i];
    if (!files_lock_add(lock, FILES_ADD, added->path, added->reason.kind, added->reason.by))
      msg_warn("%s: its name cannot stand in a lock; it is not added", added->path);
  }
  for (guint i = 0; old != NULL && i < old->lines->len; i++) {
    const FilesLine *line = old->lines->pdata[i];
    /* A line that a person wrote stays, whether the file was opened or not. */
    if (line->mark == FILES_ADD && line->reason.kind == REASON_LOCK &&
        files_lock_find(lock, line->path) == NULL)
      files_lock_add(lock, FILES_ADD, line->path, line->reason.kind, line->reason.detail);
  }
  for (guint i = 0; old != NULL && i < coverage->unopened->len; i++) {
    const CoverageUnopened *unopened = coverage->unopened->pdata[i];
    const FilesLine *line = files_lock_find(old, unopened->path);
    if (line != NULL && line->mark != FILES_ADD)
      files_lock_add(lock, line->mark, line->path, line->reason.kind, line->reason.detail);
  }
  return g_steal_pointer(&lock);
}

gboolean
trace_lock_write(const Recipe *recipe, const FilesLock *lock, GError **error) {
  g_autofree char *path = image_files_lock_path(recipe);
  g_autofree char *text = files_lock_text(lock);
  return file_write(path, text, strlen(text), 0644, error);
}

gboolean
trace_write(const Trace *trace, const char *folder, GError **error) {
  g_autofree char *opened = g_build_filename(folder, IMAGE_OPENED, NULL);
  g_autofree char *unopened = g_build_filename(folder, IMAGE_UNOPENED, NULL);
  g_autofree char *uses = uses_text(trace->uses);
  g_autofree char *rest = coverage_unopened_text(&trace->coverage);
  return file_write(opened, uses, strlen(uses), 0644, error) &&
         file_write(unopened, rest, strlen(rest), 0644, error);
}

static int
compare_size(gconstpointer a, gconstpointer b) {
  const CoverageUnopened *left = *(CoverageUnopened *const *)a,
                         *right = *(CoverageUnopened *const *)b;
  return left->size < right->size   ? 1
         : left->size > right->size ? -1
                                    : strcmp(left->path, right->path);
}

char *
trace_summary(const Trace *trace) {
  const Coverage *coverage = &trace->coverage;
  GString *text = g_string_new("trace\n");
  g_autoptr(GPtrArray) largest = g_ptr_array_new();
  g_autofree char *bytes = size_text(coverage->unopened_bytes);
  plain_append(text, "  opened     %u files of the packages\n", coverage->opened);
  plain_append(text, "  added      %u that the image lacked\n", coverage->added->len);
  for (guint i = 0; i < coverage->added->len && i < LARGEST; i++) {
    const CoverageAdded *added = coverage->added->pdata[i];
    g_autofree char *why = tree_reason_text(&added->reason, TREE_FILE);
    plain_append(text, "    %s  (%s)\n", added->path, why);
  }
  if (coverage->added->len > LARGEST)
    plain_append(text, "    and %u more\n", coverage->added->len - LARGEST);
  plain_append(text, "  droppable  %u files that nobody opened, %s%s\n", coverage->unopened->len,
               bytes, coverage->unopened->len > LARGEST ? "; the largest:" : "");
  for (guint i = 0; i < coverage->unopened->len; i++)
    g_ptr_array_add(largest, coverage->unopened->pdata[i]);
  g_ptr_array_sort(largest, compare_size);
  for (guint i = 0; i < largest->len && i < LARGEST; i++) {
    const CoverageUnopened *unopened = largest->pdata[i];
    g_autofree char *size = size_text(unopened->size);
    plain_append(text, "    %9s  %s\n", size, unopened->path);
  }
  return g_string_free(text, FALSE);
}
