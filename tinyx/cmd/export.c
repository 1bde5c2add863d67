/* export.c - `tinyx export`: an image for somebody who has QEMU or Xen, and no tinyx. */
#include "upkeep/export.h"
#include "base/msg.h"
#include "base/plain.h"
#include "base/split.h"
#include "cmd/cmd.h"
#include "cmd/options.h"

static const char description[] =
    "Builds the image if that is needed, and writes it as a folder or, where the name ends in\n"
    ".tar.gz, as an archive: kernel, root file system, README.txt, and a script that starts it\n"
    "wherever that is unpacked, without tinyx: run-xen.sh (with its configuration) or run-qemu.sh, "
    "by the\n"
    "platform; with --platform xen-pv,qemu-microvm both, an image each.";

typedef struct {
  ImageChoice choice;
  char *platforms, *output; /* as given */
  int memory;               /* as given, or CMD_NOT_GIVEN */
  Recipe *recipe;
} ExportCommand;

static void
command_clear(ExportCommand *command) {
  image_choice_clear(&command->choice);
  g_free(command->platforms);
  g_free(command->output);
  recipe_free(command->recipe);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ExportCommand, command_clear)

/* Platform*; before anything is built. */
static GPtrArray *
load_platforms(const char *given, GError **error) {
  g_auto(GStrv) names = split_words(given != NULL ? given : PLATFORM_DEFAULT, ", ");
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)platform_free);
  for (guint i = 0; names[i] != NULL; i++) {
    Platform *platform = platform_load(names[i], error);
    if (platform == NULL)
      return NULL;
    g_ptr_array_add(all, platform);
  }
  return export_check(all, error) ? g_steal_pointer(&all) : NULL;
}

/* NULL with ERROR. */
static ExportPart *
build_part(ExportCommand *command, const char *name, const Platform *platform, GError **error) {
  ImageChoice *choice = &command->choice;
  g_auto(Image) image = {0};
  ExportPart *part;
  g_free(choice->platform);
  g_clear_pointer(&choice->of, platform_free);
  g_clear_pointer(&command->recipe, recipe_free);
  choice->platform = g_strdup(platform->name);
  if (!image_choice_resolve(choice, name, &command->recipe, error) ||
      !image_build(command->recipe, &choice->options, &image, error))
    return NULL;
  if (command->memory != CMD_NOT_GIVEN && command->memory < image.least_memory) {
    tinyx_fail(error, TINYX_ERROR_INPUT,
               "--memory %d: too little; a guest of this image takes %d MB to be created",
               command->memory, image.least_memory);
    return NULL;
  }
  part = g_new0(ExportPart, 1);
  *part = (ExportPart){.platform = platform,
                       .folder = g_strdup(image.folder),
                       .format = choice->options.format,
                       .memory = command->memory != CMD_NOT_GIVEN ? command->memory : image.memory};
  return part;
}

static gboolean
export_all(ExportCommand *command, const char *name, GError **error) {
  g_autoptr(GPtrArray) platforms = load_platforms(command->platforms, error);
  g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(export_part_free);
  if (platforms == NULL || !cmd_check_memory(command->memory, error))
    return FALSE;
  for (guint i = 0; i < platforms->len; i++) {
    ExportPart *part = build_part(command, name, platforms->pdata[i], error);
    if (part == NULL)
      return FALSE;
    g_ptr_array_add(parts, part);
  }
  if (command->output == NULL)
    command->output = g_strconcat(command->recipe->name, "-export", NULL);
  return export_write(command->recipe, parts, command->output, error);
}

int
cmd_export(int argc, char **argv) {
  g_auto(ExportCommand) command = {.memory = CMD_NOT_GIVEN};
  ImageChoice *choice = &command.choice;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"platform", 'p', 0, G_OPTION_ARG_STRING, &command.platforms,
       "The platform, or several with commas between them; default: " PLATFORM_DEFAULT, "NAME"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &command.output,
       "A new folder, or an archive's name that ends in .tar.gz (default NAME-export)", "PATH"},
      {"memory", 'm', 0, G_OPTION_ARG_INT, &command.memory,
       "Memory that the scripts give it (default: the recipe's)", "MB"},
      {"format", 'f', 0, G_OPTION_ARG_STRING, &choice->format,
       "Root file system: cpio, cpio.gz or squashfs; default: the recipe's, else cpio", "FORMAT"},
      {"kernel-source", 'k', 0, G_OPTION_ARG_STRING, &choice->kernel_source,
       "Debian's linux-source-VERSION, or a folder (default 6.1)", "VERSION"},
      {"with", 0, 0, G_OPTION_ARG_STRING_ARRAY, &choice->with,
       "Features for the kernel, as `tinyx features` lists them", "NAME,..."},
      {"without", 0, 0, G_OPTION_ARG_STRING_ARRAY, &choice->without,
       "Features to leave out, whatever asks for them", "NAME,..."},
      {"cached-kernel", 0, 0, G_OPTION_ARG_NONE, &choice->cached_kernel,
       "Take the kernel from the cache, or end with status 2: build none", NULL},
      {"no-lock", 0, 0, G_OPTION_ARG_NONE, &choice->no_lock, "Leave the recipe's locks alone",
       NULL},
      HOST_FILES_ENTRY(*choice),
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "NAME|DIR", description, entries);
  if (status < 0 && argc != 2)
    status = cmd_usage("export", "expected one recipe, got %d", argc - 1);
  if (status >= 0)
    return status;
  if (!export_all(&command, argv[1], &error))
    return cmd_fail(error);
  plain_print("%s\n", command.output);
  return 0;
}
