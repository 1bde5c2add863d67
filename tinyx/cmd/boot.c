/* boot.c - checks the options of `tinyx test` and `tinyx run`, and builds the image that they
 * boot. */
#include "cmd/boot.h"

#include "cmd/cmd.h"
#include "guest/launcher.h"

#include <string.h>

static gboolean
check_options(const Boot *boot, GError **error) {
  if (boot->memory < 0 || boot->memory > 1 << 20) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--memory %d: expected a number of MB above 0", boot->memory);
    return FALSE;
  }
  if (boot->kernel != NULL && !platform_is_kernel(boot->kernel)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "--boot %s: expected " PLATFORM_KERNELS,
                boot->kernel);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_at_boot(const Boot *boot, GError **error) {
  if (boot->at_boot == NULL || (g_file_test(boot->at_boot, G_FILE_TEST_IS_DIR) &&
                                !rootfs_format_is_disk(boot->choice.options.format)))
    return TRUE;
  if (rootfs_format_is_disk(boot->choice.options.format))
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--at-boot: a squashfs takes no further files; expected --format cpio or cpio.gz");
  else
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--at-boot %s: no folder; expected one with the files", boot->at_boot);
  return FALSE;
}

gboolean
boot_prepare(Boot *boot, const char *name, GError **error) {
  const GuestHostOptions host = {.spec = boot->host};
  if (!check_options(boot, error) ||
      !image_choice_resolve(&boot->choice, name, &boot->recipe, error) ||
      (boot->tests && !guest_test_check(boot->recipe, error)) ||
      !guest_host_check(boot->choice.of, &host, error) || !check_at_boot(boot, error) ||
      !image_build(boot->recipe, &boot->choice.options, &boot->image, error))
    return FALSE;
  boot->guest.platform = boot->choice.of;
  boot->guest.folder = boot->image.folder;
  boot->guest.kernel = boot->kernel != NULL ? boot->kernel : boot->choice.of->kernel;
  boot->guest.format = boot->choice.options.format;
  boot->guest.at_boot = boot->at_boot;
  boot->guest.memory = boot->memory > 0 ? boot->memory : boot->image.memory;
  return TRUE;
}

int
boot_fail(GError *error) {
  int status = cmd_fail(error);
  return status == 1 ? 2 : status;
}

void
boot_clear(Boot *boot) {
  image_choice_clear(&boot->choice);
  g_clear_pointer(&boot->recipe, recipe_free);
  image_clear(&boot->image);
  g_clear_pointer(&boot->host, g_free);
  g_clear_pointer(&boot->kernel, g_free);
  g_clear_pointer(&boot->at_boot, g_free);
}
