/* install.c - a base, an overlay in which apt installs packages, and what came out. */
#include "rootfs/install.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "deps/apt.h"
#include "deps/debs.h"
#include "deps/package-index.h"
#include "rootfs/file-capabilities.h"
#include "rootfs/import.h"
#include "rootfs/installer.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define STATUS_DEADLINE 300
#define LIST_HEAD "# what apt installed, and the capabilities of files"

/* What each step works with; all of it is freed by `job_clear`. */
typedef struct {
  char *apt;       /* the apt root */
  char *codename;  /* its suite */
  char *index;     /* its key */
  char *work;      /* a folder for the namespaces, removed after use */
  CacheLock *lock; /* on the index, from which all steps take their packages */
} Job;

static void
job_clear(Job *job) {
  g_free(job->apt);
  g_free(job->codename);
  g_free(job->index);
  g_free(job->work);
  g_clear_pointer(&job->lock, cache_unlock);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Job, job_clear)

static gboolean
job_init(Job *job, GError **error) {
  job->apt = apt_root(&job->codename, error);
  job->lock = job->apt != NULL ? apt_index_lock(job->apt, error) : NULL;
  job->index = job->lock != NULL ? apt_index_sum(job->apt, error) : NULL;
  g_autofree char *overlay = job->index != NULL ? cache_folder("overlay", error) : NULL;
  if (overlay == NULL)
    return FALSE;
  job->work = g_build_filename(overlay, "area", NULL);
  return TRUE;
}

static Installer
installer_of(const Job *job) {
  return (Installer){.apt = job->apt, .codename = job->codename, .work = job->work};
}

/* ENTRY/status: what dpkg says of the base, for the question which packages it lacks. */
static gboolean
base_status(const char *entry, const char *tar, GError **error) {
  g_autofree char *path = g_build_filename(entry, "status", NULL);
  const char *const argv[] = {"tar", "-xOf", tar, "./var/lib/dpkg/status", NULL};
  ProcSpec spec = {.argv = argv, .deadline = STATUS_DEADLINE, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  return proc_run(&spec, &result, error) &&
         file_write(path, result.out, result.out_size, 0644, error);
}

/* A minimal Debian as ENTRY/base.tar: what is marked Essential, and what maintainer scripts use
 * without a dependency, since every Debian has it (Priority: required; policy 2.5): groupadd.
 * mmdebstrap gets checked copies of the packages as a repository. */
static gboolean
base_make(const Job *job, const char *entry, GError **error) {
  /* apt counts itself as essential; mmdebstrap does not. */
  static const char *const packages[] = {"?and(?essential,?not(?exact-name(apt)))", "passwd", NULL};
  g_autofree char *tar = g_build_filename(entry, "base.tar", NULL);
  g_autofree char *debs = g_build_filename(entry, "debs", NULL);
  g_autofree char *nothing = g_build_filename(job->apt, "var/lib/dpkg/status", NULL);
  Installer installer = installer_of(job);
  msg_stage_detail("a minimal Debian");
  if (!dir_make(debs, error))
    return FALSE;
  g_auto(GStrv) names = debs_fetch(job->apt, nothing, packages, debs, error);
  return names != NULL && debs_repository(debs, names, job->codename, error) &&
         installer_base(&installer, debs, tar, error) && base_status(entry, tar, error) &&
         dir_remove(debs, error);
}

/* Removes the bases of older package indexes, 140 MB each: no index is asked for again once there
 * is a newer one. Nobody uses them, since that takes the lock that the caller holds. */
static void
bases_old_remove(const char *base) {
  g_autofree char *kind = g_path_get_dirname(base);
  g_autofree char *own = g_path_get_basename(base);
  g_autoptr(GDir) dir = g_dir_open(kind, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(kind, name, NULL);
    g_autoptr(GError) why = NULL;
    if (strcmp(name, own) != 0 && *name != '.' && !dir_remove(path, &why))
      msg_verbose("%s", why->message);
  }
}

/* The base's tar, from the cache or made. g_free. */
static char *
base_get(const Job *job, GError **error) {
  g_autofree char *key = sha256_of_strings("base 6", job->codename, job->index, NULL);
  g_autofree char *entry = cache_lookup("base", key);
  if (entry == NULL) {
    g_autofree char *fresh = cache_begin("base", key, error);
    if (fresh == NULL)
      return NULL;
    if (!base_make(job, fresh, error)) {
      cache_discard(fresh);
      g_prefix_error(error, "minimal Debian: ");
      return NULL;
    }
    entry = cache_commit(fresh, "base", key, error);
    if (entry == NULL)
      return NULL;
    bases_old_remove(entry);
  }
  return g_build_filename(entry, "base.tar", NULL);
}

/* Installs PACKAGES over BASE (base.tar; beside it is "status", dpkg's database of it) from checked
 * copies, which only this run has: what a maintainer script does cannot reach the cache's. */
static gboolean
packages_install(const Job *job, const char *base, const char *out, const char *const *packages,
                 GError **error) {
  g_autofree char *folder = g_path_get_dirname(base);
  g_autofree char *status = g_build_filename(folder, "status", NULL);
  g_autofree char *debs = g_build_filename(out, "debs", NULL);
  Installer installer = installer_of(job);
  if (!dir_make(debs, error))
    return FALSE;
  if (packages[0] != NULL) {
    g_auto(GStrv) names = debs_fetch(job->apt, status, packages, debs, error);
    if (names == NULL)
      return FALSE;
  }
  return installer_packages(&installer, base, debs, packages, out, error) &&
         dir_remove(debs, error);
}

/* upper.list: "./usr/bin/x", each with a NUL. */
static GHashTable *
upper_read(const char *path, GError **error) {
  g_autoptr(GHashTable) fresh = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *text = NULL;
  gsize size;
  if (!file_read(path, MANIFEST_BYTES_MAX, &text, &size, error))
    return NULL;
  for (const char *at = text; at < text + size; at += strlen(at) + 1)
    if (g_str_has_prefix(at, "./"))
      g_hash_table_add(fresh, g_strdup(at + 1));
  return g_steal_pointer(&fresh);
}

/* Whether ENTRY, a package's file, still has the bytes that the package brought. */
static TreeState
state_of(const TreeEntry *entry, const PackageSums *sums, const char *root) {
  const char *expected = package_sums_find(sums, entry->path);
  if (entry->type != TREE_FILE || expected == NULL)
    return STATE_UNKNOWN;
  g_autofree char *path = g_build_filename(root, entry->path, NULL);
  g_autofree char *sum = file_md5(path, NULL);
  return g_strcmp0(sum, expected) == 0 ? STATE_INSTALLED : STATE_CHANGED;
}

gboolean
installation_compare(Tree *tree, const char *root, GError **error) {
  g_autoptr(PackageIndex) index = package_index_load(root, error);
  g_autoptr(PackageSums) sums = index != NULL ? package_sums_load(root, error) : NULL;
  if (sums == NULL)
    return FALSE;
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    TreeEntry *entry = entries->pdata[i];
    g_free(entry->package);
    entry->package = g_strdup(package_index_owner(index, entry->path));
    entry->state = entry->package != NULL ? state_of(entry, sums, root) : STATE_NEW;
    if (entry->package != NULL && entry->origin == ORIGIN_SCRIPT)
      entry->origin = ORIGIN_PACKAGE;
  }
  return TRUE;
}

