/* scripts.c - the shell scripts that an image starts: what they want of BusyBox. */
#include "rootfs/scripts.h"

#include "base/files.h"
#include "base/script.h"
#include "base/split.h"
#include "base/strings.h"
#include "rootfs/busybox-private.h"
#include "rootfs/busybox-use.h"

#include <string.h>

#define APPLETS "rootfs/script.applets"

typedef struct {
  Tree *tree;
  const BusyboxRules *rules;
  const char *const *applets;
  const char *const *common; /* rootfs/script.applets */
  GPtrArray *options, *notes;
  GHashTable *seen;    /* char*: paths of scripts, and symbols that are wanted */
  GPtrArray *queue;    /* char*: paths of scripts to read */
  GHashTable *defined; /* char*: functions of the script that is read */
  const char *place;   /* of the script that is read */
  gboolean lines;      /* a line in it means something */
  gboolean foreign;    /* a shell of the image runs it, not BusyBox's */
} Scripts;

char **
scripts_common_applets(GError **error) {
  g_autofree char *path = data_path(APPLETS);
  g_autofree char *text = NULL;
  g_autoptr(GString) names = g_string_new(NULL);
  if (!file_read(path, FILE_OWN_MAX, &text, NULL, error))
    return NULL;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '#')
      g_string_append_printf(names, "%s ", lines[i]);
  return split_words(names->str, " ");
}

/* ---- what the rules say -------------------------------------------------- */

static gboolean
is_applet(const char *name, gpointer data) {
  const Scripts *scripts = data;
  g_autofree char *program = tree_find_program(scripts->tree, name);
  if (g_str_equal(name, "sh") && scripts->foreign)
    return FALSE;
  return program == NULL && g_strv_contains(scripts->applets, name);
}

static void
wants(const char *symbol, const char *origin, gpointer data) {
  Scripts *scripts = data;
  if (g_hash_table_add(scripts->seen, g_strdup(symbol)))
    busybox_option_add(scripts->options, symbol, "y", origin);
}

static char *
place_of(const Scripts *scripts, guint line) {
  return scripts->lines ? g_strdup_printf("%s:%u", scripts->place, line) : g_strdup(scripts->place);
}

static void
lacks(const char *name, const char *word, guint line, gpointer data) {
  Scripts *scripts = data;
  g_autofree char *place = place_of(scripts, line);
  g_autofree char *note =
      g_str_equal(name, "sh")
          ? g_strdup_printf("%s: '%s': BusyBox's shell cannot do it; packages=bash and #!/bin/bash "
                            "can",
                            place, word)
          : g_strdup_printf("%s: '%s %s': BusyBox's %s cannot do it; the program itself comes "
                            "with include=/usr/bin/%s in the place of applets=%s",
                            place, name, word, name, name, name);
  strings_add_once(scripts->notes, note);
}

/* ---- scripts ------------------------------------------------------------- */

/* WORD may be a script of the image: it is read, too. */
static void
queue_script(Scripts *scripts, const char *word) {
  g_autofree char *path = word[0] == '/' ? g_strdup(word) : tree_find_program(scripts->tree, word);
  const TreeEntry *entry = path != NULL ? tree_resolve(scripts->tree, path) : NULL;
  if (entry != NULL && entry->type == TREE_FILE && entry->size <= SCRIPT_MAX &&
      g_hash_table_add(scripts->seen, g_strdup(entry->path)))
    g_ptr_array_add(scripts->queue, g_strdup(entry->path));
}

static void
note_missing(Scripts *scripts, const char *name, guint line) {
  g_autofree char *program = tree_find_program(scripts->tree, name);
  if (program != NULL || strchr(name, '/') != NULL || is_applet(name, scripts) ||
      busybox_rules_builtin(scripts->rules, name) ||
      g_hash_table_contains(scripts->defined, name) || !g_strv_contains(scripts->common, name))
    return;
  g_autofree char *place = place_of(scripts, line);
  g_autofree char *note =
      g_strdup_printf("%s: %s is not in the image; applets=%s brings BusyBox's", place, name, name);
  strings_add_once(scripts->notes, note);
}

static void read_text(Scripts *scripts, const char *text);

static void
command(char *const *words, guint line, gpointer data) {
  Scripts *scripts = data;
  g_autofree char *base = g_path_get_basename(words[0]);
  note_missing(scripts, words[0], line);
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] == '/' || i == 0)
      queue_script(scripts, words[i]);
  /* sh -c 'TEXT' */
  if (script_is_shell(base) && words[1] != NULL && words[1][0] == '-' &&
      g_str_has_suffix(words[1], "c") && words[2] != NULL) {
    gboolean lines = scripts->lines;
    scripts->lines = FALSE;
    read_text(scripts, words[2]);
    scripts->lines = lines;
  }
}

