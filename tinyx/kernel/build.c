/* build.c - builds a kernel of a .config in a folder that is kept for the next one. */
#include "kernel/build.h"

#include "base/cache.h"
#include "base/clock.h"
#include "base/dotconfig.h"
#include "base/files.h"
#include "base/folder.h"
#include "base/msg.h"
#include "base/proc.h"
#include "kernel/layout.h"
#include "kernel/make.h"
#include "kernel/objects.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIND "kernel-build"
#define RECIPE "3"          /* change it when the same input would give other bytes */
#define DEADLINE (4 * 3600) /* seconds */
#define KBUILD_SCRIPT "arch/x86/kernel/vmlinux.lds"
#define SCRIPT "tinyx.lds"
#define DIRTY "tinyx-unfinished"
/* arch/x86/boot, and init/version-timestamp.c: 40 or 41 in Linux 6.1, whatever the configuration.
 */
#define OBJECTS_AFTER_LINK 40
#define CLOCK_TRIES 3
/* The kernel's own option for it (init/Kconfig), which its Makefile and vmlinux.lds.h read; x86's
 * Kconfig does not offer it, since x86's linker script keeps nothing: layout_apply() does. */
#define GC_SECTIONS "CONFIG_LD_DEAD_CODE_DATA_ELIMINATION"

char *
build_key(const KernelBuild *build, GError **error) {
  const char *epoch = g_getenv("SOURCE_DATE_EPOCH");
  g_autoptr(Layout) layout = layout_load(build->platform->layout, build->config, error);
  g_autofree char *changes = layout != NULL ? layout_text(layout) : NULL;
  return layout != NULL
             ? sha256_of_strings(RECIPE, build->source->id, build->toolchain, build->config,
                                 epoch != NULL ? epoch : "", changes, NULL)
             : NULL;
}

/* Whether something in the folder OBJECTS is newer than what was written there just now, DIRTY: the
 * clock was set back. For make, which goes by such stamps, what was made of another configuration
 * would be newer than the one that is asked for. Both stamps are of one file system's clock. */
static gboolean
is_from_future(const char *objects, const char *dirty) {
  g_autoptr(GPtrArray) paths = folder_paths(objects, NULL);
  struct stat now, then;
  if (paths == NULL || lstat(dirty, &now) != 0)
    return TRUE;
  for (guint i = 0; i < paths->len; i++) {
    g_autofree char *path = g_strconcat(objects, paths->pdata[i], NULL);
    if (lstat(path, &then) == 0 &&
        (then.st_mtim.tv_sec > now.st_mtim.tv_sec ||
         (then.st_mtim.tv_sec == now.st_mtim.tv_sec && then.st_mtim.tv_nsec > now.st_mtim.tv_nsec)))
      return TRUE;
  }
  return FALSE;
}

/* An empty folder OBJECTS, or the one that is there, marked as unfinished: see prepare(). */
static gboolean
begin(const char *objects, const char *dirty, GError **error) {
  if (g_file_test(dirty, G_FILE_TEST_EXISTS) && !dir_remove(objects, error))
    return FALSE;
  for (guint tries = 0; tries < 2; tries++) {
    if (!dir_make(objects, error) || !file_write(dirty, "", 0, 0644, error))
      return FALSE;
    if (tries > 0 || !is_from_future(objects, dirty))
      return TRUE;
    msg_verbose("%s has files that are newer than now: it is made anew", objects);
    if (!dir_remove(objects, error))
      return FALSE;
  }
  return TRUE;
}

/* The build folder is kept: another configuration of the same source compiles only what differs
 * (fixdep knows what each object read). One that was left in the middle of a build is not trusted,
 * a killed compiler leaves half an object that make takes for a whole one; ccache has the rest. */
static gboolean
prepare(const char *objects, const char *config, GError **error) {
  g_autofree char *dirty = g_build_filename(objects, DIRTY, NULL);
  g_autofree char *path = g_build_filename(objects, ".config", NULL);
  g_autofree char *old = NULL;
  /* What the build would run is in no value, wherever the configuration comes from. */
  g_autoptr(DotConfig) parsed = config_parse(config, strlen(config), ".config", error);
  if (parsed == NULL || !begin(objects, dirty, error))
    return FALSE;
  if (file_read(path, FILE_OWN_MAX, &old, NULL, NULL) && g_str_equal(old, config))
    return TRUE;
  return file_write(path, config, strlen(config), 0644, error);
}

/* make must not have had another opinion about the .config. */
static gboolean
check_config(const char *objects, const char *config, GError **error) {
  g_autofree char *path = g_build_filename(objects, ".config", NULL);
  g_autofree char *text = NULL;
  if (!file_read(path, FILE_OWN_MAX, &text, NULL, error))
    return FALSE;
  if (g_str_equal(text, config))
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
              "%s: the build changed the configuration that was verified; expected it unchanged",
              path);
  return FALSE;
}

/* What is said while GOAL is made. A few files are compiled before the configuration counts, and
 * after the kernel was linked for the first time: those are no parts of the whole. */
