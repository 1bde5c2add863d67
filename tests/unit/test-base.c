/* test-base.c - what base/ has for lists of strings, messages that name a line, programs, JSON. */
#include "base/files.h"
#include "base/folder.h"
#include "base/json.h"
#include "base/place.h"
#include "base/program.h"
#include "base/strings.h"

#include <string.h>

static void
test_place_text(void) {
  g_autofree char *line = place_text("a.conf", 3), *whole = place_text("a.conf", 0);
  g_autofree char *note = place_message("a.conf", 12, "'%s' is left out", "x");
  g_assert_cmpstr(line, ==, "a.conf:3");
  g_assert_cmpstr(whole, ==, "a.conf");
  g_assert_cmpstr(note, ==, "a.conf:12: 'x' is left out");
}

static void
test_place_errors(void) {
  g_autoptr(GError) input = NULL, corrupt = NULL, prefixed = NULL;
  place_set_error(&input, "a.conf", 3, "'%s'; expected %s", "100%s", "a number");
  g_assert_error(input, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_cmpstr(input->message, ==, "a.conf:3: '100%s'; expected a number");
  place_set_error_code(&corrupt, TINYX_ERROR_CORRUPT, "list", 0, "cut off");
  g_assert_error(corrupt, TINYX_ERROR, TINYX_ERROR_CORRUPT);
  g_assert_cmpstr(corrupt->message, ==, "list: cut off");
  g_set_error_literal(&prefixed, TINYX_ERROR, TINYX_ERROR_FAILED, "no");
  place_prefix_error(&prefixed, "50%s", 7);
  g_assert_error(prefixed, TINYX_ERROR, TINYX_ERROR_FAILED);
  g_assert_cmpstr(prefixed->message, ==, "50%s:7: no");
  place_set_error(NULL, "a.conf", 3, "nobody asks");
}

static void
test_place_excerpt(void) {
  char text[200];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  text[0] = (char)0xff;
  g_autofree char *shown = place_excerpt(text);
  g_assert_true(g_utf8_validate(shown, -1, NULL));
  g_assert_cmpuint(g_utf8_strlen(shown, -1), ==, 60);
}

static void
test_place_check_text(void) {
  static const struct {
    const char *text;
    gsize size;
    const char *error; /* NULL: it is text */
  } cases[] = {
      {"", 0, NULL},
      {"a\n\xc3\xa4\n", 5, NULL},
      {"a\n\nb\xff", 5, "f:3: the byte 0xff is no text; expected UTF-8"},
      {"\0", 1, "f:1: the byte 0x00 is no text; expected UTF-8"},
      {"a\nb\0c", 5, "f:2: the byte 0x00 is no text; expected UTF-8"},
      {"a\xc3", 2, "f:1: the byte 0xc3 is no text; expected UTF-8"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(place_check_text(cases[i].text, cases[i].size, "f", &error), ==,
                    cases[i].error == NULL);
    g_assert_cmpstr(error != NULL ? error->message : NULL, ==, cases[i].error);
  }
}

static void
test_strings(void) {
  g_autoptr(GPtrArray) list = strings_new();
  g_assert_true(strings_add_once(list, "b"));
  g_assert_true(strings_add_once(list, "a"));
  g_assert_true(strings_add_once(list, "B"));
  g_assert_false(strings_add_once(list, "a"));
  g_assert_true(strings_contain(list, "B"));
  g_assert_false(strings_contain(list, "c"));
  g_assert_false(strings_contain(list, NULL));
  g_assert_false(strings_contain(NULL, "a"));
  strings_sort(list);
  g_autofree char *joined = strings_join(list, " ");
  g_assert_cmpstr(joined, ==, "B a b");
  g_auto(GStrv) copy = strings_copy(list);
  g_assert_cmpuint(g_strv_length(copy), ==, 3);
  g_assert_cmpstr(copy[2], ==, "b");
  g_ptr_array_set_size(list, 0);
  g_autofree char *none = strings_join(list, " ");
  g_auto(GStrv) empty = strings_copy(list);
  g_assert_cmpstr(none, ==, "");
  g_assert_null(empty[0]);
}

static void
test_strv(void) {
  g_auto(GStrv) list = g_new0(char *, 1);
  g_assert_true(strv_add_once(&list, "b"));
  g_assert_true(strv_add_once(&list, "a"));
  g_assert_true(strv_add_once(&list, "c"));
  g_assert_false(strv_add_once(&list, "a"));
  g_autofree char *all = g_strjoinv(" ", list);
  g_assert_cmpstr(all, ==, "b a c");
  g_assert_false(strv_remove(&list, "d"));
  g_assert_true(strv_remove(&list, "a"));
  g_assert_true(strv_remove(&list, "c"));
  g_autofree char *rest = g_strjoinv(" ", list);
  g_assert_cmpstr(rest, ==, "b");
  g_assert_true(strv_remove(&list, "b"));
  g_assert_null(list[0]);
}

static void
test_strings_sorted_keys(void) {
  g_autoptr(GHashTable) table = g_hash_table_new(g_str_hash, g_str_equal);
  g_autofree const char **none = strings_sorted_keys(table);
  g_assert_null(none[0]);
  g_hash_table_add(table, (gpointer) "b");
  g_hash_table_add(table, (gpointer) "a");
  g_hash_table_add(table, (gpointer) "_");
  g_autofree const char **keys = strings_sorted_keys(table);
  g_assert_cmpstr(keys[0], ==, "_");
  g_assert_cmpstr(keys[1], ==, "a");
  g_assert_cmpstr(keys[2], ==, "b");
  g_assert_null(keys[3]);
}

static gboolean
is_listed(const char *path, gpointer data) {
  return strings_contain(data, path);
}

static void
test_program_find(void) {
  static const struct {
    const char *name, *found;
  } cases[] = {
      {"both", "/usr/sbin/both"}, {"low", "/bin/low"}, {"/opt/x", "/opt/x"},
      {"/opt/y", NULL},           {"none", NULL},      {"", NULL},
      {"sub/low", NULL},
  };
  g_autoptr(GPtrArray) there = strings_new();
  strings_add_once(there, "/bin/both");
  strings_add_once(there, "/usr/sbin/both");
  strings_add_once(there, "/bin/low");
  strings_add_once(there, "/bin/sub/low");
  strings_add_once(there, "/opt/x");
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *path = program_find(cases[i].name, is_listed, there);
    g_assert_cmpstr(path, ==, cases[i].found);
  }
}

static void
test_folder_names(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp("test-base-XXXXXX", &error);
  static const char *const names[] = {"b.conf", "a.conf", ".hidden", "a"};
  g_assert_no_error(error);
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *path = g_build_filename(folder, names[i], NULL);
    g_assert_true(file_write(path, "", 0, 0644, &error));
  }
  g_autoptr(GPtrArray) all = folder_names(folder, NULL, &error);
  g_autoptr(GPtrArray) some = folder_names(folder, ".conf", &error);
  g_autofree char *all_text = strings_join(all, " "), *some_text = strings_join(some, " ");
  g_assert_cmpstr(all_text, ==, ".hidden a a.conf b.conf");
  g_assert_cmpstr(some_text, ==, "a.conf b.conf");
  g_assert_true(dir_remove(folder, &error));
  g_assert_null(folder_names(folder, NULL, NULL));
}

