/* glue-text.c - the generated parts of the glue, as text. Everything that comes from a recipe is
 * quoted. */
#include "rootfs/glue-private.h"

#include "base/strings.h"

#include <string.h>

static void
append_variable(GString *text, const char *name, const char *value) {
  g_autofree char *quoted = g_shell_quote(value);
  g_string_append_printf(text, "%s=%s\n", name, quoted);
}

static const char *
on_exit_word(RecipeOnExit on_exit, const Platform *platform) {
  switch (on_exit) {
  case RECIPE_POWEROFF:
    return platform->end;
  case RECIPE_REBOOT:
    return "reboot";
  case RECIPE_RESPAWN:
    break;
  }
  return "respawn";
}

char *
glue_config_text(const Recipe *recipe, const char *const *mounts, const char *const *writable) {
  GString *text = g_string_new(NULL);
  g_autofree char *words = g_strjoinv(" ", (char **)mounts);
  g_autofree char *folders = g_strjoinv("\n", (char **)writable);
  append_variable(text, "name", recipe->name);
  append_variable(text, "mounts", words);
  append_variable(text, "writable", folders);
  g_string_append_printf(text, "vifs=%d\n", recipe->vifs);
  if (recipe->ready_udp > 0) { /* as /proc/net/udp has it */
    g_autofree char *hex = g_strdup_printf("%04X", (unsigned)recipe->ready_udp);
    append_variable(text, "udp", hex);
  }
  return g_string_free(text, FALSE);
}

char *
glue_start_path(const RecipeRun *run) {
  return g_strconcat("/etc/tinyx/start", run->name[0] != '\0' ? "-" : "", run->name, NULL);
}

gboolean
glue_has_console(const Recipe *recipe, const Platform *platform) {
  return platform->shutdown == PLATFORM_SHUTDOWN_CONSOLE ||
         strv_has(recipe->with, GLUE_EXEC_FEATURE);
}

char *
glue_inittab_text(const Recipe *recipe, const Platform *platform, const GlueOnce *once,
                  const char *text) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  GString *all = g_string_new(once->rdnss ? "::sysinit:" GLUE_RDNSS "\n" : "");
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    for (guint j = 0; j < (g_str_has_suffix(lines[i], "/run") ? recipe->runs->len : 1); j++) {
      g_autofree char *start = glue_start_path(recipe->runs->pdata[j]);
      gboolean starts = g_str_has_suffix(lines[i], "/run");
      g_string_append_printf(all, "%s%s%s\n", lines[i], starts ? " " : "", starts ? start : "");
    }
  /* init runs the lines "sysinit" in their order, and all others after them */
  if (once->log)
    g_string_append(all, "::sysinit:/bin/sh " GLUE_LOG "\n");
  if (once->first)
    g_string_append(all, "::sysinit:/bin/sh " GLUE_FIRST "\n");
  if (glue_has_console(recipe, platform))
    g_string_append(all, "::respawn:/bin/sh " GLUE_CONSOLE "\n");
  return g_string_free(all, FALSE);
}

/* The recipe's command for a shell, each word quoted anew: the recipe's own quotes are not the
 * shell's. */
static char *
quoted_command(const char *command) {
  g_auto(GStrv) words = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  if (!g_shell_parse_argv(command, NULL, &words, NULL))
    return g_strdup(command); /* recipe_parse has checked it */
  for (guint i = 0; words[i] != NULL; i++) {
    g_autofree char *quoted = g_shell_quote(words[i]);
    g_string_append_printf(text, "%s%s", i > 0 ? " " : "", quoted);
  }
  return g_string_free(g_steal_pointer(&text), FALSE);
}

gboolean
glue_reaps(const RecipeRun *run) {
  return run->forks && run->pid_file == NULL;
}

/* The shell command that runs the application, as its user and with what it keeps of root's rights.
 * The program that takes them away becomes the application. */
