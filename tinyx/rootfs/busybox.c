/* busybox.c - configures and builds BusyBox with the applets that an image needs. */
#include "rootfs/busybox.h"

#include "base/cache.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "base/strings.h"
#include "rootfs/busybox-private.h"
#include "sandbox/sandbox.h"

#include <string.h>
#include <unistd.h>

#define KIND "busybox"
#define BUILD_DEADLINE 900 /* seconds */
#define CLOCK_TRIES 3
#define FRAGMENT "rootfs/busybox.config"

/* What is asked for, and where it is made. */
typedef struct {
  char **applets;     /* sorted, each once */
  char *version;      /* Debian's, "1:1.35.0-4+deb12u1" */
  GPtrArray *options; /* BusyboxOption*: rootfs/busybox.config, and what scripts want */
  char *folder;       /* the cache entry in the making */
  char *source;       /* FOLDER/source */
} Build;

static void
build_clear(Build *build) {
  g_strfreev(build->applets);
  g_free(build->version);
  g_clear_pointer(&build->options, g_ptr_array_unref);
  g_free(build->folder);
  g_free(build->source);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Build, build_clear)

static char **
sorted_set(const char *const *names) {
  g_autoptr(GPtrArray) all = strings_new();
  for (guint i = 0; names[i] != NULL; i++)
    strings_add_once(all, names[i]);
  strings_sort(all);
  return strings_copy(all);
}

