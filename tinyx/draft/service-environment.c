/* service-environment.c - Environment= and EnvironmentFile= of a unit: systemd.exec(5). */
#include "base/place.h"
#include "base/strings.h"
#include "draft/find.h"
#include "draft/service-private.h"
#include "draft/specifiers.h"

#include <fnmatch.h>
#include <string.h>

/* Sets the variable of ASSIGNMENT, which stands in LINE of FILE. Where it is none, that is a note,
 * as it is a warning of systemd. */
static void
put_variable(Service *service, GHashTable *environment, const char *assignment, const char *file,
             guint line) {
  const char *equals = strchr(assignment, '=');
  if (equals != NULL && recipe_variable_valid(assignment))
    g_hash_table_replace(environment, g_strndup(assignment, (gsize)(equals - assignment)),
                         g_strdup(equals + 1));
  else
    g_ptr_array_add(service->notes,
                    place_message(file, line, "'%s' is left out: it sets no variable", assignment));
}

/* ---- environment files ------------------------------------------------- */

/* The place up to which a text was read. */
typedef struct {
  const char *at;
  guint line;
} Reader;

static int
take_char(Reader *reader) {
  if (*reader->at == '\n')
    reader->line++;
  return *reader->at != '\0' ? *reader->at++ : '\0';
}

/* Adds to VALUE what stands in quotes; READER is behind the first QUOTE, and then behind the last
 * one. FALSE: there is no last one. */
static gboolean
take_quoted(Reader *reader, char quote, GString *value) {
  for (char c; (c = (char)take_char(reader)) != quote;) {
    if (c == '\0')
      return FALSE;
    if (quote == '"' && c == '\\' && *reader->at == '\n') {
      take_char(reader);
      continue;
    }
    if (quote == '"' && c == '\\' && *reader->at != '\0' && strchr("\"\\`$", *reader->at) != NULL)
      c = (char)take_char(reader);
    g_string_append_c(value, c);
  }
  return TRUE;
}

/* Reads what follows "NAME=" into VALUE: quoted parts, then plain text, in which a backslash takes
 * the next character as it is, or, at the end of a line, joins the next one. FALSE: a quote does
 * not end. */
static gboolean
take_value(Reader *reader, GString *value) {
  gboolean plain = FALSE;
  gsize kept = 0; /* the length of VALUE without the spaces at its end, which do not count */
  for (char c; (c = (char)take_char(reader)) != '\n' && c != '\0';) {
    if (!plain && (c == '"' || c == '\'')) {
      if (!take_quoted(reader, c, value))
        return FALSE;
      kept = value->len;
      continue;
    }
    if (c == '\\') {
      c = (char)take_char(reader);
      if (c == '\n' || c == '\0')
        continue;
    } else if (g_ascii_isspace(c)) {
      if (plain)
        g_string_append_c(value, c);
      continue;
    }
    plain = TRUE;
    g_string_append_c(value, c);
    kept = value->len;
  }
  g_string_truncate(value, kept);
  return TRUE;
}

/* Sets the variables of TEXT, the content of FILE, as systemd reads them (systemd.exec(5)); but a
 * shell's "export " before a name is taken off. What cannot be read is a note. */
static void
put_file(Service *service, GHashTable *environment, const char *text, const char *file) {
  Reader reader = {text, 1};
  while (*(reader.at += strspn(reader.at, " \t")) != '\0') {
    gsize length = strcspn(reader.at, "=\n");
    gboolean comment = *reader.at == '#' || *reader.at == ';';
    guint line = reader.line;
    if (comment || reader.at[length] != '=') {
      reader.at += strcspn(reader.at, "\n");
      take_char(&reader);
      continue;
    }
    g_autofree char *name = g_strndup(reader.at, length);
    g_autoptr(GString) assignment = g_string_new(NULL);
    reader.at += length + 1;
    Reader behind = reader;
    gsize begin = g_str_has_prefix(name, "export ") ? strlen("export ") : 0;
    g_string_append_printf(assignment, "%s=", g_strstrip(name + begin));
    g_autoptr(GString) value = g_string_new(NULL);
    if (take_value(&reader, value)) {
      g_string_append(assignment, value->str);
      put_variable(service, environment, assignment->str, file, line);
      continue;
    }
    g_ptr_array_add(service->notes,
                    place_message(file, line, "%s is left out: it has a quote that does not end",
                                  name + begin));
    behind.at += strcspn(behind.at, "\n");
    reader = behind;
  }
}

