/* unpack.c - Debian packages as files, and programs with all that they need, in a tree. */
#include "base/cache.h"
#include "base/files.h"
#include "base/folder.h"
#include "base/msg.h"
#include "base/proc.h"
#include "deps/apt.h"
#include "deps/closure.h"
#include "deps/debs.h"
#include "deps/packages.h"
#include "rootfs/needed.h"
#include "rootfs/rootfs.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNPACK_DEADLINE 300

/* The links that merge /bin, /sbin and /lib into /usr (usrmerge). No package of Debian 12 has them.
 */
static const char *const merged_folders[] = {"bin", "sbin", "lib", "lib64"};

/* The names in NAMES or, with CLOSURE, of all packages that they need; NULL-terminated. */
static char **
names_to_fetch(const char *const *names, gboolean closure, GError **error) {
  if (!closure)
    return g_strdupv((char **)names);
  /* Without the whitelist, which is for images: only what was named is wanted here. */
  g_autoptr(GPtrArray) all = package_closure(names, NULL, PACKAGES_NONE, error);
  if (all == NULL)
    return NULL;
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  for (guint i = 0; i < all->len; i++)
    g_strv_builder_add(builder, ((PackageDep *)all->pdata[i])->name);
  return g_strv_builder_end(builder);
}

/* Unpacks one package into ROOT and appends a line "PATH<tab>PACKAGE" a file to OWNERS. By tar and
 * not by dpkg-deb -x, because the links /bin, /lib, … must stay. */
static gboolean
deb_unpack(const char *deb, const char *root, GString *owners, GError **error) {
  g_autofree char *base = g_path_get_basename(deb);
  g_autofree char *package = g_strndup(base, strcspn(base, "_"));
  g_auto(ProcResult) listing = {0};
  FILE *tar = tmpfile();
  if (tar == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "temporary file: %s", g_strerror(errno));
    return FALSE;
  }
  const char *const dpkg[] = {"dpkg-deb", "--fsys-tarfile", deb, NULL};
  const char *const untar[] = {"tar",
                               "-xvf",
                               "-",
                               "-C",
                               root,
                               "--keep-directory-symlink",
                               "--no-same-owner",
                               "--preserve-permissions", /* whatever the umask is */
                               "--delay-directory-restore",
                               "--quoting-style=literal",
                               NULL};
  ProcSpec from = {.argv = dpkg, .output_fd = fileno(tar), .deadline = UNPACK_DEADLINE};
  ProcSpec to = {
      .argv = untar, .input_fd = fileno(tar), .deadline = UNPACK_DEADLINE, .flags = PROC_CAPTURE};
  gboolean ok = proc_run(&from, NULL, error) && fseek(tar, 0, SEEK_SET) == 0 &&
                proc_run(&to, &listing, error);
  fclose(tar);
  if (!ok) {
    g_prefix_error(error, "%s: ", deb);
    return FALSE;
  }
  g_auto(GStrv) lines = g_strsplit(listing.out, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix(*line, "./") && !g_str_has_suffix(*line, "/"))
      g_string_append_printf(owners, "%s\t%s\n", *line + 1, package);
  return TRUE;
}

/* Files that run as their owner have no business on this machine: nobody runs them here, and what
 * is made of them has modes of its own. */
static gboolean
setuid_clear(const char *root, GError **error) {
  g_autoptr(GPtrArray) paths = folder_paths(root, error);
  for (guint i = 0; paths != NULL && i < paths->len; i++) {
    g_autofree char *path = g_strconcat(root, paths->pdata[i], NULL);
    struct stat info;
    if (lstat(path, &info) != 0 || (!S_ISLNK(info.st_mode) && (info.st_mode & 06000) != 0 &&
                                    chmod(path, info.st_mode & 01777) != 0))
      return file_failed(path, error);
  }
  return paths != NULL;
}

static gboolean
merged_folders_make(const char *root, GError **error) {
  for (guint i = 0; i < G_N_ELEMENTS(merged_folders); i++) {
    g_autofree char *target = g_build_filename("usr", merged_folders[i], NULL);
    g_autofree char *folder = g_build_filename(root, target, NULL);
    g_autofree char *link = g_build_filename(root, merged_folders[i], NULL);
    if (!dir_make(folder, error))
      return FALSE;
    if (symlink(target, link) != 0)
      return file_failed(link, error);
  }
  return TRUE;
}

/* Unpacks NAMES, checked copies in the folder DEBS, into ENTRY: root/ with the files, and "owners".
 */
