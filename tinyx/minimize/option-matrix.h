/* option-matrix.h - which kernel options which applications need: those of several recipes' locks
 * side by side, with the reason in each cell. */
#ifndef TINYX_MINIMIZE_OPTION_MATRIX_H
#define TINYX_MINIMIZE_OPTION_MATRIX_H

#include "minimize/option-table.h"

/* What the options of a row have in common. */
typedef enum {
  OPTION_OWN,      /* found by a search or named by a recipe: each application has its own reason */
  OPTION_FEATURE,  /* one feature's: all that have it have it for the same reason */
  OPTION_PLATFORM, /* every image of the platform has it */
  OPTION_KINDS
} OptionKind;

typedef struct {
  const char *symbol; /* a row's */
  OptionKind kind;
  const OptionRow *first; /* of the first application that has it for more than the platform */
} MatrixRow;

typedef struct {
  char *platform;
  GPtrArray *tables; /* OptionTable*: a column each, in the order in which they were named */
  GPtrArray *rows;   /* MatrixRow*: by kind, then by symbol */
} OptionMatrix;

/* Of the recipes NAMES (NULL-terminated), all of which need a lock for the platform of OPTIONS;
 * with none of all shipped recipes that have one. */
OptionMatrix *option_matrix_load(char *const *names, const ImageOptions *options, GError **error);
void option_matrix_free(OptionMatrix *matrix);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OptionMatrix, option_matrix_free)

/* The cell of ROW in the column INDEX; NULL: nothing asks for it there. */
const OptionRow *option_matrix_cell(const OptionMatrix *matrix, const MatrixRow *row, guint index);
/* The names of the applications that have ROW beyond the platform, ", " between them. g_free. */
char *option_matrix_names(const OptionMatrix *matrix, const MatrixRow *row);
/* Where a row comes from, without the number of the line, which changes often. g_free. */
char *option_origin_file(const OptionRow *row);

/* The forms in which it is shown; "text", "csv", "json", "html", "markdown". */
typedef enum { MATRIX_TEXT, MATRIX_CSV, MATRIX_JSON, MATRIX_HTML, MATRIX_MARKDOWN } MatrixForm;
/* INPUT for an unknown NAME, with those that there are. */
gboolean matrix_form_parse(const char *name, MatrixForm *form, GError **error);
/* MATRIX in FORM; g_free. */
char *option_matrix_show(const OptionMatrix *matrix, MatrixForm form, GError **error);

/* The parts of it: g_free. */
char *option_matrix_text(const OptionMatrix *matrix);
char *option_matrix_csv(const OptionMatrix *matrix);
char *option_matrix_json(const OptionMatrix *matrix);
char *option_matrix_markdown(const OptionMatrix *matrix);
/* STYLE is the text of a style sheet. */
char *option_matrix_html(const OptionMatrix *matrix, const char *style);

/* What a page says of the kinds of options, and of what is not in it; static. */
const char *option_kind_title(OptionKind kind);
const char *option_matrix_words(void);

#endif
