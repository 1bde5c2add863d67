/* options.c - options that several commands have: which image, which draft. */
#include "cmd/options.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/near.h"
#include "base/split.h"
#include "base/strings.h"
#include "cmd/cmd.h"
#include "draft/own.h"
#include "draft/ports.h"
#include "rootfs/given.h"

#include <string.h>

/* Two applications whose commands name one port: a guess, so that it is no error. */
static void
tell_of_one_port(const Recipe *recipe) {
  g_autoptr(PortRules) rules = recipe->runs->len > 1 ? port_rules_load(NULL) : NULL;
  for (guint i = 0; rules != NULL && i < recipe->runs->len; i++)
    for (guint j = 0; j < i; j++) {
      const RecipeRun *first = recipe->runs->pdata[j], *second = recipe->runs->pdata[i];
      int port = ports_in_command(rules, first->command);
      if (port > 0 && port == ports_in_command(rules, second->command))
        msg_warn("%s: '%s' and '%s' both name port %d; only one can listen on it", recipe->file,
                 first->command, second->command, port);
    }
}

/* The words of GIVEN, which has commas in it; GIVEN may be NULL. g_strfreev. */
static char **
split_names(char *const *given) {
  g_autofree char *all = given != NULL ? g_strjoinv(",", (char **)given) : g_strdup("");
  return split_words(all, ", ");
}

/* Early: it would be late to tell after the packages were installed. */
static gboolean
check_features(const Recipe *recipe, const ImageOptions *options, GError **error) {
  g_auto(FeatureNames) features = {0};
  return image_features(recipe, options, &features, error);
}

int
image_choice_words(const ImageChoice *choice, const char *command, int argc) {
  int expected = choice->packages != NULL ? 1 : 2;
  if (argc == expected)
    return -1;
  return expected == 1 ? cmd_usage(command, "expected no recipe beside --package, got %d", argc - 1)
                       : cmd_usage(command, "expected one recipe, got %d", argc - 1);
}

gboolean
draft_given(char **packages, char **commands, char **ports, gboolean untried,
            const Platform *platform, Draft *draft, GError **error) {
  guint count = ports != NULL ? g_strv_length(ports) : 0;
  g_autofree int *numbers = g_new0(int, count + 1);
  DraftOptions options = {.packages = (const char *const *)packages,
                          .commands = (const char *const *)commands,
                          .ports = numbers,
                          .n_ports = count,
                          .untried = untried,
                          .platform = platform};
  gboolean done;
  for (guint i = 0; i < count; i++) {
    guint64 value;
    if (!g_ascii_string_to_unsigned(ports[i], 10, 1, 65535, &value, NULL)) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "--port %s: expected a whole number from 1 to 65535", ports[i]);
      return FALSE;
    }
    numbers[i] = (int)value;
  }
  msg_stage_begin("draft of a recipe");
  if (own_is_path(packages[0])) {
    options.packages++;
    done = draft_make_own(packages[0], &options, draft, error);
  } else {
    done = draft_make(&options, draft, error);
  }
  if (!done)
    msg_stage_abort();
  else
    msg_stage_end(draft->recipe->name);
  return done;
}

/* out/recipes/PACKAGE is ours: written anew each time, from the same packages the same. */
static char *
draft_recipe(const ImageChoice *choice, GError **error) {
  g_auto(Draft) draft = {0};
  if (!draft_given(choice->packages, choice->commands, choice->ports, choice->untried, choice->of,
                   &draft, error))
    return NULL;
  g_autofree char *folder = g_build_filename("out", "recipes", draft.recipe->name, NULL);
  if (!draft_write(&draft, folder, TRUE, error))
    return NULL;
  for (guint i = 0; i < draft.notes->len; i++)
    msg_info("note: %s", (char *)draft.notes->pdata[i]);
  msg_info("the draft is %s/recipe.conf; its test is weak", folder);
  return g_steal_pointer(&folder);
}

/* A recipe may come from anywhere: what it names outside of its folder would be read as whoever
 * calls tinyx, and go into an image that its own test can ask. */