static void
test_json_write(void) {
  const char *const words[] = {"a", "b\xff", NULL};
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_put_string(json, "text", "x\xff");
  json_put_string(json, "none", NULL);
  json_put_int(json, "int", 7);
  json_put_bool(json, "bool", TRUE);
  json_put_rounded(json, "seconds", 1.256, 100);
  json_put_strings(json, "words", words);
  json_begin_object(json, "inner");
  json_builder_end_object(json);
  json_builder_end_object(json);
  g_autofree char *line = json_line(json);
  g_assert_cmpstr(
      line, ==,
      "{\"text\":\"x\xef\xbf\xbd\",\"none\":null,\"int\":7,\"bool\":true,\"seconds\":1.26,"
      "\"words\":[\"a\",\"b\xef\xbf\xbd\"],\"inner\":{}}\n");
}

/* A member of another type is none. */
static void
test_json_read(void) {
  static const char text[] = "{\"s\": \"t\", \"i\": 3, \"d\": 1.5, \"o\": {\"s\": \"in\"}, \"a\": "
                             "[\"x\", 1, \"y\"], \"n\": null}";
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *object = json_parse(parser, text, -1);
  g_assert_nonnull(object);
  g_assert_cmpstr(json_get_string(object, "s"), ==, "t");
  g_assert_null(json_get_string(object, "i"));
  g_assert_null(json_get_string(object, "o"));
  g_assert_null(json_get_string(object, "n"));
  g_assert_null(json_get_string(NULL, "s"));
  g_assert_cmpint(json_get_int(object, "i"), ==, 3);
  g_assert_cmpint(json_get_int(object, "s"), ==, 0);
  g_assert_cmpfloat(json_get_double(object, "d"), ==, 1.5);
  g_assert_cmpfloat(json_get_double(object, "i"), ==, 3);
  g_assert_cmpstr(json_get_string(json_get_object(object, "o"), "s"), ==, "in");
  g_assert_null(json_get_object(object, "s"));
  g_auto(GStrv) words = json_get_strings(object, "a"), none = json_get_strings(object, "no");
  g_autofree char *joined = g_strjoinv(" ", words);
  g_assert_cmpstr(joined, ==, "x y");
  g_assert_null(none[0]);
  g_assert_null(json_parse(parser, "[1]", -1));
  g_assert_null(json_parse(parser, "{", -1));
}

static void
test_json_load(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp("json-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "list.json", NULL);
  g_autofree char *expected = g_strconcat(path, ": expected a JSON object", NULL);
  g_autoptr(JsonParser) parser = json_parser_new();
  g_assert_null(json_load(parser, path, &error));
  g_assert_true(g_str_has_prefix(error->message, path));
  g_clear_error(&error);
  g_assert_true(file_write(path, "[]", 2, 0644, NULL));
  g_assert_null(json_load(parser, path, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT);
  g_assert_cmpstr(error->message, ==, expected);
  g_assert_true(dir_remove(folder, NULL));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_log_set_always_fatal(G_LOG_LEVEL_CRITICAL);
  g_test_add_func("/place/text", test_place_text);
  g_test_add_func("/place/errors", test_place_errors);
  g_test_add_func("/place/excerpt", test_place_excerpt);
  g_test_add_func("/place/check-text", test_place_check_text);
  g_test_add_func("/strings/list", test_strings);
  g_test_add_func("/strings/strv", test_strv);
  g_test_add_func("/strings/sorted-keys", test_strings_sorted_keys);
  g_test_add_func("/program/find", test_program_find);
  g_test_add_func("/folder/names", test_folder_names);
  g_test_add_func("/json/write", test_json_write);
  g_test_add_func("/json/read", test_json_read);
  g_test_add_func("/json/load", test_json_load);
  return g_test_run();
}
