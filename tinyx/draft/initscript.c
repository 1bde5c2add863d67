#include "draft/initscript.h"

#include "draft/find.h"
#include "draft/shell.h"
#include "draft/words.h"

#include <string.h>

#define TEXT_MOST 65536 /* a longer script is none that this reads */

/* What one call says. */
typedef struct {
  const char *program, *user, *pid_file, *directory;
  char **arguments; /* within the words */
  gboolean background, test;
} Call;

/* ---- the script as text ------------------------------------------------ */

/* The files that TEXT sources, as far as they are installed, before TEXT itself: what an
 * administrator sets there wins. g_free. */
static char *
with_sourced(const char *text, const Tree *installed) {
  g_autofree char *expanded = shell_expand(text, text);
  g_auto(GStrv) words = g_strsplit_set(expanded, " \t\n;&|\"'(){}", -1);
  g_autoptr(GString) all = g_string_new(NULL);
  const char *previous = "";
  for (guint i = 0; words[i] != NULL; i++) {
    if (words[i][0] == '\0')
      continue;
    g_autofree char *sourced =
        strcmp(previous, ".") == 0 && !g_str_has_prefix(words[i], "/lib/") && words[i][0] == '/'
            ? find_text(installed, words[i])
            : NULL;
    if (sourced != NULL)
      g_string_append_printf(all, "%s\n", sourced);
    previous = words[i];
  }
  g_string_append(all, text);
  return g_string_free(g_steal_pointer(&all), FALSE);
}

/* Up to where the shell ends the command or redirects its output. */
static char *
one_command(const char *text) {
  char quote = '\0';
  const char *c = text;
  for (; *c != '\0'; c++) {
    if (quote != '\0')
      quote = *c == quote ? '\0' : quote;
    else if (*c == '"' || *c == '\'')
      quote = *c;
    else if (strchr(";&|<>)", *c) != NULL || (*c == '2' && c[1] == '>'))
      break;
  }
  return g_strndup(text, (gsize)(c - text));
}

/* ---- calls ------------------------------------------------------------- */

/* The value of the option at *I if it is SHORT or LONG ("--exec X", "--exec=X"); else NULL. */
static const char *
option_value(char **words, guint *i, const char *brief, const char *full) {
  gsize length = strlen(full);
  if (strncmp(words[*i], full, length) == 0 && words[*i][length] == '=')
    return words[*i] + length + 1;
  if ((strcmp(words[*i], brief) != 0 && strcmp(words[*i], full) != 0) || words[*i + 1] == NULL)
    return NULL;
  return words[++*i];
}

static gboolean
is_either(const char *word, const char *brief, const char *full) {
  return strcmp(word, brief) == 0 || strcmp(word, full) == 0;
}

/* start-stop-daemon(8). */
static void
read_start_stop(char **words, Call *call) {
  const char *start_as = NULL;
  guint i = 0;
  for (; words[i] != NULL && strcmp(words[i], "--") != 0; i++) {
    const char *value;
    if ((value = option_value(words, &i, "-x", "--exec")) != NULL)
      call->program = value;
    else if ((value = option_value(words, &i, "-a", "--startas")) != NULL)
      start_as = value;
    else if ((value = option_value(words, &i, "-c", "--chuid")) != NULL)
      call->user = value;
    else if ((value = option_value(words, &i, "-p", "--pidfile")) != NULL)
      call->pid_file = value;
    else if ((value = option_value(words, &i, "-d", "--chdir")) != NULL)
      call->directory = value;
    else if (is_either(words[i], "-b", "--background"))
      call->background = TRUE;
    else if (is_either(words[i], "-t", "--test"))
      call->test = TRUE;
  }
  if (start_as != NULL)
    call->program = start_as;
  call->arguments = words[i] != NULL ? words + i + 1 : words + i;
}

/* LSB's start_daemon [-f] [-n nice] [-p pidfile] program [arguments]. */
static void
read_start_daemon(char **words, Call *call) {
  guint i = 0;
  for (; words[i] != NULL && words[i][0] == '-'; i++) {
    const char *value = option_value(words, &i, "-p", "-p");
    if (value != NULL)
      call->pid_file = value;
    else if (strcmp(words[i], "-n") == 0 && words[i + 1] != NULL)
      i++;
  }
  call->program = words[i];
  call->arguments = words[i] != NULL ? words + i + 1 : words + i;
}

static Service *
service_from_call(const char *path, const Call *call) {
  g_autoptr(GPtrArray) words = g_ptr_array_new();
  g_ptr_array_add(words, (gpointer)call->program);
  for (guint i = 0; call->arguments[i] != NULL; i++)
    g_ptr_array_add(words, call->arguments[i]);
  g_ptr_array_add(words, NULL);
  g_autofree char *command = words_join((const char *const *)words->pdata);
  g_autoptr(Service) service = service_from_command(path, command, NULL);
  if (service == NULL)
    return NULL;
  service->run.forks = !call->background;
  if (service->run.forks && call->pid_file != NULL && call->pid_file[0] == '/')
    service->run.pid_file = g_strdup(call->pid_file);
  if (call->directory != NULL && call->directory[0] == '/') {
    g_free(service->run.directory);
    service->run.directory = g_strdup(call->directory);
  }
  if (call->user != NULL) {
    g_auto(GStrv) parts = g_strsplit(call->user, ":", 2);
    if (parts[0] != NULL && parts[0][0] != '\0' && strcmp(parts[0], "root") != 0)
      service->run.user = g_strdup(parts[0]);
    if (service->run.user != NULL && parts[1] != NULL && strcmp(parts[1], parts[0]) != 0)
      service->run.group = g_strdup(parts[1]);
    service->user = g_strdup(service->run.user);
    service->group = g_strdup(service->run.group);
  }
  return g_steal_pointer(&service);
}