/* A hash of musl's libc.a, in which a change shows that a version may not tell. */
static char *
musl_hash(GError **error) {
  const char *const argv[] = {"musl-gcc", "-print-file-name=libc.a", NULL};
  ProcSpec spec = {.argv = argv, .deadline = 30, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  return proc_run(&spec, &result, error) ? file_sha256(g_strstrip(result.out), error) : NULL;
}

static char *
compiler_version(GError **error) {
  const char *const argv[] = {"musl-gcc", "--version", NULL};
  ProcSpec spec = {.argv = argv, .deadline = 30, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  return proc_run(&spec, &result, error) ? g_steal_pointer(&result.out) : NULL;
}

char *
musl_toolchain(GError **error) {
  g_autofree char *musl = musl_hash(error);
  g_autofree char *compiler = musl != NULL ? compiler_version(error) : NULL;
  g_autofree char *headers =
      compiler != NULL ? file_sha256("/usr/include/linux/version.h", error) : NULL;
  return headers != NULL ? sha256_of_strings(musl, compiler, headers, NULL) : NULL;
}

static char *
build_key(const Build *build, GError **error) {
  g_autofree char *toolchain = musl_toolchain(error);
  g_autofree char *applets = g_strjoinv(" ", build->applets);
  g_autoptr(GString) options = g_string_new(NULL);
  if (toolchain == NULL)
    return NULL;
  for (guint i = 0; i < build->options->len; i++) {
    const BusyboxOption *option = build->options->pdata[i];
    g_string_append_printf(options, "%s=%s\n", option->symbol, option->value);
  }
  return sha256_of_strings("4", build->version, options->str, applets, toolchain, NULL);
}

static gboolean
unpack(Build *build, GError **error) {
  g_autofree char *package = busybox_source(build->version, error);
  g_autoptr(GDir) dir = package != NULL ? g_dir_open(package, 0, error) : NULL;
  const char *name;
  build->source = g_build_filename(build->folder, "source", NULL);
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
    if (g_str_has_suffix(name, ".dsc")) {
      g_autofree char *dsc = g_build_filename(package, name, NULL);
      /* It compares each file with the .dsc, which apt compared with the signed index when it was
       * downloaded; the .dsc's own signature needs a keyring of all maintainers, and is only
       * warned of. */
      return proc_call(120, NULL, error, "dpkg-source", "--no-copy", "-x", dsc, build->source,
                       NULL);
    }
  if (dir != NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: no .dsc file in it", package);
  return FALSE;
}

/* musl-gcc sees no system headers; the kernel's exported ones are reached by symlinks, so that
 * nothing of glibc comes in with them. */
static char *
link_kernel_headers(const Build *build, GError **error) {
  static const char *const headers[][2] = {{"/usr/include/linux", "linux"},
                                           {"/usr/include/asm-generic", "asm-generic"},
                                           {"/usr/include/mtd", "mtd"},
                                           {"/usr/include/x86_64-linux-gnu/asm", "asm"}};
  g_autofree char *folder = g_build_filename(build->folder, "include", NULL);
  if (!dir_make(folder, error))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
    g_autofree char *link = g_build_filename(folder, headers[i][1], NULL);
    if (symlink(headers[i][0], link) != 0) {
      file_failed(link, error);
      return NULL;
    }
  }
  return g_steal_pointer(&folder);
}

/* COMMAND in a sandbox, where it may write to the build's folder: makefiles and programs of the
 * source are run as a kernel's are. */
static char **
confine(const Build *build, const char *const *command, GError **error) {
  const char *const options[] = {"--alone",     "--programs", "--proc",      "/proc",
                                 "--dev",       "/dev",       "--bind",      build->folder,
                                 build->folder, "--cwd",      build->source, NULL};
  return sandbox_words(options, command, error);
}

static gboolean
make(const Build *build, const char *target, GError **error) {
  g_autofree char *cflags = g_strdup_printf(
      "CFLAGS=-isystem %s/include -fno-pie -fno-asynchronous-unwind-tables -ffile-prefix-map=%s=.",
      build->folder, build->folder);
  g_autofree char *log = g_build_filename(build->folder, "make.log", NULL);
  g_autofree char *jobs = g_strdup_printf("-j%u", g_get_num_processors());
  /* The date in the banner and in .config is left out; see scripts/kconfig/confdata.c. */
  const char *const env[] = {"KCONFIG_NOTIMESTAMP=1",
                             "SOURCE_DATE_EPOCH=0",
                             "LC_ALL=C",
                             "MAKEFLAGS=",
                             "LDFLAGS=-no-pie -Wl,--build-id=none",
                             cflags,
                             NULL};
  const char *const argv[] = {"make", jobs, "CC=musl-gcc", target, NULL};
  g_auto(GStrv) confined = confine(build, argv, error);
  if (confined == NULL)
    return FALSE;
  ProcSpec spec = {
      .argv = (const char *const *)confined, .env = env, .log = log, .deadline = BUILD_DEADLINE};
  g_autofree char *answers = NULL;
  if (strcmp(target, "oldconfig") == 0) { /* the default for what a choice made visible */
    answers = g_strnfill(4096, '\n');
    spec.input = answers;
  }
  return proc_run(&spec, NULL, error);
}

static char *
read_source(const Build *build, const char *name, GError **error) {
  g_autofree char *path = g_build_filename(build->source, name, NULL);
  char *text = NULL;
  return file_read(path, FILE_OWN_MAX, &text, NULL, error) ? text : NULL;
}

/* allnoconfig, then what is asked, then oldconfig; *PICKED (borrowed from TABLE) are the applets.
 */
static gboolean
configure(const Build *build, GHashTable **table, GPtrArray **picked, GError **error) {
  const char *const *applets = (const char *const *)build->applets;
  g_autofree char *path = g_build_filename(build->source, ".config", NULL);
  if (!make(build, "allnoconfig", error))
    return FALSE;
  g_autofree char *header = read_source(build, "include/applets.h", error);
  g_autofree char *none = header != NULL ? read_source(build, ".config", error) : NULL;
  if (none == NULL)
    return FALSE;
  *table = applet_table_parse(header);
  *picked = applet_table_pick(*table, applets, error);
  if (*picked == NULL)
    return FALSE;
  GPtrArray *options = build->options;
  for (guint i = 0; i < (*picked)->len; i++) {
    const Applet *applet = (*picked)->pdata[i];
    g_autofree char *origin = g_strconcat("applet ", applet->name, NULL);
    busybox_option_add(options, applet->symbol, "y", origin);
  }
  g_autofree char *merged = busybox_config_merge(none, options, error);
  if (merged == NULL || !file_write(path, merged, strlen(merged), 0644, error) ||
      !make(build, "oldconfig", error))
    return FALSE;
  g_autofree char *final = read_source(build, ".config", error);
  return final != NULL && busybox_config_verify(final, options, error);
}

/* Checks by the list of the program itself that it has the applets that were asked for, and no
 * others but "busybox". */
static gboolean
verify_applets(const Build *build, const GPtrArray *picked, GError **error) {
  g_autofree char *program = g_build_filename(build->source, "busybox", NULL);
  const char *const argv[] = {program, "--list", NULL};
  g_auto(GStrv) confined = confine(build, argv, error);
  ProcSpec spec = {.argv = (const char *const *)confined, .deadline = 30, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  g_autoptr(GString) wanted = g_string_new(NULL);
  for (guint i = 0; i < picked->len; i++)
    g_string_append_printf(wanted, "%s\n", ((const Applet *)picked->pdata[i])->name);
  if (confined == NULL || !proc_run(&spec, &result, error))
    return FALSE;
  if (strcmp(result.out, wanted->str) == 0)
    return TRUE;
  g_strdelimit(result.out, "\n", ' ');
  g_strdelimit(wanted->str, "\n", ' ');
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
              "the BusyBox that was built has the applets %s; expected %s", result.out,
              wanted->str);
  return FALSE;
}

static gboolean
keep(const Build *build, const GPtrArray *picked, GError **error) {
  static const char *const files[][2] = {{"busybox", "busybox"}, {".config", "busybox.config"}};
  static const char *const scratch[] = {"source", "include", "make.log"};
  g_autoptr(GString) links = g_string_new(NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *from = g_build_filename(build->source, files[i][0], NULL);
    g_autofree char *to = g_build_filename(build->folder, files[i][1], NULL);
    if (!file_copy(from, to, i == 0 ? 0755 : 0644, error))
      return FALSE;
  }
  for (guint i = 0; i < picked->len; i++) {
    const Applet *applet = picked->pdata[i];
    g_string_append_printf(links, "%s/%s\n", strcmp(applet->folder, "/") ? applet->folder : "",
                           applet->name);
  }
  for (gsize i = 0; i < G_N_ELEMENTS(scratch); i++) {
    g_autofree char *path = g_build_filename(build->folder, scratch[i], NULL);
    if (!dir_remove(path, error))
      return FALSE;
  }
  g_autofree char *list = g_build_filename(build->folder, "links", NULL);
  return file_write(list, links->str, links->len, 0644, error);
}

static gboolean
build_in_folder(Build *build, GError **error) {
  g_autoptr(GHashTable) table = NULL;
  g_autoptr(GPtrArray) picked = NULL;
  msg_stage_detail("BusyBox: source");
  if (!unpack(build, error) || !proc_need("musl-gcc", error))
    return FALSE;
  g_autofree char *headers = link_kernel_headers(build, error);
  msg_stage_detail("BusyBox: compile");
  return headers != NULL && configure(build, &table, &picked, error) &&
         make(build, "busybox", error) && verify_applets(build, picked, error) &&
         keep(build, picked, error);
}

/* Builds in a new folder; in another one where the clock was set meanwhile, since make goes by the
 * stamps of files. */
static gboolean
build_once(Build *build, const char *key, GError **error) {
  for (guint tries = 1;; tries++) {
    g_autoptr(GError) failure = NULL;
    gint64 clock = clock_offset();
    g_clear_pointer(&build->folder, g_free);
    g_clear_pointer(&build->source, g_free);
    build->folder = cache_begin(KIND, key, error);
    if (build->folder == NULL)
      return FALSE;
    gboolean built = build_in_folder(build, &failure), set = clock_was_set(clock);
    if (built && !set)
      return TRUE;
    cache_discard(build->folder);
    if (!built && (!set || tries == CLOCK_TRIES || proc_interrupted())) {
      g_propagate_error(error, g_steal_pointer(&failure));
      return FALSE;
    }
    if (tries == CLOCK_TRIES) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                  "the machine's clock was set during each of %d builds; expected it to be left "
                  "alone",
                  CLOCK_TRIES);
      return FALSE;
    }
    msg_warn("the machine's clock was set while BusyBox was built; it is built anew");
  }
}

