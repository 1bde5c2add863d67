/* apt.c - an apt root of our own: sources, keys, index; nothing of it needs root rights. */
#include "deps/apt.h"

#include "base/files.h"
#include "base/folder.h"
#include "base/msg.h"
#include "base/strings.h"
#include "base/sums.h"
#include "deps/sources.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYOUT "-2" /* changes with what is in the root: an older tinyx has another one */
#define LISTS "var/lib/apt/lists"
#define DAY (24 * 60 * 60)
#define RETRY (5 * 60) /* after a fetch that failed */
#define CLOCKS_DIFFER 60
#define UPDATE_DEADLINE 600

static void
append_stamp(GString *stamps, const char *path) {
  g_autofree char *stamp = file_stamp(path);
  if (stamp != NULL)
    g_string_append_printf(stamps, "# %s %s\n", path, stamp);
}

/* What the answer of `apt-get indextargets` depends on, as lines of comment. */
static char *
stamps_of_machine(const char *codename) {
  static const char folder[] = "/etc/apt/sources.list.d";
  g_autoptr(GString) stamps = g_string_new(NULL);
  g_autoptr(GPtrArray) names = folder_names(folder, NULL, NULL);
  g_string_append_printf(stamps, "# %s\n", codename);
  append_stamp(stamps, "/etc/apt/sources.list");
  append_stamp(stamps, "/var/lib/apt/lists");
  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
    append_stamp(stamps, path);
  }
  return g_string_free(g_steal_pointer(&stamps), FALSE);
}

/* sources_of_machine(), which takes apt up to a second, remembered in ROOT until the machine's
 * sources or their indexes change. */
static char *
sources_remembered(const char *root, const char *codename, GError **error) {
  g_autofree char *path = g_build_filename(root, "machine-sources", NULL);
  g_autofree char *stamps = stamps_of_machine(codename);
  g_autofree char *known = NULL;
  if (file_read(path, FILE_OWN_MAX, &known, NULL, NULL) && g_str_has_prefix(known, stamps) &&
      known[strlen(stamps)] == 'T') /* "Types:" */
    return g_strdup(known + strlen(stamps));
  g_autofree char *sources = sources_of_machine(codename, error);
  g_autofree char *text = sources != NULL ? g_strconcat(stamps, sources, NULL) : NULL;
  if (text == NULL || !file_write(path, text, strlen(text), 0644, error))
    return NULL;
  return g_steal_pointer(&sources);
}

static char *
sources_text(const char *root, const char *codename, GError **error) {
  const char *mirror = g_getenv("TINYX_MIRROR"), *keyring = g_getenv("TINYX_KEYRING");
  if (mirror == NULL || mirror[0] == '\0')
    return sources_remembered(root, codename, error);
  return sources_of_mirror(mirror, keyring != NULL && keyring[0] != '\0' ? keyring : NULL, codename,
                           error);
}

/* Hooks of this machine's apt.conf.d have no business with our root. */
static const char apt_conf[] = "#clear APT::Update::Pre-Invoke;\n"
                               "#clear APT::Update::Post-Invoke;\n"
                               "#clear APT::Update::Post-Invoke-Success;\n"
                               "#clear DPkg::Pre-Install-Pkgs;\n"
                               "#clear DPkg::Pre-Invoke;\n"
                               "#clear DPkg::Post-Invoke;\n";

static gboolean
write_in(const char *root, const char *relative, const char *text, GError **error) {
  g_autofree char *path = g_build_filename(root, relative, NULL);
  return file_write(path, text, strlen(text), 0644, error);
}

static gboolean
make_skeleton(const char *root, GError **error) {
  static const char *const folders[] = {
      "etc/apt/apt.conf.d", "etc/apt/preferences.d",
      LISTS "/partial",     "var/lib/apt/mirrors/partial",
      "var/lib/dpkg/info",  "var/cache/apt/archives/partial",
      "var/log/apt",
  };
  for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *path = g_build_filename(root, folders[i], NULL);
    if (!dir_make(path, error))
      return FALSE;
  }
  return write_in(root, "etc/apt/apt.conf", apt_conf, error) &&
         write_in(root, "var/lib/dpkg/status", "", error);
}

