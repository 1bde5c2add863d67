/* make.c - runs the kernel tree's make, shows its progress, and finds the cause where it fails. */
#include "kernel/make.h"

#include "base/cache.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "kernel/compile.h"
#include "kernel/source-facts.h"
#include "sandbox/sandbox.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STAND_IN_FOLDER "tinyx-bin"
#define STAND_IN_LOG "tinyx-objects.log"
#define COUNT_SECONDS 120 /* of a dry run, at most */
#define ERROR_LINES 12    /* of the log, at most, in a message */

typedef struct {
  FILE *log;
  const char *progress;
  gboolean dry;  /* make -n: it prints the commands that print the lines */
  guint count;   /* of lines "  CC      file.o" and the like */
  guint total;   /* of them; 0: not known */
  gint64 begun;  /* microseconds, monotonic */
  GQueue errors; /* char*: the last lines that say "error" */
  GQueue last;   /* char*: the last lines */
  gint64 clock;  /* clock_offset() at the beginning */
  gboolean lost; /* the clock was set: make may go round for ever */
} Watch;

static void
keep(GQueue *queue, const char *line) {
  g_queue_push_tail(queue, g_strdup(line));
  if (queue->length > ERROR_LINES)
    g_free(g_queue_pop_head(queue));
}

/* kbuild's short form: two blanks, what it does, blanks, the file. */
static gboolean
is_step(const char *line) {
  return g_str_has_prefix(line, "  CC ") || g_str_has_prefix(line, "  AS ") ||
         g_str_has_prefix(line, "  HOSTCC ");
}

