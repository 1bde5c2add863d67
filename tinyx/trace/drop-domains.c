/* drop-domains.c - the oracle of drop.c: images, as domains on a Xen host. */
#include "base/files.h"
#include "base/msg.h"
#include "guest/launcher.h"
#include "image/parts.h"
#include "trace/drop.h"

#include <string.h>
#include <unistd.h>

/* A domain takes some ten seconds: a quarter of an hour at most. */
#define MOST_TRIES 40

typedef struct {
  const Recipe *recipe;
  ImageOptions options;
  GuestHost *host;
  char *folder; /* for trials */
  char *kernel; /* of the image with nothing dropped, once it is built */
  guint tries;
  int memory; /* MB: what the largest image so far needs */
} Domains;

static void
domains_clear(Domains *domains) {
  g_clear_pointer(&domains->host, guest_host_close);
  if (domains->folder != NULL)
    dir_remove(domains->folder, NULL);
  g_free(domains->folder);
  g_free(domains->kernel);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Domains, domains_clear)

static gboolean
test_folder(Domains *domains, const char *folder, gboolean *passed, char **why, GError **error) {
  g_auto(GuestVerdict) verdict = {0};
  GuestImage image = {.platform = domains->options.platform,
                      .folder = folder,
                      .kernel = domains->options.platform->kernel,
                      .format = domains->options.format,
                      .memory = MAX(domains->recipe->memory, domains->memory)};
  if (!guest_test(domains->host, domains->recipe, &image, &verdict, error))
    return FALSE;
  *passed = verdict.passed;
  *why = g_strdup(verdict.why);
  return TRUE;
}

/* A whole image, with the kernel that its files ask for. */
static gboolean
try_image(Domains *domains, const FilesLock *lock, const char *folder, gboolean *passed, char **why,
          GError **error) {
  g_auto(Image) image = {0};
  ImageOptions options = domains->options;
  options.output = folder;
  options.files_lock = lock;
  if (!image_build(domains->recipe, &options, &image, error))
    return FALSE;
  domains->memory = MAX(domains->memory, image.memory);
  return test_folder(domains, image.folder, passed, why, error);
}

/* Only other files: the kernel is that of the image with nothing dropped. */
static gboolean
try_files(Domains *domains, const FilesLock *lock, const char *folder, gboolean *passed, char **why,
          GError **error) {
  g_autofree char *rootfs =
      g_build_filename(folder, rootfs_format_file(domains->options.format), NULL);
  g_autofree char *kernel = g_build_filename(folder, domains->options.platform->kernel, NULL);
  g_autoptr(RootfsPlan) plan =
      rootfs_plan(domains->recipe, domains->options.platform, domains->options.format, lock, error);
  guint64 loaded;
  if (plan == NULL || !dir_make(folder, error) ||
      !image_write_rootfs(plan->tree, domains->options.platform, domains->options.format, rootfs,
                          &loaded, error))
    return FALSE;
  if (symlink(domains->kernel, kernel) != 0)
    return file_failed(kernel, error);
  return test_folder(domains, folder, passed, why, error);
}

static gboolean
passes(const FilesLock *lock, gboolean *passed, char **why, gpointer data, GError **error) {
  Domains *domains = data;
  g_autofree char *name = g_strdup_printf("%u", ++domains->tries);
  g_autofree char *folder = g_build_filename(domains->folder, name, NULL);
  gboolean base = files_lock_count(lock, FILES_DROP) == 0, done;
  if (domains->kernel != NULL) {
    done = try_files(domains, lock, folder, passed, why, error);
    dir_remove(folder, NULL);
    return done;
  }
  done = try_image(domains, lock, folder, passed, why, error);
  if (done && base)
    domains->kernel = g_build_filename(folder, domains->options.platform->kernel, NULL);
  else
    dir_remove(folder, NULL);
  return done;
}

/* The files that are left may ask for less of a kernel: the whole is tested once more, where it was
 * not tested as such. */
static gboolean
check_whole(Domains *domains, const FilesLock *lock, DropReport *report, GError **error) {
  g_autofree char *folder = g_build_filename(domains->folder, "whole", NULL);
  g_autofree char *why = NULL;
  gboolean passed = FALSE;
  if (domains->kernel == NULL || report->dropped == 0)
    return TRUE;
  report->tries++;
  if (!try_image(domains, lock, folder, &passed, &why, error))
    return FALSE;
  if (!passed)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                "with the kernel that the files which are left ask for, the test fails: %s",
                why != NULL ? why : "no reason is known");
  return passed;
}

static gboolean
find(Domains *domains, const char *host, const Coverage *coverage, FilesLock *lock,
     DropReport *report, GError **error) {
  const DropOracle oracle = {.passes = passes, .data = domains, .most_tries = MOST_TRIES};
  const GuestHostOptions options = {.spec = host};
  domains->folder = g_dir_make_tmp("tinyx-drop-XXXXXX", error);
  if (domains->folder == NULL ||
      (domains->host = guest_host_open(domains->options.platform, &options, error)) == NULL)
    return FALSE;
  return drop_find(coverage, lock, &oracle, report, error) &&
         check_whole(domains, lock, report, error);
}

gboolean
drop_by_domains(const Recipe *recipe, const ImageOptions *options, const char *host,
                const Coverage *coverage, FilesLock *lock, DropReport *report, GError **error) {
  g_auto(Domains) domains = {.recipe = recipe, .options = *options};
  msg_stage_begin("dropping what was never opened");
  if (!find(&domains, host, coverage, lock, report, error)) {
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
