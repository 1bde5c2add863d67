/* own.c - what a person's own program is: its kind, the file that is started, what goes along. */
#include "draft/own.h"

#include "base/files.h"
#include "base/folder.h"
#include "base/json.h"
#include "base/script.h"
#include "base/split.h"
#include "base/strings.h"
#include "deps/elf.h"
#include "draft/own-kinds.h"
#include "draft/own-private.h"
#include "recipe/recipe.h"

#include <elf.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES 256 /* of a file whose first line is read */
#define TEXT_MOST (1024 * 1024)

void
own_clear(OwnProgram *own) {
  g_free(own->name);
  g_free(own->kind);
  g_free(own->folder);
  g_free(own->root);
  g_free(own->command);
  g_free(own->same);
  g_free(own->same_as);
  g_strfreev(own->environment);
  g_strfreev(own->applets);
  g_clear_pointer(&own->entries, g_ptr_array_unref);
  g_clear_pointer(&own->packages, g_ptr_array_unref);
  g_clear_pointer(&own->leave, g_ptr_array_unref);
  g_clear_pointer(&own->notes, g_ptr_array_unref);
  *own = (OwnProgram){0};
}

gboolean
own_is_path(const char *word) {
  return strchr(word, '/') != NULL || strcmp(word, ".") == 0 || strcmp(word, "..") == 0;
}

/* NAME as a recipe can have it; g_free. */
static char *
recipe_name_of(const char *name) {
  char *valid = g_ascii_strdown(name, 48);
  g_strcanon(valid, "abcdefghijklmnopqrstuvwxyz0123456789-.+", '-');
  while (valid[0] != '\0' && !g_ascii_isalnum(valid[0]))
    memmove(valid, valid + 1, strlen(valid));
  if (recipe_name_valid(valid))
    return valid;
  g_free(valid);
  return g_strdup("app");
}

/* ---- names in the folder ----------------------------------------------- */

/* What tinyx itself puts beside a recipe. */
static gboolean
is_ours(const char *name) {
  static const char *const globs[] = {"recipe.conf",   "test.sh",        "files",
                                      "files.lock",    "kernel-*.lock",  "kernel-*.journal",
                                      "kernel-*.json", "tested-*-*.json"};
  for (guint i = 0; i < G_N_ELEMENTS(globs); i++)
    if (fnmatch(globs[i], name, 0) == 0)
      return TRUE;
  return FALSE;
}

/* Adds to FOUND the paths below FOLDER/BELOW that match the rest of a pattern, PARTS. */
static void
match_parts(const char *folder, const char *below, char *const *parts, GPtrArray *found) {
  g_autofree char *here = g_build_filename(folder, below, NULL);
  g_autoptr(GPtrArray) names = folder_names(here, NULL, NULL);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autofree char *path = below[0] != '\0' ? g_build_filename(below, names->pdata[i], NULL)
                                             : g_strdup(names->pdata[i]);
    if (fnmatch(parts[0], names->pdata[i], FNM_PERIOD) != 0 ||
        (below[0] == '\0' && is_ours(names->pdata[i])))
      continue;
    if (parts[1] == NULL)
      g_ptr_array_add(found, g_steal_pointer(&path));
    else
      match_parts(folder, path, parts + 1, found);
  }
}

GPtrArray *
own_match(const char *folder, const char *pattern) {
  GPtrArray *found = strings_new();
  g_auto(GStrv) parts = g_strsplit(pattern, "/", -1);
  match_parts(folder, "", parts, found);
  return found;
}

static gboolean
is_file(const char *folder, const char *name) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* A path that stays in its folder. */
static gboolean
stays_inside(const char *name) {
  g_auto(GStrv) parts = g_strsplit(name, "/", -1);
  return name[0] != '/' && !g_strv_contains((const char *const *)parts, "..");
}

static gboolean
is_program_here(const char *path) {
  struct stat info;
  if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
    return FALSE;
  g_autoptr(ElfInfo) elf = elf_read(path, 0, NULL);
  return elf != NULL && (elf->type == ET_EXEC || elf->pie || elf->interp != NULL);
}

/* ---- the file that is started ------------------------------------------ */

