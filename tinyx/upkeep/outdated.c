/* outdated.c - images beside the archive: see outdated.h. */
#include "upkeep/outdated.h"

#include "base/files.h"
#include "base/folder.h"
#include "base/json.h"
#include "base/msg.h"
#include "base/near.h"
#include "base/proc.h"
#include "base/strings.h"
#include "deps/apt.h"
#include "deps/deb822.h"
#include "deps/debs.h"
#include "image/output.h"
#include "upkeep/changelog.h"

#include <string.h>

#define OUT "out"
#define ASK_SECONDS 120
#define KERNEL "linux-source-"
/* Of the same source as the kernel's, with the same changelog, and 2 MB instead of 130. */
#define KERNEL_SMALL "linux-libc-dev"

static void
package_free(gpointer data) {
  OutdatedPackage *package = data;
  g_free(package->package);
  g_free(package->version);
  g_free(package->newer);
  g_free(package->why_unread);
  g_clear_pointer(&package->advisories, g_ptr_array_unref);
  g_free(package);
}

static void
image_free(gpointer data) {
  OutdatedImage *image = data;
  g_free(image->folder);
  g_free(image->name);
  g_free(image->platform);
  g_ptr_array_unref(image->outdated);
  g_free(image);
}

/* ---- which images ------------------------------------------------------ */

static gboolean
is_image(const char *folder) {
  g_autofree char *report = g_build_filename(folder, OUTPUT_REPORT, NULL);
  return g_file_test(report, G_FILE_TEST_IS_REGULAR);
}

/* FOLDER itself, or what is in it, DEPTH folders deep. */
static void
add_images(const char *folder, int depth, GPtrArray *all) {
  g_autoptr(GPtrArray) names =
      depth > 0 && !is_image(folder) ? folder_names(folder, NULL, NULL) : NULL;
  if (is_image(folder))
    strings_add_once(all, folder);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
    add_images(path, depth - 1, all);
  }
}

static gboolean
set_none(const char *name, GError **error) {
  g_autoptr(GPtrArray) built = folder_names(OUT, NULL, NULL);
  g_autofree char *near = NULL;
  if (built != NULL)
    g_ptr_array_add(built, NULL);
  near = built != NULL ? near_text(name, (const char *const *)built->pdata) : g_strdup("");
  return tinyx_fail(error, TINYX_ERROR_INPUT,
                    "%s: no image has been built for it%s; expected a name in " OUT
                    "/, or an image's folder",
                    name, near);
}

char **
outdated_folders(char *const *names, GError **error) {
  g_autoptr(GPtrArray) all = strings_new();
  for (guint i = 0; names[i] != NULL; i++) {
    guint before = all->len;
    g_autofree char *built = g_build_filename(OUT, names[i], NULL);
    add_images(strchr(names[i], '/') != NULL || strcmp(names[i], ".") == 0 ? names[i] : built, 1,
               all);
    if (all->len == before && strchr(names[i], '/') == NULL)
      add_images(names[i], 1, all);
    if (all->len == before && !set_none(names[i], error))
      return NULL;
  }
  if (names[0] == NULL)
    add_images(OUT, 2, all);
  if (all->len > 0)
    return strings_copy(all);
  tinyx_fail(error, TINYX_ERROR_INPUT,
             "no image has been built in " OUT "/ of this folder; expected images' folders");
  return NULL;
}

/* ---- what is in them --------------------------------------------------- */

static void
add_package(OutdatedImage *image, const char *name, const char *version) {
  OutdatedPackage *package;
  if (name == NULL || version == NULL || version[0] == '\0' || !deb822_name_valid(name))
    return; /* tinyx' own files */
  package = g_new0(OutdatedPackage, 1);
  package->package = g_strdup(name);
  package->version = g_strdup(version);
  g_ptr_array_add(image->outdated, package);
}

