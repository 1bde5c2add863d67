/* tmpfiles.c - reads lines of tmpfiles.d(5). */
#include "rootfs/tmpfiles.h"

#include "base/files.h"
#include "base/number.h"
#include "base/place.h"

#include <string.h>

#define EXPECTED "TYPE PATH MODE USER GROUP AGE ARGUMENT (tmpfiles.d(5))"
#define LINE_FIELDS 6 /* in front of the argument */

static void
entry_free(gpointer data) {
  TmpfilesEntry *entry = data;
  g_free(entry->path);
  g_free(entry->user);
  g_free(entry->group);
  g_free(entry->argument);
  g_free(entry->origin);
  g_free(entry);
}

/* The type that stands for LETTER here, ' ' for one that makes nothing, 0 for an unknown one. */
static char
type_of(char letter) {
  static const char same[] = "dffLpcbzZC";
  static const char from[] = "dfFLpcbzZC";
  const char *at = letter != '\0' ? strchr(from, letter) : NULL;
  if (at != NULL)
    return same[at - from];
  if (letter != '\0' && strchr("DvqQ", letter) != NULL)
    return 'd';
  if (letter == 'e' || letter == 'm')
    return 'z';
  return letter != '\0' && strchr("wxXrRaAhHtT", letter) != NULL ? ' ' : 0;
}

/* Specifiers with the same meaning on every machine; NULL for others (host name, machine id). */
static const char *
specifier(char letter) {
  switch (letter) {
  case '%':
    return "%";
  case 't':
    return "/run";
  case 'S':
    return "/var/lib";
  case 'C':
    return "/var/cache";
  case 'L':
    return "/var/log";
  case 'T':
    return "/tmp";
  case 'V':
    return "/var/tmp";
  case 'h':
    return "/root";
  case 'u':
  case 'g':
    return "root";
  default:
    return NULL;
  }
}

static char *
expand(const char *text) {
  g_autoptr(GString) result = g_string_new(NULL);
  for (const char *c = text; *c != '\0'; c++) {
    if (*c != '%') {
      g_string_append_c(result, *c);
      continue;
    }
    const char *value = specifier(*++c);
    if (value == NULL)
      return NULL;
    g_string_append(result, value);
  }
  return g_string_free(g_steal_pointer(&result), FALSE);
}

/* Takes the next word of *LINE, with quotes and C escapes as systemd has them; NULL at the end. */
static char *
take_word(const char **line) {
  const char *c = *line + strspn(*line, " \t");
  g_autoptr(GString) word = g_string_new(NULL);
  char quote = '\0';
  if (*c == '\0')
    return NULL;
  for (; *c != '\0' && (quote != '\0' || !g_ascii_isspace(*c)); c++) {
    if (quote == '\0' && (*c == '"' || *c == '\''))
      quote = *c;
    else if (*c == quote)
      quote = '\0';
    else if (*c == '\\' && c[1] != '\0') /* to g_strcompress; a last one alone counts for nothing */
      g_string_append_printf(word, "\\%c", *++c);
    else if (*c == '\\')
      continue;
    else
      g_string_append_c(word, *c);
  }
  *line = c;
  return g_strcompress(word->str);
}

static gboolean
is_default(const char *word) {
  return word == NULL || strcmp(word, "-") == 0;
}

/* "0755", "~0755" (masked by what is there), ":0755" (only for what is new); -1: the default. */
static gboolean
parse_mode(const char *word, int *mode) {
  guint64 value;
  *mode = -1;
  if (is_default(word))
    return TRUE;
  while (*word == '~' || *word == ':')
    word++;
  if (!number_parse_base(word, 8, 07777, &value))
    return FALSE;
  *mode = (int)value;
  return TRUE;
}

static char *
owner(const char *word) {
  if (is_default(word))
    return NULL;
  return g_strdup(*word == ':' ? word + 1 : word);
}

/* NULL if LINE is well, else what is wrong with it. *ENTRY stays NULL for a line that makes
 * nothing. */
static const char *
parse_line(const char *line, TmpfilesEntry **result) {
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
  const char *rest = line;
  for (char *word; words->len < LINE_FIELDS && (word = take_word(&rest)) != NULL;)
    g_ptr_array_add(words, word);
  if (words->len < 2)
    return "no path";
  g_ptr_array_set_size(words, LINE_FIELDS);
  const char *letters = words->pdata[0];
  char type = type_of(letters[0]);
  if (type == 0 || strspn(letters + 1, "+!-=~^$?") != strlen(letters + 1))
    return "unknown type";
  if (type == ' ')
    return NULL;
  rest += strspn(rest, " \t");
  g_autofree char *path = expand(words->pdata[1]);
  g_autofree char *argument = is_default(*rest != '\0' ? rest : NULL) ? NULL : expand(rest);
  if (argument != NULL && type == 'f') { /* its escapes are the file's characters */
    char *content = g_strcompress(argument);
    g_free(argument);
    argument = content;
  }
  int mode;
  if (path == NULL || (!is_default(*rest != '\0' ? rest : NULL) && argument == NULL))
    return NULL; /* it depends on the machine: not an image's business */
  if (!g_path_is_absolute(path))
    return "the path is not absolute";
  if (!parse_mode(words->pdata[2], &mode))
    return "the mode is not an octal number";
  char *plain = path_absolute(path); /* "/run//x/../y" is /run/y */
  g_free(path);
  path = plain;
  if (strcmp(path, "/") == 0)
    return "the root folder is not made by a line";
  TmpfilesEntry *entry = g_new0(TmpfilesEntry, 1);
  entry->type = type;
  entry->force = strchr(letters + 1, '+') != NULL || letters[0] == 'F';
  entry->mode = mode;
  entry->masked =
      !is_default(words->pdata[2]) && strspn(words->pdata[2], ":") != strspn(words->pdata[2], ":~");
  entry->path = g_steal_pointer(&path);
  entry->user = owner(words->pdata[3]);
  entry->group = owner(words->pdata[4]);
  entry->argument = g_steal_pointer(&argument);
  *result = entry;
  return NULL;
}

GPtrArray *
tmpfiles_parse(const char *text, gsize size, const char *file, GPtrArray *complaints) {
  GPtrArray *entries = g_ptr_array_new_with_free_func(entry_free);
  g_autofree char *copy = g_strndup(text, size);
  g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = g_strstrip(lines[i]);
    TmpfilesEntry *entry = NULL;
    if (*line == '\0' || *line == '#')
      continue;
    const char *wrong = parse_line(line, &entry);
    if (wrong != NULL && complaints != NULL)
      g_ptr_array_add(complaints, place_message(file, i + 1, "%s in \"%s\"; expected %s", wrong,
                                                line, EXPECTED));
    if (entry == NULL)
      continue;
    entry->origin = place_text(file, i + 1);
    g_ptr_array_add(entries, entry);
  }
  return entries;
}