static char *
build_or_find(Build *build, GError **error) {
  g_autofree char *key = build_key(build, error);
  g_autoptr(CacheLock) lock = key != NULL ? cache_lock(KIND, key, error) : NULL;
  char *found = lock != NULL ? cache_lookup(KIND, key) : NULL;
  if (lock == NULL || found != NULL)
    return found;
  return build_once(build, key, error) ? cache_commit(build->folder, KIND, key, error) : NULL;
}

static int
compare_options(gconstpointer a, gconstpointer b) {
  return strcmp((*(BusyboxOption *const *)a)->symbol, (*(BusyboxOption *const *)b)->symbol);
}

/* rootfs/busybox.config, and what scripts WANTED, in an order that does not depend on the scripts.
 */
static gboolean
read_options(Build *build, const GPtrArray *wanted, GError **error) {
  g_autofree char *path = data_path(FRAGMENT);
  g_autofree char *text = NULL;
  if (!file_read(path, FILE_OWN_MAX, &text, NULL, error))
    return FALSE;
  build->options =
      busybox_fragment_parse(text, FRAGMENT, (const char *const *)build->applets, error);
  if (build->options == NULL)
    return FALSE;
  for (guint i = 0; wanted != NULL && i < wanted->len; i++) {
    const BusyboxOption *option = wanted->pdata[i];
    busybox_option_add(build->options, option->symbol, option->value, option->origin);
  }
  g_ptr_array_sort(build->options, compare_options);
  return TRUE;
}

