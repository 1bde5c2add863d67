/* options.h - the options that say which image: shared by build, test and run. */
#ifndef TINYX_CMD_OPTIONS_H
#define TINYX_CMD_OPTIONS_H

#include "draft/draft.h"
#include "image/image.h"

typedef struct {
  char *platform, *format, *output, *kernel_source; /* as given */
  char **with, **without;                           /* as given: "ipv6,nfs", any number */
  char **packages, **commands, **ports;             /* as given: a recipe is drafted */
  gboolean no_lock, cached_kernel;
  gboolean host_files;  /* the recipe may take files of this machine */
  gboolean untried;     /* the draft is not run in a container */
  Platform *of;         /* loaded; options.platform is this one */
  ImageOptions options; /* filled by image_choice_resolve */
} ImageChoice;

/* clang-format off */
#define IMAGE_CHOICE_ENTRIES(choice) \
  {"platform", 'p', 0, G_OPTION_ARG_STRING, &(choice).platform, \
   "The platform, as `tinyx platforms` lists them; default: " PLATFORM_DEFAULT, "NAME"}, \
  {"format", 'f', 0, G_OPTION_ARG_STRING, &(choice).format, \
   "Root file system: cpio (initramfs by xz), cpio.gz (by gzip) or squashfs (disk); " \
   "default: the recipe's, else cpio", "FORMAT"}, \
  {"kernel-source", 'k', 0, G_OPTION_ARG_STRING, &(choice).kernel_source, \
   "Debian's linux-source-VERSION, or a folder (default 6.1)", "VERSION"}, \
  {"output", 'o', 0, G_OPTION_ARG_FILENAME, &(choice).output, \
   "Folder for the result (default out/NAME/PLATFORM)", "DIR"}, \
  {"with", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(choice).with, \
   "Features for the kernel, as `tinyx features` lists them", "NAME,..."}, \
  {"without", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(choice).without, \
   "Features to leave out, whatever asks for them", "NAME,..."}, \
  {"cached-kernel", 0, 0, G_OPTION_ARG_NONE, &(choice).cached_kernel, \
   "Take the kernel from the cache, or end with status 2: build none", NULL}, \
  {"no-lock", 0, 0, G_OPTION_ARG_NONE, &(choice).no_lock, \
   "Leave the recipe's locks alone (tinyx minimize does so anyway with that of the kernel)", NULL}, \
  HOST_FILES_ENTRY(choice)
/* Of every command that makes an image of a recipe. */
#define HOST_FILES_ENTRY(choice) \
  {"allow-host-files", 0, 0, G_OPTION_ARG_NONE, &(choice).host_files, \
   "Let the recipe take files of this machine from outside of its folder (they are named)", NULL}
/* Of build and test, which take a package in a recipe's place. */
#define DRAFT_ENTRIES(choice) \
  {"package", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(choice).packages, \
   "Instead of a recipe: one is drafted from this Debian package, into out/recipes/PACKAGE; " \
   "several times: an application each", "PACKAGE"}, \
  {"command", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(choice).commands, \
   "With --package: what it runs, in the foreground", "COMMAND"}, \
  {"port", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(choice).ports, \
   "With --package: the TCP port on which it listens", "PORT"}, \
  {"no-trial", 0, 0, G_OPTION_ARG_NONE, &(choice).untried, \
   "With --package: do not run the draft in a container to see its ports", NULL}
/* clang-format on */

/* -1 if the ARGC words are a recipe, or none with --package; else what cmd_usage returned for
 * COMMAND. */
int image_choice_words(const ImageChoice *choice, const char *command, int argc);
/* Drafts PACKAGES (with their commands and ports, as given; may be NULL) for PLATFORM, and runs the
 * draft in a container unless UNTRIED. INPUT for wrong ones. */
gboolean draft_given(char **packages, char **commands, char **ports, gboolean untried,
                     const Platform *platform, Draft *draft, GError **error);
/* The platform alone, for a command that takes several recipes; INPUT for an unknown one. */
gboolean image_choice_platform(ImageChoice *choice, GError **error);
/* Reads the recipe NAME (with --package: drafts it, NAME is ignored) and the options; INPUT for
 * wrong ones. */
gboolean image_choice_resolve(ImageChoice *choice, const char *name, Recipe **recipe,
                              GError **error);
void image_choice_clear(ImageChoice *choice);

#endif