static gboolean
check_host_files(const Recipe *recipe, gboolean allowed, GError **error) {
  g_autoptr(GPtrArray) outside = given_outside(recipe);
  for (guint i = 0; i < outside->len; i++) {
    const char *place = outside->pdata[i];
    if (!allowed)
      return tinyx_fail(error, TINYX_ERROR_INPUT,
                        "%s: it is outside of the recipe's folder; expected a file in that, or "
                        "--allow-host-files",
                        place);
    msg_info("note: %s: taken from this machine (--allow-host-files)", place);
  }
  return TRUE;
}

/* What the command line says of features holds for the files of the image, too (exec, syslog). */
static void
take_features(Recipe *recipe, const FeatureNames *given) {
  for (guint i = 0; given->with != NULL && given->with[i] != NULL; i++) {
    strv_remove(&recipe->without, given->with[i]);
    strv_add_once(&recipe->with, given->with[i]);
  }
  for (guint i = 0; given->without != NULL && given->without[i] != NULL; i++)
    strv_remove(&recipe->with, given->without[i]);
}

gboolean
image_choice_platform(ImageChoice *choice, GError **error) {
  choice->of = platform_load(choice->platform != NULL ? choice->platform : PLATFORM_DEFAULT, error);
  choice->options.platform = choice->of;
  return choice->of != NULL;
}

gboolean
image_choice_resolve(ImageChoice *choice, const char *name, Recipe **recipe, GError **error) {
  ImageOptions *options = &choice->options;
  options->kernel_source = choice->kernel_source != NULL ? choice->kernel_source : "6.1";
  options->output = choice->output;
  options->no_lock = choice->no_lock;
  options->cached_kernel = choice->cached_kernel;
  options->no_files_lock = choice->no_lock;
  feature_names_clear(&options->features);
  options->features.with = split_names(choice->with);
  options->features.without = split_names(choice->without);
  if (choice->format != NULL && !rootfs_format_parse(choice->format, &options->format)) {
    const char *names[ROOTFS_FORMATS + 1] = {NULL};
    for (guint i = 0; i < ROOTFS_FORMATS; i++)
      names[i] = rootfs_format_name((RootfsFormat)i);
    g_autofree char *near = near_text(choice->format, names);
    return tinyx_fail(error, TINYX_ERROR_INPUT,
                      "--format '%s' is not known%s%s expected cpio, cpio.gz or squashfs",
                      choice->format, near, near[0] != '\0' ? "" : ";");
  }
  if (!image_choice_platform(choice, error))
    return FALSE;
  if (choice->packages == NULL && (choice->commands != NULL || choice->ports != NULL)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--command and --port belong to --package; a recipe has its own");
    return FALSE;
  }
  g_autofree char *drafted = choice->packages != NULL ? draft_recipe(choice, error) : NULL;
  if (choice->packages != NULL && drafted == NULL)
    return FALSE;
  *recipe = recipe_load(drafted != NULL ? drafted : name, error);
  if (*recipe != NULL && choice->format == NULL && (*recipe)->format != NULL)
    rootfs_format_parse((*recipe)->format, &options->format);
  if (*recipe != NULL)
    tell_of_one_port(*recipe);
  if (*recipe == NULL || !check_host_files(*recipe, choice->host_files, error) ||
      !check_features(*recipe, options, error))
    return FALSE;
  take_features(*recipe, &options->features);
  return TRUE;
}

void
image_choice_clear(ImageChoice *choice) {
  g_clear_pointer(&choice->platform, g_free);
  g_clear_pointer(&choice->of, platform_free);
  g_clear_pointer(&choice->format, g_free);
  g_clear_pointer(&choice->output, g_free);
  g_clear_pointer(&choice->kernel_source, g_free);
  g_clear_pointer(&choice->with, g_strfreev);
  g_clear_pointer(&choice->without, g_strfreev);
  g_clear_pointer(&choice->packages, g_strfreev);
  g_clear_pointer(&choice->commands, g_strfreev);
  g_clear_pointer(&choice->ports, g_strfreev);
  feature_names_clear(&choice->options.features);
}