char **
apt_options(const char *apt_root) {
  GPtrArray *options = g_ptr_array_new();
  const char *const fixed[] = {
      "Dir::Cache::pkgcache=pkgcache.bin", /* Debian's container images switch these off */
      "Dir::Cache::srcpkgcache=srcpkgcache.bin",
      ("Dir::Etc::sourcelist=" APT_SOURCES),
      "Dir::Etc::sourceparts=/dev/null",
      /* Each source names its keys; these are only for entries that name them by fingerprint. */
      "Dir::Etc::trusted=/etc/apt/trusted.gpg",
      "Dir::Etc::trustedparts=/etc/apt/trusted.gpg.d",
      /* Whatever the machine's own configuration allows. */
      "APT::Get::AllowUnauthenticated=false",
      "Acquire::AllowInsecureRepositories=false",
      "Acquire::AllowWeakRepositories=false",
      "Acquire::AllowDowngradeToInsecureRepositories=false",
      "Acquire::https::Verify-Peer=true",
      "Acquire::https::Verify-Host=true",
      "Dir::Etc::netrc=/etc/apt/auth.conf",
      "Dir::Etc::netrcparts=/etc/apt/auth.conf.d",
      "APT::Sandbox::User=root", /* the cache may be in a home that user _apt cannot enter */
      "APT::Install-Recommends=0",
      "APT::Install-Suggests=0",
      "APT::Update::Error-Mode=any",
      "Acquire::Languages=none",
      "Acquire::Retries=2",
      "Acquire::http::Timeout=30",
      "Acquire::https::Timeout=30",
  };
  g_ptr_array_add(options, g_strdup("-c"));
  g_ptr_array_add(options, g_build_filename(apt_root, "etc/apt/apt.conf", NULL));
  g_ptr_array_add(options, g_strdup("-o"));
  g_ptr_array_add(options, g_strdup_printf("Dir=%s", apt_root));
  g_ptr_array_add(options, g_strdup("-o"));
  g_ptr_array_add(options, g_strdup_printf("Dir::State::status=%s/var/lib/dpkg/status", apt_root));
  for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++) {
    g_ptr_array_add(options, g_strdup("-o"));
    g_ptr_array_add(options, g_strdup(fixed[i]));
  }
  g_ptr_array_add(options, NULL);
  return (char **)g_ptr_array_free(options, FALSE);
}

/* Seconds since the file was written; -1: there is none, or its time has not come yet, which says
 * nothing of its age. Clocks of a machine and its file server may differ a little. */
static gint64
age_of(const char *root, const char *name) {
  struct stat status;
  g_autofree char *path = g_build_filename(root, name, NULL);
  if (stat(path, &status) != 0)
    return -1;
  gint64 age = g_get_real_time() / G_USEC_PER_SEC - status.st_mtime;
  return age < -CLOCKS_DIFFER ? -1 : MAX(age, 0);
}

static gboolean
is_recent(const char *root, const char *name, gint64 seconds) {
  gint64 age = age_of(root, name);
  return age >= 0 && age < seconds;
}

/* TRUE if the stamp NAME was written for these sources. */
static gboolean
stamp_matches(const char *root, const char *name, const char *sources) {
  g_autofree char *path = g_build_filename(root, name, NULL);
  g_autofree char *text = NULL;
  return file_read(path, FILE_OWN_MAX, &text, NULL, NULL) && strcmp(text, sources) == 0;
}