/* The text at KEYS ("scripts.start") of the object in FOLDER/FILE; NULL: none. g_free. */
static char *
json_text(const char *folder, const char *file, const char *keys, gboolean *has) {
  g_autofree char *path = g_build_filename(folder, file, NULL);
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *object = json_load(parser, path, NULL);
  g_auto(GStrv) names = g_strsplit(keys, ".", -1);
  guint last = g_strv_length(names) - 1;
  for (guint i = 0; i < last; i++)
    object = json_get_object(object, names[i]);
  JsonObject *members = json_get_object(object, names[last]);
  *has = members != NULL && json_object_get_size(members) > 0;
  return g_strdup(json_get_string(object, names[last]));
}

/* The first word of TEXT, a command line or a path, that is a file in FOLDER; with ".js" behind it,
 * too, as Node.js takes it. NULL: none. g_free. */
static char *
first_file(const char *folder, const char *text) {
  g_auto(GStrv) words = split_words(text, " \t\n'\"");
  for (guint i = 0; words[i] != NULL; i++) {
    const char *word = g_str_has_prefix(words[i], "./") ? words[i] + 2 : words[i];
    g_autofree char *script = g_strconcat(word, ".js", NULL);
    if (!stays_inside(word))
      continue;
    if (is_file(folder, word))
      return g_strdup(word);
    if (is_file(folder, script))
      return g_steal_pointer(&script);
  }
  return NULL;
}

/* The only one of the files of FOLDER that match PATTERN, and with ELF are programs in machine
 * code. NULL: none, or several, which are added to SEVERAL. g_free. */
static char *
only_file(const char *folder, const char *pattern, gboolean elf, GPtrArray *several) {
  g_autoptr(GPtrArray) names = own_match(folder, pattern);
  g_autoptr(GPtrArray) good = strings_new();
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
    if (is_file(folder, names->pdata[i]) && (!elf || is_program_here(path)))
      g_ptr_array_add(good, g_strdup(names->pdata[i]));
  }
  if (good->len == 1)
    return g_strdup(good->pdata[0]);
  for (guint i = 0; i < good->len; i++)
    strings_add_once(several, good->pdata[i]);
  return NULL;
}

/* One word of main=. */
static char *
main_by(const char *folder, const char *word, gboolean elf, GPtrArray *several) {
  g_auto(GStrv) parts = g_strsplit(word, "#", 2);
  gboolean has;
  if (parts[1] != NULL) {
    g_autofree char *text = json_text(folder, parts[0], parts[1], &has);
    return text != NULL ? first_file(folder, text) : NULL;
  }
  if (strcmp(word, "elf") == 0)
    return only_file(folder, "*", TRUE, several);
  return only_file(folder, word, elf, several);
}

static char *
find_main(const OwnKind *kind, const char *folder, GError **error) {
  g_autoptr(GPtrArray) several = strings_new();
  for (guint i = 0; kind->main[i] != NULL; i++) {
    char *name = main_by(folder, kind->main[i], kind->compiled, several);
    if (name != NULL)
      return name;
  }
  g_autofree char *words = strings_join(several, " ");
  g_autofree char *names = g_strjoinv(", ", kind->main);
  if (several->len > 0)
    tinyx_fail(error, TINYX_ERROR_INPUT,
               "%s: %s, with several files that could be started: %s; expected one of them "
               "(tinyx init %s/FILE)",
               folder, kind->name, words, folder);
  else
    tinyx_fail(error, TINYX_ERROR_INPUT, "%s: %s, but nothing to start; expected %s", folder,
               kind->name, kind->make != NULL && kind->needs == NULL ? kind->make : names);
  return NULL;
}

/* ---- the kind ---------------------------------------------------------- */

/* The evidence of KIND in FOLDER, as a path in it; NULL: none. g_free. */
static char *
find_evidence(const OwnKind *kind, const char *folder) {
  for (guint i = 0; kind->evidence != NULL && kind->evidence[i] != NULL; i++) {
    g_autoptr(GPtrArray) found = own_match(folder, kind->evidence[i]);
    for (guint j = 0; j < found->len; j++)
      if (is_file(folder, found->pdata[j]))
        return g_strdup(found->pdata[j]);
  }
  if (!kind->elf)
    return NULL;
  g_autoptr(GPtrArray) several = strings_new();
  g_autofree char *program = only_file(folder, "*", TRUE, several);
  if (program == NULL && several->len == 0)
    program = only_file(folder, "bin/*", TRUE, several);
  if (program == NULL && several->len > 0)
    program = g_strdup(several->pdata[0]);
  return g_steal_pointer(&program);
}

