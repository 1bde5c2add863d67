/* recipe-notes.c - notes about what a recipe says that comes to nothing. */
#include "rootfs/recipe-notes.h"

#include "base/script.h"
#include "base/strings.h"
#include "rootfs/given.h"
#include "rootfs/patterns.h"

#include <string.h>

static gboolean
matches_any(const char *pattern, const GPtrArray *entries) {
  for (guint i = 0; i < entries->len; i++)
    if (pattern_matches(pattern, ((const TreeEntry *)entries->pdata[i])->path))
      return TRUE;
  return FALSE;
}

/* TRUE if PATTERN leaves something out of the folders that RECIPE brings along. */
static gboolean
matches_given(const char *pattern, const Recipe *recipe) {
  g_autoptr(GPtrArray) list = given_list(recipe, NULL);
  for (guint i = 0; list != NULL && i < list->len; i++) {
    const Given *given = list->pdata[i];
    g_autoptr(GPtrArray) below = given->folder ? folder_paths(given->source, NULL) : NULL;
    for (guint j = 0; below != NULL && j < below->len; j++) {
      g_autofree char *path = g_strconcat(given->path, below->pdata[j], NULL);
      if (pattern_matches(pattern, path))
        return TRUE;
    }
  }
  return FALSE;
}

void
recipe_note_excluded(const Recipe *recipe, Tree *installed, GPtrArray *notes) {
  const GPtrArray *entries = tree_entries(installed);
  g_autofree char *place = recipe_place(recipe, "image", "exclude");
  for (char **pattern = recipe->exclude; pattern != NULL && *pattern != NULL; pattern++)
    if (!matches_any(*pattern, entries) && !matches_given(*pattern, recipe))
      g_ptr_array_add(
          notes, g_strdup_printf("%s: '%s' matches nothing that the packages installed, or files= "
                                 "has in a folder; nothing is left out by it",
                                 place, *pattern));
}

/* ---- what only a shell understands --------------------------------------- */

/* Characters of a variable, a command or a number that a shell would put in, at TEXT, which begins
 * with '$'; 0: it is none. */
static gsize
expansion_length(const char *text) {
  gsize length = 1 + strspn(text + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  if (length > 1)
    return length + strspn(text + length, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                                          "0123456789");
  return text[1] == '{' || text[1] == '(' ? strcspn(text, "})") + 1 : 0;
}

/* Characters of an operator at TEXT, outside of quotes, where a word begins if BEGINS; 0: it is
 * none. One in the middle of a word, as in an address with '&', is that word's. */
static gsize
operator_length(const char *text, gboolean begins) {
  gsize digits = begins ? strspn(text, "0123456789") : 0;
  gsize length = strspn(text + digits, "<>|&;");
  if (length == 0)
    return begins && g_str_has_prefix(text, "~/") ? 2 : 0;
  if (begins || text[length] == '\0' || g_ascii_isspace(text[length]))
    return digits + length;
  return 0;
}

/* What of COMMAND, in the order in which it comes, only a shell understands. Of what is in double
 * quotes, QUOTED, too: that is for this shell, unless the command is a shell itself. */
static GPtrArray *
shell_parts(const char *command, gboolean quoted) {
  GPtrArray *parts = strings_new();
  char quote = '\0';
  gboolean begins = TRUE;
  for (const char *at = command; *at != '\0';) {
    gsize length = 0;
    if (*at == '\\' && quote != '\'' && at[1] != '\0') {
      at += 2;
      begins = FALSE;
      continue;
    }
    if (*at == '$' && (quote == '\0' || (quote == '"' && quoted)))
      length = expansion_length(at);
    else if (quote == '\0')
      length = operator_length(at, begins);
    if (length > 0) {
      g_autofree char *part = g_strndup(at, MIN(length, strlen(at)));
      strings_add_once(parts, part);
      at += strlen(part);
      begins = FALSE;
      continue;
    }
    if ((*at == '\'' || *at == '"') && (quote == '\0' || quote == *at))
      quote = quote == '\0' ? *at : '\0';
    begins = quote == '\0' && g_ascii_isspace(*at);
    at++;
  }
  return parts;
}

static void
note_parts(const GPtrArray *parts, const char *place, const char *instead, GPtrArray *notes) {
  if (parts->len == 0)
    return;
  g_autofree char *all = strings_join(parts, "' and '");
  g_ptr_array_add(notes, g_strdup_printf("%s: no shell reads it: '%s' %s plain text to the "
                                         "program; %s",
                                         place, all, parts->len > 1 ? "are" : "is", instead));
}

static void
note_command(const Recipe *recipe, const RecipeRun *run, GPtrArray *notes) {
  g_auto(GStrv) words = NULL;
  g_autofree char *place = recipe_run_place(recipe, run, "command");
  if (!g_shell_parse_argv(run->command, NULL, &words, NULL))
    return; /* an error, which is said elsewhere */
  g_autofree char *name = g_path_get_basename(words[0]);
  gboolean is_shell = script_is_shell(name);
  g_autoptr(GPtrArray) parts = shell_parts(run->command, !is_shell);
  note_parts(parts, place, "a shell does that: command=/bin/sh -c '... exec PROGRAM ...'", notes);
}

static void
note_environment(const Recipe *recipe, const RecipeRun *run, GPtrArray *notes) {
  g_autofree char *place = recipe_run_place(recipe, run, "environment");
  g_autoptr(GPtrArray) parts = strings_new();
  for (char **word = run->environment; word != NULL && *word != NULL; word++)
    for (const char *at = strchr(*word, '$'); at != NULL; at = strchr(at + 1, '$')) {
      g_autofree char *part = g_strndup(at, expansion_length(at));
      if (part[0] != '\0')
        strings_add_once(parts, part);
    }
  note_parts(parts, place, "expected the value itself", notes);
}

void
recipe_note_shell(const Recipe *recipe, GPtrArray *notes) {
  for (guint i = 0; i < recipe->runs->len; i++) {
    note_command(recipe, recipe->runs->pdata[i], notes);
    note_environment(recipe, recipe->runs->pdata[i], notes);
  }
}
