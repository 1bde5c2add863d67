/* option-matrix.c - the options of several images, put side by side. */
#include "minimize/option-matrix.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/near.h"
#include "base/strings.h"
#include "image/parts.h"

#include <string.h>

void
option_matrix_free(OptionMatrix *matrix) {
  if (matrix == NULL)
    return;
  g_free(matrix->platform);
  g_ptr_array_unref(matrix->tables);
  g_ptr_array_unref(matrix->rows);
  g_free(matrix);
}

const OptionRow *
option_matrix_cell(const OptionMatrix *matrix, const MatrixRow *row, guint index) {
  const OptionTable *table = matrix->tables->pdata[index];
  return g_hash_table_lookup(table->find, row->symbol);
}

/* TRUE if the application INDEX has ROW for more than its platform's sake. */
static gboolean
has_own(const OptionMatrix *matrix, const MatrixRow *row, guint index) {
  const OptionRow *cell = option_matrix_cell(matrix, row, index);
  return cell != NULL && !cell->of_platform;
}

char *
option_matrix_names(const OptionMatrix *matrix, const MatrixRow *row) {
  GString *names = g_string_new(NULL);
  for (guint i = 0; i < matrix->tables->len; i++)
    if (has_own(matrix, row, i))
      g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "",
                             ((const OptionTable *)matrix->tables->pdata[i])->name);
  return g_string_free(names, FALSE);
}

char *
option_origin_file(const OptionRow *row) {
  const char *colon = strrchr(row->origin, ':');
  return colon != NULL ? g_strndup(row->origin, (gsize)(colon - row->origin))
                       : g_strdup(row->origin);
}

/* ---- its rows ------------------------------------------------------------ */

/* By who asks for it where it is not the platform: one file of features alone, or locks and
 * recipes, too. */
static OptionKind
kind_of(const OptionMatrix *matrix, const MatrixRow *row) {
  g_autofree char *origin = NULL;
  for (guint i = 0; i < matrix->tables->len; i++) {
    const OptionRow *cell = option_matrix_cell(matrix, row, i);
    if (cell == NULL || cell->of_platform)
      continue;
    g_autofree char *file = option_origin_file(cell);
    if (!g_str_has_prefix(file, "features/") || (origin != NULL && strcmp(origin, file) != 0))
      return OPTION_OWN;
    if (origin == NULL)
      origin = g_steal_pointer(&file);
  }
  return origin != NULL ? OPTION_FEATURE : OPTION_PLATFORM;
}

static int
compare_rows(gconstpointer a, gconstpointer b) {
  const MatrixRow *first = *(const MatrixRow *const *)a, *second = *(const MatrixRow *const *)b;
  return first->kind != second->kind ? (int)first->kind - (int)second->kind
                                     : strcmp(first->symbol, second->symbol);
}

static void
make_rows(OptionMatrix *matrix) {
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < matrix->tables->len; i++) {
    const OptionTable *table = matrix->tables->pdata[i];
    for (guint k = 0; k < table->rows->len; k++) {
      const OptionRow *cell = table->rows->pdata[k];
      if (!g_hash_table_add(seen, cell->symbol))
        continue;
      MatrixRow *row = g_new0(MatrixRow, 1);
      row->symbol = cell->symbol;
      row->first = cell;
      g_ptr_array_add(matrix->rows, row);
    }
  }
  for (guint i = 0; i < matrix->rows->len; i++) {
    MatrixRow *row = matrix->rows->pdata[i];
    row->kind = kind_of(matrix, row);
    for (guint k = 0; row->first->of_platform && row->kind != OPTION_PLATFORM; k++)
      if (has_own(matrix, row, k))
        row->first = option_matrix_cell(matrix, row, k);
  }
  g_ptr_array_sort(matrix->rows, compare_rows);
}

/* ---- its columns --------------------------------------------------------- */

static gboolean
add_column(OptionMatrix *matrix, const char *name, const ImageOptions *options, gboolean shipped,
           GError **error) {
  g_autoptr(Recipe) recipe = recipe_load(name, error);
  if (recipe == NULL)
    return FALSE;
  g_autofree char *lock = image_lock_path(recipe, options->platform->name);
  if (shipped && !g_file_test(lock, G_FILE_TEST_EXISTS))
    return TRUE;
  OptionTable *table = option_table_of_lock(recipe, options, error);
  if (table != NULL)
    g_ptr_array_add(matrix->tables, table);
  return table != NULL;
}

OptionMatrix *
option_matrix_load(char *const *names, const ImageOptions *options, GError **error) {
  gboolean shipped = names[0] == NULL;
  g_auto(GStrv) all = shipped ? recipe_names(error) : g_strdupv((char **)names);
  g_autoptr(OptionMatrix) matrix = g_new0(OptionMatrix, 1);
  matrix->platform = g_strdup(options->platform->name);
  matrix->tables = g_ptr_array_new_with_free_func((GDestroyNotify)option_table_free);
  matrix->rows = g_ptr_array_new_with_free_func(g_free);
  if (all == NULL)
    return NULL;
  for (guint i = 0; all[i] != NULL; i++)
    if (!add_column(matrix, all[i], options, shipped, error))
      return NULL;
  if (matrix->tables->len == 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "no shipped recipe has a lock for %s; expected names of recipes that have one",
                options->platform->name);
    return NULL;
  }
  make_rows(matrix);
  return g_steal_pointer(&matrix);
}

/* ---- its forms ----------------------------------------------------------- */

static const char *const forms[] = {"text", "csv", "json", "html", "markdown", NULL};

gboolean
matrix_form_parse(const char *name, MatrixForm *form, GError **error) {
  for (guint i = 0; forms[i] != NULL; i++)
    if (strcmp(forms[i], name) == 0) {
      *form = (MatrixForm)i;
      return TRUE;
    }
  g_autofree char *near = near_or_all(name, forms, "expected one of");
  return tinyx_fail(error, TINYX_ERROR_INPUT, "--as '%s' is not known%s", name, near);
}

static char *
show_page(const OptionMatrix *matrix, GError **error) {
  g_autofree char *path = data_path("compare/page.css");
  g_autofree char *style = NULL;
  return file_read(path, 1U << 20, &style, NULL, error) ? option_matrix_html(matrix, style) : NULL;
}

char *
option_matrix_show(const OptionMatrix *matrix, MatrixForm form, GError **error) {
  switch (form) {
  case MATRIX_CSV:
    return option_matrix_csv(matrix);
  case MATRIX_JSON:
    return option_matrix_json(matrix);
  case MATRIX_HTML:
    return show_page(matrix, error);
  case MATRIX_MARKDOWN:
    return option_matrix_markdown(matrix);
  case MATRIX_TEXT:
    break;
  }
  return option_matrix_text(matrix);
}

const char *
option_kind_title(OptionKind kind) {
  static const char *const titles[OPTION_KINDS] = {
      "What each application needs, with its own reason",
      "What features ask for, with one reason for all of their applications",
      "What every image of the platform has",
  };
  return titles[kind];
}

const char *
option_matrix_words(void) {
  return "From the locks and journals of the recipes. An option is y, n or has a value; n: it was "
         "left out although something asked for it, or is switched off on purpose. Bytes are of "
         "the packed kernel: what the option takes, or what going to this value saved; \"about\" "
         "is an estimate from the size of its code. A trial's number is that in the recipe's "
         "journal. What Kconfig derives from these options (selects, defaults) is not listed.";
}
