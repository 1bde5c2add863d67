/* test-dotconfig.c - the one reader of .config files: lines, values, counting, writing. */
#include "base/dotconfig.h"
#include "base/files.h"

#include <glib/gstdio.h>
#include <string.h>

static DotConfig *
parse(const char *text) {
  g_autoptr(GError) error = NULL;
  DotConfig *config = config_parse(text, strlen(text), ".config", &error);
  g_assert_no_error(error);
  return config;
}

static void
test_values(void) {
  g_autoptr(DotConfig) config =
      parse("#\n# Automatically\n#\nCONFIG_A=y\n# CONFIG_B is not set\n"
            "CONFIG_C=0x200000\nCONFIG_D=\"x=y\"\nCONFIG_M=m\nCONFIG_E=\n# CONFIG_F=y\n");
  g_assert_cmpstr(config_value(config, "A"), ==, "y");
  g_assert_cmpstr(config_value(config, "B"), ==, "n");
  g_assert_cmpstr(config_value(config, "NOT_THERE"), ==, "n");
  g_assert_cmpstr(config_value(config, "D"), ==, "\"x=y\"");
  g_assert_cmpstr(config_value(config, "E"), ==, "");
  g_assert_cmpstr(config_value(config, "F"), ==, "n");
  g_assert_true(config_value_equal("2097152", config_value(config, "C")));
  g_assert_false(config_value_equal("y", config_value(config, "M")));
  g_assert_true(config_is_yes(config, "A"));
  g_assert_false(config_is_yes(config, "M"));
  g_assert_true(config_has(config, "B"));
  g_assert_false(config_has(config, "NOT_THERE"));
}

/* Only whole values of y count, wherever the file ends, and each symbol once. */
static void
test_count(void) {
  static const struct {
    const char *text;
    guint yes;
  } cases[] = {
      {"", 0},
      {"# CONFIG_B is not set\n", 0},
      {"CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=m\nCONFIG_D=y", 2},
      {"CONFIG_S=\"x=y\"\n\nCONFIG_N=7\n", 0},
      {"CONFIG_A=y\nCONFIG_A=y\n", 1},
      {"CONFIG_A=y\n# CONFIG_A is not set\n", 0},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(DotConfig) config = parse(cases[i].text);
    g_assert_cmpuint(config_count_yes(config), ==, cases[i].yes);
  }
}

static void
test_write(void) {
  g_autoptr(DotConfig) config = parse("# words\nCONFIG_B=y\n# CONFIG_A is not set\nCONFIG_N=1\n");
  config_set(config, "A", "y");
  config_set(config, "N", "0");
  config_set(config, "LAST", "\"x\"");
  config_set(config, "B", "n");
  g_autofree char *text = config_text(config);
  g_assert_cmpstr(text, ==, "# CONFIG_B is not set\nCONFIG_A=y\nCONFIG_N=0\nCONFIG_LAST=\"x\"\n");
  g_autofree char *names = g_strjoinv(" ", (char **)config_names(config));
  g_assert_cmpstr(names, ==, "B A N LAST");
  g_autoptr(DotConfig) again = parse(text);
  g_autofree char *same = config_text(again);
  g_assert_cmpstr(same, ==, text);
}

static void
test_refused(void) {
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"CONFIG_A=y\nA=y\n", ".config:2: \"A=y\" sets no symbol; expected CONFIG_NAME=VALUE or "},
      {"CONFIG_A\n", ".config:1: \"CONFIG_A\" sets no symbol; expected "},
      {"CONFIG_A-B=y\n", ".config:1: bad setting \"CONFIG_A-B=y\"; expected a name of letters"},
      {"\nCONFIG_A=yes\n", ".config:2: bad setting \"CONFIG_A=yes\"; expected y, n, a number"},
      {"CONFIG_A=\"x\n", ".config:1: bad setting \"CONFIG_A=\"x\"; expected y, n, a number"},
      {"CONFIG_A=y\n\xff\n", ".config:2: the byte 0xff is no text; expected UTF-8"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    const char *text = cases[i].text;
    g_assert_null(config_parse(text, strlen(text), ".config", &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    if (!g_str_has_prefix(error->message, cases[i].message))
      g_error("%s; expected %s", error->message, cases[i].message);
  }
}

static void
test_load(void) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-dotconfig-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "kernel.config", NULL);
  g_autoptr(GError) error = NULL;
  g_assert_null(config_load(path, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, path));
  g_clear_error(&error);
  g_assert_true(g_file_set_contents(path, "CONFIG_A=y\n", -1, NULL));
  g_autoptr(DotConfig) config = config_load(path, &error);
  g_assert_no_error(error);
  g_assert_true(config_is_yes(config, "A"));
  g_assert_true(dir_remove(folder, NULL));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dotconfig/values", test_values);
  g_test_add_func("/dotconfig/count", test_count);
  g_test_add_func("/dotconfig/write", test_write);
  g_test_add_func("/dotconfig/refused", test_refused);
  g_test_add_func("/dotconfig/load", test_load);
  return g_test_run();
}