/* Fills the empty folder ENTRY: root/ with the files, and "list". */
static gboolean
entry_fill(const Job *job, const char *entry, const char *const *packages, GError **error) {
  g_autofree char *base = base_get(job, error);
  g_autofree char *tar = g_build_filename(entry, "root.tar", NULL);
  g_autofree char *upper = g_build_filename(entry, "upper.list", NULL);
  g_autofree char *root = g_build_filename(entry, "root", NULL);
  g_autofree char *list = g_build_filename(entry, "list", NULL);
  g_autofree char *capabilities = g_build_filename(entry, "capabilities.tar", NULL);
  if (base == NULL || !packages_install(job, base, entry, packages, error))
    return FALSE;
  msg_stage_detail("unpacking the installation");
  g_autoptr(GHashTable) fresh = upper_read(upper, error);
  if (fresh == NULL || !dir_make(root, error))
    return FALSE;
  g_autoptr(Tree) tree = import_tar(tar, root, fresh, error);
  if (tree == NULL || !installation_compare(tree, root, error))
    return FALSE;
  if (g_file_test(capabilities, G_FILE_TEST_EXISTS) &&
      !file_capabilities_import(capabilities, tree, error))
    return FALSE;
  g_autofree char *text = tree_manifest_text(tree, LIST_HEAD "\n");
  unlink(capabilities);
  unlink(tar);
  unlink(upper);
  return file_write(list, text, strlen(text), 0644, error);
}

/* Puts the likely cause first: apt says it in the middle of many lines. */
static void
network_hint(GError **error) {
  if (error != NULL && *error != NULL &&
      (strstr((*error)->message, "Failed to fetch") != NULL ||
       strstr((*error)->message, "Temporary failure resolving") != NULL))
    g_prefix_error(error, "the packages could not be downloaded (is there a network?): ");
}