static gboolean
fetch_index(const char *root, const char *sources, GError **error) {
  g_auto(GStrv) options = apt_options(root);
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  g_ptr_array_add(argv, (gpointer) "apt-get");
  for (guint i = 0; options[i] != NULL; i++)
    g_ptr_array_add(argv, options[i]);
  g_ptr_array_add(argv, (gpointer) "-q");
  g_ptr_array_add(argv, (gpointer) "update");
  g_ptr_array_add(argv, NULL);
  ProcSpec spec = {.argv = (const char *const *)argv->pdata, .deadline = UPDATE_DEADLINE};
  return write_in(root, "etc/apt/" APT_SOURCES, sources, error) && proc_run(&spec, NULL, error);
}

/* apt-secure(8): what came was signed by nobody, or by others than it has to be. */
static gboolean
is_about_signatures(const char *message) {
  static const char *const words[] = {"NO_PUBKEY",         "BADSIG",          "EXPKEYSIG",
                                      "REVKEYSIG",         "is not signed",   "not signed by",
                                      "invalid signature", "clearsigned file"};
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (strstr(message, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
refuse_signature(const GError *why, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "a package index is not signed by the keys that may sign it (Signed-By of the "
              "source's entry in /etc/apt, else the Debian archive's; TINYX_KEYRING for "
              "TINYX_MIRROR): %s",
              why->message);
  return FALSE;
}

/* Says what is used although it is old, or fails where there is nothing. */
static gboolean
fall_back(const char *root, const char *sources, GError *why, GError **error) {
  g_autoptr(GError) cause = why;
  gint64 age = age_of(root, "fetched");
  if (cause->code == TINYX_ERROR_INTERRUPTED || cause->code == TINYX_ERROR_TOOL) {
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
  }
  if (is_about_signatures(cause->message))
    return refuse_signature(cause, error);
  if (!stamp_matches(root, "fetched", sources)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                "Debian's package index could not be fetched, and there is no older one (is there "
                "a network?): %s",
                cause->message);
    return FALSE;
  }
  g_autofree char *when = age >= 0 ? g_strdup_printf("%" G_GINT64_FORMAT " hours ago", age / 3600)
                                   : g_strdup("an unknown time");
  msg_warn("Debian's package index could not be fetched (no network?); the one of %s is used",
           when);
  msg_verbose("%s", cause->message);
  return write_in(root, "failed", sources, error);
}

static gboolean
is_fresh(const char *root, const char *sources) {
  return stamp_matches(root, "fetched", sources) &&
         (is_recent(root, "fetched", DAY) || is_recent(root, "failed", RETRY));
}

/* What is wrong with the index, which should be what apt left after it had checked the signatures
 * (apt itself never looks again); NULL: nothing. Whoever calls has a lock on the index. g_free. */
static char *
index_damage(const char *root) {
  g_autofree char *lists = g_build_filename(root, LISTS, NULL);
  return sums_check(lists);
}

/* Throws an index away that has DAMAGE, and that it was ever fetched. */
static gboolean
forget_index(const char *root, const char *damage, GError **error) {
  g_autofree char *lists = g_build_filename(root, LISTS, NULL);
  g_autofree char *stamp = g_build_filename(root, "fetched", NULL);
  msg_warn("Debian's package index in %s is damaged (%s); it is fetched again", lists, damage);
  return dir_remove(stamp, error) && dir_remove(lists, error);
}

/* The index is of the sources, of today and whole: nothing is to be done. */
static gboolean
is_usable(const char *root, const char *sources, GError **error) {
  g_autoptr(CacheLock) lock = apt_index_lock(root, error);
  if (lock == NULL || !is_fresh(root, sources))
    return FALSE;
  g_autofree char *damage = index_damage(root);
  return damage == NULL;
}

/* Under the lock: fetches it, or makes do with an older one. Also where it failed, apt may have
 * renewed and checked a part. */
static gboolean
renew_index(const char *root, const char *sources, GError **error) {
  g_autofree char *lists = g_build_filename(root, LISTS, NULL);
  GError *why = NULL;
  msg_stage_begin("Debian's package index");
  gboolean fetched = fetch_index(root, sources, &why);
  msg_stage_end(fetched ? "fetched" : "not fetched");
  if (!sums_write(lists, error)) {
    g_clear_error(&why);
    return FALSE;
  }
  return fetched ? write_in(root, "fetched", sources, error) : fall_back(root, sources, why, error);
}

static gboolean
update_index(const char *root, const char *sources, GError **error) {
  GError *problem = NULL;
  g_autofree char *name = g_path_get_basename(root);
  if (is_usable(root, sources, &problem))
    return TRUE;
  if (problem != NULL) {
    g_propagate_error(error, problem);
    return FALSE;
  }
  g_autoptr(CacheLock) lock = cache_lock("apt", name, error);
  if (lock == NULL)
    return FALSE;
  gboolean known = stamp_matches(root, "fetched", sources);
  g_autofree char *damage = known ? index_damage(root) : NULL;
  if (damage != NULL && !forget_index(root, damage, error))
    return FALSE;
  if (damage == NULL && is_fresh(root, sources)) /* another process has just done it */
    return TRUE;
  return make_skeleton(root, error) && renew_index(root, sources, error);
}

/* Elsewhere (a derivative with apt) TINYX_MIRROR gives Debian 12. */
static gboolean
is_debian_machine(void) {
  g_autofree char *id = g_get_os_info(G_OS_INFO_KEY_ID);
  return g_strcmp0(id, "debian") == 0;
}

char *
apt_root(char **codename, GError **error) {
  g_autofree char *own = g_get_os_info(G_OS_INFO_KEY_VERSION_CODENAME);
  g_autofree char *name = g_strdup(is_debian_machine() && own != NULL ? own : "bookworm");
  g_autofree char *relative = g_strconcat("apt/", name, LAYOUT, NULL);
  g_autofree char *root = cache_folder(relative, error);
  g_autofree char *sources = root != NULL ? sources_text(root, name, error) : NULL;
  if (sources == NULL || !update_index(root, sources, error)) {
    g_prefix_error(error, "packages: ");
    return NULL;
  }
  if (codename != NULL)
    *codename = g_steal_pointer(&name);
  return g_steal_pointer(&root);
}

CacheLock *
apt_index_lock(const char *apt_root, GError **error) {
  g_autofree char *name = g_path_get_basename(apt_root);
  return cache_lock_shared("apt", name, error);
}

gboolean
apt_run(const char *apt_root, const char *program, const char *const *arguments,
        const ProcSpec *how, ProcResult *result, GError **error) {
  static const char *const env[] = {"LC_ALL=C", NULL};
  g_auto(GStrv) options = apt_options(apt_root);
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  g_autoptr(CacheLock) lock = apt_index_lock(apt_root, error);
  if (lock == NULL)
    return FALSE;
  g_ptr_array_add(argv, (gpointer)program);
  for (guint i = 0; options[i] != NULL; i++)
    g_ptr_array_add(argv, options[i]);
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add(argv, (gpointer)arguments[i]);
  g_ptr_array_add(argv, NULL);
  ProcSpec spec = *how;
  spec.argv = (const char *const *)argv->pdata;
  spec.env = env;
  return proc_run(&spec, result, error);
}

char *
apt_index_sum(const char *apt_root, GError **error) {
  g_autofree char *lists = g_build_filename(apt_root, LISTS, NULL);
  g_autoptr(GPtrArray) names = folder_names(lists, "Release", NULL);
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autofree char *file = g_build_filename(lists, names->pdata[i], NULL);
    g_autofree char *hash = file_sha256(file, error);
    if (hash == NULL)
      return NULL;
    g_checksum_update(sum, (const guchar *)hash, -1);
  }
  return g_strdup(g_checksum_get_string(sum));
}

char *
apt_index_key(GError **error) {
  g_autofree char *root = apt_root(NULL, error);
  return root != NULL ? apt_index_sum(root, error) : NULL;
}
