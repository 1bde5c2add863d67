/* build.c - `tinyx build`: options, and one call of the image layer or of the trace. */
#include "base/files.h"
#include "base/json.h"
#include "base/msg.h"
#include "base/plain.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "guest/launcher.h"
#include "image/image.h"
#include "trace/drop.h"

static const char description[] =
    "Builds a kernel and a root file system that run one application, by its recipe: a\n"
    "NAME in recipes/, or a folder (with a '/', or .). The result goes to out/NAME/PLATFORM:\n"
    "the kernel, kernel.config, chosen.config, initramfs.cpio.xz or rootfs.squashfs, files by "
    "which\n"
    "the platform's launchers start it, manifest.txt, report.json. What has not changed is not\n"
    "built again.";

/* What is asked for by name is said with its price. */
static gboolean
tell_features(const Recipe *recipe, const ImageOptions *options, GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(RuleSet) set = rules_load(data, error);
  g_auto(FeatureNames) features = {0};
  if (set == NULL || !image_features(recipe, options, &features, error))
    return FALSE;
  for (guint i = 0; features.with[i] != NULL; i++) {
    g_autofree char *cost =
        feature_cost_text(rules_find(set, features.with[i]), options->platform->name);
    msg_info("with %s: %s", features.with[i], cost);
  }
  return TRUE;
}

typedef struct {
  ImageChoice choice;
  gboolean trace, drop, force, json;
  char *host; /* as given */
  Recipe *recipe;
  Image image;
  char *traced; /* what a trace found, for a person */
} Build;

static void
build_clear(Build *build) {
  image_choice_clear(&build->choice);
  g_free(build->host);
  recipe_free(build->recipe);
  image_clear(&build->image);
  g_free(build->traced);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Build, build_clear)

static char *
traced_text(const Build *build, const Trace *trace, const FilesLock *lock,
            const DropReport *report) {
  g_autofree char *summary = trace_summary(trace);
  g_autofree char *bytes = size_text(report->bytes);
  GString *text = g_string_new(summary);
  if (build->drop)
    g_string_append_printf(text,
                           "  dropped    %u files, %s; needed although never opened: %u; not tried "
                           "alone: %u; guests booted: %u\n",
                           report->dropped, bytes, report->needed, report->untried, report->tries);
  g_string_append_printf(text, "  lock       %s\n", lock->file);
  return g_string_free(text, FALSE);
}

/* What the test opens is found first: the image is built by the lock that comes out. */
static gboolean
build_traced(Build *build, GError **error) {
  const ImageOptions *options = &build->choice.options;
  g_auto(Trace) trace = {0};
  g_autoptr(FilesLock) lock = NULL;
  DropReport report = {0};
  if (build->recipe->weak_test)
    msg_warn("the test of %s is weak ([test] weak=yes): what it does not ask for is not seen to be "
             "opened%s",
             build->recipe->name, build->drop ? ", and will be dropped" : "");
  if (!trace_make(build->recipe, build->choice.options.platform, &trace, error) ||
      (lock = trace_lock(build->recipe, &trace, error)) == NULL ||
      (build->drop && !drop_by_guests(build->recipe, options, build->host, &trace.coverage, lock,
                                      &report, error)) ||
      !trace_lock_write(build->recipe, lock, error) ||
      !image_build(build->recipe, options, &build->image, error) ||
      !trace_write(&trace, build->image.folder, error))
    return FALSE;
  build->traced = traced_text(build, &trace, lock, &report);
  return TRUE;
}

static gboolean
check_tracing(Build *build, GError **error) {
  const char *wrong = NULL;
  build->trace |= build->drop; /* what to drop, a trace tells */
  if (build->host != NULL && !build->drop)
    wrong = "--host belongs to --drop-unopened: nothing else of build boots anything";
  else if (build->trace && build->choice.no_lock)
    wrong = "--trace writes the lock that --no-lock would leave alone; expected one of them";
  if (wrong != NULL)
    g_set_error_literal(error, TINYX_ERROR, TINYX_ERROR_INPUT, wrong);
  return wrong == NULL;
}

static gboolean
build_all(Build *build, const char *name, GError **error) {
  ImageOptions *options = &build->choice.options;
  const GuestHostOptions host = {.spec = build->host};
  if (!check_tracing(build, error) ||
      !image_choice_resolve(&build->choice, name, &build->recipe, error) ||
      /* A trace takes minutes: what the host is lacking is said before. */
      (build->drop && !guest_host_check(options->platform, &host, error)) ||
      !tell_features(build->recipe, options, error))
    return FALSE;
  options->force = build->force;
  return build->trace ? build_traced(build, error)
                      : image_build(build->recipe, options, &build->image, error);
}

static char *
what_was_built(const Build *build, GError **error) {
  g_autofree char *report = g_build_filename(build->image.folder, "report.json", NULL);
  char *text = NULL;
  if (!build->json)
    return image_summary(build->image.folder, error);
  return file_read(report, JSON_BYTES_MAX, &text, NULL, error) ? text : NULL;
}

int
cmd_build(int argc, char **argv) {
  g_auto(Build) build = {0};
  g_autofree char *summary = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      IMAGE_CHOICE_ENTRIES(build.choice),
      DRAFT_ENTRIES(build.choice),
      {"trace", 0, 0, G_OPTION_ARG_NONE, &build.trace,
       "Run the test under strace in all that was installed; add what is opened there and is not "
       "in "
       "the image",
       NULL},
      {"drop-unopened", 0, 0, G_OPTION_ARG_NONE, &build.drop,
       "Trace, and drop what was never opened, as far as the test passes without it in a guest",
       NULL},
      {"host", 'H', 0, G_OPTION_ARG_STRING, &build.host,
       "With --drop-unopened: embedded, local or ssh://user@machine[:port]", "HOST"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &build.json, "Print report.json instead of the summary",
       NULL},
      {"force", 0, 0, G_OPTION_ARG_NONE, &build.force, "Build although nothing changed", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "NAME|DIR|--package PACKAGE", description, entries);
  if (status < 0)
    status = image_choice_words(&build.choice, "build", argc);
  if (status >= 0)
    return status;
  if (!build_all(&build, argv[1], &error) || (summary = what_was_built(&build, &error)) == NULL)
    return cmd_fail(error);
  if (build.image.unchanged)
    msg_info("nothing has changed since the last build");
  plain_show(summary);
  if (build.traced != NULL && !build.json)
    plain_show(build.traced);
  return 0;
}
