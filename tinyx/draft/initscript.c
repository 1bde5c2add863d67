/* initscript.c - what a System V init script starts. */
#include "draft/initscript.h"

#include "base/strings.h"
#include "draft/find.h"
#include "draft/service-private.h"
#include "draft/shell.h"
#include "draft/words.h"

#include <getopt.h>
#include <string.h>

#define TEXT_MOST 65536 /* bytes: a longer script is not read */

/* What one call of start-stop-daemon or start_daemon says. */
typedef struct {
  const char *program, *user, *group, *pid_file, *directory, *umask;
  char **arguments; /* of the program; they point into the words of the call */
  gboolean start, background, test;
} Call;

/* ---- the script as text ------------------------------------------------ */

/* TEXT, and before it the installed files that it sources: of two values of a variable the first
 * one counts, and that is to be the one that an administrator sets there. Each file counts once,
 * and together they are no longer than a script may be. g_free. */
static char *
with_sourced(const char *text, const Tree *installed) {
  g_autoptr(Shell) shell = shell_new(text);
  g_autofree char *expanded = shell_expand(shell, text);
  g_auto(GStrv) words = g_strsplit_set(expanded, " \t\n;&|\"'(){}", -1);
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GString) all = g_string_new(NULL);
  const char *previous = "";
  for (guint i = 0; words[i] != NULL; i++) {
    if (words[i][0] == '\0')
      continue;
    g_autofree char *sourced = strcmp(previous, ".") == 0 && !g_str_has_prefix(words[i], "/lib/") &&
                                       words[i][0] == '/' && g_hash_table_add(seen, words[i])
                                   ? find_text(installed, words[i])
                                   : NULL;
    if (sourced != NULL && strlen(sourced) < TEXT_MOST - MIN(all->len, TEXT_MOST))
      g_string_append_printf(all, "%s\n", sourced);
    previous = words[i];
  }
  g_string_append(all, text);
  return g_string_free(g_steal_pointer(&all), FALSE);
}

/* The beginning of TEXT, up to where a shell ends the command or redirects its output. g_free. */
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

/* Reads a call of dpkg's start-stop-daemon(8). WORDS[0] is its name; getopt(3) may change the order
 * of the others. Options without a meaning for an image (--quiet, --oknodo ...) are passed over. */
static void
read_start_stop(char **words, Call *call) {
  enum { LONG_ONLY = 256 };
  static const struct option options[] = {{"start", no_argument, NULL, 'S'},
                                          {"stop", no_argument, NULL, 'K'},
                                          {"status", no_argument, NULL, 'T'},
                                          {"pid", required_argument, NULL, LONG_ONLY},
                                          {"ppid", required_argument, NULL, LONG_ONLY},
                                          {"pidfile", required_argument, NULL, 'p'},
                                          {"exec", required_argument, NULL, 'x'},
                                          {"name", required_argument, NULL, 'n'},
                                          {"user", required_argument, NULL, 'u'},
                                          {"group", required_argument, NULL, 'g'},
                                          {"chuid", required_argument, NULL, 'c'},
                                          {"signal", required_argument, NULL, 's'},
                                          {"startas", required_argument, NULL, 'a'},
                                          {"chroot", required_argument, NULL, 'r'},
                                          {"chdir", required_argument, NULL, 'd'},
                                          {"nicelevel", required_argument, NULL, 'N'},
                                          {"procsched", required_argument, NULL, 'P'},
                                          {"iosched", required_argument, NULL, 'I'},
                                          {"umask", required_argument, NULL, 'k'},
                                          {"background", no_argument, NULL, 'b'},
                                          {"notify-await", no_argument, NULL, LONG_ONLY},
                                          {"notify-timeout", required_argument, NULL, LONG_ONLY},
                                          {"no-close", no_argument, NULL, 'C'},
                                          {"output", required_argument, NULL, 'O'},
                                          {"make-pidfile", no_argument, NULL, 'm'},
                                          {"remove-pidfile", no_argument, NULL, LONG_ONLY},
                                          {"retry", required_argument, NULL, 'R'},
                                          {"test", no_argument, NULL, 't'},
                                          {"oknodo", no_argument, NULL, 'o'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"verbose", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
  /* The values of the options, by their short names; "" for one that takes none. */
  const char *given[LONG_ONLY + 1] = {NULL};
  int option;
  optind = 0; /* begin anew: getopt(3), NOTES */
  opterr = 0;
  while ((option = getopt_long((int)g_strv_length(words), words,
                               "SKTp:x:n:u:g:c:s:a:r:d:N:P:I:k:bCO:mR:toqv", options, NULL)) != -1)
    given[option] = optarg != NULL ? optarg : "";
  *call = (Call){.program = given['a'] != NULL ? given['a'] : given['x'],
                 .arguments = words + optind,
                 .user = given['c'],
                 .group = given['g'],
                 .pid_file = given['p'],
                 .directory = given['d'],
                 .umask = given['k'],
                 .start = given['S'] != NULL,
                 .background = given['b'] != NULL,
                 .test = given['t'] != NULL};
}

/* Reads a call of LSB's start_daemon [-f] [-n nice] [-p pidfile] program [arguments], as
 * /lib/lsb/init-functions does. WORDS[0] is its name. */
static void
read_start_daemon(char **words, Call *call) {
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt((int)g_strv_length(words), words, "+fn:p:")) != -1)
    if (option == 'p')
      call->pid_file = optarg;
  call->start = TRUE;
  call->program = words[optind];
  call->arguments = words[optind] != NULL ? words + optind + 1 : words + optind;
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
  service->run->forks = !call->background;
  if (call->umask != NULL && g_ascii_isdigit(call->umask[0])) {
    g_autofree char *line = g_strdup_printf("umask %s", call->umask);
    service_add_before(service, line);
  }
  if (service->run->forks && call->pid_file != NULL && call->pid_file[0] == '/')
    service->run->pid_file = g_strdup(call->pid_file);
  if (call->directory != NULL && call->directory[0] == '/')
    service_set_directory(service, g_strdup(call->directory));
  if (call->user != NULL) {
    g_auto(GStrv) parts = g_strsplit(call->user, ":", 2);
    if (parts[0] != NULL && parts[0][0] != '\0' && strcmp(parts[0], "root") != 0)
      service->run->user = g_strdup(parts[0]);
    const char *group = parts[0] != NULL && parts[1] != NULL ? parts[1] : call->group;
    if (service->run->user != NULL && group != NULL && strcmp(group, parts[0]) != 0)
      service->run->group = g_strdup(group);
    service->user = g_strdup(service->run->user);
    service->group = g_strdup(service->run->group);
  }
  return g_steal_pointer(&service);
}

