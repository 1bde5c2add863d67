/* service-exec.c - ExecStart=, ExecStartPre= and ExecCondition= of a unit: systemd.service(5),
 * "COMMAND LINES". */
#include "draft/service-private.h"

#include "base/place.h"
#include "base/strings.h"
#include "draft/specifiers.h"
#include "recipe/capabilities.h"

#include <string.h>

char *
service_program_path(const Tree *installed, const char *program) {
  g_autofree char *game = g_build_filename(GAMES, program, NULL);
  char *path = installed != NULL ? tree_find_program(installed, program) : NULL;
  if (path != NULL)
    return path;
  if (installed != NULL && program[0] != '/' && tree_resolve(installed, game) != NULL)
    return g_steal_pointer(&game);
  return g_strdup(program);
}

gboolean
service_is_true(const char *value) {
  static const char *const words[] = {"yes", "true", "on", "1", NULL};
  return value != NULL && g_strv_contains(words, value);
}

typedef struct {
  char **words;
  gboolean optional;  /* "-": its failure does not matter */
  gboolean condition; /* ExecCondition=: where it fails, the service is not started */
  gboolean root;      /* "+" or "!": it runs as root, not as the user. "!!" does so only for kernels
                         before 4.3 */
} Exec;

static void
exec_clear(gpointer data) {
  Exec *exec = data;
  g_strfreev(exec->words);
}

/* Parses TEXT, one command of ENTRY, into EXEC. */
static gboolean
exec_parse(const UnitEntry *entry, const char *text, const Tree *installed,
           const WordsContext *context, Exec *exec, GError **error) {
  gboolean named = FALSE, literal = FALSE;
  *exec = (Exec){0};
  for (; *text != '\0' && strchr("@-:+!|", *text) != NULL; text++) {
    named |= *text == '@';
    literal |= *text == ':';
    exec->optional |= *text == '-';
    exec->root = *text == '!' ? !exec->root : exec->root || *text == '+';
  }
  exec->words = literal ? words_split(text, context, error) : words_command(text, context, error);
  if (exec->words != NULL && exec->words[0] == NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "no program; expected one");
  if (exec->words == NULL || exec->words[0] == NULL) {
    service_prefix_error(error, entry);
    g_clear_pointer(&exec->words, g_strfreev);
    return FALSE;
  }
  if (named && exec->words[1] != NULL) { /* the second word is what argv[0] should be */
    g_free(exec->words[1]);
    memmove(&exec->words[1], &exec->words[2],
            (g_strv_length(&exec->words[2]) + 1) * sizeof(char *));
  }
  char *program = service_program_path(installed, exec->words[0]);
  g_free(exec->words[0]);
  exec->words[0] = program;
  return TRUE;
}

static gboolean
has_line_break(char **words) {
  for (guint i = 0; words[i] != NULL; i++)
    if (strchr(words[i], '\n') != NULL)
      return TRUE;
  return FALSE;
}

/* Adds the commands of KEY to ALL (Exec). */
static gboolean
read_execs(const Unit *unit, const char *key, const Tree *installed, const WordsContext *context,
           GArray *all, GError **error) {
  g_autoptr(GPtrArray) entries = unit_all(unit, SERVICE, key);
  for (guint i = 0; i < entries->len; i++) {
    const UnitEntry *entry = entries->pdata[i];
    g_auto(GStrv) commands = words_commands(entry->value);
    for (guint j = 0; commands[j] != NULL; j++) {
      Exec exec;
      if (!exec_parse(entry, commands[j], installed, context, &exec, error))
        return FALSE;
      exec.condition = strcmp(key, "ExecCondition") == 0;
      g_array_append_val(all, exec);
      if (strcmp(key, "ExecStart") != 0 && has_line_break(exec.words)) {
        place_set_error(error, entry->file, entry->line,
                        "%s: '%s' has a line break in a word; expected a command of one line", key,
                        commands[j]);
        return FALSE;
      }
    }
  }
  return TRUE;
}

char *
service_as_user(Service *service, const char *line) {
  const char *user = service->user != NULL ? service->user : "root";
  const char *group = service->group;
  if (group == NULL && recipe_is_number(user)) /* su knows names only */
    group = user;
  if (group != NULL) {
    g_autofree char *both = g_strdup_printf("%s:%s", user, group);
    g_autofree char *account = g_shell_quote(both);
    strings_add_once(service->applets, "setuidgid");
    return g_strdup_printf("setuidgid %s %s", account, line);
  }
  if (service->user == NULL)
    return g_strdup(line);
  g_autofree char *quoted = g_shell_quote(line), *account = g_shell_quote(user);
  strings_add_once(service->applets, "su");
  return g_strdup_printf("su -m -s /bin/sh %s -c %s", account, quoted);
}