static const char *
progress_of(const char *goal, guint tries) {
  return strcmp(goal, KBUILD_SCRIPT) == 0 ? "files to prepare the build"
         : tries > 0                      ? "objects, linked once more"
                                          : "objects";
}

/* How many objects will be compiled, where that is much: in a folder that has no kernel yet. What
 * is compiled after the link cannot be asked for before it. */
static guint
count_objects(const KernelMake *make) {
  g_autofree char *kernel = g_build_filename(make->objects, "vmlinux", NULL);
  guint count;
  if (g_file_test(kernel, G_FILE_TEST_EXISTS))
    return 0;
  msg_stage_detail("counting objects");
  count = kernel_make_count(make);
  return count > 0 ? count + OBJECTS_AFTER_LINK : 0;
}

static gboolean
make_goal(KernelBuild *build, const char *objects, const char *log, const char *goal, guint tries,
          GError **error) {
  g_autofree char *jobs =
      g_strdup_printf("-j%u", build->jobs > 0 ? build->jobs : g_get_num_processors());
  g_autoptr(Layout) layout = layout_load(build->platform->layout, build->config, error);
  if (layout == NULL)
    return FALSE;
  /* The linker script by another name (Makefile: KBUILD_LDS, a path below the build folder). */
  const char *goals[] = {jobs, goal, "KBUILD_LDS=" SCRIPT, NULL, NULL, NULL};
  if (layout->gc_sections) {
    goals[3] = GC_SECTIONS "=y";
    goals[4] = "KCPPFLAGS=-D" GC_SECTIONS "=1";
  }
  KernelMake make = {
      .source = build->source,
      .objects = objects,
      .goals = goals,
      .log = log,
      .deadline = DEADLINE,
      .cached = !build->clean,
      .progress = progress_of(goal, tries),
      .compiled = &build->compiled,
      .copied = &build->copied,
  };
  if (strcmp(goal, KBUILD_SCRIPT) != 0 && tries == 0)
    make.total = count_objects(&make);
  return kernel_make(&make, error);
}

/* The platform's linker script, from the one that kbuild made: *CHANGED if it is another than it
 * was. */
static gboolean
write_script(const KernelBuild *build, const char *objects, gboolean *changed, GError **error) {
  g_autofree char *from = g_build_filename(objects, KBUILD_SCRIPT, NULL);
  g_autofree char *path = g_build_filename(objects, SCRIPT, NULL);
  g_autofree char *text = NULL, *old = NULL, *fresh = NULL;
  g_autoptr(Layout) layout = layout_load(build->platform->layout, build->config, error);
  const char *missing;
  if (layout == NULL || !file_read(from, FILE_OWN_MAX, &text, NULL, error))
    return FALSE;
  fresh = layout_apply(layout, text, &missing);
  if (missing != NULL)
    msg_verbose("%s: '%s' is not in Linux %s's linker script", build->platform->layout, missing,
                build->source->version);
  *changed = !file_read(path, FILE_OWN_MAX, &old, NULL, NULL) || strcmp(old, fresh) != 0;
  return !*changed || file_write(path, fresh, strlen(fresh), 0644, error);
}

/* The linker script depends on the configuration, but seldom: rather than make it first each time,
 * which takes seconds, the kernel is linked once more where it turns out to be another. */
static gboolean
compile(KernelBuild *build, const char *objects, const char *log, GError **error) {
  g_autofree char *script = g_build_filename(objects, SCRIPT, NULL);
  gboolean changed = TRUE;
  guint compiled = 0, copied = 0;
  if (!g_file_test(script, G_FILE_TEST_EXISTS) &&
      (!make_goal(build, objects, log, KBUILD_SCRIPT, 0, error) ||
       !write_script(build, objects, &changed, error)))
    return FALSE;
  for (guint tries = 0; changed && tries < 3; tries++) {
    g_autoptr(GError) failure = NULL;
    gboolean made = make_goal(build, objects, log, "bzImage", tries, &failure);
    compiled += build->compiled;
    copied += build->copied;
    if (!made &&
        (proc_interrupted() || !write_script(build, objects, &changed, NULL) || !changed)) {
      g_propagate_error(error, g_steal_pointer(&failure));
      return FALSE;
    }
    if (made && !write_script(build, objects, &changed, error))
      return FALSE;
  }
  build->compiled = compiled;
  build->copied = copied;
  return check_config(objects, build->config, error);
}

static gboolean
collect(const KernelBuild *build, const char *objects, const char *folder, GError **error) {
  g_autofree char *elf = g_build_filename(objects, "vmlinux", NULL);
  g_autofree char *map = g_build_filename(objects, "System.map", NULL);
  g_autofree char *image = g_build_filename(objects, "arch/x86/boot/bzImage", NULL);
  g_autofree char *to_elf = g_build_filename(folder, "vmlinux", NULL);
  g_autofree char *to_map = g_build_filename(folder, "System.map", NULL);
  g_autofree char *to_image = g_build_filename(folder, "bzImage", NULL);
  g_autofree char *to_config = g_build_filename(folder, "kernel.config", NULL);
  VmlinuxFacts facts;
  return proc_call(120, NULL, error, "objcopy", "-S", elf, to_elf, NULL) &&
         platform_check_kernel(build->platform, to_elf, &facts, error) &&
         file_copy(image, to_image, 0644, error) && file_copy(map, to_map, 0644, error) &&
         file_write(to_config, build->config, strlen(build->config), 0644, error);
}

