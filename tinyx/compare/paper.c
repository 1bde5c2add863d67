/* paper.c - the paper's own figures: compare/paper.conf. */
#include "compare/figures.h"

#include "base/files.h"

#include <string.h>

static gboolean
wrong(const char *file, const char *group, const char *key, const char *expected, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: [%s] %s: expected %s", file, group, key,
              expected);
  return FALSE;
}

/* *VALUE stays as it is where there is no KEY. */
static gboolean
number(GKeyFile *keys, const char *group, const char *key, const char *file, double *value,
       GError **error) {
  g_autofree char *text = g_key_file_get_string(keys, group, key, NULL);
  char *end;
  double found;
  if (text == NULL)
    return TRUE;
  found = g_ascii_strtod(text, &end);
  if (end == text || *end != '\0' || !(found >= 0 && found < 1e18))
    return wrong(file, group, key, "a number that is not negative", error);
  *value = found;
  return TRUE;
}

static gboolean
read_group(GKeyFile *keys, const char *group, const char *file, PaperFigure *paper,
           GError **error) {
  static const char *const known[] = {"tinyx", "debian", "ratio", "section", "source", NULL};
  FigureId id = figure_find(group);
  g_auto(GStrv) names = g_key_file_get_keys(keys, group, NULL, NULL);
  if (id == FIGURE_COUNT)
    return wrong(file, group, "name", "a figure of compare.json", error);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (!g_strv_contains(known, names[i]))
      return wrong(file, group, names[i], "tinyx, debian, ratio, section or source", error);
  PaperFigure *figure = &paper[id];
  if (!number(keys, group, "tinyx", file, &figure->tinyx, error) ||
      !number(keys, group, "debian", file, &figure->debian, error) ||
      !number(keys, group, "ratio", file, &figure->ratio, error))
    return FALSE;
  g_free(figure->source);
  g_free(figure->section);
  figure->section = g_key_file_get_string(keys, group, "section", NULL);
  figure->source = g_key_file_get_string(keys, group, "source", NULL);
  if (figure->source == NULL)
    return wrong(file, group, "source", "where the number comes from", error);
  if (figure->ratio < 0 && figure->tinyx > 0 && figure->debian >= 0)
    figure->ratio = figure->debian / figure->tinyx;
  return TRUE;
}

gboolean
paper_parse(const char *text, const char *file, PaperFigure *paper, GError **error) {
  g_autoptr(GKeyFile) keys = g_key_file_new();
  g_autoptr(GError) problem = NULL;
  g_auto(GStrv) groups = NULL;
  if (!g_key_file_load_from_data(keys, text, strlen(text), G_KEY_FILE_NONE, &problem)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s", file, problem->message);
    return FALSE;
  }
  groups = g_key_file_get_groups(keys, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    if (!read_group(keys, groups[i], file, paper, error))
      return FALSE;
  return TRUE;
}

gboolean
paper_load(PaperFigure *paper, GError **error) {
  g_autofree char *file = data_path("compare/paper.conf");
  g_autofree char *text = NULL;
  return file_read(file, FILE_OWN_MAX, &text, NULL, error) && paper_parse(text, file, paper, error);
}