/* EXEC runs before the start: it is an ExecCondition=, an ExecStartPre=, or of several ExecStart=
 * not the last one. */
static void
add_before_exec(Service *service, const Exec *exec) {
  g_autofree char *words = words_join((const char *const *)exec->words);
  g_autofree char *line = exec->root ? g_strdup(words) : service_as_user(service, words);
  g_autofree char *text = g_strconcat(line,
                                      exec->condition  ? SERVICE_NOT_STARTED
                                      : exec->optional ? " || :"
                                                       : NULL,
                                      NULL);
  service_add_line(service, (const char *const *)exec->words, text);
}

/* WORDS as the recipe's command: one that asks the guest for something is a shell's, which becomes
 * the program. g_free. */
static char *
command_of(Service *service, const char *const *words) {
  gboolean asks = FALSE;
  for (guint i = 0; words[i] != NULL; i++)
    asks |= specifiers_is_live(words[i]);
  char *line = words_join(words);
  if (!asks)
    return line;
  g_autofree char *script = g_strconcat("exec ", line, NULL);
  const char *const shell[] = {"/bin/sh", "-c", script, NULL};
  g_free(line);
  service_add_line(service, words, NULL);
  return words_join(shell);
}

gboolean
service_read_commands(Service *service, const Unit *unit, const Tree *installed,
                      const WordsContext *context, GError **error) {
  g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Exec));
  g_array_set_clear_func(all, exec_clear);
  WordsContext live = *context;
  live.takes_live = TRUE;
  context = &live;
  if (!read_execs(unit, "ExecCondition", installed, context, all, error) ||
      !read_execs(unit, "ExecStartPre", installed, context, all, error))
    return FALSE;
  guint before = all->len;
  /* PermissionsStartOnly=: how units asked for that before there was "+". */
  for (guint i = 0; service_is_true(unit_get(unit, SERVICE, "PermissionsStartOnly")) && i < before;
       i++)
    g_array_index(all, Exec, i).root = TRUE;
  if (!read_execs(unit, "ExecStart", installed, context, all, error))
    return FALSE;
  if (all->len == before) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: no ExecStart= in [Service]; expected a service that runs a program",
                unit->file);
    return FALSE;
  }
  for (guint i = 0; i + 1 < all->len; i++)
    add_before_exec(service, &g_array_index(all, Exec, i));
  const Exec *last = &g_array_index(all, Exec, all->len - 1);
  service->run->command = command_of(service, (const char *const *)last->words);
  service->program = g_strdup(last->words[0]);
  if (!last->root) {
    service->run->user = g_strdup(service->user);
    service->run->group = g_strdup(service->group);
  } else { /* "+": with full rights, whatever User=, Group= and the capabilities say */
    g_strfreev(service->run->capabilities);
    service->run->capabilities = g_strsplit(CAPABILITIES_ALL, " ", -1);
  }
  return TRUE;
}

/* Stands for $MAINPID, which rootfs/glue/stop knows, while words are put together. */
#define MAINPID "TINYX-MAINPID"

/* EXEC as a line of stop=; NULL: the image may not have its program. g_free. */
static char *
stop_line(Service *service, const Exec *exec) {
  const char *program = exec->words[0];
  gboolean known = strcmp(program, service->program) == 0 ||
                   (service->run->before != NULL && strstr(service->run->before, program) != NULL);
  if (program[0] != '/' || !known || has_line_break(exec->words))
    return NULL;
  g_autofree char *words = words_join((const char *const *)exec->words);
  g_autofree char *line = exec->root ? g_strdup(words) : service_as_user(service, words);
  g_autoptr(GString) text = g_string_new(line);
  g_string_replace(text, MAINPID, "$MAINPID", 0);
  if (exec->optional)
    g_string_append(text, " || :");
  return g_string_free(g_steal_pointer(&text), FALSE);
}

char *
service_stop_lines(Service *service, const UnitEntry *entry, const Tree *installed,
                   const WordsContext *context) {
  g_autoptr(GString) lines = g_string_new(NULL);
  g_auto(GStrv) commands = words_commands(entry->value);
  g_hash_table_replace(context->environment, g_strdup("MAINPID"), g_strdup(MAINPID));
  for (guint i = 0; commands[i] != NULL; i++) {
    Exec exec;
    gboolean parsed = exec_parse(entry, commands[i], installed, context, &exec, NULL);
    g_autofree char *line = parsed ? stop_line(service, &exec) : NULL;
    if (parsed)
      exec_clear(&exec);
    if (line == NULL)
      return NULL;
    g_string_append_printf(lines, "%s%s", i > 0 ? "\n" : "", line);
  }
  return lines->len > 0 ? g_string_free(g_steal_pointer(&lines), FALSE) : NULL;
}