/* The service that the call in LINE starts; its variables have the values that SHELL gives them.
 * NULL: it starts nothing. *TEST: it only tests whether it would. */
static Service *
service_from_line(const char *path, Shell *shell, const char *line, const Tree *installed,
                  gboolean *test) {
  static const struct {
    const char *name;
    void (*read)(char **words, Call *call);
  } programs[] = {{"start-stop-daemon ", read_start_stop}, {"start_daemon ", read_start_daemon}};
  for (guint i = 0; i < G_N_ELEMENTS(programs); i++) {
    const char *at = strstr(line, programs[i].name);
    g_autofree char *one = at != NULL ? one_command(at) : NULL;
    g_autofree char *expanded = one != NULL ? shell_expand(shell, one) : NULL;
    g_auto(GStrv) words = NULL;
    Call call = {0};
    if (expanded == NULL || !g_shell_parse_argv(expanded, NULL, &words, NULL))
      continue;
    programs[i].read(words, &call);
    *test = call.test;
    if (call.start && call.program != NULL && call.program[0] == '/' &&
        tree_resolve(installed, call.program) != NULL)
      return service_from_call(path, &call);
  }
  return NULL;
}

/* ---- what it sets for the program --------------------------------------- */

/* The words of LINE with its variables replaced, if it begins with COMMAND; else NULL. g_strfreev.
 */
static char **
words_of(const char *line, const char *command, Shell *shell) {
  char **words = NULL;
  line += strspn(line, " \t");
  if (!g_str_has_prefix(line, command) || !g_ascii_isspace(line[strlen(command)]))
    return NULL;
  g_autofree char *one = one_command(line);
  g_autofree char *expanded = shell_expand(shell, one);
  return g_shell_parse_argv(expanded, NULL, &words, NULL) ? words : NULL;
}

static void
note_no_plain_value(Service *service, const char *line) {
  g_autofree char *stripped = g_strstrip(g_strdup(line));
  g_ptr_array_add(service->notes, g_strdup_printf("%s: '%s' is left out: expected a plain value",
                                                  service->origin, stripped));
}

/* "export NAME" and "export NAME=VALUE" go to the program's environment. PATH is not taken: the
 * image has its own. A value that only running the script would give is a note. */
static void
read_exports(Service *service, Shell *shell, char **lines) {
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GStrvBuilder) all = g_strv_builder_new();
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto(GStrv) words = words_of(lines[i], "export", shell);
    for (guint j = 1; words != NULL && words[j] != NULL; j++) {
      g_autofree char *name = g_strndup(words[j], strcspn(words[j], "="));
      g_autofree char *value = name[0] != '\0' ? shell_variable(shell, name) : NULL;
      g_autofree char *pair = value != NULL ? g_strdup_printf("%s=%s", name, value) : NULL;
      if (strcmp(name, "PATH") == 0)
        continue;
      if (pair != NULL && value[0] != '\0' && recipe_variable_valid(pair)) {
        if (g_hash_table_add(seen, g_strdup(name)))
          g_strv_builder_add(all, pair);
      } else if (words[j][strlen(name)] == '=' && words[j][strlen(name) + 1] != '\0') {
        note_no_plain_value(service, lines[i]);
      }
    }
  }
  if (g_hash_table_size(seen) > 0) {
    g_strfreev(service->run->environment);
    service->run->environment = g_strv_builder_end(all);
  }
}