static const OwnKind *
kind_of_folder(const GPtrArray *kinds, const char *folder, char **evidence) {
  for (guint i = 0; i < kinds->len; i++)
    if ((*evidence = find_evidence(kinds->pdata[i], folder)) != NULL)
      return kinds->pdata[i];
  return NULL;
}

/* The program of the "#!" line of the file at PATH; NULL: it has none. g_free. */
static char *
interpreter_of(const char *path) {
  char head[HEAD_BYTES + 1] = {0};
  FILE *stream = file_open(path, G_MAXINT64, NULL);
  if (stream == NULL)
    return NULL;
  gsize size = fread(head, 1, HEAD_BYTES, stream);
  fclose(stream);
  head[size] = '\0';
  return script_interpreter(head);
}

static gboolean
has_suffix(const char *name, char *const *suffixes) {
  for (guint i = 0; suffixes != NULL && suffixes[i] != NULL; i++)
    if (g_str_has_suffix(name, suffixes[i]))
      return TRUE;
  return FALSE;
}

static const OwnKind *
kind_of_file(const GPtrArray *kinds, const char *path) {
  gboolean elf = is_program_here(path);
  g_autofree char *interpreter = elf ? NULL : interpreter_of(path);
  for (guint i = 0; i < kinds->len; i++) {
    const OwnKind *kind = kinds->pdata[i];
    if (elf ? kind->elf
            : interpreter != NULL && kind->interpreter != NULL &&
                  g_strv_contains((const char *const *)kind->interpreter, interpreter))
      return kind;
  }
  for (guint i = 0; !elf && interpreter == NULL && i < kinds->len; i++)
    if (has_suffix(path, ((const OwnKind *)kinds->pdata[i])->suffix))
      return kinds->pdata[i];
  return NULL;
}

/* What a message says was looked for. g_free. */
static char *
known_kinds(const GPtrArray *kinds, gboolean folder) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < kinds->len; i++) {
    const OwnKind *kind = kinds->pdata[i];
    char **words = folder ? kind->evidence : kind->suffix;
    if (words != NULL)
      g_string_append_printf(text, "%s%s (%s)", text->len > 0 ? ", " : "", words[0], kind->name);
  }
  return g_string_free(text, FALSE);
}

/* ---- the whole --------------------------------------------------------- */

char *
own_put_in(const char *text, const char *name, const char *value) {
  g_autoptr(GString) result = g_string_new(text);
  g_string_replace(result, name, value, 0);
  return g_strdup(result->str);
}

/* TEXT of a kind with the places of OWN in it; WORDS: as words of a command line. g_free. */
static char *
fill(const OwnProgram *own, const OwnKind *kind, const char *main, const char *evidence,
     const char *text, gboolean words) {
  g_autofree char *path = g_build_filename(own->root, main, NULL);
  g_autofree char *folder = g_path_get_dirname(path);
  g_autofree char *proof = g_path_get_dirname(evidence);
  g_autofree char *proof_path =
      strcmp(proof, ".") == 0 ? g_strdup(own->root) : g_build_filename(own->root, proof, NULL);
  g_autofree char *port = g_strdup_printf("%d", kind->port);
  const struct {
    const char *name, *value;
  } places[] = {{"@MAIN@", path},
                {"@MAINDIR@", folder},
                {"@EVIDENCE@", proof_path},
                {"@ROOT@", own->root},
                {"@PORT@", port}};
  char *filled = g_strdup(text);
  for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
    g_autofree char *quoted = words ? split_shell_word(places[i].value) : g_strdup(places[i].value);
    char *next = own_put_in(filled, places[i].name, quoted);
    g_free(filled);
    filled = next;
  }
  return filled;
}

/* needs=: FOLDER has to be there where FILE#KEY has members. */
static gboolean
check_needs(const OwnKind *kind, const char *folder, GError **error) {
  if (kind->needs == NULL || kind->needs[1] == NULL)
    return TRUE;
  gboolean has = FALSE;
  g_auto(GStrv) parts = g_strsplit(kind->needs[1], "#", 2);
  g_autofree char *needed = g_build_filename(folder, kind->needs[0], NULL);
  g_free(json_text(folder, parts[0], parts[1] != NULL ? parts[1] : "", &has));
  if (!has || g_file_test(needed, G_FILE_TEST_IS_DIR))
    return TRUE;
  return tinyx_fail(error, TINYX_ERROR_INPUT,
                    "%s/%s names dependencies, and there is no %s; expected it to be made: (cd %s "
                    "&& %s)",
                    folder, parts[0], kind->needs[0], folder, kind->make);
}