/* The call in LINE, whose variables have their values in TEXT; NULL if it starts nothing. */
static Service *
service_from_line(const char *path, const char *text, const char *line, const Tree *installed,
                  gboolean *test) {
  static const char *const names[] = {"start-stop-daemon ", "start_daemon "};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    const char *at = strstr(line, names[i]);
    g_autofree char *one = at != NULL ? one_command(at + strlen(names[i])) : NULL;
    g_autofree char *expanded = one != NULL ? shell_expand(text, one) : NULL;
    g_auto(GStrv) words = NULL;
    Call call = {0};
    if (expanded == NULL || (i == 0 && strstr(one, "--start") == NULL && strstr(one, "-S") == NULL))
      continue;
    if (!g_shell_parse_argv(expanded, NULL, &words, NULL))
      continue;
    if (i == 0)
      read_start_stop(words, &call);
    else
      read_start_daemon(words, &call);
    *test = call.test;
    if (call.program != NULL && call.program[0] == '/' &&
        tree_resolve(installed, call.program) != NULL)
      return service_from_call(path, &call);
  }
  return NULL;
}

/* ---- what it makes before ---------------------------------------------- */

/* Commands of the script that make folders below /run, as they stand there: nobody else does it in
 * an image. */
static void
read_folders(Service *service, const char *text, char **lines) {
  static const char *const commands[] = {"mkdir ", "install -d ", "chown ", "chmod "};
  for (guint i = 0; lines[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS(commands); j++) {
      const char *at = strstr(lines[i], commands[j]);
      g_autofree char *one = at != NULL && (at == lines[i] || strchr(" \t;&|{", at[-1]) != NULL)
                                 ? one_command(at)
                                 : NULL;
      g_autofree char *expanded = one != NULL ? shell_expand(text, one) : NULL;
      g_auto(GStrv) words = NULL;
      if (expanded == NULL || strstr(expanded, "/run/") == NULL ||
          !g_shell_parse_argv(expanded, NULL, &words, NULL))
        continue;
      g_autofree char *line = words_join((const char *const *)words);
      service_add_before(service, line);
      service_add_applet(service, words[0]);
    }
}

/* ---- the skeleton's variables ------------------------------------------ */

static Service *
service_from_variables(const char *path, const char *text, const Tree *installed) {
  static const char *const arguments[] = {"DAEMON_ARGS", "DAEMON_OPTS", "OPTIONS", "ARGS", "OPTS"};
  g_autofree char *daemon = shell_variable(text, "DAEMON");
  if (daemon == NULL || tree_resolve(installed, daemon) == NULL)
    return NULL;
  g_autoptr(GString) command = g_string_new(daemon);
  for (guint j = 0; j < G_N_ELEMENTS(arguments); j++) {
    g_autofree char *words = shell_variable(text, arguments[j]);
    if (words == NULL || words[0] == '\0')
      continue;
    g_string_append_printf(command, " %s", words);
    break;
  }
  g_autoptr(Service) service = service_from_command(path, command->str, NULL);
  if (service == NULL)
    return NULL;
  service->run.forks = strstr(text, "--background") == NULL;
  if (service->run.forks)
    service->run.pid_file = shell_variable(text, "PIDFILE");
  return g_steal_pointer(&service);
}

Service *
service_from_init_script(const char *path, const char *text, const Tree *installed) {
  if (strlen(text) > TEXT_MOST)
    return NULL;
  g_autofree char *plain = shell_without_comments(text);
  g_autofree char *whole = with_sourced(plain, installed);
  g_auto(GStrv) pieces = g_strsplit(plain, "\\\n", -1);
  g_autofree char *joined = g_strjoinv(" ", pieces);
  g_auto(GStrv) lines = g_strsplit(joined, "\n", -1);
  g_autoptr(Service) tested = NULL; /* by a call that only tests whether it would start it */
  for (guint i = 0; lines[i] != NULL; i++) {
    gboolean test = FALSE;
    g_autoptr(Service) service = service_from_line(path, whole, lines[i], installed, &test);
    if (service != NULL && !test) {
      read_folders(service, whole, lines);
      return g_steal_pointer(&service);
    }
    if (service != NULL && tested == NULL)
      tested = g_steal_pointer(&service);
  }
  g_autoptr(Service) skeleton = service_from_variables(path, whole, installed);
  if (skeleton == NULL)
    skeleton = g_steal_pointer(&tested);
  if (skeleton != NULL)
    read_folders(skeleton, whole, lines);
  return g_steal_pointer(&skeleton);
}
