/* compare.c - the command tinyx compare. */
#include "compare/compare.h"

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "compare/show.h"

#include "base/dotconfig.h"
#include "base/files.h"
#include "base/json.h"
#include "base/msg.h"
#include "base/plain.h"

#include <string.h>

#include <stdio.h>

static const char description[] =
    "Builds the image of Debian that people would otherwise run (minbase, linux-image-amd64,\n"
    "systemd, the recipe's packages, files and command), boots both on the same host, and puts\n"
    "side by side what they take. Results: a table, and compare.json, compare.html and compare.md\n"
    "in out/NAME/compare (another platform: compare-PLATFORM). What was measured is kept there,\n"
    "too: a second run goes on where the first ended.";

typedef struct {
  ImageChoice choice;
  CompareOptions options;
  char *host, *folder;
  char **kernels, **images;
  int memory;
  gboolean json;
} Given;

static void
given_clear(Given *given) {
  image_choice_clear(&given->choice);
  g_free(given->host);
  g_free(given->folder);
  g_strfreev(given->kernels);
  g_strfreev(given->images);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Given, given_clear)

/* It is a configuration, and its column's name is its own. */
static gboolean
check_kernel(const Given *given, guint index, GError **error) {
  const char *path = given->kernels[index];
  g_autofree char *name = g_path_get_basename(path), *text = NULL;
  g_autoptr(GError) problem = NULL;
  gsize size = 0;
  for (guint i = 0; i < index; i++) {
    g_autofree char *other = g_path_get_basename(given->kernels[i]);
    if (strcmp(other, name) == 0) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "--kernel %s: %s has the same file name, by which the columns are called; "
                  "expected different ones",
                  path, given->kernels[i]);
      return FALSE;
    }
  }
  if (!file_read(path, CONFIG_BYTES_MAX, &text, &size, &problem)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--kernel %s: expected a kernel configuration file: %s", path, problem->message);
    return FALSE;
  }
  g_autoptr(DotConfig) config = config_parse(text, size, path, error);
  if (config != NULL && config_names(config)[0] == NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--kernel %s: it sets no symbol; expected CONFIG_NAME=VALUE lines", path);
  return config != NULL && config_names(config)[0] != NULL;
}

/* What can be wrong is said before minutes have passed. */
static gboolean
check(const Given *given, GError **error) {
  if (!cmd_check_memory(given->memory, error))
    return FALSE;
  for (guint i = 0; given->kernels != NULL && given->kernels[i] != NULL; i++)
    if (!check_kernel(given, i, error))
      return FALSE;
  for (guint i = 0; given->images != NULL && given->images[i] != NULL; i++) {
    g_autofree char *manifest = g_build_filename(given->images[i], "manifest.txt", NULL);
    if (!g_file_test(manifest, G_FILE_TEST_EXISTS)) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "--image %s: expected a folder that tinyx build made", given->images[i]);
      return FALSE;
    }
  }
  return TRUE;
}

/* All are booted on one platform. */
static gboolean
check_platforms(const Given *given, GError **error) {
  for (guint i = 0; given->images != NULL && given->images[i] != NULL; i++)
    if (!image_check_platform(given->images[i], given->choice.options.platform, error)) {
      g_prefix_error(error, "--image ");
      return FALSE;
    }
  return TRUE;
}

/* Without the caller's word it is the initramfs by gzip: the guest unpacks it with a third of the
 * instructions of xz until nginx answers, for a quarter more bytes. A disk that the recipe asks for
 * is no error: it has an initramfs, too. */
static gboolean
take_format(Given *given, const Recipe *recipe, GError **error) {
  RootfsFormat *format = &given->choice.options.format;
  if (given->choice.format != NULL && !rootfs_format_is_disk(*format))
    return TRUE;
  if (given->choice.format != NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--format %s: images are compared as initramfs; expected cpio or cpio.gz",
                rootfs_format_name(*format));
    return FALSE;
  }
  if (rootfs_format_is_disk(*format))
    msg_info("%s has the format %s; it is compared as an initramfs, which takes more memory",
             recipe->name, rootfs_format_name(*format));
  *format = ROOTFS_CPIO_GZIP;
  return TRUE;
}

