/* kbuild.c - which symbols a source file, or a part of it, is compiled for. */
#include "minimize/kbuild.h"
#include "base/files.h"

#include <ctype.h>
#include <string.h>

struct Kbuild {
  char *tree;
  GHashTable *makefiles; /* folder -> table of kbuild_makefile() */
  GHashTable *objects;   /* object -> GPtrArray* */
};

static void
array_free(gpointer array) {
  g_ptr_array_unref(array);
}

Kbuild *
kbuild_new(const char *tree) {
  Kbuild *kbuild = g_new0(Kbuild, 1);
  kbuild->tree = g_strdup(tree);
  kbuild->makefiles =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
  kbuild->objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, array_free);
  return kbuild;
}

void
kbuild_free(Kbuild *kbuild) {
  if (kbuild == NULL)
    return;
  g_hash_table_unref(kbuild->makefiles);
  g_hash_table_unref(kbuild->objects);
  g_free(kbuild->tree);
  g_free(kbuild);
}

static gboolean
holds(const GPtrArray *array, const char *text) {
  for (guint i = 0; i < array->len; i++)
    if (strcmp(array->pdata[i], text) == 0)
      return TRUE;
  return FALSE;
}

/* The name behind "CONFIG_" at AT, or NULL. */
static char *
symbol_at(const char *at) {
  gsize length;
  if (at == NULL || !g_str_has_prefix(at, "CONFIG_"))
    return NULL;
  at += strlen("CONFIG_");
  for (length = 0; g_ascii_isalnum(at[length]) || at[length] == '_'; length++)
    ;
  return g_strndup(at, length);
}

/* Makefiles */

typedef struct {
  GPtrArray *open;   /* char*: the symbol of each open "if", "" where it says something else */
  GHashTable *table; /* name -> GPtrArray* of char* */
} Reading;

/* The one symbol that "ifdef CONFIG_X", "ifeq ($(CONFIG_X),y)" and "ifneq ($(CONFIG_X),)" ask for.
 */
static char *
condition_symbol(const char *line) {
  const char *at = strstr(line, "CONFIG_");
  g_autofree char *symbol = symbol_at(at);
  g_autofree char *equal = symbol ? g_strdup_printf("ifeq ($(CONFIG_%s),y)", symbol) : NULL;
  g_autofree char *unequal = symbol ? g_strdup_printf("ifneq ($(CONFIG_%s),)", symbol) : NULL;
  g_autofree char *defined = symbol ? g_strdup_printf("ifdef CONFIG_%s", symbol) : NULL;
  g_autofree char *plain = g_strdup(line);
  g_strstrip(plain);
  if (symbol != NULL &&
      (strcmp(plain, equal) == 0 || strcmp(plain, unequal) == 0 || strcmp(plain, defined) == 0))
    return g_steal_pointer(&symbol);
  return g_strdup("");
}

static gboolean
take_condition(Reading *reading, const char *line) {
  if (g_str_has_prefix(line, "if")) {
    g_ptr_array_add(reading->open, condition_symbol(line));
  } else if (g_str_has_prefix(line, "else") && reading->open->len > 0) {
    g_ptr_array_remove_index(reading->open, reading->open->len - 1);
    g_ptr_array_add(reading->open, g_strdup(""));
  } else if (g_str_has_prefix(line, "endif")) {
    if (reading->open->len > 0)
      g_ptr_array_remove_index(reading->open, reading->open->len - 1);
  } else {
    return FALSE;
  }
  return TRUE;
}

/* One line says that NAME needs SYMBOLS. Where another line names it, too, only what both say is
 * kept. */
static void
add_name(Reading *reading, const char *name, const GPtrArray *symbols) {
  GPtrArray *before = g_hash_table_lookup(reading->table, name);
  if (before == NULL) {
    GPtrArray *copy = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < symbols->len; i++)
      g_ptr_array_add(copy, g_strdup(symbols->pdata[i]));
    g_hash_table_insert(reading->table, g_strdup(name), copy);
    return;
  }
  for (guint i = before->len; i > 0; i--)
    if (!holds(symbols, before->pdata[i - 1]))
      g_ptr_array_remove_index(before, i - 1);
}