static gboolean
debs_unpack(const char *debs, char *const *names, const char *entry, GError **error) {
  g_autofree char *root = g_build_filename(entry, "root", NULL);
  g_autofree char *owners_path = g_build_filename(entry, "owners", NULL);
  g_autoptr(GString) owners = g_string_new("");
  if (!dir_make(root, error) || !merged_folders_make(root, error))
    return FALSE;
  for (char *const *name = names; *name != NULL; name++) {
    g_autofree char *deb = g_build_filename(debs, *name, NULL);
    msg_stage_detail("unpacking %s", *name);
    if (!deb_unpack(deb, root, owners, error))
      return FALSE;
  }
  return setuid_clear(root, error) &&
         file_write(owners_path, owners->str, owners->len, 0644, error);
}

static gboolean
entry_fill(const char *entry, const char *const *packages, gboolean closure, GError **error) {
  g_autofree char *apt = apt_root(NULL, error);
  g_autofree char *debs = g_build_filename(entry, "debs", NULL);
  g_auto(GStrv) names = apt != NULL ? names_to_fetch(packages, closure, error) : NULL;
  if (names == NULL || !dir_make(debs, error))
    return FALSE;
  g_auto(GStrv) files = debs_fetch(apt, NULL, (const char *const *)names, debs, error);
  return files != NULL && debs_unpack(debs, files, entry, error) && dir_remove(debs, error);
}

char *
debian_unpack(const char *const *packages, gboolean closure, GError **error) {
  static const char kind[] = "unpacked";
  g_autofree char *list = g_strjoinv(" ", (char **)packages);
  g_autofree char *index = apt_index_key(error);
  if (index == NULL)
    return NULL;
  g_autofree char *key = sha256_of_strings("unpack 2", TINYX_VERSION, index, list,
                                           closure ? "closure" : "alone", NULL);
  g_autoptr(CacheLock) lock = cache_lock(kind, key, error);
  if (lock == NULL)
    return NULL;
  g_autofree char *entry = cache_lookup(kind, key);
  if (entry == NULL) {
    g_autofree char *fresh = cache_begin(kind, key, error);
    if (fresh == NULL)
      return NULL;
    if (!entry_fill(fresh, packages, closure, error)) {
      cache_discard(fresh);
      g_prefix_error(error, "unpacking the Debian packages %s: ", list);
      return NULL;
    }
    entry = cache_commit(fresh, kind, key, error);
    if (entry == NULL)
      return NULL;
  }
  return g_build_filename(entry, "root", NULL);
}

/* Path -> package of a debian_unpack() folder, with /bin, /lib, … as /usr/bin, /usr/lib, …; empty
 * for another folder. */
static GHashTable *
owners_load(const char *unpacked) {
  g_autoptr(GHashTable) owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *parent = g_path_get_dirname(unpacked);
  g_autofree char *path = g_build_filename(parent, "owners", NULL);
  g_autofree char *text = NULL;

  if (!file_read(path, FILE_OWN_MAX, &text, NULL, NULL))
    return g_steal_pointer(&owners);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    char *tab = strchr(*line, '\t');
    if (tab == NULL)
      continue;
    *tab = '\0';
    const char *usr = "";
    for (guint i = 0; i < G_N_ELEMENTS(merged_folders); i++) {
      gsize length = strlen(merged_folders[i]);
      if (strncmp(*line + 1, merged_folders[i], length) == 0 && (*line)[length + 1] == '/')
        usr = "/usr";
    }
    g_hash_table_replace(owners, g_strconcat(usr, *line, NULL), g_strdup(tab + 1));
  }
  return g_steal_pointer(&owners);
}

static gboolean
dep_add(Tree *tree, const char *root, const DepFile *file, GHashTable *owners, GError **error) {
  TreeFrom from = needed_from(file, ORIGIN_PACKAGE, g_hash_table_lookup(owners, file->path));
  g_autofree char *source = g_build_filename(root, file->path, NULL);
  struct stat info;

  if (file->link != NULL)
    return tree_add_symlink(tree, file->path, file->link, from, error) != NULL;
  if (stat(source, &info) != 0)
    return file_failed(source, error);
  return tree_add_file(tree, file->path, source, info.st_mode & 0777, from, error) != NULL;
}

gboolean
tree_add_programs(Tree *tree, const char *unpacked, const char *const *programs, GError **error) {
  ClosureInput input = {.root = unpacked, .names = programs};
  g_auto(Closure) closure = {0};
  if (!closure_compute(&input, &closure, error))
    return FALSE;
  if (closure.missing->len > 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s",
                (const char *)closure.missing->pdata[0]);
    return FALSE;
  }
  g_autoptr(GHashTable) owners = owners_load(unpacked);
  /* Links are added first, for a path below a link would make a folder in its place. */
  for (int links = 1; links >= 0; links--)
    for (guint i = 0; i < closure.files->len; i++) {
      const DepFile *file = closure.files->pdata[i];
      if ((file->link != NULL) == links && !dep_add(tree, unpacked, file, owners, error))
        return FALSE;
    }
  return TRUE;
}