/* "6.1.192" is of linux-source-6.1. */
static void
add_kernel(OutdatedImage *image, const char *version) {
  g_auto(GStrv) parts = g_strsplit(version != NULL ? version : "", ".", 3);
  if (g_strv_length(parts) < 2)
    return;
  g_autofree char *name = g_strdup_printf(KERNEL "%s.%s", parts[0], parts[1]);
  add_package(image, name, version);
}

/* All of its packages, as if they were outdated. */
static OutdatedImage *
read_image(const char *folder, GError **error) {
  g_autofree char *path = g_build_filename(folder, OUTPUT_REPORT, NULL);
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *report = json_load(parser, path, error);
  JsonArray *packages;
  OutdatedImage *image;
  if (report == NULL)
    return NULL;
  image = g_new0(OutdatedImage, 1);
  image->folder = g_strdup(folder);
  image->name = g_strdup(json_get_string(report, "name"));
  image->platform = g_strdup(json_get_string(report, "platform"));
  image->outdated = g_ptr_array_new_with_free_func(package_free);
  packages = json_get_array(report, "packages");
  for (guint i = 0; packages != NULL && i < json_array_get_length(packages); i++) {
    JsonObject *package = json_object_of(json_array_get_element(packages, i));
    add_package(image, json_get_string(package, "name"), json_get_string(package, "version"));
  }
  add_kernel(image, json_get_string(json_get_object(report, "kernel"), "version"));
  image->packages = image->outdated->len;
  return image;
}

/* ---- what the archive has ---------------------------------------------- */

static GHashTable *
ask_policy(const char *root, const GPtrArray *images, GError **error) {
  static const ProcSpec how = {.deadline = ASK_SECONDS, .flags = PROC_CAPTURE};
  g_autoptr(GPtrArray) words = strings_new();
  g_auto(ProcResult) result = {0};
  g_auto(GStrv) argv = NULL;
  g_ptr_array_add(words, g_strdup("policy"));
  for (guint i = 0; i < images->len; i++) {
    const OutdatedImage *image = images->pdata[i];
    for (guint k = 0; k < image->outdated->len; k++)
      strings_add_once(words, ((OutdatedPackage *)image->outdated->pdata[k])->package);
  }
  argv = strings_copy(words);
  return apt_run(root, "apt-cache", (const char *const *)argv, &how, &result, error)
             ? policy_parse(result.out)
             : NULL;
}

/* A kernel's own version is that of its source without the revision. */
static gboolean
is_outdated(OutdatedPackage *package, const Policy *policy) {
  g_autofree char *candidate = policy != NULL ? g_strdup(policy->candidate) : NULL;
  char *dash = candidate != NULL ? strrchr(candidate, '-') : NULL;
  if (candidate == NULL)
    return TRUE;
  if (g_str_has_prefix(package->package, KERNEL) && dash != NULL)
    *dash = '\0';
  if (deb822_version_compare(candidate, package->version) <= 0)
    return FALSE;
  package->newer = g_strdup(policy->candidate);
  package->security = policy->security;
  return TRUE;
}

static void
keep_outdated(OutdatedImage *image, GHashTable *policies) {
  for (guint i = image->outdated->len; i-- > 0;) {
    OutdatedPackage *package = image->outdated->pdata[i];
    if (!is_outdated(package, g_hash_table_lookup(policies, package->package)))
      g_ptr_array_remove_index(image->outdated, i);
  }
}

/* ---- changelogs -------------------------------------------------------- */

/* The changelog in the unpacked package NAME; NULL with why not. g_free. */
static char *
read_changelog(const char *folder, const char *name, GError **error) {
  g_autofree char *docs = g_build_filename(folder, "usr/share/doc", name, NULL);
  static const char *const files[] = {"changelog.Debian.gz", "changelog.gz",
                                      "changelog.Debian.amd64.gz"};
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *path = g_build_filename(docs, files[i], NULL);
    const char *const argv[] = {"gzip", "-dc", "--", path, NULL};
    const ProcSpec spec = {.argv = argv, .deadline = ASK_SECONDS, .flags = PROC_CAPTURE};
    g_auto(ProcResult) result = {0};
    if (!file_check(path, CHANGELOG_MOST, NULL))
      continue;
    return proc_run(&spec, &result, error) ? g_strdup(result.out) : NULL;
  }
  tinyx_fail(error, TINYX_ERROR_FAILED, "the package has none of its own");
  return NULL;
}

