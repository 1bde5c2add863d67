/* option-matrix-show.c - the matrix of options as text, CSV, JSON and Markdown. */
#include "minimize/option-matrix.h"

#include "base/json.h"
#include "base/plain.h"

#include <string.h>

static const OptionTable *
column(const OptionMatrix *matrix, guint index) {
  return matrix->tables->pdata[index];
}

static const MatrixRow *
row_at(const OptionMatrix *matrix, guint index) {
  return matrix->rows->pdata[index];
}

/* ---- text ---------------------------------------------------------------- */

/* The grid: a column an application, as wide as its name. */
static void
append_grid(GString *text, const OptionMatrix *matrix) {
  plain_append(text, "%-28s", "option");
  for (guint i = 0; i < matrix->tables->len; i++)
    plain_append(text, " %s", column(matrix, i)->name);
  g_string_append(text, "\n");
  for (guint r = 0; r < matrix->rows->len && row_at(matrix, r)->kind == OPTION_OWN; r++) {
    const MatrixRow *row = row_at(matrix, r);
    plain_append(text, "%-28s", row->symbol);
    for (guint i = 0; i < matrix->tables->len; i++) {
      const OptionRow *cell = option_matrix_cell(matrix, row, i);
      plain_append(text, " %-*s", (int)strlen(column(matrix, i)->name),
                   cell != NULL ? cell->value : ".");
    }
    while (text->str[text->len - 1] == ' ')
      g_string_truncate(text, text->len - 1);
    g_string_append(text, "\n");
  }
}

static void
append_own(GString *text, const OptionMatrix *matrix, const MatrixRow *row) {
  plain_append(text, "\n%s\n", row->symbol);
  for (guint i = 0; i < matrix->tables->len; i++) {
    const OptionRow *cell = option_matrix_cell(matrix, row, i);
    if (cell == NULL)
      continue;
    g_autofree char *bytes = option_bytes_text(cell);
    g_autofree char *trial = option_trial_text(cell);
    g_autofree char *origin = option_origin_file(cell);
    plain_append(text, "  %-14s %-3s %s (%s; bytes %s; %s)\n", column(matrix, i)->name, cell->value,
                 cell->reason, origin, bytes, trial);
  }
}

char *
option_matrix_text(const OptionMatrix *matrix) {
  GString *text = g_string_new(NULL);
  OptionKind kind = OPTION_KINDS;
  plain_append(text, "Kernel options by applications, on %s\n\n", matrix->platform);
  append_grid(text, matrix);
  for (guint r = 0; r < matrix->rows->len; r++) {
    const MatrixRow *row = row_at(matrix, r);
    if (row->kind != kind)
      plain_append(text, "\n%s:\n", option_kind_title(row->kind));
    kind = row->kind;
    if (kind == OPTION_OWN) {
      append_own(text, matrix, row);
      continue;
    }
    g_autofree char *names = kind == OPTION_FEATURE ? option_matrix_names(matrix, row) : NULL;
    g_autofree char *origin = option_origin_file(row->first);
    plain_append(text, "  %s=%s  %s (%s)%s%s\n", row->symbol, row->first->value, row->first->reason,
                 origin, names != NULL ? ": " : "", names != NULL ? names : "");
  }
  plain_append(text, "\n%s\n", option_matrix_words());
  return g_string_free(text, FALSE);
}

/* ---- CSV (RFC 4180) ------------------------------------------------------ */

static void
append_field(GString *text, const char *value) {
  g_autofree char *plain = plain_line(value);
  g_auto(GStrv) parts = g_strsplit(plain, "\"", -1);
  g_autofree char *doubled = g_strjoinv("\"\"", parts);
  g_string_append_printf(text, "\"%s\"", doubled);
}

static void
append_cell(GString *text, const OptionRow *cell) {
  g_string_append_c(text, ',');
  if (cell == NULL)
    return;
  g_autofree char *bytes = option_bytes_text(cell);
  g_autofree char *trial = option_trial_text(cell);
  g_autofree char *origin = option_origin_file(cell);
  g_autofree char *value =
      g_strdup_printf("%s: %s (%s; bytes %s; %s)", cell->value, cell->reason, origin, bytes, trial);
  append_field(text, value);
}

char *
option_matrix_csv(const OptionMatrix *matrix) {
  static const char *const kinds[OPTION_KINDS] = {"own", "feature", "platform"};
  GString *text = g_string_new("option,kind");
  for (guint i = 0; i < matrix->tables->len; i++) {
    g_string_append_c(text, ',');
    append_field(text, column(matrix, i)->name);
  }
  g_string_append(text, "\r\n");
  for (guint r = 0; r < matrix->rows->len; r++) {
    const MatrixRow *row = row_at(matrix, r);
    g_string_append_printf(text, "%s,%s", row->symbol, kinds[row->kind]);
    for (guint i = 0; i < matrix->tables->len; i++)
      append_cell(text, option_matrix_cell(matrix, row, i));
    g_string_append(text, "\r\n");
  }
  return g_string_free(text, FALSE);
}

/* ---- JSON ---------------------------------------------------------------- */

