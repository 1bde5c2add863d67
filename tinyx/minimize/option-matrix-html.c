/* option-matrix-html.c - the matrix of options as a page. */
#include "minimize/option-matrix.h"

#include "base/html.h"

#include <string.h>

static const OptionTable *
column(const OptionMatrix *matrix, guint index) {
  return matrix->tables->pdata[index];
}

static guint
count_kind(const OptionMatrix *matrix, OptionKind kind) {
  guint count = 0;
  for (guint i = 0; i < matrix->rows->len; i++)
    count += ((const MatrixRow *)matrix->rows->pdata[i])->kind == kind;
  return count;
}

/* The reason opens by a click, or by the keyboard. */
static void
put_cell(GString *html, const OptionRow *cell) {
  if (cell == NULL) {
    g_string_append(html, "<td></td>");
    return;
  }
  g_autofree char *bytes = option_bytes_text(cell);
  g_autofree char *trial = option_trial_text(cell);
  g_autofree char *origin = option_origin_file(cell);
  gboolean off = strcmp(cell->value, "n") == 0;
  html_put(html,
           "<td class=\"%s\"><details><summary>%s</summary><p>%s</p><p>Bytes: %s. Trial: %s. "
           "%s</p></details></td>",
           off ? "off" : "on", cell->value, cell->reason, bytes, trial, origin);
}

static void
put_grid(GString *html, const OptionMatrix *matrix) {
  g_string_append(html, "<p class=\"soft\">Each value opens its reason. An empty cell: nothing "
                        "asked for the option.</p>\n");
  html_begin_scroll(html, "Options by applications, a wide table");
  html_put(html,
           "<table class=\"matrix\">\n<caption>%s: %u options, %u applications</caption>\n"
           "<thead><tr><th scope=\"col\">option</th>",
           matrix->platform, count_kind(matrix, OPTION_OWN), matrix->tables->len);
  for (guint i = 0; i < matrix->tables->len; i++)
    html_put(html, "<th scope=\"col\">%s</th>", column(matrix, i)->name);
  g_string_append(html, "</tr></thead>\n<tbody>\n");
  for (guint r = 0; r < matrix->rows->len; r++) {
    const MatrixRow *row = matrix->rows->pdata[r];
    if (row->kind != OPTION_OWN)
      continue;
    html_put(html, "<tr id=\"%s\"><th scope=\"row\">%s</th>", row->symbol, row->symbol);
    for (guint i = 0; i < matrix->tables->len; i++)
      put_cell(html, option_matrix_cell(matrix, row, i));
    g_string_append(html, "</tr>\n");
  }
  g_string_append(html, "</tbody></table>");
  html_end_scroll(html);
}

/* Options that have one reason for all of their applications, a line each. */
static void
put_list(GString *html, const OptionMatrix *matrix, OptionKind kind) {
  html_begin_scroll(html, option_kind_title(kind));
  html_put(html,
           "<table class=\"list\">\n<caption>%u options</caption>\n<thead><tr><th "
           "scope=\"col\">option</th><th scope=\"col\">value</th><th scope=\"col\">why</th>",
           count_kind(matrix, kind));
  if (kind == OPTION_FEATURE)
    g_string_append(html, "<th scope=\"col\">applications</th>");
  g_string_append(html, "</tr></thead>\n<tbody>\n");
  for (guint r = 0; r < matrix->rows->len; r++) {
    const MatrixRow *row = matrix->rows->pdata[r];
    if (row->kind != kind)
      continue;
    g_autofree char *origin = option_origin_file(row->first);
    html_put(html,
             "<tr id=\"%s\"><th scope=\"row\">%s</th><td>%s</td><td>%s <span "
             "class=\"soft\">(%s)</span></td>",
             row->symbol, row->symbol, row->first->value, row->first->reason, origin);
    g_autofree char *names = kind == OPTION_FEATURE ? option_matrix_names(matrix, row) : NULL;
    if (names != NULL)
      html_put(html, "<td>%s</td>", names);
    g_string_append(html, "</tr>\n");
  }
  g_string_append(html, "</tbody></table>");
  html_end_scroll(html);
}

char *
option_matrix_html(const OptionMatrix *matrix, const char *style) {
  static const char *const names[OPTION_KINDS] = {"own", "feature", "platform"};
  GString *html = g_string_new(NULL);
  html_begin(html, "Kernel options by applications: tinyx", style);
  html_put(html,
           "<h1>Which kernel options does an application need?</h1>\n<p class=\"soft\">%s Made by "
           "<code>tinyx explain --matrix --as html</code>.</p>\n<nav aria-label=\"Parts of this "
           "page\"><ul>",
           option_matrix_words());
  for (guint kind = 0; kind < OPTION_KINDS; kind++)
    html_put(html, "<li><a href=\"#%s\">%s</a></li>", names[kind],
             option_kind_title((OptionKind)kind));
  g_string_append(html, "</ul></nav>\n");
  for (guint kind = 0; kind < OPTION_KINDS; kind++) {
    html_put(html, "<h2 id=\"%s\">%s</h2>\n", names[kind], option_kind_title((OptionKind)kind));
    if (kind == OPTION_OWN)
      put_grid(html, matrix);
    else
      put_list(html, matrix, (OptionKind)kind);
  }
  html_end(html);
  return g_string_free(html, FALSE);
}
