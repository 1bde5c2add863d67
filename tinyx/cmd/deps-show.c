/* deps-show.c - the ways in which `tinyx deps` shows files and packages. */
#include "cmd/deps-show.h"
#include "base/files.h"
#include "base/json.h"
#include "base/plain.h"
#include "base/strings.h"
#include "deps/suspects.h"

#include <string.h>

static const char *const kind_words[] = {
    [DEP_NAMED] = "named",    [DEP_NEEDED] = "needed", [DEP_INTERP] = "interp",
    [DEP_SCRIPT] = "script",  [DEP_DLOPEN] = "dlopen", [DEP_RULE] = "rule",
    [DEP_SYMLINK] = "symlink"};

/* One thing to show, be it a file or a package. */
typedef struct {
  const char *name, *parent; /* parent: NULL for what was named */
  char *label;               /* with the link's target */
  char *size, *reason;
  guint64 bytes;
} Row;

static void
row_free(gpointer data) {
  Row *row = data;
  g_free(row->label);
  g_free(row->size);
  g_free(row->reason);
  g_free(row);
}

static Row *
row_of_file(const DepFile *file, gboolean with_asker) {
  Row *row = g_new0(Row, 1);
  row->name = file->path;
  row->parent = file->needed_by;
  row->bytes = file->size;
  row->label = file->link != NULL ? g_strdup_printf("%s -> %s", file->path, file->link)
                                  : g_strdup(file->path);
  row->size =
      file->link != NULL ? g_strdup("link") : g_strdup_printf("%" G_GUINT64_FORMAT, file->size);
  row->reason = file->needed_by != NULL && with_asker
                    ? g_strdup_printf("%s: %s", file->needed_by, file->rule)
                    : g_strdup(file->rule);
  return row;
}

static Row *
row_of_package(const PackageDep *package) {
  Row *row = g_new0(Row, 1);
  row->name = package->name;
  row->parent = package->asked_by;
  row->bytes = (guint64)package->installed_kb * 1024;
  row->label = g_strdup_printf("%s %s", package->name, package->version);
  row->size = size_text(row->bytes);
  row->reason = g_strdup(package->reason);
  return row;
}

static GPtrArray *
rows_of_files(const Closure *closure, gboolean with_asker) {
  GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
  for (guint i = 0; i < closure->files->len; i++)
    g_ptr_array_add(rows, row_of_file(closure->files->pdata[i], with_asker));
  return rows;
}

static GPtrArray *
rows_of_packages(const GPtrArray *packages) {
  GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
  for (guint i = 0; i < packages->len; i++)
    g_ptr_array_add(rows, row_of_package(packages->pdata[i]));
  return rows;
}

static void
show_total(const GPtrArray *rows, const char *what) {
  guint64 bytes = 0;
  for (guint i = 0; i < rows->len; i++)
    bytes += ((Row *)rows->pdata[i])->bytes;
  g_autofree char *text = size_text(bytes);
  plain_print("total: %u %s, %s\n", rows->len, what, text);
}

static void
show_lines(const GPtrArray *rows) {
  int label = 0, size = 0;
  for (guint i = 0; i < rows->len; i++) {
    const Row *row = rows->pdata[i];
    label = MAX(label, (int)g_utf8_strlen(row->label, -1));
    size = MAX(size, (int)strlen(row->size));
  }
  for (guint i = 0; i < rows->len; i++) {
    const Row *row = rows->pdata[i];
    int pad = label - (int)g_utf8_strlen(row->label, -1);
    plain_print("%s%*s  %*s  %s\n", row->label, pad, "", size, row->size, row->reason);
  }
}

typedef struct {
  GHashTable *children; /* name -> GPtrArray of Row */
  GHashTable *shown;    /* names; a cycle of askers cannot be printed twice */
} TreeShow;

static void
show_branch(TreeShow *show, const Row *row, int depth) {
  if (!g_hash_table_add(show->shown, (gpointer)row->name))
    return;
  plain_print("%*s%s  (%s%s%s)\n", depth * 2, "", row->label, row->size,
              row->reason[0] != '\0' ? ", " : "", row->reason);
  const GPtrArray *children = g_hash_table_lookup(show->children, row->name);
  for (guint i = 0; children != NULL && i < children->len; i++)
    show_branch(show, children->pdata[i], depth + 1);
}

