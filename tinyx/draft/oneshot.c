/* oneshot.c - makes lines of before= of a unit that ends by itself (Type=oneshot). */
#include "draft/oneshot.h"

#include "base/split.h"
#include "base/strings.h"
#include "draft/draft-private.h"
#include "draft/service-private.h"

#include <string.h>

/* Its variables and its folder, as parts of a list of commands. */
static void
add_surroundings(GString *text, const RecipeRun *run) {
  for (char **variable = run->environment; variable != NULL && *variable != NULL; variable++) {
    const char *equals = strchr(*variable, '=');
    g_autofree char *quoted = g_shell_quote(equals + 1);
    g_string_append_printf(text, "export %.*s=%s && ", (int)(equals - *variable), *variable,
                           quoted);
  }
  if (strcmp(run->directory, "/") != 0) {
    const char *const words[] = {"cd", run->directory, NULL};
    g_autofree char *line = words_join(words);
    g_string_append_printf(text, "%s && ", line);
  }
}

/* What runs before it. A condition that does not hold ends the list, and is no failure. */
static void
add_before(GString *text, const char *before) {
  g_autoptr(GString) lines = g_string_new(before != NULL ? before : "");
  g_string_replace(lines, SERVICE_NOT_STARTED, " || exit 0", 0);
  g_auto(GStrv) parts = split_words(lines->str, "\n");
  for (guint i = 0; parts[i] != NULL; i++)
    g_string_append_printf(text, "{ %s; } && ", parts[i]);
}

/* All of it as one line for a shell, which runs it in a process of its own, once a boot: init may
 * start the service again that wants it. */
static char *
line_of(Service *once) {
  const RecipeRun *run = once->run;
  g_autoptr(GString) list = g_string_new(NULL);
  const char *const done[] = {"/run/tinyx-done-", once->origin, NULL};
  g_autofree char *file = g_strjoinv("", (char **)done);
  const char *const word[] = {file, NULL};
  g_autofree char *mark = words_join(word);
  g_autofree char *command = run->user != NULL || run->group != NULL
                                 ? service_as_user(once, run->command)
                                 : g_strdup(run->command);
  add_surroundings(list, run);
  add_before(list, run->before);
  return g_strdup_printf("[ -e %s ] || ( %s%s ) && : >%s", mark, list->str, command, mark);
}

gboolean
oneshot_add(Draft *draft, Tree *installed, Service *for_whom, Service *once, GError **error) {
  RecipeRun *run = for_whom->run;
  g_autofree char *line = line_of(once);
  char *all = run->before != NULL ? g_strconcat(line, "\n", run->before, NULL) : g_strdup(line);
  g_free(run->before);
  run->before = all;
  for (guint i = 0; i < once->wanted->len; i++)
    strings_add_once(for_whom->wanted, once->wanted->pdata[i]);
  for (guint i = 0; i < once->notes->len; i++)
    g_ptr_array_add(draft->notes, g_strdup(once->notes->pdata[i]));
  draft_take_needs(draft, once);
  return draft_add_accounts(draft, installed, once, error);
}