/* The same in the output of make -n: "set -e;  echo '  CC      file.o'; ...". */
static gboolean
is_dry_step(const char *line) {
  static const char *const marks[] = {"'  CC ", "'  AS ", "'  HOSTCC "};
  if (strstr(line, "echo '") == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
    if (strstr(line, marks[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* What is said before it is of any use: the first objects come all at once, or from a cache. */
#define FORECAST_AFTER 10.0 /* seconds */

char *
kernel_make_progress(guint count, guint total, const char *what, double seconds) {
  double left = count > 0 ? seconds / count * (total - MIN(count, total)) : 0;
  if (total == 0 || count > total)
    return g_strdup_printf("%u %s", count, what);
  if (seconds < FORECAST_AFTER)
    return g_strdup_printf("%u of %u %s", count, total, what);
  if (left < 90)
    return g_strdup_printf("%u of %u %s, about %.0f s left", count, total, what, left);
  return g_strdup_printf("%u of %u %s, about %.0f min left", count, total, what, left / 60);
}

static void
show_progress(const Watch *watch) {
  double seconds = (double)(g_get_monotonic_time() - watch->begun) / G_USEC_PER_SEC;
  g_autofree char *text = NULL;
  if (watch->progress == NULL)
    return;
  text = kernel_make_progress(watch->count, watch->total, watch->progress, seconds);
  msg_stage_detail("%s", text);
}

gboolean
kernel_make_ran_out(const char *text) {
  static const char *const words[] = {"No space left",          "Disk quota exceeded",
                                      "Cannot allocate memory", "out of memory",
                                      "memory exhausted",       "Killed"};
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (strstr(text, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

static void
on_line(const char *line, gpointer data) {
  Watch *watch = data;
  watch->lost = clock_was_set(watch->clock);
  fprintf(watch->log, "%s\n", line);
  if (watch->dry ? is_dry_step(line) : is_step(line)) {
    watch->count++;
    show_progress(watch);
    return;
  }
  if (strstr(line, "rror:") != NULL || strstr(line, "undefined reference") != NULL ||
      strstr(line, "***") != NULL || kernel_make_ran_out(line))
    keep(&watch->errors, line);
  keep(&watch->last, line);
}

static char *
join_lines(const GQueue *lines) {
  GString *text = g_string_new(NULL);
  for (GList *item = lines->head; item != NULL; item = item->next)
    g_string_append_printf(text, "\n  %s", (char *)item->data);
  return g_string_free(text, FALSE);
}

static const char *stand_in; /* the program that is tinyx-cc */

void
kernel_make_stand_in(const char *program) {
  stand_in = program;
}

/* The same text whoever builds and wherever: kbuild compiles again what another command made. */
static char *
compiler(gboolean cached) {
  g_autofree char *ccache = cached ? g_find_program_in_path("ccache") : NULL;
  return g_strconcat("CC=", cached && stand_in != NULL ? COMPILE_NAME " " : "",
                     ccache != NULL ? "ccache " : "", "gcc", NULL);
}

/* What "gcc" is: its words, and the programs that it calls as they are now. g_free. */
static char *
compiler_id(GError **error) {
  static const char *const parts[] = {"-print-prog-name=cc1", "-print-prog-name=as"};
  g_autofree char *toolchain = kernel_toolchain(error);
  g_autofree char *gcc = g_find_program_in_path("gcc");
  GString *id;
  if (toolchain == NULL || gcc == NULL)
    return NULL;
  id = g_string_new(toolchain);
  for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
    g_auto(ProcResult) result = {0};
    const char *argv[] = {gcc, parts[i], NULL};
    ProcSpec spec = {.argv = argv, .deadline = 60, .flags = PROC_CAPTURE};
    if (!proc_run(&spec, &result, error)) {
      g_string_free(id, TRUE);
      return NULL;
    }
    g_autofree char *path = g_find_program_in_path(g_strstrip(result.out));
    g_autofree char *stamp = path != NULL ? source_stamp(path) : NULL;
    g_string_append_printf(id, "%s %s\n", result.out, stamp != NULL ? stamp : "?");
  }
  return g_string_free(id, FALSE);
}

/* tinyx-cc in the build folder, found by PATH, and what it has to know. */
static gboolean
add_stand_in(const KernelMake *make, GPtrArray *env, GError **error) {
  g_autofree char *folder = g_build_filename(make->objects, STAND_IN_FOLDER, NULL);
  g_autofree char *link = g_build_filename(folder, COMPILE_NAME, NULL);
  g_autofree char *cache = cache_folder("objects", error);
  g_autofree char *id = cache != NULL ? compiler_id(error) : NULL;
  const char *path = g_getenv("PATH");
  if (id == NULL || !dir_make(folder, error))
    return FALSE;
  unlink(link);
  if (symlink(stand_in, link) != 0)
    return file_failed(link, error);
  g_ptr_array_add(env,
                  g_strdup_printf("PATH=%s:%s", folder, path != NULL ? path : "/usr/bin:/bin"));
  g_ptr_array_add(env, g_strdup_printf(COMPILE_CACHE "=%s", cache));
  g_ptr_array_add(env, g_strdup_printf(COMPILE_ID "=%s", id));
  g_ptr_array_add(env, g_strdup_printf(COMPILE_LOG "=%s/" STAND_IN_LOG, make->objects));
  return TRUE;
}

/* How many objects were copied, by tinyx-cc's own count. */
static guint
count_copied(const KernelMake *make) {
  g_autofree char *path = g_build_filename(make->objects, STAND_IN_LOG, NULL);
  g_autofree char *text = NULL;
  guint count = 0;
  if (file_read(path, FILE_OWN_MAX, &text, NULL, NULL))
    for (const char *at = text; *at != '\0'; at++)
      count += *at == COMPILE_HIT;
  unlink(path);
  return count;
}

/* What the kernel says it was built on: SOURCE_DATE_EPOCH, else the date of the source. */
static char *
timestamp(const KernelSource *source) {
  const char *epoch = g_getenv("SOURCE_DATE_EPOCH");
  gint64 seconds =
      epoch != NULL && *epoch != '\0' ? g_ascii_strtoll(epoch, NULL, 10) : source->date;
  g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(seconds);
  g_autofree char *text =
      date != NULL ? g_date_time_format(date, "%Y-%m-%d %H:%M:%S UTC") : g_strdup("an unknown day");
  return g_strconcat("KBUILD_BUILD_TIMESTAMP=", text, NULL);
}

static char **
environment(const KernelMake *make, GError **error) {
  g_autofree char *ccache = cache_folder("ccache", error);
  if (ccache == NULL)
    return NULL;
  g_autoptr(GPtrArray) env = g_ptr_array_new();
  /* What a make above us set is not for this one. */
  g_ptr_array_add(env, g_strdup("MAKEFLAGS="));
  g_ptr_array_add(env, g_strdup("MFLAGS="));
  g_ptr_array_add(env, g_strdup("MAKELEVEL=0"));
  g_ptr_array_add(env, g_strdup("KCONFIG_CONFIG=.config"));
  g_ptr_array_add(env, g_strdup("LC_ALL=C"));
  /* Same input, same bytes (Documentation/kbuild/reproducible-builds.rst). */
  g_ptr_array_add(env, timestamp(make->source));
  g_ptr_array_add(env, g_strdup("KBUILD_BUILD_USER=tinyx"));
  g_ptr_array_add(env, g_strdup("KBUILD_BUILD_HOST=tinyx"));
  g_ptr_array_add(env, g_strdup("KBUILD_BUILD_VERSION=1"));
  g_ptr_array_add(env, g_strdup_printf("CCACHE_DIR=%s", ccache));
  g_ptr_array_add(env, g_strdup("CCACHE_NOHASHDIR=1")); /* the build folder leaves no trace */
  g_ptr_array_add(env, g_strdup("CCACHE_COMPILERCHECK=content"));
  /* No preprocessing of its own: on a miss that costs a tenth of the compilation, and hits by
   * preprocessed text do not occur, since autoconf.h is in every file. */
  g_ptr_array_add(env, g_strdup("CCACHE_DEPEND=1"));
  for (guint i = 0; make->env != NULL && make->env[i] != NULL; i++)
    g_ptr_array_add(env, g_strdup(make->env[i]));
  if (make->cached && stand_in != NULL && !add_stand_in(make, env, error)) {
    g_ptr_array_set_free_func(env, g_free);
    return NULL;
  }
  g_ptr_array_add(env, NULL);
  return (char **)g_ptr_array_free(g_steal_pointer(&env), FALSE);
}

static void
add_view(GPtrArray *options, const char *kind, const char *path) {
  g_ptr_array_add(options, (gpointer)kind);
  g_ptr_array_add(options, (gpointer)path);
  g_ptr_array_add(options, (gpointer)path);
}

char **
kernel_confine(const KernelSource *source, const char *const *folders, const char *shown,
               const char *const *command, GError **error) {
  static const char *const fixed[] = {"--alone", "--programs", "--proc", "/proc", "--dev", "/dev"};
  g_autoptr(GPtrArray) options = g_ptr_array_new();
  for (guint i = 0; i < G_N_ELEMENTS(fixed); i++)
    g_ptr_array_add(options, (gpointer)fixed[i]);
  add_view(options, "--show", source->folder);
  for (; *folders != NULL; folders++)
    add_view(options, "--bind", *folders);
  if (shown != NULL)
    add_view(options, "--show", shown);
  g_ptr_array_add(options, NULL);
  return sandbox_words((const char *const *)options->pdata, command, error);
}

/* make's COMMAND, with the caches of objects; tinyx-cc is a link to what is shown. */
static char **
confine(const KernelMake *make, const char *const *command, GError **error) {
  g_autofree char *ccache = cache_folder("ccache", error);
  g_autofree char *kept = ccache != NULL ? cache_folder("objects", error) : NULL;
  const char *const folders[] = {make->objects, ccache, kept, NULL};
  return kept != NULL ? kernel_confine(make->source, folders, stand_in, command, error) : NULL;
}

static gboolean
run(const KernelMake *make, Watch *watch, GError **error) {
  g_autofree char *objects = g_strdup_printf("O=%s", make->objects);
  g_autofree char *cc = compiler(make->cached);
  g_auto(GStrv) env = environment(make, error);
  if (env == NULL)
    return FALSE;
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  const char *fixed[] = {"make",
                         "-C",
                         make->source->folder,
                         objects,
                         "ARCH=x86_64",
                         "CROSS_COMPILE=",
                         "KCFLAGS=",
                         "KAFLAGS=",
                         "KCPPFLAGS=",
                         "V=0",
                         cc};
  for (guint i = 0; i < G_N_ELEMENTS(fixed); i++)
    g_ptr_array_add(argv, (gpointer)fixed[i]);
  for (guint i = 0; make->goals[i] != NULL; i++)
    g_ptr_array_add(argv, (gpointer)make->goals[i]);
  g_ptr_array_add(argv, NULL);

  g_auto(GStrv) confined = confine(make, (const char *const *)argv->pdata, error);
  g_auto(ProcResult) result = {0};
  if (confined == NULL)
    return FALSE;
  ProcSpec spec = {.argv = (const char *const *)confined,
                   .env = (const char *const *)env,
                   .deadline = make->deadline,
                   .flags = PROC_CAPTURE | PROC_CAPTURE_ERR | PROC_ANY_STATUS,
                   .on_line = on_line,
                   .on_line_data = watch,
                   .enough = &watch->lost};
  if (!proc_run(&spec, &result, error))
    return FALSE;
  if (result.status == 0)
    return TRUE;
  g_autofree char *lines = join_lines(watch->errors.length > 0 ? &watch->errors : &watch->last);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_CHILD, "make ended with status %d (log: %s):%s",
              result.status, make->log, lines);
  return FALSE;
}

gboolean
kernel_make(const KernelMake *make, GError **error) {
  Watch watch = {.progress = make->progress,
                 .total = make->total,
                 .begun = g_get_monotonic_time(),
                 .clock = clock_offset()};
  watch.log = fopen(make->log, "we");
  if (watch.log == NULL)
    return file_failed(make->log, error);
  gboolean done = run(make, &watch, error);
  fclose(watch.log);
  guint copied = count_copied(make);
  if (make->compiled != NULL)
    *make->compiled = watch.count - MIN(copied, watch.count);
  if (make->copied != NULL)
    *make->copied = copied;
  g_queue_clear_full(&watch.errors, g_free);
  g_queue_clear_full(&watch.last, g_free);
  return done;
}

guint
kernel_make_count(const KernelMake *make) {
  g_autoptr(GPtrArray) goals = g_ptr_array_new();
  g_autoptr(GError) ended = NULL;
  KernelMake dry = *make;
  Watch watch = {.dry = TRUE, .clock = clock_offset(), .log = fopen("/dev/null", "we")};
  if (watch.log == NULL)
    return 0;
  g_ptr_array_add(goals, (gpointer) "-n");
  for (guint i = 0; make->goals[i] != NULL; i++)
    g_ptr_array_add(goals, (gpointer)make->goals[i]);
  g_ptr_array_add(goals, NULL);
  dry.goals = (const char *const *)goals->pdata;
  dry.deadline = COUNT_SECONDS;
  if (!run(&dry, &watch, &ended))
    msg_verbose("a dry run ended after %u objects: %s", watch.count, ended->message);
  fclose(watch.log);
  g_queue_clear_full(&watch.errors, g_free);
  g_queue_clear_full(&watch.last, g_free);
  return watch.count;
}

static gboolean
append_version(GString *text, const char *program, GError **error) {
  g_auto(ProcResult) result = {0};
  const char *argv[] = {program, "--version", NULL};
  const char *env[] = {"LC_ALL=C", NULL};
  ProcSpec spec = {.argv = argv, .env = env, .deadline = 60, .flags = PROC_CAPTURE};
  if (!proc_need(program, error) || !proc_run(&spec, &result, error))
    return FALSE;
  result.out[strcspn(result.out, "\n")] = '\0';
  g_string_append_printf(text, "%s\n", result.out);
  return TRUE;
}

char *
kernel_toolchain(GError **error) {
  g_autoptr(GString) text = g_string_new(NULL);
  if (!append_version(text, "gcc", error) || !append_version(text, "ld", error))
    return NULL;
  return g_strdup(text->str);
}