/* The folder of the finished build, from the cache where possible: "busybox", "busybox.config" and
 * "links", the path of each applet a line. g_free. */
static char *
busybox_build(const char *const *applets, const GPtrArray *wanted, GError **error) {
  g_auto(Build) build = {.applets = sorted_set(applets)};
  char *folder = NULL;
  if (proc_need("musl-gcc", error) && read_options(&build, wanted, error) &&
      (build.version = busybox_version(error)) != NULL)
    folder = build_or_find(&build, error);
  if (folder == NULL)
    g_prefix_error(error, "BusyBox: ");
  return folder;
}

/* "../bin/busybox" from /sbin/init: relative, so that the tree can be looked at from outside. */
static char *
link_target(const char *path) {
  g_autoptr(GString) target = g_string_new(NULL);
  for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/'))
    g_string_append(target, "../");
  g_string_append(target, "bin/busybox");
  return g_string_free(g_steal_pointer(&target), FALSE);
}

gboolean
busybox_add(Tree *tree, const char *const *applets, const GPtrArray *options, GError **error) {
  g_autofree char *folder = busybox_build(applets, options, error);
  g_autofree char *list = folder != NULL ? g_build_filename(folder, "links", NULL) : NULL;
  g_autofree char *program = folder != NULL ? g_build_filename(folder, "busybox", NULL) : NULL;
  g_autofree char *text = NULL;
  if (folder == NULL || !file_read(list, FILE_OWN_MAX, &text, NULL, error) ||
      tree_add_file(tree, "/bin/busybox", program, 0755, from_origin(ORIGIN_BUSYBOX, "underlay"),
                    error) == NULL)
    return FALSE;
  g_auto(GStrv) links = g_strsplit(text, "\n", -1);
  for (guint i = 0; links[i] != NULL; i++) {
    g_autofree char *target = link_target(links[i]);
    if (links[i][0] == '/' && tree_resolve(tree, links[i]) == NULL &&
        tree_add_symlink(tree, links[i], target, from_origin(ORIGIN_BUSYBOX, "applet"), error) ==
            NULL)
      return FALSE;
  }
  return TRUE;
}