/* Of the newest NAME that the archive has. */
static char *
fetch_changelog(const char *root, const char *name, GError **error) {
  const char *const names[] = {name, NULL};
  g_autofree char *scratch = g_dir_make_tmp("tinyx-changelog-XXXXXX", error);
  g_autofree char *debs = scratch != NULL ? g_build_filename(scratch, "debs", NULL) : NULL;
  g_autofree char *files = scratch != NULL ? g_build_filename(scratch, "files", NULL) : NULL;
  g_auto(GStrv) fetched = NULL;
  char *text = NULL;
  if (scratch == NULL)
    return NULL;
  if (dir_make(debs, error) && (fetched = debs_fetch(root, NULL, names, debs, error)) != NULL &&
      fetched[0] != NULL) {
    g_autofree char *deb = g_build_filename(debs, fetched[0], NULL);
    if (proc_call(ASK_SECONDS, NULL, error, "dpkg-deb", "-x", deb, files, NULL))
      text = read_changelog(files, name, error);
  }
  dir_remove(scratch, NULL);
  return text;
}

/* TEXTS has what has been fetched (by package; "" where it could not be, and why in WHYS). */
static void
add_advisories(const char *root, OutdatedPackage *package, GHashTable *texts, GHashTable *whys) {
  const char *name = g_str_has_prefix(package->package, KERNEL) ? KERNEL_SMALL : package->package;
  const char *text = g_hash_table_lookup(texts, name);
  if (text == NULL) {
    g_autoptr(GError) problem = NULL;
    char *fetched = fetch_changelog(root, name, &problem);
    if (fetched == NULL)
      g_hash_table_insert(whys, g_strdup(name),
                          g_strdup(problem != NULL ? problem->message : "nothing was fetched"));
    text = fetched != NULL ? fetched : g_strdup("");
    g_hash_table_insert(texts, g_strdup(name), (gpointer)text);
  }
  const char *why = g_hash_table_lookup(whys, name);
  if (why != NULL)
    package->why_unread = g_strdup(why);
  else
    package->advisories = changelog_advisories(text, package->version);
}

static void
add_all_advisories(const char *root, const GPtrArray *images) {
  g_autoptr(GHashTable) texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) whys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < images->len && !proc_interrupted(); i++) {
    const OutdatedImage *image = images->pdata[i];
    for (guint k = 0; k < image->outdated->len; k++) {
      OutdatedPackage *package = image->outdated->pdata[k];
      msg_stage_detail("%s", package->package);
      if (package->newer != NULL)
        add_advisories(root, package, texts, whys);
    }
  }
}

GPtrArray *
outdated_look(char *const *folders, gboolean changelogs, GError **error) {
  g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func(image_free);
  g_autoptr(GHashTable) policies = NULL;
  g_autofree char *root = NULL;
  for (guint i = 0; folders[i] != NULL; i++) {
    OutdatedImage *image = read_image(folders[i], error);
    if (image == NULL)
      return NULL;
    g_ptr_array_add(images, image);
  }
  root = apt_root(NULL, error);
  policies = root != NULL ? ask_policy(root, images, error) : NULL;
  if (policies == NULL)
    return NULL;
  for (guint i = 0; i < images->len; i++)
    keep_outdated(images->pdata[i], policies);
  if (changelogs) {
    msg_stage_begin("changelogs");
    add_all_advisories(root, images);
    msg_stage_end(NULL);
  }
  return proc_set_interrupted_error(error) ? NULL : g_steal_pointer(&images);
}