static char *
command_text(const RecipeRun *run, const Confinement *confinement) {
  g_autofree char *command = quoted_command(run->command);
  return g_strdup_printf("%s" RIGHTS_PROGRAM " %" G_GINT64_MODIFIER "x %s %s",
                         glue_reaps(run) ? GLUE_REAP " " : "", confinement->keep,
                         confinement->account != NULL ? confinement->account : "-", command);
}

/* The lines of before= or stop= (FUNCTION), each as a command of its own, so that each failure is
 * reported; then LAST. */
static void
append_lines(GString *text, const char *function, const char *before, const char *last) {
  g_auto(GStrv) lines = g_strsplit(before != NULL ? before : "", "\n", -1);
  g_string_append_printf(text, "%s() {\n", function);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree char *quoted = g_shell_quote(g_strstrip(lines[i]));
    if (lines[i][0] != '\0' && lines[i][0] != '#')
      g_string_append_printf(text, "{ %s\n} || failed %s\n", lines[i], quoted);
  }
  g_string_append_printf(text, "%s:\n}\n", last);
}

/* TRUE where the process that stop knows is the application's first one, and no shell or reap that
 * waits for it. */
static gboolean
knows_main(const RecipeRun *run) {
  return run->pid_file != NULL || (!run->forks && run->on_exit == RECIPE_RESPAWN);
}

/* Asks the first process alone, and waits for it; rootfs/glue/stop sees to it that this ends. */
static char *
main_text(const RecipeRun *run) {
  return g_strdup_printf("kill -s %s \"$MAINPID\"\nn=0\n"
                         "while kill -0 \"$MAINPID\" 2>/dev/null; do\nsleep $((n > 20))\n"
                         "n=$((n + 1))\ndone\n",
                         run->stop_signal != NULL ? run->stop_signal : "TERM");
}

/* How it is asked to end, where that is not what rootfs/glue/stop does anyway. */
static void
append_stop(GString *text, const RecipeRun *run) {
  if (run->stop_signal != NULL)
    append_variable(text, "stop_signal", run->stop_signal);
  if (run->stop_seconds > 0)
    g_string_append_printf(text, "stop_seconds=%d\n", run->stop_seconds);
  g_autofree char *ask = run->stop_main && knows_main(run) ? main_text(run) : g_strdup("");
  if (run->stop != NULL || ask[0] != '\0')
    append_lines(text, "stop", run->stop, ask);
}

char *
glue_start_text(const RecipeRun *run, const Platform *platform, const char *home,
                const Confinement *confinement) {
  GString *text = g_string_new(NULL);
  g_autofree char *quoted = g_shell_quote(run->directory);
  g_autofree char *command = command_text(run, confinement);
  append_variable(text, "on_exit", on_exit_word(run->on_exit, platform));
  if (run->name[0] != '\0')
    append_variable(text, "name", run->name);
  if (run->pid_file != NULL)
    append_variable(text, "pid_file", run->pid_file);
  if (run->before != NULL)
    append_lines(text, "before", run->before, "");
  append_stop(text, run);
  g_string_append(text, "environment() {\n");
  if (run->user != NULL) {
    append_variable(text, "export USER", run->user);
    append_variable(text, "export LOGNAME", run->user);
  }
  if (home != NULL)
    append_variable(text, "export HOME", home);
  for (guint i = 0; run->environment[i] != NULL; i++) {
    g_auto(GStrv) pair = g_strsplit(run->environment[i], "=", 2);
    g_autofree char *name = g_strconcat("export ", pair[0], NULL);
    append_variable(text, name, pair[1] != NULL ? pair[1] : "");
  }
  g_string_append_printf(text, "cd %s 2>/dev/null\n}\n", quoted); /* before= may make it */
  /* The shell stays only where it must see the exit status of the application: where its end ends
   * the guest, or it is a daemon. */
  gboolean waits = run->forks || run->on_exit != RECIPE_RESPAWN;
  g_string_append_printf(text, "start() {\ncd %s || return\n%s%s\n}\n", quoted,
                         waits ? "" : "exec ", command);
  return g_string_free(text, FALSE);
}