static void
put_applications(JsonBuilder *json, const OptionMatrix *matrix) {
  json_begin_array(json, "applications");
  for (guint i = 0; i < matrix->tables->len; i++) {
    json_builder_begin_object(json);
    json_put_string(json, "name", column(matrix, i)->name);
    json_put_string(json, "linux", column(matrix, i)->version);
    json_put_string(json, "source", column(matrix, i)->source);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
}

char *
option_matrix_json(const OptionMatrix *matrix) {
  static const char *const kinds[OPTION_KINDS] = {"own", "feature", "platform"};
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_put_string(json, "platform", matrix->platform);
  put_applications(json, matrix);
  json_begin_array(json, "options");
  for (guint r = 0; r < matrix->rows->len; r++) {
    const MatrixRow *row = row_at(matrix, r);
    json_builder_begin_object(json);
    json_put_string(json, "option", row->symbol);
    json_put_string(json, "kind", kinds[row->kind]);
    json_begin_object(json, "applications");
    for (guint i = 0; i < matrix->tables->len; i++) {
      const OptionRow *cell = option_matrix_cell(matrix, row, i);
      if (cell == NULL)
        continue;
      json_begin_object(json, column(matrix, i)->name);
      option_row_put(json, cell);
      json_builder_end_object(json);
    }
    json_builder_end_object(json);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  json_builder_end_object(json);
  return json_lines(json);
}

/* ---- Markdown ------------------------------------------------------------ */

/* VALUE as a cell: what Markdown or HTML would read as theirs is written out. */
static void
append_md(GString *text, const char *value) {
  g_autofree char *plain = plain_line(value);
  g_autofree char *escaped = g_markup_escape_text(plain, -1);
  for (const char *at = escaped; *at != '\0'; at++) {
    if (strchr("|*_[]`\\", *at) != NULL)
      g_string_append_c(text, '\\');
    g_string_append_c(text, *at);
  }
}

static void
append_md_grid(GString *text, const OptionMatrix *matrix) {
  g_string_append(text, "| option |");
  for (guint i = 0; i < matrix->tables->len; i++)
    g_string_append_printf(text, " %s |", column(matrix, i)->name);
  g_string_append(text, "\n|---|");
  for (guint i = 0; i < matrix->tables->len; i++)
    g_string_append(text, "---|");
  g_string_append(text, "\n");
  for (guint r = 0; r < matrix->rows->len && row_at(matrix, r)->kind == OPTION_OWN; r++) {
    const MatrixRow *row = row_at(matrix, r);
    g_autofree char *anchor = g_ascii_strdown(row->symbol, -1);
    g_string_append_printf(text, "| [%s](#%s) |", row->symbol, anchor);
    for (guint i = 0; i < matrix->tables->len; i++) {
      const OptionRow *cell = option_matrix_cell(matrix, row, i);
      g_string_append(text, " ");
      append_md(text, cell != NULL ? cell->value : "");
      g_string_append(text, " |");
    }
    g_string_append(text, "\n");
  }
}

static void
append_md_own(GString *text, const OptionMatrix *matrix, const MatrixRow *row) {
  g_string_append_printf(text,
                         "\n### %s\n\n| application | value | why | bytes | trial |\n"
                         "|---|---|---|---|---|\n",
                         row->symbol);
  for (guint i = 0; i < matrix->tables->len; i++) {
    const OptionRow *cell = option_matrix_cell(matrix, row, i);
    if (cell == NULL)
      continue;
    g_autofree char *bytes = option_bytes_text(cell);
    g_autofree char *trial = option_trial_text(cell);
    g_string_append_printf(text, "| %s | ", column(matrix, i)->name);
    append_md(text, cell->value);
    g_string_append(text, " | ");
    append_md(text, cell->reason);
    g_string_append_printf(text, " | %s | %s |\n", bytes, trial);
  }
}

static void
append_md_row(GString *text, const OptionMatrix *matrix, const MatrixRow *row) {
  g_autofree char *names = row->kind == OPTION_FEATURE ? option_matrix_names(matrix, row) : NULL;
  g_autofree char *origin = option_origin_file(row->first);
  g_string_append_printf(text, "| %s | ", row->symbol);
  append_md(text, row->first->value);
  g_string_append(text, " | ");
  append_md(text, row->first->reason);
  g_string_append_printf(text, " | %s |", origin);
  if (names != NULL)
    g_string_append_printf(text, " %s |", names);
  g_string_append(text, "\n");
}

static void
append_md_head(GString *text, OptionKind kind) {
  g_string_append_printf(text, "\n## %s\n\n", option_kind_title(kind));
  if (kind == OPTION_FEATURE)
    g_string_append(text,
                    "| option | value | why | where | applications |\n|---|---|---|---|---|\n");
  else if (kind == OPTION_PLATFORM)
    g_string_append(text, "| option | value | why | where |\n|---|---|---|---|\n");
}

char *
option_matrix_markdown(const OptionMatrix *matrix) {
  GString *text = g_string_new(NULL);
  OptionKind kind = OPTION_KINDS;
  g_string_append_printf(text,
                         "# Which kernel options does an application need?\n\nMade by `make "
                         "options` (`tinyx explain --matrix --as markdown`), for %s; the same as a "
                         "page: [options.html](options.html).\n%s\n",
                         matrix->platform, option_matrix_words());
  for (guint r = 0; r < matrix->rows->len; r++) {
    const MatrixRow *row = row_at(matrix, r);
    if (row->kind != kind) {
      append_md_head(text, row->kind);
      if (row->kind == OPTION_OWN)
        append_md_grid(text, matrix);
    }
    kind = row->kind;
    if (kind == OPTION_OWN)
      append_md_own(text, matrix, row);
    else
      append_md_row(text, matrix, row);
  }
  return g_string_free(text, FALSE);
}
