/* drop-guests.c - answers the questions of drop.c: builds images and tests them as guests. */
#include "base/files.h"
#include "base/msg.h"
#include "guest/launcher.h"
#include "image/parts.h"
#include "trace/drop.h"

#include <string.h>
#include <unistd.h>

/* A guest takes at most some twenty seconds, so this is a quarter of an hour. */
#define MOST_TRIES 40

typedef struct {
  const Recipe *recipe;
  ImageOptions options;
  GuestHost *host;
  char *folder; /* for trials */
  char *kernel; /* of the image with nothing dropped, once it is built */
  guint tries;
  int memory; /* MB: what the largest image so far needs */
} DropGuests;

static void
guests_clear(DropGuests *guests) {
  g_clear_pointer(&guests->host, guest_host_close);
  if (guests->folder != NULL)
    dir_remove(guests->folder, NULL);
  g_free(guests->folder);
  g_free(guests->kernel);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DropGuests, guests_clear)

static gboolean
test_folder(DropGuests *guests, const char *folder, gboolean *passed, char **why, GError **error) {
  g_auto(GuestVerdict) verdict = {0};
  GuestImage image = {.platform = guests->options.platform,
                      .folder = folder,
                      .kernel = guests->options.platform->kernel,
                      .format = guests->options.format,
                      .memory = MAX(guests->recipe->memory, guests->memory)};
  if (!guest_test(guests->host, guests->recipe, &image, &verdict, error))
    return FALSE;
  *passed = verdict.passed;
  *why = g_strdup(verdict.why);
  return TRUE;
}

/* A whole image, with the kernel that its files ask for. */
static gboolean
try_image(DropGuests *guests, const FilesLock *lock, const char *folder, gboolean *passed,
          char **why, GError **error) {
  g_auto(Image) image = {0};
  ImageOptions options = guests->options;
  options.output = folder;
  options.files_lock = lock;
  if (!image_build(guests->recipe, &options, &image, error))
    return FALSE;
  guests->memory = MAX(guests->memory, image.memory);
  return test_folder(guests, image.folder, passed, why, error);
}

/* The files that LOCK leaves, with the kernel of the image with nothing dropped. */
static gboolean
try_files(DropGuests *guests, const FilesLock *lock, const char *folder, gboolean *passed,
          char **why, GError **error) {
  g_autofree char *rootfs =
      g_build_filename(folder, rootfs_format_file(guests->options.format), NULL);
  g_autofree char *kernel = g_build_filename(folder, guests->options.platform->kernel, NULL);
  gboolean sockets = FALSE;
  if (!image_has_sockets(guests->recipe, &guests->options, &sockets, error))
    return FALSE;
  g_autoptr(RootfsPlan) plan = rootfs_plan(guests->recipe, guests->options.platform,
                                           guests->options.format, lock, sockets, error);
  guint64 loaded;
  if (plan == NULL || !dir_make(folder, error) ||
      !image_write_rootfs(plan->tree, guests->options.platform, guests->options.format, rootfs,
                          &loaded, error))
    return FALSE;
  if (symlink(guests->kernel, kernel) != 0)
    return file_failed(kernel, error);
  return test_folder(guests, folder, passed, why, error);
}

static gboolean
passes(const FilesLock *lock, gboolean *passed, char **why, gpointer data, GError **error) {
  DropGuests *guests = data;
  g_autofree char *name = g_strdup_printf("%u", ++guests->tries);
  g_autofree char *folder = g_build_filename(guests->folder, name, NULL);
  gboolean base = files_lock_count(lock, FILES_DROP) == 0, done;
  if (guests->kernel != NULL) {
    done = try_files(guests, lock, folder, passed, why, error);
    dir_remove(folder, NULL);
    return done;
  }
  done = try_image(guests, lock, folder, passed, why, error);
  if (done && base)
    guests->kernel = g_build_filename(folder, guests->options.platform->kernel, NULL);
  else
    dir_remove(folder, NULL);
  return done;
}

/* The trials had the kernel of the image with nothing dropped. The files that are left may ask for
 * a smaller one, so the result is tested once more with its own kernel. */
static gboolean
check_whole(DropGuests *guests, const FilesLock *lock, DropReport *report, GError **error) {
  g_autofree char *folder = g_build_filename(guests->folder, "whole", NULL);
  g_autofree char *why = NULL;
  gboolean passed = FALSE;
  if (guests->kernel == NULL || report->dropped == 0)
    return TRUE;
  report->tries++;
  if (!try_image(guests, lock, folder, &passed, &why, error))
    return FALSE;
  if (!passed)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                "with the kernel that the files which are left ask for, the test fails: %s",
                why != NULL ? why : "no reason is known");
  return passed;
}

static gboolean
find(DropGuests *guests, const char *host, const Coverage *coverage, FilesLock *lock,
     DropReport *report, GError **error) {
  const DropOracle oracle = {.passes = passes, .data = guests, .most_tries = MOST_TRIES};
  const GuestHostOptions options = {.spec = host};
  guests->folder = g_dir_make_tmp("tinyx-drop-XXXXXX", error);
  if (guests->folder == NULL ||
      (guests->host = guest_host_open(guests->options.platform, &options, error)) == NULL)
    return FALSE;
  return drop_find(coverage, lock, &oracle, report, error) &&
         check_whole(guests, lock, report, error);
}

gboolean
drop_by_guests(const Recipe *recipe, const ImageOptions *options, const char *host,
               const Coverage *coverage, FilesLock *lock, DropReport *report, GError **error) {
  g_auto(DropGuests) guests = {.recipe = recipe, .options = *options};
  msg_stage_begin("dropping what was never opened");
  if (!find(&guests, host, coverage, lock, report, error)) {
    msg_stage_abort();
    g_prefix_error(error, "dropping: ");
    return FALSE;
  }
  g_autofree char *bytes = size_text(report->bytes);
  g_autofree char *result = g_strdup_printf("%u files, %s; %u are needed; guests booted: %u",
                                            report->dropped, bytes, report->needed, report->tries);
  msg_stage_end(result);
  return TRUE;
}