static gboolean
fill_own(OwnProgram *own, const OwnKind *kind, const char *main, const char *evidence,
         GError **error) {
  own->kind = g_strdup(kind->name);
  own->root = g_build_filename("/srv", own->name, NULL);
  own->command = fill(own, kind, main, evidence, kind->command, TRUE);
  own->port = kind->port;
  own->evidence_only = kind->evidence_only;
  if (kind->same != NULL && kind->same[1] != NULL) {
    g_autofree char *path = fill(own, kind, main, evidence, kind->same[0], FALSE);
    own->same = g_strdup(path + strlen(own->root) + 1);
    own->same_as = g_strdup(kind->same[1]);
  }
  own->environment = g_strdupv(kind->environment);
  own->applets = g_strdupv(kind->applets);
  for (guint i = 0; kind->packages != NULL && kind->packages[i] != NULL; i++)
    g_ptr_array_add(own->packages, g_strdup(kind->packages[i]));
  for (guint i = 0; kind->leave != NULL && kind->leave[i] != NULL; i++) {
    g_autofree char *path = fill(own, kind, main, evidence, kind->leave[i], FALSE);
    g_ptr_array_add(own->leave, path[0] == '/' ? g_steal_pointer(&path)
                                               : g_build_filename(own->root, path, NULL));
  }
  return own_add_entries(own, kind, main, evidence) && own_add_packages(own, kind, main, error);
}

static gboolean
find_in_folder(const GPtrArray *kinds, OwnProgram *own, GError **error) {
  g_autofree char *evidence = NULL;
  const OwnKind *kind = kind_of_folder(kinds, own->folder, &evidence);
  own->in_place = TRUE;
  if (kind == NULL) {
    g_autofree char *known = known_kinds(kinds, TRUE);
    return tinyx_fail(error, TINYX_ERROR_INPUT,
                      "%s: nothing in it says how it is run; expected a program in machine code, "
                      "or one of: %s",
                      own->folder, known);
  }
  if (!check_needs(kind, own->folder, error))
    return FALSE;
  g_autofree char *main = find_main(kind, own->folder, error);
  return main != NULL && fill_own(own, kind, main, evidence, error);
}

static gboolean
find_file(const GPtrArray *kinds, const char *path, OwnProgram *own, GError **error) {
  const OwnKind *kind = kind_of_file(kinds, path);
  g_autofree char *name = g_path_get_basename(path);
  if (kind != NULL)
    return fill_own(own, kind, name, name, error);
  g_autofree char *known = known_kinds(kinds, FALSE);
  return tinyx_fail(
      error, TINYX_ERROR_INPUT,
      "%s: it does not say how it is run; expected a program in machine code, a \"#!\" "
      "line, or a name that ends like one of: %s",
      path, known);
}

/* "server.py" is called "server". */
static char *
name_of_file(const char *path) {
  g_autofree char *name = g_path_get_basename(path);
  char *dot = strrchr(name, '.');
  if (dot != NULL && dot != name)
    *dot = '\0';
  return recipe_name_of(name);
}

gboolean
own_find(const char *given, OwnProgram *own, GError **error) {
  g_autoptr(GPtrArray) kinds = own_kinds_load(error);
  g_autofree char *path = path_absolute(given);
  struct stat info;
  if (kinds == NULL)
    return FALSE;
  if (stat(path, &info) != 0 || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
    return tinyx_fail(error, TINYX_ERROR_INPUT, "%s: expected a file or a folder with a program",
                      given);
  *own = (OwnProgram){.entries = strings_new(),
                      .packages = strings_new(),
                      .leave = strings_new(),
                      .notes = strings_new()};
  if (S_ISDIR(info.st_mode)) {
    g_autofree char *name = g_path_get_basename(path);
    own->folder = g_steal_pointer(&path);
    own->name = recipe_name_of(name);
    return find_in_folder(kinds, own, error);
  }
  own->folder = g_path_get_dirname(path);
  own->name = name_of_file(path);
  return find_file(kinds, path, own, error);
}
