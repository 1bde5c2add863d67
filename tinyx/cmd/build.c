#include "base/files.h"
#include "base/msg.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "image/image.h"
#include "trace/trace.h"

#include <stdio.h>

static const char description[] =
    "Builds a kernel and a root file system that run one application, by its recipe: a\n"
    "NAME in recipes/, or a folder (with a '/'). The result goes to out/NAME/PLATFORM:\n"
    "vmlinux, bzImage, kernel.config, chosen.config, initramfs.cpio.xz or rootfs.squashfs,\n"
    "NAME.xl.cfg, NAME.chaos.json, manifest.txt, report.json. What has not changed is not\n"
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
    g_autofree char *cost = feature_cost_text(rules_find(set, features.with[i]));
    msg_info("with %s: %s", features.with[i], cost);
  }
  return TRUE;
}

/* What the test opens is found first: the image is built by the lock that comes out. */
static gboolean
build_traced(const Recipe *recipe, const ImageOptions *options, Image *image, GError **error) {
  g_auto(Trace) trace = {0};
  g_autoptr(FilesLock) lock = NULL;
  if (!trace_make(recipe, &trace, error) || (lock = trace_lock(recipe, &trace, error)) == NULL ||
      !trace_lock_write(recipe, lock, error) || !image_build(recipe, options, image, error) ||
      !trace_write(&trace, image->folder, error))
    return FALSE;
  g_autofree char *summary = trace_summary(&trace);
  fputs(summary, stdout);
  return TRUE;
}

int
cmd_build(int argc, char **argv) {
  ImageChoice choice = {0};
  g_autoptr(Recipe) recipe = NULL;
  g_auto(Image) image = {0};
  g_autofree char *summary = NULL;
  GError *error = NULL;
  gboolean force = FALSE, traced = FALSE;
  const GOptionEntry entries[] = {
      IMAGE_CHOICE_ENTRIES(choice),
      DRAFT_ENTRIES(choice),
      {"trace", 0, 0, G_OPTION_ARG_NONE, &traced,
       "Run the test under strace in all that was installed; add what is opened there and is not in "
       "the image",
       NULL},
      {"force", 0, 0, G_OPTION_ARG_NONE, &force, "Build although nothing changed", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "NAME|DIR|--package PACKAGE", description, entries);
  if (status < 0)
    status = image_choice_words(&choice, "build", argc);
  if (status >= 0) {
    image_choice_clear(&choice);
    return status;
  }
  choice.options.force = force;
  if (!image_choice_resolve(&choice, argv[1], &recipe, &error) ||
      !tell_features(recipe, &choice.options, &error) ||
      !(traced ? build_traced : image_build)(recipe, &choice.options, &image, &error) ||
      (summary = image_summary(image.folder, &error)) == NULL) {
    image_choice_clear(&choice);
    return cmd_fail(error);
  }
  if (image.unchanged)
    msg_info("nothing has changed since the last build");
  fputs(summary, stdout);
  image_choice_clear(&choice);
  return 0;
}