/* What the minimiser's forecast reads: where every piece of the kernel comes from. */
static gboolean
collect_map(const KernelBuild *build, const char *objects, const char *folder, GError **error) {
  g_autofree char *map = g_build_filename(objects, "vmlinux.map", NULL);
  g_autofree char *to_map = g_build_filename(folder, "vmlinux.map", NULL);
  g_autofree char *to_list = g_build_filename(folder, "objects.list", NULL);
  g_autofree char *list = NULL;
  g_autoptr(DotConfig) config =
      config_parse(build->config, strlen(build->config), ".config", error);
  if (config == NULL)
    return FALSE;
  if (!config_is_yes(config, "VMLINUX_MAP") || !g_file_test(map, G_FILE_TEST_EXISTS))
    return TRUE;
  list = objects_list(objects, build->source->folder, error);
  return list != NULL && file_write(to_list, list, strlen(list), 0644, error) &&
         file_copy(map, to_map, 0644, error);
}

/* Where to build: the kept folder of this source and toolchain, or one beside it where somebody
 * else builds in that; ours until LOCK is freed. A clean build has a folder of its own, half a
 * gigabyte that is of no use to anybody else, and goes afterwards. */
static char *
take_folder(const KernelBuild *build, CacheLock **lock, GError **error) {
  g_autofree char *tree = NULL;
  if (build->clean)
    return cache_begin(KIND, "clean", error);
  tree = sha256_of_strings(build->source->id, build->toolchain, NULL);
  tree[12] = '\0';
  return source_build_folder("objects", tree, "kernel-build", lock, error);
}

/* prepare() and compile(), once more where the clock was set meanwhile: make has then taken old for
 * new or new for old. What was begun is marked as unfinished, and so goes. */
static gboolean
make_ready(KernelBuild *build, const char *objects, const char *log, GError **error) {
  for (guint tries = 0; tries < CLOCK_TRIES; tries++) {
    g_autoptr(GError) failure = NULL;
    gint64 clock = clock_offset();
    gboolean ready =
        prepare(objects, build->config, &failure) && compile(build, objects, log, &failure);
    if (proc_interrupted() || !clock_was_set(clock)) {
      if (failure != NULL)
        g_propagate_error(error, g_steal_pointer(&failure));
      return ready;
    }
    msg_warn("the machine's clock was set while the kernel was built; it is built anew");
  }
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
              "the machine's clock was set during each of %d builds; expected it to be left alone",
              CLOCK_TRIES);
  return FALSE;
}

/* Builds in the folder OBJECTS. */
static char *
build_in(KernelBuild *build, const char *key, const char *objects, const char *logs,
         GError **error) {
  g_autofree char *log = g_strdup_printf("%s/kernel-%.12s.log", logs, key);
  g_autofree char *dirty = g_build_filename(objects, DIRTY, NULL);
  g_autofree char *folder = NULL;
  char *entry = NULL;
  if (!make_ready(build, objects, log, error)) {
    tinyx_advise(error, TINYX_ERROR_INTERRUPTED,
                 "what was compiled is kept: the same command goes on from there");
    return NULL;
  }
  folder = cache_begin(KIND, key, error);
  if (folder == NULL)
    return NULL;
  if (collect(build, objects, folder, error) && collect_map(build, objects, folder, error))
    entry = cache_commit(folder, KIND, key, error);
  if (entry == NULL)
    cache_discard(folder);
  else
    unlink(dirty);
  return entry;
}

static char *
build_entry(KernelBuild *build, const char *key, GError **error) {
  if (!source_unpack(build->source, error))
    return NULL;
  g_autoptr(CacheLock) lock = NULL;
  g_autofree char *logs = cache_folder("logs", error);
  g_autofree char *objects = logs != NULL ? take_folder(build, &lock, error) : NULL;
  if (objects == NULL)
    return NULL;
  char *entry = build_in(build, key, objects, logs, error);
  if (build->clean)
    cache_discard(objects);
  return entry;
}

char *
build_kernel(KernelBuild *build, gboolean *from_cache, GError **error) {
  g_autofree char *key = build_key(build, error);
  g_autoptr(CacheLock) lock = key != NULL ? cache_lock("kernel", key, error) : NULL;
  if (lock == NULL)
    return NULL;
  char *folder = build->clean ? NULL : cache_lookup(KIND, key);
  *from_cache = folder != NULL;
  if (folder == NULL && build->cached_only)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "the kernel is not in the cache; expected it there (--cached-kernel)");
  else if (folder == NULL)
    folder = build_entry(build, key, error);
  return folder;
}