/* The installed files (TreeEntry*) that PATH names, which may be a pattern; sorted by their paths.
 */
static GPtrArray *
matching_files(const Tree *installed, const char *path) {
  GPtrArray *files = g_ptr_array_new();
  const TreeEntry *one = installed != NULL ? tree_resolve(installed, path) : NULL;
  const GPtrArray *entries = installed != NULL ? tree_entries((Tree *)installed) : NULL;
  if (one != NULL && one->type == TREE_FILE)
    g_ptr_array_add(files, (gpointer)one);
  for (guint i = 0; strpbrk(path, "*?[") != NULL && entries != NULL && i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type == TREE_FILE && fnmatch(path, entry->path, FNM_PATHNAME | FNM_PERIOD) == 0)
      g_ptr_array_add(files, (gpointer)entry);
  }
  return files;
}

/* Sets the variables of the files that ENTRY, an EnvironmentFile=, names. */
static gboolean
put_files(Service *service, const Unit *unit, const UnitEntry *entry, const Tree *installed,
          WordsContext *context, GError **error) {
  g_auto(GStrv) words = service_words(entry, context, error);
  if (words == NULL)
    return FALSE;
  for (guint i = 0; words[i] != NULL; i++) {
    gboolean optional = words[i][0] == '-';
    g_autoptr(GPtrArray) files = matching_files(installed, words[i] + optional);
    if (files->len == 0 && !optional)
      service_note(service, unit, entry, "%s is not there", words[i]);
    for (guint j = 0; j < files->len; j++) {
      const TreeEntry *file = files->pdata[j];
      g_autofree char *text = find_text(installed, file->path);
      if (text != NULL)
        put_file(service, context->environment, text, file->path);
      else
        service_note(service, unit, entry, "%s is no text file", file->path);
    }
  }
  return TRUE;
}

/* ---- both -------------------------------------------------------------- */

/* NAME's VALUE has a mark: a shell sets it before the start, and what it starts has it. */
static void
export_live(Service *service, const char *name, const char *value) {
  const char *const words[] = {value, NULL};
  g_autofree char *word = specifiers_shell_word(value);
  g_autofree char *line = g_strdup_printf("export %s=%s", name, word);
  service_add_line(service, words, line);
}

/* NAME=VALUE for each variable, sorted by their names, but those that the guest knows; g_strfreev.
 */
static char **
as_list(Service *service, GHashTable *environment) {
  g_autoptr(GStrvBuilder) list = g_strv_builder_new();
  g_autofree const char **names = strings_sorted_keys(environment);
  for (guint i = 0; names[i] != NULL; i++) {
    const char *value = g_hash_table_lookup(environment, names[i]);
    if (specifiers_is_live(value)) {
      export_live(service, names[i], value);
      continue;
    }
    g_autofree char *pair = g_strdup_printf("%s=%s", names[i], value);
    g_strv_builder_add(list, pair);
  }
  return g_strv_builder_end(list);
}

gboolean
service_read_environment(Service *service, const Unit *unit, const Tree *installed,
                         WordsContext *context, GError **error) {
  g_autoptr(GPtrArray) direct = unit_all(unit, SERVICE, "Environment");
  g_autoptr(GPtrArray) files = unit_all(unit, SERVICE, "EnvironmentFile");
  for (guint i = 0; i < direct->len; i++) {
    const UnitEntry *entry = direct->pdata[i];
    WordsContext live = *context;
    live.takes_live = TRUE;
    g_auto(GStrv) words = service_words(entry, &live, error);
    g_autofree char *place = unit_entry_place(unit, entry);
    if (words == NULL)
      return FALSE;
    for (guint j = 0; words[j] != NULL; j++)
      put_variable(service, context->environment, words[j], place, entry->line);
  }
  for (guint i = 0; i < files->len; i++)
    if (!put_files(service, unit, files->pdata[i], installed, context, error))
      return FALSE;
  g_strfreev(service->run->environment);
  service->run->environment = as_list(service, context->environment);
  return TRUE;
}
