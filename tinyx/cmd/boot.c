/* boot.c - checks the options of `tinyx test` and `tinyx run`, and builds the image that they
 * boot. */
#include "cmd/boot.h"

#include "cmd/cmd.h"
#include "guest/launcher.h"

#include <string.h>

static gboolean
check_options(const Boot *boot, GError **error) {
  if (!cmd_check_memory(boot->memory, error))
    return FALSE;
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

/* The recipe with what the command line says instead. */
static gboolean
take_port(Boot *boot, GError **error) {
  Recipe *recipe = boot->recipe;
  if (boot->port > 0)
    recipe->port = boot->port;
  if (!boot->needs_port || (recipe->port > 0 && recipe->vifs > 0))
    return TRUE;
  return tinyx_fail(error, TINYX_ERROR_INPUT,
                    recipe->vifs == 0
                        ? "--port: %s has no network (vifs=0); expected no --port"
                        : "--port: %s names no port of the guest; expected --port LOCAL:GUEST",
                    recipe->file);
}

/* A guest that could not even be created is refused before anything is booted. */
static gboolean
check_least(const Boot *boot, GError **error) {
  if (boot->memory == CMD_NOT_GIVEN || boot->memory >= boot->image.least_memory)
    return TRUE;
  return tinyx_fail(error, TINYX_ERROR_INPUT,
                    "--memory %d: too little; a guest of this image takes %d MB to be created, and "
                    "about %d MB to start",
                    boot->memory, boot->image.least_memory, boot->image.start_memory);
}

gboolean
boot_prepare(Boot *boot, const char *name, GError **error) {
  const GuestHostOptions host = {.spec = boot->host};
  if (!check_options(boot, error) ||
      !image_choice_resolve(&boot->choice, name, &boot->recipe, error) || !take_port(boot, error) ||
      (boot->tests && !guest_test_check(boot->recipe, error)) ||
      !guest_host_check(boot->choice.of, &host, error) || !check_at_boot(boot, error) ||
      !image_build(boot->recipe, &boot->choice.options, &boot->image, error) ||
      !check_least(boot, error))
    return FALSE;
  boot->guest.platform = boot->choice.of;
  boot->guest.folder = boot->image.folder;
  boot->guest.kernel = boot->kernel != NULL ? boot->kernel : boot->choice.of->kernel;
  boot->guest.format = boot->choice.options.format;
  boot->guest.start_memory = boot->image.start_memory;
  boot->guest.at_boot = boot->at_boot;
  boot->guest.memory = boot->memory != CMD_NOT_GIVEN ? boot->memory : boot->image.memory;
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
