/* The generated parts of the glue, as text. Everything that comes from a recipe is quoted. */
#include "rootfs/glue-private.h"

#include <string.h>

static void
append_variable(GString *text, const char *name, const char *value) {
  g_autofree char *quoted = g_shell_quote(value);
  g_string_append_printf(text, "%s=%s\n", name, quoted);
}

static const char *
on_exit_word(RecipeOnExit on_exit) {
  switch (on_exit) {
  case RECIPE_POWEROFF:
    return "poweroff";
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
  append_variable(text, "on_exit", on_exit_word(recipe->on_exit));
  return g_string_free(text, FALSE);
}

/* The recipe's command, each word quoted again: its quotes were for us, not for the shell. */
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

/* By exec all the way, so that init's child is the application. su sets the user's groups as a
 * login does; with a group of the recipe's own that group is the only one. */
static void
append_exec(GString *text, const Recipe *recipe) {
  g_autofree char *command = quoted_command(recipe->command);
  if (recipe->user == NULL && recipe->group == NULL) {
    g_string_append_printf(text, "exec %s\n", command);
  } else if (recipe->group == NULL) {
    g_autofree char *whole = g_strconcat("exec ", command, NULL);
    g_autofree char *inner = g_shell_quote(whole);
    g_autofree char *user = g_shell_quote(recipe->user);
    g_string_append_printf(text, "exec su -m -s /bin/sh %s -c %s\n", user, inner);
  } else {
    g_autofree char *both =
        g_strdup_printf("%s:%s", recipe->user != NULL ? recipe->user : "root", recipe->group);
    g_autofree char *account = g_shell_quote(both);
    g_string_append_printf(text, "exec setuidgid %s %s\n", account, command);
  }
}

char *
glue_start_text(const Recipe *recipe, const char *home) {
  GString *text = g_string_new(NULL);
  const char *directory = recipe->directory != NULL ? recipe->directory : "/";
  g_autofree char *quoted = g_shell_quote(directory);
  if (recipe->user != NULL)
    append_variable(text, "export USER", recipe->user);
  if (home != NULL)
    append_variable(text, "export HOME", home);
  for (guint i = 0; recipe->environment != NULL && recipe->environment[i] != NULL; i++) {
    g_auto(GStrv) pair = g_strsplit(recipe->environment[i], "=", 2);
    g_autofree char *name = g_strconcat("export ", pair[0], NULL);
    append_variable(text, name, pair[1] != NULL ? pair[1] : "");
  }
  g_string_append_printf(text, "cd %s || exit\n", quoted);
  append_exec(text, recipe);
  return g_string_free(text, FALSE);
}
