/* sysusers.c - sysusers.d(5): users and groups that systemd would make at boot. */
#include "draft/sysusers.h"

#include "base/place.h"
#include "draft/find.h"
#include "draft/words.h"
#include "rootfs/install.h"

#include <string.h>

#define FIELDS 6
#define ID_MOST 4294967294

void
sysusers_entry_free(gpointer data) {
  SysusersEntry *entry = data;
  g_free(entry->name);
  g_free(entry->group);
  g_free(entry->gecos);
  g_free(entry->home);
  g_free(entry->shell);
  g_free(entry->origin);
  g_free(entry);
}

/* ---- lines ------------------------------------------------------------- */

/* A copy of WORD; NULL where it is empty or "-", which say nothing. */
static char *
given(const char *word) {
  return word == NULL || word[0] == '\0' || strcmp(word, "-") == 0 ? NULL : g_strdup(word);
}

static gboolean
is_name(const char *word) {
  return word != NULL && word[0] != '\0' && word[0] != '-' &&
         word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")] ==
             '\0';
}

/* WORD is "-", "ID" or "ID:GROUP"; or a path whose owner's number is meant: such an entry gets any
 * number that is free. FALSE where it is nothing of that. */
static gboolean
take_id(const char *word, SysusersEntry *entry) {
  g_auto(GStrv) parts = g_strsplit(word != NULL ? word : "-", ":", 2);
  guint64 id;
  if (word != NULL && word[0] == '/')
    return TRUE;
  if (parts[0] != NULL && parts[1] != NULL) {
    entry->group = g_strdup(parts[1]);
    if (entry->type != 'u' || !is_name(parts[1]))
      return FALSE;
  }
  if (parts[0] == NULL || strcmp(parts[0], "-") == 0)
    return TRUE;
  if (!g_ascii_string_to_unsigned(parts[0], 10, 0, ID_MOST, &id, NULL))
    return FALSE;
  entry->id = (gint64)id;
  return TRUE;
}

/* TRUE if WORD can be a field of passwd(5). */
static gboolean
is_field(const char *word) {
  return word == NULL || strpbrk(word, ":\n") == NULL;
}

/* The WORDS of a line, which are FIELDS or NULL, go to ENTRY. Returns what was expected where they
 * are wrong, else NULL. */
static const char *
take_words(char **words, SysusersEntry *entry) {
  entry->type = words[0][0];
  entry->id = -1;
  if (strchr("ugmr", entry->type) == NULL || (words[0][1] != '\0' && strcmp(words[0], "u!") != 0))
    return "a type of u, g, m or r";
  if (entry->type == 'r')
    return NULL;
  if (!is_name(words[1]))
    return "a name of letters, digits, _ . and -";
  entry->name = g_strdup(words[1]);
  if (entry->type == 'm') {
    entry->group = g_strdup(words[2]);
    return is_name(words[2]) ? NULL : "the name of a group";
  }
  if (!take_id(words[2], entry))
    return "a number, a number and a group, a path or -";
  if (!is_field(words[3]) || !is_field(words[4]) || !is_field(words[5]))
    return "no colon in what passwd(5) has";
  entry->gecos = given(words[3]);
  entry->home = given(words[4]);
  entry->shell = given(words[5]);
  return NULL;
}

static void
take_line(const char *line, char *origin, GPtrArray *entries, GPtrArray *complaints) {
  const WordsContext context = {.unit = ""};
  g_autoptr(GError) why = NULL;
  g_auto(GStrv) words = words_split(line, &context, &why);
  char *fields[FIELDS] = {NULL};
  for (guint i = 0; words != NULL && i < FIELDS && words[i] != NULL; i++)
    fields[i] = words[i];
  SysusersEntry *entry = g_new0(SysusersEntry, 1);
  entry->origin = origin;
  const char *expected = fields[0] != NULL ? take_words(fields, entry) : NULL;
  if (words == NULL)
    g_ptr_array_add(complaints, g_strdup_printf("%s: %s", origin, why->message));
  else if (expected != NULL)
    g_ptr_array_add(complaints, g_strdup_printf("%s: '%s' is passed over; expected %s", origin,
                                                line, expected));
  if (entry->name != NULL && expected == NULL)
    g_ptr_array_add(entries, entry);
  else
    sysusers_entry_free(entry);
}

void
sysusers_parse(const char *text, const char *file, GPtrArray *entries, GPtrArray *complaints) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = g_strstrip(lines[i]);
    if (*line != '\0' && *line != '#' && g_utf8_validate(line, -1, NULL))
      take_line(line, place_text(file, i + 1), entries, complaints);
  }
}

/* ---- files ------------------------------------------------------------- */

/* The name of ENTRY if it is a .conf file in FOLDER that the packages brought; else NULL. */
static const char *
name_in(const TreeEntry *entry, const char *folder) {
  const char *name = entry->path + strlen(folder);
  return entry->type == TREE_FILE && g_str_has_prefix(entry->path, folder) &&
                 g_str_has_suffix(name, ".conf") && strchr(name, '/') == NULL &&
                 installation_is_new(entry)
             ? name
             : NULL;
}

GPtrArray *
sysusers_read(Tree *installed, GPtrArray *complaints) {
  static const char *const folders[] = {"/etc/sysusers.d/", "/run/sysusers.d/",
                                        "/usr/lib/sysusers.d/"};
  GPtrArray *all = g_ptr_array_new_with_free_func(sysusers_entry_free);
  const GPtrArray *entries = tree_entries(installed);
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint f = 0; f < G_N_ELEMENTS(folders); f++)
    for (guint i = 0; i < entries->len; i++) {
      const TreeEntry *entry = entries->pdata[i];
      const char *name = name_in(entry, folders[f]);
      if (name == NULL || !g_hash_table_add(seen, (gpointer)name))
        continue;
      g_autofree char *text = find_text(installed, entry->path);
      if (text != NULL)
        sysusers_parse(text, entry->path, all, complaints);
    }
  return all;
}