/* "obj-$(CONFIG_X) += a.o b/", "foo-y := c.o": *STEM is "obj" or "foo", *SYMBOL "X" or NULL. */
static char *
split_assignment(const char *line, char **stem, char **symbol) {
  gsize name = strcspn(line, " \t:+=");
  const char *value = strchr(line, '=');
  g_autofree char *left = g_strndup(line, name);
  char *dash = strrchr(left, '-');
  char *config = strstr(left, "-$(CONFIG_");
  if (value == NULL || dash == NULL || strspn(line + name, " \t:+=") == 0)
    return NULL;
  if (config != NULL) {
    *symbol = symbol_at(config + 3);
    *stem = g_strndup(left, (gsize)(config - left));
  } else if (strcmp(dash, "-y") == 0 || strcmp(dash, "-objs") == 0) {
    *stem = g_strndup(left, (gsize)(dash - left));
  } else {
    return NULL;
  }
  return g_strdup(value + 1);
}

static void
take_assignment(Reading *reading, const char *line) {
  g_autofree char *stem = NULL, *symbol = NULL;
  g_autofree char *value = split_assignment(line, &stem, &symbol);
  g_autoptr(GPtrArray) symbols = g_ptr_array_new();
  g_auto(GStrv) words = NULL;
  if (value == NULL)
    return;
  for (guint i = 0; i < reading->open->len; i++)
    if (*(char *)reading->open->pdata[i] != '\0')
      g_ptr_array_add(symbols, reading->open->pdata[i]);
  if (symbol != NULL)
    g_ptr_array_add(symbols, symbol);
  words = g_strsplit_set(value, " \t", -1);
  for (guint i = 0; words[i] != NULL; i++) {
    gboolean part = strcmp(stem, "obj") != 0 && strcmp(stem, "lib") != 0;
    if (!g_str_has_suffix(words[i], ".o") && !g_str_has_suffix(words[i], "/"))
      continue;
    add_name(reading, words[i], symbols);
    if (part) { /* of STEM.o, whose own conditions come on top */
      g_autofree char *link = g_strconcat("part:", words[i], NULL);
      g_autofree char *whole = g_strconcat(stem, ".o", NULL);
      g_autoptr(GPtrArray) one = g_ptr_array_new();
      g_ptr_array_add(one, whole);
      add_name(reading, link, one);
    }
  }
}

GHashTable *
kbuild_makefile(const char *text) {
  g_autoptr(GString) joined = g_string_new(text);
  g_auto(GStrv) lines = NULL;
  Reading reading = {.open = g_ptr_array_new_with_free_func(g_free),
                     .table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, array_free)};
  g_string_replace(joined, "\\\n", " ", 0);
  lines = g_strsplit(joined->str, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    lines[i][strcspn(lines[i], "#")] = '\0';
    if (!take_condition(&reading, lines[i]))
      take_assignment(&reading, lines[i]);
  }
  g_ptr_array_unref(reading.open);
  return reading.table;
}

static GHashTable *
makefile_of(Kbuild *kbuild, const char *folder) {
  GHashTable *table = g_hash_table_lookup(kbuild->makefiles, folder);
  static const char *const names[] = {"Kbuild", "Makefile"};
  g_autofree char *text = NULL;
  if (table != NULL)
    return table;
  /* "Kbuild" comes first, where both are there (scripts/Makefile.build). */
  for (guint i = 0; i < G_N_ELEMENTS(names) && text == NULL; i++) {
    g_autofree char *path = g_build_filename(kbuild->tree, folder, names[i], NULL);
    file_read(path, FILE_OWN_MAX, &text, NULL, NULL);
  }
  table = kbuild_makefile(text != NULL ? text : "");
  g_hash_table_insert(kbuild->makefiles, g_strdup(folder), table);
  return table;
}

/* What NAME needs by FOLDER's Makefile: its own symbols, and those of the object that it is linked
 * into. */
static void
add_conditions(Kbuild *kbuild, const char *folder, const char *name, GPtrArray *symbols) {
  GHashTable *table = makefile_of(kbuild, folder);
  g_autofree char *next = g_strdup(name);
  for (int depth = 0; depth < 4 && next != NULL; depth++) {
    g_autofree char *link = g_strconcat("part:", next, NULL);
    const GPtrArray *own = g_hash_table_lookup(table, next);
    const GPtrArray *whole = g_hash_table_lookup(table, link);
    for (guint i = 0; own != NULL && i < own->len; i++)
      if (!holds(symbols, own->pdata[i]))
        g_ptr_array_add(symbols, g_strdup(own->pdata[i]));
    g_free(next);
    next = whole != NULL && whole->len == 1 ? g_strdup(whole->pdata[0]) : NULL;
  }
}

