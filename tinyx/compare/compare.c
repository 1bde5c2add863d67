/* compare.c - a whole comparison: builds what is compared, measures it step by step, writes it
 * down. */
#include "compare/compare.h"

#include "base/files.h"
#include "base/json.h"
#include "base/msg.h"
#include "base/proc.h"
#include "compare/debian.h"
#include "compare/measure.h"
#include "compare/show.h"
#include "compare/store.h"
#include "compare/systems.h"
#include "guest/launcher.h"
#include "image/output.h"

#include <string.h>

#define KEPT "measured.json"

typedef struct {
  const Recipe *recipe;
  const CompareOptions *options;
  Comparison *comparison;
  Comparison *earlier; /* NULL: there is none */
  GPtrArray *systems;
  char *folder;
} Run;

static void
run_clear(Run *run) {
  g_clear_pointer(&run->comparison, comparison_free);
  g_clear_pointer(&run->earlier, comparison_free);
  g_clear_pointer(&run->systems, g_ptr_array_unref);
  g_clear_pointer(&run->folder, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static void
free_system(gpointer system) {
  system_free(system);
}

static void
set_date(Comparison *comparison) {
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  comparison->date = g_date_time_format(now, "%Y-%m-%d");
}

/* A damaged file is said and thrown away: it is measured again. */
static void
load_earlier(Run *run) {
  g_autofree char *path = g_build_filename(run->folder, KEPT, NULL);
  g_autofree char *text = NULL;
  g_autoptr(GError) problem = NULL;
  gsize size;
  if (run->options->again)
    return;
  if (file_read_if_there(path, JSON_BYTES_MAX, &text, &size, &problem) && text != NULL)
    run->earlier = store_parse(text, (gssize)size, path, &problem);
  if (problem != NULL)
    msg_warn("%s: measured again", problem->message);
}

static gboolean
save(gpointer data, GError **error) {
  const Run *run = data;
  g_autofree char *path = g_build_filename(run->folder, KEPT, NULL);
  g_autofree char *text = store_text(run->comparison, TRUE);
  return file_write(path, text, strlen(text), 0644, error);
}

/* Takes SYSTEM. Its result gets what an earlier run measured of the same. */
static gboolean
add_system(Run *run, System *system, const char *test_key, const char *host) {
  if (system == NULL)
    return FALSE;
  g_autofree char *memory = g_strdup_printf("%d", system->memory);
  Result *result = comparison_add(run->comparison, system->id, system->title);
  result->note = g_strdup(system->note);
  result->key =
      sha256_of_strings("1", system->key, system->platform->name, test_key, memory, host, NULL);
  if (run->earlier != NULL)
    result_take(result, comparison_find(run->earlier, system->id));
  g_ptr_array_add(run->systems, system);
  return TRUE;
}

/* What the measuring itself depends on: the test, the load, and how it is done. */
static char *
test_key(const Recipe *recipe, GError **error) {
  g_autofree char *load_path = g_build_filename(recipe->folder, "load.sh", NULL);
  g_autofree char *probe_path = data_path("compare/probe.sh");
  g_autofree char *test =
      recipe->test_script != NULL ? file_sha256(recipe->test_script, error) : g_strdup("none");
  g_autofree char *load = test == NULL ? NULL
                          : g_file_test(load_path, G_FILE_TEST_EXISTS)
                              ? file_sha256(load_path, error)
                              : g_strdup("none");
  g_autofree char *probe = load != NULL ? file_sha256(probe_path, error) : NULL;
  g_autofree char *port = g_strdup_printf("%d", recipe->ready_port);
  return probe != NULL ? sha256_of_strings(test, load, probe, port, NULL) : NULL;
}

/* Debian's image takes minutes: what can be wrong in the others comes first. */
static gboolean
make_systems(Run *run, const char *ours_folder, const char *host, GError **error) {
  const CompareOptions *options = run->options;
  g_autofree char *key = test_key(run->recipe, error);
  System *ours;
  if (key == NULL || !add_system(run,
                                 system_from_image(run->recipe, options->image.platform, "tinyx",
                                                   "tinyx", ours_folder, error),
                                 key, host))
    return FALSE;
  ours = run->systems->pdata[0];
  const Result *result = run->comparison->results->pdata[0];
  if (!options->no_boot && !result->values[FIGURE_MEMORY_SLAB].measured &&
      !system_add_procfs(run->recipe, &options->image, ours, error))
    return FALSE;
  for (guint i = 0; options->images != NULL && options->images[i] != NULL; i++) {
    g_autofree char *id = g_strdup_printf("image:%s", options->images[i]);
    if (!add_system(run,
                    system_from_image(run->recipe, options->image.platform, id, options->images[i],
                                      options->images[i], error),
                    key, host))
      return FALSE;
  }
  if (!options->no_debian) {
    msg_stage_begin("Debian's image");
    if (!add_system(run,
                    system_of_debian(run->recipe, options->image.platform, options->memory, error),
                    key, host)) {
      msg_stage_abort();
      return FALSE;
    }
    msg_stage_end(NULL);
  }
  if (!options->no_cloud && !add_system(run, system_of_cloud(ours, error), key, host))
    return FALSE;
  for (guint i = 0; options->kernels != NULL && options->kernels[i] != NULL; i++)
    if (!add_system(
            run, system_of_config(run->recipe, &options->image, options->kernels[i], ours, error),
            key, host))
      return FALSE;
  return TRUE;
}

/* STEP for the system INDEX, saved after each part. */
static gboolean
measure_one(Run *run, Testbed *testbed, guint index, MeasureStep step, GError **error) {
  Result *result = run->comparison->results->pdata[index];
  do {
    if (!measure_step(testbed, run->recipe, run->systems->pdata[index], result, step, error) ||
        !save(run, error))
      return FALSE;
  } while (measure_again(result, step));
  return TRUE;
}

/* Those without a disk first: they share a host. */
static gboolean
measure_one_step(Run *run, Testbed *testbed, MeasureStep step, GError **error) {
  for (int with_disk = 0; with_disk <= 1; with_disk++)
    for (guint i = 0; i < run->systems->len; i++) {
      const System *system = run->systems->pdata[i];
      if ((system->disk != NULL) == with_disk && !measure_one(run, testbed, i, step, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
measure_all(Run *run, Testbed *testbed, GError **error) {
  for (guint i = 0; i < run->systems->len; i++)
    system_measure(run->systems->pdata[i], run->comparison->results->pdata[i]);
  if (!save(run, error))
    return FALSE;
  for (int step = 0; step < MEASURE_STEPS; step++)
    if ((step == MEASURE_PACKED || !run->options->no_boot) &&
        !measure_one_step(run, testbed, (MeasureStep)step, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_text(const char *folder, const char *name, const char *text, GError **error) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  return file_write(path, text, strlen(text), 0644, error);
}

gboolean
compare_write(const Comparison *comparison, const char *folder, GError **error) {
  g_autofree char *css = data_path("compare/page.css");
  g_autofree char *style = NULL;
  if (!file_read(css, FILE_OWN_MAX, &style, NULL, error))
    return FALSE;
  g_autofree char *json = store_text(comparison, FALSE);
  g_autofree char *html = show_html(comparison, style);
  g_autofree char *markdown = show_markdown(comparison);
  return write_text(folder, "compare.json", json, error) &&
         write_text(folder, "compare.html", html, error) &&
         write_text(folder, "compare.md", markdown, error);
}

/* Nothing is shown empty: what nobody came to measure says so, or why an earlier run did not. */
static void
explain_gaps(Comparison *comparison, const char *why) {
  for (guint i = 0; i < comparison->results->len; i++)
    for (guint id = 0; id < FIGURE_COUNT; id++) {
      Result *result = comparison->results->pdata[i];
      g_autofree char *earlier = g_strdup(result->values[id].text);
      if (!result->values[id].asked)
        result_set_why(result, (FigureId)id, "%s", earlier != NULL ? earlier : why);
    }
}

/* Also of a run that was ended: what there is until then. */
static gboolean
write_results(Run *run, gboolean complete, GError **error) {
  explain_gaps(run->comparison, !complete               ? "the run ended before it came to that"
                                : run->options->no_boot ? "nothing was booted (--no-boot)"
                                                        : "it was not tried");
  return compare_write(run->comparison, run->folder, error);
}

/* out/NAME/compare; with the platform's name where that is another one than is usual. */
static char *
standard_folder(const Run *run) {
  const char *platform = run->options->image.platform->name;
  gboolean usual = strcmp(platform, PLATFORM_DEFAULT) == 0;
  g_autofree char *name = usual ? g_strdup("compare") : g_strconcat("compare-", platform, NULL);
  return g_build_filename("out", run->recipe->name, name, NULL);
}

/* What is wrong is said before anything is written, or minutes have passed. */
static gboolean
check_platform(const CompareOptions *options, GError **error) {
  const GuestHostOptions host = {.spec = options->host};
  g_autoptr(GError) problem = NULL;
  if (!(options->no_debian && options->no_cloud) &&
      !debian_check_platform(options->image.platform, error))
    return FALSE;
  /* Without a boot only what was asked for can be wrong. */
  if (guest_host_check(options->image.platform, &host, &problem) ||
      (options->no_boot && !g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_INPUT)))
    return TRUE;
  g_propagate_error(error, g_steal_pointer(&problem));
  return FALSE;
}

static gboolean
prepare(Run *run, GError **error) {
  const char *given = run->options->folder;
  g_autofree char *standard = standard_folder(run);
  run->folder = path_absolute(given != NULL ? given : standard);
  run->systems = g_ptr_array_new_with_free_func(free_system);
  run->comparison = comparison_new(run->recipe->name);
  run->comparison->description = g_strdup(run->recipe->description);
  run->comparison->platform = g_strdup(run->options->image.platform->name);
  set_date(run->comparison);
  if (!check_platform(run->options, error) || !paper_load(run->comparison->paper, error))
    return FALSE;
  if (!dir_make(run->folder, error)) {
    output_prefix_error(given, error);
    return FALSE;
  }
  load_earlier(run);
  return TRUE;
}

Comparison *
compare(const Recipe *recipe, const CompareOptions *options, char **folder, GError **error) {
  g_auto(Run) run = {.recipe = recipe, .options = options};
  g_auto(Image) image = {0};
  g_autoptr(Testbed) testbed = testbed_new(options->image.platform, options->host);
  if (!prepare(&run, error) || !image_build(recipe, &options->image, &image, error))
    return NULL;
  run.comparison->host = testbed_describe(testbed);
  if (!make_systems(&run, image.folder, run.comparison->host, error))
    return NULL;
  if (!measure_all(&run, testbed, error)) {
    write_results(&run, FALSE, NULL);
    return NULL;
  }
  if (!write_results(&run, TRUE, error))
    return NULL;
  *folder = g_steal_pointer(&run.folder);
  return g_steal_pointer(&run.comparison);
}
