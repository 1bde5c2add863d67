/* rulelines.c - files of rules, a rule a line. */
#include "base/rulelines.h"

#include "base/files.h"
#include "base/place.h"
#include "base/split.h"

#include <string.h>

#define REASON " # "

gboolean
rule_lines_read(const char *text, gsize size, const char *file, RuleLineTake take, gpointer data,
                GError **error) {
  g_auto(GStrv) lines = split_lines(text, size, file, error);
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    char *line = g_strstrip(lines[i]);
    if (*line == '\0' || *line == '#')
      continue;
    g_autofree char *wrong = take(data, line, i + 1);
    if (wrong != NULL) {
      place_set_error(error, file, i + 1, "%s", wrong);
      return FALSE;
    }
  }
  return lines != NULL;
}

const char *
rule_line_reason(char *line) {
  char *mark = g_strrstr(line, REASON);
  if (mark == NULL)
    return NULL;
  *mark = '\0';
  g_strchomp(line);
  mark = g_strstrip(mark + strlen(" #"));
  return *mark != '\0' ? mark : NULL;
}

char *
rule_line_bad(const char *line, const char *expected) {
  g_autofree char *shown = place_excerpt(line);
  return g_strdup_printf("bad line \"%s\"; expected %s", shown, expected);
}

char *
rule_lines_text(const char *file, gsize *size, GError **error) {
  g_autofree char *path = data_path(file);
  char *text = NULL;
  return file_read(path, FILE_OWN_MAX, &text, size, error) ? text : NULL;
}