/* By its manifest's first line. A copy of a recipe has another name: no error. */
static void
tell_of_others(const Given *given, const Recipe *recipe) {
  for (guint i = 0; given->images != NULL && given->images[i] != NULL; i++) {
    g_autofree char *manifest = g_build_filename(given->images[i], "manifest.txt", NULL);
    g_autofree char *text = NULL;
    g_autofree char *own = g_strdup_printf("# application: %s\n", recipe->name);
    if (file_read(manifest, MANIFEST_BYTES_MAX, &text, NULL, NULL) && !g_str_has_prefix(text, own))
      msg_warn("--image %s: it is no image of %s: its test may fail there, and its figures are of "
               "something else",
               given->images[i], recipe->name);
  }
}

static gboolean
resolve(Given *given, const char *name, Recipe **recipe, GError **error) {
  if (!check(given, error) || !image_choice_resolve(&given->choice, name, recipe, error))
    return FALSE;
  if (!check_platforms(given, error) || !take_format(given, *recipe, error))
    return FALSE;
  tell_of_others(given, *recipe);
  given->options.image = given->choice.options;
  given->options.image.output = NULL; /* -o is for the comparison */
  given->options.host = given->host;
  given->options.folder = given->folder;
  given->options.kernels = (const char *const *)given->kernels;
  given->options.images = (const char *const *)given->images;
  given->options.memory = given->memory != CMD_NOT_GIVEN ? given->memory : 0;
  return TRUE;
}

static int
run(Given *given, const char *name) {
  g_autoptr(Recipe) recipe = NULL;
  g_autoptr(Comparison) comparison = NULL;
  g_autofree char *folder = NULL, *table = NULL;
  GError *error = NULL;
  if (!resolve(given, name, &recipe, &error) ||
      (comparison = compare(recipe, &given->options, &folder, &error)) == NULL)
    return cmd_fail(error);
  if (given->json) {
    g_autofree char *path = g_build_filename(folder, "compare.json", NULL);
    if (!file_read(path, JSON_BYTES_MAX, &table, NULL, &error))
      return cmd_fail(error);
  } else {
    table = show_table(comparison);
  }
  plain_show(table);
  msg_info("the page: %s/compare.html", folder);
  return 0;
}

int
cmd_compare(int argc, char **argv) {
  g_auto(Given) given = {.memory = CMD_NOT_GIVEN};
  CompareOptions *options = &given.options;
  const GOptionEntry entries[] = {
      {"host", 'H', 0, G_OPTION_ARG_STRING, &given.host,
       "Xen: embedded, local or ssh://user@machine[:port]; without it embedded, or local in a dom0",
       "HOST"},
      {"kernel", 'K', 0, G_OPTION_ARG_FILENAME_ARRAY, &given.kernels,
       "Also a kernel of this configuration, from the same source (any number)", "FILE.config"},
      {"image", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &given.images,
       "Also an image that tinyx build made with -o DIR (any number)", "DIR"},
      {"no-debian", 0, 0, G_OPTION_ARG_NONE, &options->no_debian, "Without Debian's image", NULL},
      {"no-cloud", 0, 0, G_OPTION_ARG_NONE, &options->no_cloud,
       "Without Debian's cloud kernel with our files", NULL},
      {"no-boot", 0, 0, G_OPTION_ARG_NONE, &options->no_boot,
       "Only what can be told without booting", NULL},
      {"again", 0, 0, G_OPTION_ARG_NONE, &options->again, "Forget what an earlier run measured",
       NULL},
      {"memory", 'm', 0, G_OPTION_ARG_INT, &given.memory, "Memory of Debian's guest (default 512)",
       "MB"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &given.folder,
       "Folder for the results (default out/NAME/compare, or compare-PLATFORM)", "DIR"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &given.json, "Print compare.json instead of the table",
       NULL},
      {"kernel-source", 'k', 0, G_OPTION_ARG_STRING, &given.choice.kernel_source,
       "Debian's linux-source-VERSION, or a folder (default 6.1)", "VERSION"},
      {"platform", 'p', 0, G_OPTION_ARG_STRING, &given.choice.platform,
       "The platform, as `tinyx platforms` lists them; default: " PLATFORM_DEFAULT, "NAME"},
      {"cached-kernel", 0, 0, G_OPTION_ARG_NONE, &given.choice.cached_kernel,
       "Take kernels from the cache, or end with status 2: build none", NULL},
      HOST_FILES_ENTRY(given.choice),
      {"format", 'f', 0, G_OPTION_ARG_STRING, &given.choice.format,
       "Our root file system: cpio.gz (initramfs by gzip, default) or cpio (by xz)", "FORMAT"},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "NAME|DIR", description, entries);
  if (status < 0 && argc != 2)
    status = cmd_usage("compare", "expected one recipe, got %d", argc - 1);
  if (status >= 0)
    return status;
  return run(&given, argv[1]);
}
