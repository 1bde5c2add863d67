/* table.c - the comparison in text: a terminal's table, and Markdown. */
#include "base/plain.h"
#include "compare/show.h"

#include <string.h>

const Result *
show_reference(const Comparison *comparison) {
  const Result *debian = comparison_find(comparison, "debian");
  if (debian != NULL && debian != comparison->results->pdata[0])
    return debian;
  return comparison->results->len > 1 ? comparison->results->pdata[1] : NULL;
}

char *
show_paper(const Comparison *comparison, FigureId id) {
  const PaperFigure *paper = &comparison->paper[id];
  const Figure *figure = figure_get(id);
  g_autofree char *where = paper->section != NULL ? g_strdup_printf("section %s", paper->section)
                                                  : g_strdup("not checked");
  if (paper->tinyx >= 0 && paper->debian >= 0) {
    g_autofree char *tinyx = figure_value_text(figure, paper->tinyx);
    g_autofree char *debian = figure_value_text(figure, paper->debian);
    return g_strdup_printf("%s / %s (%s)", tinyx, debian, where);
  }
  if (paper->ratio < 0)
    return g_strdup("");
  g_autofree char *ratio = figure_ratio_text(paper->ratio);
  return g_strdup_printf("ratio %s (%s)", ratio, where);
}

/* Rows of cells: all that both forms show. The first row is the head. */
static GPtrArray *
make_rows(const Comparison *comparison) {
  GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
  const Result *reference = show_reference(comparison);
  for (int id = -1; id < FIGURE_COUNT; id++) {
    GPtrArray *row = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(row, g_strdup(id < 0 ? "" : figure_get((FigureId)id)->title));
    for (guint i = 0; i < comparison->results->len; i++) {
      const Result *result = comparison->results->pdata[i];
      g_ptr_array_add(row, id < 0 ? g_strdup(result->title)
                                  : figure_text(comparison, result, (FigureId)id, NULL));
    }
    g_ptr_array_add(row,
                    id < 0 ? g_strdup("ratio")
                    : reference == NULL
                        ? g_strdup("-")
                        : figure_ratio_text(comparison_ratio(comparison, reference, (FigureId)id)));
    g_ptr_array_add(row, id < 0 ? g_strdup("paper: Tinyx / Debian")
                                : show_paper(comparison, (FigureId)id));
    g_ptr_array_add(rows, row);
  }
  return rows;
}

static const char *
cell(const GPtrArray *rows, guint row, guint column) {
  return ((GPtrArray *)rows->pdata[row])->pdata[column];
}

static glong
column_width(const GPtrArray *rows, guint column) {
  glong width = 0;
  for (guint i = 0; i < rows->len; i++)
    width = MAX(width, g_utf8_strlen(cell(rows, i, column), -1));
  return width;
}

static void
append_padded(GString *text, const char *word, glong width, gboolean left) {
  int spaces = (int)(width - g_utf8_strlen(word, -1));
  if (left)
    plain_append(text, "%s%*s", word, spaces, "");
  else
    plain_append(text, "  %*s%s", spaces, "", word);
}

/* Why something is missing, or how it was measured otherwise. */
static void
append_remarks(GString *text, const Comparison *comparison, const char *bullet) {
  for (guint i = 0; i < comparison->results->len; i++) {
    const Result *result = comparison->results->pdata[i];
    for (guint id = 0; id < FIGURE_COUNT; id++) {
      const FigureValue *value = &result->values[id];
      if (value->asked && !value->measured)
        plain_append(text, "%s%s, %s: not measured: %s\n", bullet, result->title,
                     figure_get((FigureId)id)->title, value->text);
      else if (value->measured && value->text != NULL && figure_get((FigureId)id)->remarked)
        plain_append(text, "%s%s, %s: %s\n", bullet, result->title, figure_get((FigureId)id)->title,
                     value->text);
    }
  }
}

static void
append_ratio_note(GString *text, const Comparison *comparison, const char *bullet) {
  const Result *reference = show_reference(comparison);
  const Result *first = comparison->results->pdata[0];
  if (reference != NULL)
    plain_append(text,
                 "%sratio: %s in units of %s; of requests a second the other way "
                 "round: how many times better it is\n",
                 bullet, reference->title, first->title);
}

char *
show_table(const Comparison *comparison) {
  GString *text = g_string_new(NULL);
  g_autoptr(GPtrArray) rows = make_rows(comparison);
  const char *group = "";
  guint columns = ((GPtrArray *)rows->pdata[0])->len;
  for (guint i = 0; i < rows->len; i++) {
    if (i > 0 && strcmp(group, figure_get((FigureId)(i - 1))->group) != 0)
      plain_append(text, "%s\n", group = figure_get((FigureId)(i - 1))->group);
    for (guint j = 0; j < columns; j++) {
      if (j == 0)
        g_string_append(text, "  ");
      append_padded(text, cell(rows, i, j), column_width(rows, j), j == 0);
    }
    g_string_truncate(text, text->len);
    while (text->len > 0 && text->str[text->len - 1] == ' ')
      g_string_truncate(text, text->len - 1);
    g_string_append_c(text, '\n');
  }
  append_ratio_note(text, comparison, "");
  append_remarks(text, comparison, "");
  return g_string_free(text, FALSE);
}

static void
append_markdown_row(GString *text, const GPtrArray *rows, guint row, guint columns) {
  for (guint j = 0; j < columns; j++)
    plain_append(text, "| %s ", cell(rows, row, j));
  g_string_append(text, "|\n");
  if (row > 0)
    return;
  for (guint j = 0; j < columns; j++)
    g_string_append(text, j == 0 ? "|---" : "|---:");
  g_string_append(text, "|\n");
}

char *
show_markdown(const Comparison *comparison) {
  GString *text = g_string_new(NULL);
  g_autoptr(GPtrArray) rows = make_rows(comparison);
  guint columns = ((GPtrArray *)rows->pdata[0])->len;
  plain_append(text, "# %s: tinyx and Debian, measured\n\n", comparison->name);
  plain_append(text, "Made by `tinyx compare %s%s%s` on %s. The guests' host: %s.\n\n",
               comparison->name, comparison->platform != NULL ? " --platform " : "",
               comparison->platform != NULL ? comparison->platform : "", comparison->date,
               comparison->host);
  for (guint i = 0; i < rows->len; i++)
    append_markdown_row(text, rows, i, columns);
  g_string_append_c(text, '\n');
  append_ratio_note(text, comparison, "- ");
  append_remarks(text, comparison, "- ");
  g_string_append(text, "\nWhat was compared:\n\n");
  for (guint i = 0; i < comparison->results->len; i++) {
    const Result *result = comparison->results->pdata[i];
    plain_append(text, "- %s: %s\n", result->title, result->note != NULL ? result->note : "");
  }
  g_string_append(text, "\nWhat each figure is:\n\n");
  for (guint i = 0; i < FIGURE_COUNT; i++)
    plain_append(text, "- %s: %s\n", figure_get((FigureId)i)->title, figure_get((FigureId)i)->what);
  g_string_append(text, "\nThe paper's figures are from other hardware, and stand there for their "
                        "ratios:\n\n");
  for (guint i = 0; i < FIGURE_COUNT; i++)
    if (comparison->paper[i].source != NULL)
      plain_append(text, "- %s: %s\n", figure_get((FigureId)i)->title, comparison->paper[i].source);
  return g_string_free(text, FALSE);
}