static void
work_clean(const Job *job) {
  Installer installer = installer_of(job);
  installer_clean(&installer, NULL);
}

static char *
entry_make(const Job *job, const char *key, const char *const *packages, GError **error) {
  g_autoptr(CacheLock) lock = cache_lock("overlay", "area", error);
  if (lock == NULL || !sandbox_need(error))
    return NULL;
  g_autofree char *entry = cache_lookup("installed", key);
  if (entry != NULL) /* another process has just made it */
    return g_steal_pointer(&entry);
  g_autofree char *fresh = cache_begin("installed", key, error);
  if (fresh == NULL)
    return NULL;
  if (entry_fill(job, fresh, packages, error))
    return cache_commit(fresh, "installed", key, error);
  cache_discard(fresh);
  if (!proc_interrupted())
    work_clean(job); /* else the next run does it */
  network_hint(error);
  g_autofree char *list = g_strjoinv(" ", (char **)packages);
  g_prefix_error(error, "installing %s: ", *list != '\0' ? list : "nothing");
  return NULL;
}

/* The list of a finished entry, with sources in its folder. */
static Tree *
list_load(const char *entry, const char *root, GError **error) {
  g_autofree char *path = g_build_filename(entry, "list", NULL);
  g_autofree char *text = NULL;
  gsize size;
  if (!file_read(path, MANIFEST_BYTES_MAX, &text, &size, error))
    return NULL;
  g_autoptr(Tree) tree = tree_parse_manifest(text, size, path, error);
  if (tree == NULL)
    return NULL;
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    TreeEntry *file = entries->pdata[i];
    if (file->type != TREE_FILE)
      continue;
    g_free(file->source);
    file->source = g_build_filename(root, file->path, NULL);
  }
  return g_steal_pointer(&tree);
}

/* Whether what is in ENTRY is all that is noted of an installation today. Before capabilities of
 * files were, only one with setcap(8) can have lost some. */
static gboolean
is_complete(const char *entry) {
  g_autofree char *path = g_build_filename(entry, "list", NULL);
  g_autofree char *setcap = g_build_filename(entry, "root/usr/sbin/setcap", NULL);
  char head[sizeof LIST_HEAD] = "";
  FILE *list = file_open(path, MANIFEST_BYTES_MAX, NULL);
  gboolean noted =
      list != NULL && fgets(head, sizeof head, list) != NULL && strcmp(head, LIST_HEAD) == 0;
  if (list != NULL)
    fclose(list);
  return noted || !g_file_test(setcap, G_FILE_TEST_EXISTS);
}

gboolean
installation_get(const char *const *packages, Installation *installation, GError **error) {
  g_auto(Job) job = {0};
  if (!job_init(&job, error))
    return FALSE;
  g_autofree char *list = g_strjoinv(" ", (char **)packages);
  /* The script decides what comes out as much as the packages do. */
  g_autofree char *script = data_path("scripts/overlay-install");
  g_autofree char *sum = file_sha256(script, error);
  if (sum == NULL)
    return FALSE;
  g_autofree char *key =
      sha256_of_strings("installed 4", TINYX_VERSION, job.codename, job.index, sum, list, NULL);
  g_autofree char *entry = cache_lookup("installed", key);
  if (entry != NULL && !is_complete(entry)) {
    if (!dir_remove(entry, error))
      return FALSE;
    g_clear_pointer(&entry, g_free);
  }
  if (entry == NULL)
    entry = entry_make(&job, key, packages, error);
  if (entry == NULL)
    return FALSE;
  installation->root = g_build_filename(entry, "root", NULL);
  installation->tree = list_load(entry, installation->root, error);
  return installation->tree != NULL;
}

void
installation_clear(Installation *installation) {
  g_clear_pointer(&installation->root, g_free);
  g_clear_pointer(&installation->tree, tree_free);
}

gboolean
installation_is_new(const TreeEntry *entry) {
  return entry->origin != ORIGIN_BASE;
}

gboolean
installation_check(const TreeEntry *entry, GError **error) {
  g_autofree char *sum = file_sha256(entry->source, NULL);
  if (entry->sha256 != NULL && g_strcmp0(sum, entry->sha256) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s is %s", entry->source,
              sum != NULL ? "not what was installed" : "gone");
  return FALSE;
}

gboolean
installation_forget(const Installation *installation, GError **error) {
  g_autofree char *entry = g_path_get_dirname(installation->root);
  return dir_remove(entry, error);
}