const GPtrArray *
kbuild_conditions(Kbuild *kbuild, const char *object) {
  GPtrArray *symbols = g_hash_table_lookup(kbuild->objects, object);
  g_autofree char *path = g_strdup(object);
  g_autofree char *name = g_path_get_basename(object);
  if (symbols != NULL)
    return symbols;
  symbols = g_ptr_array_new_with_free_func(g_free);
  for (;;) {
    char *slash = strrchr(path, '/');
    g_autofree char *whole = NULL;
    if (slash != NULL)
      *slash = '\0';
    add_conditions(kbuild, slash != NULL ? path : ".", name, symbols);
    /* A part may be named with its folder ("hlist/foo.o") one level up. */
    if (slash == NULL)
      break;
    whole = g_path_get_basename(path);
    g_free(name);
    name = g_strconcat(whole, "/", NULL);
  }
  g_hash_table_insert(kbuild->objects, g_strdup(object), symbols);
  return symbols;
}

/* #ifdef */

/* Adds the symbols that the line's condition needs: all of them where "&&" joins, none where "||"
 * or
 * "!" makes it unclear. */
static GPtrArray *
region_symbols(const char *line) {
  GPtrArray *symbols = g_ptr_array_new_with_free_func(g_free);
  if (strstr(line, "||") != NULL || strchr(line, '!') != NULL || strstr(line, "ifndef") != NULL)
    return symbols;
  for (const char *at = line; (at = strstr(at, "CONFIG_")) != NULL; at += strlen("CONFIG_"))
    g_ptr_array_add(symbols, symbol_at(at));
  return symbols;
}

/* "static int do_it(struct x *y" -> "do_it"; "SYSCALL_DEFINE3(read, …" -> "__x64_sys_read"; NULL:
 * defines no function. */
static char *
defined_function(const char *line) {
  const char *open = strchr(line, '('), *end, *begin;
  if (open == NULL || open == line || !(g_ascii_isalpha(line[0]) || line[0] == '_'))
    return NULL;
  for (end = open; end > line && isspace((unsigned char)end[-1]); end--)
    ;
  for (begin = end; begin > line && (g_ascii_isalnum(begin[-1]) || begin[-1] == '_'); begin--)
    ;
  if (g_str_has_prefix(begin, "SYSCALL_DEFINE")) {
    gsize length = strcspn(open + 1, ",) ");
    return g_strdup_printf("__x64_sys_%.*s", (int)length, open + 1);
  }
  if (begin == end || begin == line || strchr(open, ';') != NULL || strchr(line, '=') != NULL)
    return NULL;
  return g_strndup(begin, (gsize)(end - begin));
}

static void
report_function(const GPtrArray *open, const char *function,
                void (*found)(const char *, const char *, gpointer), gpointer data) {
  for (guint i = 0; i < open->len; i++) {
    const GPtrArray *symbols = open->pdata[i];
    for (guint j = 0; j < symbols->len; j++)
      found(symbols->pdata[j], function, data);
  }
}

void
kbuild_regions(const char *text,
               void (*found)(const char *symbol, const char *function, gpointer data),
               gpointer data) {
  g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(array_free);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = lines[i];
    g_autofree char *function = NULL;
    const char *word = line[0] == '#' ? line + 1 + strspn(line + 1, " \t") : "";
    if (g_str_has_prefix(word, "if")) {
      g_ptr_array_add(open, region_symbols(line));
    } else if (g_str_has_prefix(word, "el") && open->len > 0) {
      g_ptr_array_remove_index(open, open->len - 1);
      g_ptr_array_add(open, g_ptr_array_new_with_free_func(g_free));
    } else if (g_str_has_prefix(word, "endif") && open->len > 0) {
      g_ptr_array_remove_index(open, open->len - 1);
    } else if (open->len > 0 && (function = defined_function(line)) != NULL) {
      report_function(open, function, found, data);
    }
  }
}