/* "name() {" and "function name": a command of that name is the script's own. */
static void
find_functions(Scripts *scripts, const char *text) {
  g_autoptr(GRegex) regex = g_regex_new("^\\s*(?:function\\s+([\\w-]+)|([\\w-]+)\\s*\\(\\s*\\))",
                                        G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  for (g_regex_match(regex, text, 0, &match); g_match_info_matches(match);
       g_match_info_next(match, NULL)) {
    g_autofree char *first = g_match_info_fetch(match, 1);
    char *second = g_match_info_fetch(match, 2);
    g_hash_table_add(scripts->defined, first[0] != '\0' ? g_strdup(first) : g_strdup(second));
    g_free(second);
  }
}

static void
read_text(Scripts *scripts, const char *text) {
  const BusyboxUse use = {
      .is_applet = is_applet, .wants = wants, .lacks = lacks, .command = command, .data = scripts};
  find_functions(scripts, text);
  busybox_rules_read(scripts->rules, text, &use);
}

/* TRUE if the interpreter NAME is a shell of the image's own: a package's bash or dash. */
static gboolean
has_own_shell(const Scripts *scripts, const char *name) {
  g_autofree char *program = tree_find_program(scripts->tree, name != NULL ? name : "sh");
  return program != NULL;
}

static void
read_script(Scripts *scripts, const char *path) {
  const TreeEntry *entry = tree_find(scripts->tree, path);
  g_autofree char *text = NULL;
  gsize size = 0;
  if (entry->source != NULL)
    file_read(entry->source, SCRIPT_MAX, &text, &size, NULL);
  else if (entry->data != NULL)
    text = g_strndup(g_bytes_get_data(entry->data, NULL), size = g_bytes_get_size(entry->data));
  g_autofree char *interpreter = text != NULL ? script_interpreter(text) : NULL;
  /* Without "#!" it is a shell's that is sourced, or no script at all: only what is plain text. */
  if (text == NULL || memchr(text, '\0', size) != NULL ||
      (interpreter != NULL && !script_is_shell(interpreter)) ||
      (interpreter == NULL && (entry->mode & 0111) == 0 && !g_str_has_suffix(path, ".sh")))
    return;
  g_hash_table_remove_all(scripts->defined);
  scripts->place = path;
  scripts->lines = TRUE;
  scripts->foreign = has_own_shell(scripts, interpreter);
  if (interpreter != NULL && !scripts->foreign && !is_applet(interpreter, scripts)) {
    g_ptr_array_add(scripts->notes,
                    g_strdup_printf("%s:1: %s is not in the image; a package has to bring it", path,
                                    interpreter));
    return;
  }
  read_text(scripts, text);
}

static void
read_run(Scripts *scripts, const Recipe *recipe, const RecipeRun *run) {
  g_autofree char *before = recipe_run_place(recipe, run, "before");
  g_autofree char *stop = recipe_run_place(recipe, run, "stop");
  g_autofree char *place = recipe_run_place(recipe, run, "command");
  g_auto(GStrv) words = NULL;
  scripts->lines = FALSE;
  scripts->foreign = has_own_shell(scripts, "sh");
  g_hash_table_remove_all(scripts->defined);
  scripts->place = before;
  if (run->before != NULL)
    read_text(scripts, run->before);
  scripts->place = stop;
  if (run->stop != NULL)
    read_text(scripts, run->stop);
  scripts->place = place;
  /* No shell reads the command's line, so its words are those of one command. */
  if (!g_shell_parse_argv(run->command, NULL, &words, NULL))
    return;
  command(words, 1, scripts);
}

gboolean
scripts_read(Tree *tree, const Recipe *recipe, const char *const *applets, GPtrArray *options,
             GPtrArray *notes, GError **error) {
  g_autoptr(BusyboxRules) rules = busybox_rules_load(error);
  g_auto(GStrv) common = rules != NULL ? scripts_common_applets(error) : NULL;
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) defined = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) queue = g_ptr_array_new_with_free_func(g_free);
  if (common == NULL)
    return FALSE;
  Scripts scripts = {.tree = tree,
                     .rules = rules,
                     .applets = applets,
                     .common = (const char *const *)common,
                     .options = options,
                     .notes = notes,
                     .seen = seen,
                     .queue = queue,
                     .defined = defined};
  for (guint i = 0; i < recipe->runs->len; i++)
    read_run(&scripts, recipe, recipe->runs->pdata[i]);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type == TREE_FILE && entry->origin == ORIGIN_RECIPE)
      queue_script(&scripts, entry->path);
  }
  for (guint i = 0; i < queue->len; i++)
    read_script(&scripts, queue->pdata[i]);
  return TRUE;
}
