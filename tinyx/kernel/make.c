#include "kernel/make.h"

#include "base/cache.h"
#include "base/msg.h"
#include "base/proc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ERROR_LINES 12 /* of the log, at most, in a message */

typedef struct {
  FILE *log;
  const char *progress;
  guint count;   /* of lines "  CC      file.o" and the like */
  GQueue errors; /* char*: the last lines that say "error" */
  GQueue last;   /* char*: the last lines */
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

static void
on_line(const char *line, gpointer data) {
  Watch *watch = data;
  fprintf(watch->log, "%s\n", line);
  if (is_step(line)) {
    watch->count++;
    if (watch->progress != NULL)
      msg_stage_detail("%u %s", watch->count, watch->progress);
    return;
  }
  if (strstr(line, "rror:") != NULL || strstr(line, "undefined reference") != NULL ||
      strstr(line, "***") != NULL || strstr(line, "No space left") != NULL)
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

static char *
compiler(gboolean ccache) {
  g_autofree char *program = ccache ? g_find_program_in_path("ccache") : NULL;
  return g_strdup(program != NULL ? "CC=ccache gcc" : "CC=gcc");
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
  g_ptr_array_add(env, NULL);
  return (char **)g_ptr_array_free(g_steal_pointer(&env), FALSE);
}

static gboolean
run(const KernelMake *make, Watch *watch, GError **error) {
  g_autofree char *objects = g_strdup_printf("O=%s", make->objects);
  g_autofree char *cc = compiler(make->ccache);
  g_auto(GStrv) env = environment(make, error);
  if (env == NULL)
    return FALSE;
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  const char *fixed[] = {"make",           "-C",       make->source->folder, objects, "ARCH=x86_64",
                         "CROSS_COMPILE=", "KCFLAGS=", "KAFLAGS=",           "V=0",   cc};
  for (guint i = 0; i < G_N_ELEMENTS(fixed); i++)
    g_ptr_array_add(argv, (gpointer)fixed[i]);
  for (guint i = 0; make->goals[i] != NULL; i++)
    g_ptr_array_add(argv, (gpointer)make->goals[i]);
  g_ptr_array_add(argv, NULL);

  g_auto(ProcResult) result = {0};
  ProcSpec spec = {.argv = (const char *const *)argv->pdata,
                   .env = (const char *const *)env,
                   .deadline = make->deadline,
                   .flags = PROC_CAPTURE | PROC_CAPTURE_ERR | PROC_ANY_STATUS,
                   .on_line = on_line,
                   .on_line_data = watch};
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
  Watch watch = {.progress = make->progress};
  watch.log = fopen(make->log, "we");
  if (watch.log == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s", make->log, g_strerror(errno));
    return FALSE;
  }
  gboolean done = run(make, &watch, error);
  fclose(watch.log);
  if (make->steps != NULL)
    *make->steps = watch.count;
  g_queue_clear_full(&watch.errors, g_free);
  g_queue_clear_full(&watch.last, g_free);
  return done;
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