static void
show_tree(const GPtrArray *rows) {
  g_autoptr(GHashTable) children =
      g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
  g_autoptr(GHashTable) shown = g_hash_table_new(g_str_hash, g_str_equal);
  TreeShow show = {children, shown};
  for (guint i = 0; i < rows->len; i++) {
    Row *row = rows->pdata[i];
    GPtrArray *list = row->parent != NULL ? g_hash_table_lookup(children, row->parent) : NULL;
    if (row->parent != NULL && list == NULL) {
      list = g_ptr_array_new();
      g_hash_table_insert(children, (gpointer)row->parent, list);
    }
    if (list != NULL)
      g_ptr_array_add(list, row);
  }
  /* What was named first; then, as roots of their own, what is only asked for by what nobody shows
   * (the folders' links on the way to a named file). */
  for (guint i = 0; i < rows->len; i++)
    if (((Row *)rows->pdata[i])->parent == NULL)
      show_branch(&show, rows->pdata[i], 0);
  for (guint i = 0; i < rows->len; i++)
    show_branch(&show, rows->pdata[i], 0);
}

static void
put_lines(JsonBuilder *builder, const char *name, const GPtrArray *lines) {
  g_auto(GStrv) copy = strings_copy(lines);
  json_put_strings(builder, name, (const char *const *)copy);
}

static void
add_suspects(JsonBuilder *builder, const GPtrArray *suspects) {
  json_begin_array(builder, "suspects");
  for (guint i = 0; i < suspects->len; i++) {
    const Suspect *suspect = suspects->pdata[i];
    json_builder_begin_object(builder);
    json_put_string(builder, "kind", suspect_kind_name(suspect->kind));
    json_put_string(builder, "path", suspect->path);
    json_put_string(builder, "text", suspect->text);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
}

static void
add_file(JsonBuilder *builder, const DepFile *file) {
  json_builder_begin_object(builder);
  json_put_string(builder, "path", file->path);
  json_put_int(builder, "size", (gint64)file->size);
  json_put_string(builder, "link", file->link);
  json_put_string(builder, "kind", kind_words[file->kind]);
  json_put_string(builder, "needed_by", file->needed_by);
  json_put_string(builder, "rule", file->rule);
  json_builder_end_object(builder);
}

void
deps_show_files_json(const Closure *closure) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  guint64 bytes = 0;
  json_builder_begin_object(builder);
  json_begin_array(builder, "files");
  for (guint i = 0; i < closure->files->len; i++) {
    const DepFile *file = closure->files->pdata[i];
    add_file(builder, file);
    bytes += file->size;
  }
  json_builder_end_array(builder);
  put_lines(builder, "missing", closure->missing);
  put_lines(builder, "notes", closure->notes);
  add_suspects(builder, closure->suspects);
  json_put_int(builder, "bytes", (gint64)bytes);
  json_builder_end_object(builder);
  g_autofree char *text = json_lines(builder);
  plain_show(text);
}

void
deps_show_packages_json(const GPtrArray *packages) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_begin_array(builder, "packages");
  for (guint i = 0; i < packages->len; i++) {
    const PackageDep *package = packages->pdata[i];
    json_builder_begin_object(builder);
    json_put_string(builder, "name", package->name);
    json_put_string(builder, "version", package->version);
    json_put_int(builder, "installed_kb", package->installed_kb);
    json_put_string(builder, "reason", package->reason);
    json_put_string(builder, "asked_by", package->asked_by);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
  json_builder_end_object(builder);
  g_autofree char *text = json_lines(builder);
  plain_show(text);
}

void
deps_show_files(const Closure *closure) {
  g_autoptr(GPtrArray) rows = rows_of_files(closure, TRUE);
  show_lines(rows);
  show_total(rows, "files");
}

void
deps_show_files_tree(const Closure *closure) {
  g_autoptr(GPtrArray) rows = rows_of_files(closure, FALSE);
  show_tree(rows);
  show_total(rows, "files");
}

void
deps_show_packages(const GPtrArray *packages) {
  g_autoptr(GPtrArray) rows = rows_of_packages(packages);
  show_lines(rows);
  show_total(rows, "packages");
}

void
deps_show_packages_tree(const GPtrArray *packages) {
  g_autoptr(GPtrArray) rows = rows_of_packages(packages);
  show_tree(rows);
  show_total(rows, "packages");
}
