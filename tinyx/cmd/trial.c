/* trial.c - checks the options of `tinyx test` and `tinyx run`, and builds the image that they
 * boot. */
#include "cmd/trial.h"

#include "cmd/cmd.h"
#include "guest/launcher.h"

#include <string.h>

static gboolean
check_options(const Trial *trial, GError **error) {
  if (trial->memory < 0 || trial->memory > 1 << 20) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--memory %d: expected a number of MB above 0", trial->memory);
    return FALSE;
  }
  if (trial->kernel != NULL && !platform_is_kernel(trial->kernel)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "--boot %s: expected " PLATFORM_KERNELS,
                trial->kernel);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_at_boot(const Trial *trial, GError **error) {
  if (trial->at_boot == NULL || (g_file_test(trial->at_boot, G_FILE_TEST_IS_DIR) &&
                                 !rootfs_format_is_disk(trial->choice.options.format)))
    return TRUE;
  if (rootfs_format_is_disk(trial->choice.options.format))
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--at-boot: a squashfs takes no further files; expected --format cpio or cpio.gz");
  else
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--at-boot %s: no folder; expected one with the files", trial->at_boot);
  return FALSE;
}

gboolean
trial_prepare(Trial *trial, const char *name, GError **error) {
  const GuestHostOptions host = {.spec = trial->host};
  if (!check_options(trial, error) ||
      !image_choice_resolve(&trial->choice, name, &trial->recipe, error) ||
      !guest_host_check(trial->choice.of, &host, error) || !check_at_boot(trial, error) ||
      !image_build(trial->recipe, &trial->choice.options, &trial->image, error))
    return FALSE;
  trial->domain.platform = trial->choice.of;
  trial->domain.folder = trial->image.folder;
  trial->domain.kernel = trial->kernel != NULL ? trial->kernel : trial->choice.of->kernel;
  trial->domain.format = trial->choice.options.format;
  trial->domain.at_boot = trial->at_boot;
  trial->domain.memory = trial->memory > 0 ? trial->memory : trial->image.memory;
  return TRUE;
}

int
trial_fail(GError *error) {
  int status = cmd_fail(error);
  return status == 1 ? 2 : status;
}

void
trial_clear(Trial *trial) {
  image_choice_clear(&trial->choice);
  g_clear_pointer(&trial->recipe, recipe_free);
  image_clear(&trial->image);
  g_clear_pointer(&trial->host, g_free);
  g_clear_pointer(&trial->kernel, g_free);
  g_clear_pointer(&trial->at_boot, g_free);
}
