/* boot.h - what `tinyx test` and `tinyx run` share: an image, built if needed, and a host for it.
 */
#ifndef TINYX_CMD_BOOT_H
#define TINYX_CMD_BOOT_H

#include "cmd/options.h"
#include "guest/guest.h"

typedef struct {
  ImageChoice choice;
  char *host;          /* as given */
  int memory;          /* as given, MB; CMD_NOT_GIVEN: the image's */
  char *kernel;        /* as given: one of PLATFORM_KERNELS */
  char *at_boot;       /* as given: a folder */
  int port;            /* of the guest, instead of the recipe's; 0: the recipe's */
  gboolean needs_port; /* a recipe without one is refused before it is built */
  gboolean tests;      /* a recipe that has nothing to test is refused before it is built */
  Recipe *recipe;
  Image image;
  GuestImage guest;
} Boot;

/* clang-format off */
#define BOOT_ENTRIES(boot) \
  {"host", 'H', 0, G_OPTION_ARG_STRING, &(boot).host, \
   "embedded, local or ssh://user@machine[:port]; without it embedded, or local in a dom0", "HOST"}, \
  {"memory", 'm', 0, G_OPTION_ARG_INT, &(boot).memory, \
   "Memory of the guest (default: the recipe's)", "MB"}, \
  {"boot", 'b', 0, G_OPTION_ARG_STRING, &(boot).kernel, \
   "Which kernel file to boot: " PLATFORM_KERNELS " (default: the platform's)", "FILE"}, \
  {"at-boot", 0, 0, G_OPTION_ARG_FILENAME, &(boot).at_boot, \
   "Folder with files (keys, settings) that this guest alone gets, over those of the image", "DIR"}, \
  IMAGE_CHOICE_ENTRIES((boot).choice)
/* clang-format on */

/* Checks what was given, then builds the image of recipe NAME where that is needed. */
gboolean boot_prepare(Boot *boot, const char *name, GError **error);
/* Prints ERROR: the exit status is 2 ("could not be run"), or 130. Takes ERROR. */
int boot_fail(GError *error);
void boot_clear(Boot *boot);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Boot, boot_clear)

#endif