/* umask(1) and ulimit(1) with plain values become lines before the start; others are notes. */
static void
read_limits(Service *service, Shell *shell, char **lines) {
  static const char *const commands[] = {"umask", "ulimit"};
  for (guint i = 0; lines[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS(commands); j++) {
      g_auto(GStrv) words = words_of(lines[i], commands[j], shell);
      guint count = words != NULL ? g_strv_length(words) : 0;
      const char *value = count > 0 ? words[count - 1] : NULL;
      if (value == NULL)
        continue;
      g_autofree char *line = words_join((const char *const *)words);
      if (count == (j == 0 ? 2U : 3U) &&
          (g_ascii_isdigit(value[0]) || strcmp(value, "unlimited") == 0))
        service_add_before(service, line);
      else
        note_no_plain_value(service, lines[i]);
    }
}

/* ---- what it makes before ---------------------------------------------- */

/* Commands that make folders below /run become lines before the start: in an image nobody else
 * makes them. */
static void
read_folders(Service *service, Shell *shell, char **lines) {
  static const char *const commands[] = {"mkdir ", "install -d ", "chown ", "chmod "};
  for (guint i = 0; lines[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS(commands); j++) {
      const char *at = strstr(lines[i], commands[j]);
      g_autofree char *one = at != NULL && (at == lines[i] || strchr(" \t;&|{", at[-1]) != NULL)
                                 ? one_command(at)
                                 : NULL;
      g_autofree char *expanded = one != NULL ? shell_expand(shell, one) : NULL;
      g_auto(GStrv) words = NULL;
      if (expanded == NULL || strstr(expanded, "/run/") == NULL ||
          !g_shell_parse_argv(expanded, NULL, &words, NULL))
        continue;
      g_autofree char *line = words_join((const char *const *)words);
      service_add_before(service, line);
      strings_add_once(service->applets, words[0]);
    }
}

/* ---- the skeleton's variables ------------------------------------------ */

static Service *
service_from_variables(const char *path, const char *text, Shell *shell, const Tree *installed) {
  static const char *const arguments[] = {"DAEMON_ARGS", "DAEMON_OPTS", "OPTIONS", "ARGS", "OPTS"};
  g_autofree char *daemon = shell_variable(shell, "DAEMON");
  if (daemon == NULL || tree_resolve(installed, daemon) == NULL)
    return NULL;
  g_autoptr(GString) command = g_string_new(daemon);
  for (guint j = 0; j < G_N_ELEMENTS(arguments); j++) {
    g_autofree char *words = shell_variable(shell, arguments[j]);
    if (words == NULL || words[0] == '\0')
      continue;
    g_string_append_printf(command, " %s", words);
    break;
  }
  g_autoptr(Service) service = service_from_command(path, command->str, NULL);
  if (service == NULL)
    return NULL;
  service->run->forks = strstr(text, "--background") == NULL;
  if (service->run->forks)
    service->run->pid_file = shell_variable(shell, "PIDFILE");
  return g_steal_pointer(&service);
}

/* SERVICE with what the LINES of the script do before its program starts. What the call itself says
 * (--umask) comes last, since it is done last. */
static Service *
with_surroundings(Service *service, Shell *shell, char **lines) {
  g_autofree char *own = g_steal_pointer(&service->run->before);
  read_exports(service, shell, lines);
  read_limits(service, shell, lines);
  read_folders(service, shell, lines);
  if (own != NULL)
    service_add_before(service, own);
  return service;
}

Service *
service_from_init_script(const char *path, const char *text, const Tree *installed) {
  if (strlen(text) > TEXT_MOST)
    return NULL;
  g_autofree char *plain = shell_without_comments(text);
  g_autofree char *whole = with_sourced(plain, installed);
  g_autoptr(Shell) shell = shell_new(whole);
  g_auto(GStrv) pieces = g_strsplit(whole, "\\\n", -1);
  g_autofree char *joined = g_strjoinv(" ", pieces);
  g_auto(GStrv) lines = g_strsplit(joined, "\n", -1);
  g_autoptr(Service) tested = NULL; /* the first from a call with --test: better than nothing */
  for (guint i = 0; lines[i] != NULL; i++) {
    gboolean test = FALSE;
    g_autoptr(Service) service = service_from_line(path, shell, lines[i], installed, &test);
    if (service != NULL && !test)
      return with_surroundings(g_steal_pointer(&service), shell, lines);
    if (service != NULL && tested == NULL)
      tested = g_steal_pointer(&service);
  }
  g_autoptr(Service) skeleton = service_from_variables(path, whole, shell, installed);
  if (skeleton == NULL)
    skeleton = g_steal_pointer(&tested);
  return skeleton != NULL ? with_surroundings(g_steal_pointer(&skeleton), shell, lines) : NULL;
}
