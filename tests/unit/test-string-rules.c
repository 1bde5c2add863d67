/* test-string-rules.c - which strings of a configuration may come from others, and that nothing
 * else reaches the file that Kconfig reads. */
#include "kernel/config.h"
#include "kernel/lock.h"
#include "kernel/string-rules.h"

#include "base/dotconfig.h"
#include "base/files.h"

#include "bad-rules.h"

#include <string.h>

static void
test_parse(void) {
  static const BadRules bad[] = {
      {"CONFIG_A text\n", "f:1: bad line \"CONFIG_A text\"; expected \" # REASON\""},
      {"# x\nA text  # r\n", "f:2: bad line \"A text\"; expected CONFIG_NAME"},
      {"CONFIG_A any  # r\n", "expected CONFIG_NAME, then name, text or tree"},
      {"CONFIG_A text # r\nCONFIG_A name # r\n",
       "f:2: bad line \"CONFIG_A name\"; expected it once"},
  };
  BAD_RULES_REFUSED(string_rules_parse, bad);
}

static void
test_refuse(void) {
  static const char text[] =
      "CONFIG_N  name  # a name\nCONFIG_T text # a text\nCONFIG_R tree # r\n";
  static const struct {
    const char *symbol, *value;
    gboolean refused;
  } cases[] = {
      {"N", "\"-x.1+y_z\"", FALSE},
      {"N", "\"a b\"", TRUE},
      {"N", "\"a/b\"", TRUE},
      {"T", "\"console=hvc0,x root=/dev/vda (none)\"", FALSE},
      {"T", "\"a;b\"", TRUE},
      {"T", "\"a\\\"b\"", TRUE},
      {"T", "\"a\\\\\"", TRUE},
      {"T", "\"100%\"", TRUE},
      {"T", "\"a|b\"", TRUE},
      {"T", "\"a'b\"", TRUE},
      {"T", "\"\xc3\xa4\"", TRUE},
      {"T", "\"a\nb\"", TRUE},
      {"R", "\"x\"", TRUE},
      {"R", "\"\"", FALSE},
      {"OTHER", "\"x\"", TRUE},
      {"OTHER", "\"\"", FALSE},
      {"OTHER", "y", FALSE},
      {"OTHER", "0x10", FALSE},
      {"T", "\"", TRUE},
      {"N", "\"a", TRUE},
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(StringRules) rules = string_rules_parse(text, strlen(text), "f", &error);
  g_assert_no_error(error);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *why = string_rules_refuse(rules, cases[i].symbol, cases[i].value);
    g_assert_cmpint(why != NULL, ==, cases[i].refused);
  }
}

/* The shipped rules: what kbuild opens or runs is never asked for. */
static void
test_shipped(void) {
  static const char *const never[] = {
      "INITRAMFS_SOURCE",           "SYSTEM_TRUSTED_KEYS",   "SYSTEM_REVOCATION_KEYS",
      "SYSTEM_BLACKLIST_HASH_LIST", "MODULE_SIG_KEY",        "EXTRA_FIRMWARE",
      "EXTRA_FIRMWARE_DIR",         "ACPI_CUSTOM_DSDT_FILE", "BOOT_CONFIG_EMBED_FILE",
      "UNUSED_KSYMS_WHITELIST",     "CC_VERSION_TEXT",       "OUTPUT_FORMAT"};
  g_autoptr(GError) error = NULL;
  g_autoptr(StringRules) rules = string_rules_load(&error);
  g_assert_no_error(error);
  for (guint i = 0; i < G_N_ELEMENTS(never); i++) {
    g_autofree char *why = string_rules_refuse(rules, never[i], "\"x\"");
    g_assert_nonnull(why);
  }
  g_assert_null(string_rules_refuse(rules, "CMDLINE", "\"console=hvc0 quiet\""));
  g_assert_null(string_rules_refuse(rules, "DEFAULT_HOSTNAME", "\"(none)\""));
}

/* Values that begin a command in make or in a shell are no values at all. */
static void
test_values(void) {
  static const char *const bad[] = {"\"$(shell id)\"", "\"`id`\"", "\"a\tb\"",  "\"a\rb\"",
                                    "\"\x7f\"",        "$(id)",    "`id`",      "\"$$x\"",
                                    "y $(id)",         "\"${x}\"", "\"a\x1b[\""};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autofree char *line = g_strdup_printf("CONFIG_X=%s\n", bad[i]);
    g_autofree char *locked = g_strdup_printf(
        "# tinyx kernel lock 1\n# application: a\n# platform: b\n# linux: 6.1\nCONFIG_X=%s  # r\n",
        bad[i]);
    g_autoptr(GError) error = NULL, of_lock = NULL;
    g_assert_nonnull(config_value_check(bad[i]));
    g_assert_null(config_parse(line, strlen(line), "f", &error));
    g_assert_true(g_str_has_prefix(error->message, "f:1: "));
    g_assert_null(lock_parse(locked, strlen(locked), "l", &of_lock));
    g_assert_true(g_str_has_prefix(of_lock->message, "l:5: "));
  }
  g_assert_null(config_value_check("\"console=hvc0\""));
}

/* What Kconfig reads is written by one function, which refuses them whoever calls it. */
static void
test_gate(void) {
  static const char *const bad[][2] = {{"INITRAMFS_SOURCE", "\"/etc\""},
                                       {"CMDLINE", "\"$(shell id)\""},
                                       {"CMDLINE", "\"a;b\""},
                                       {"UNKNOWN", "\"x\""},
                                       {"A\nCONFIG_B", "y"},
                                       {"A", "y\nCONFIG_B=y"},
                                       {"A", "$(shell id)"}};
  g_autofree char *folder = g_dir_make_tmp("tinyx-strings-XXXXXX", NULL);
  g_autofree char *configs = g_build_filename(folder, "kernel/configs", NULL);
  g_autofree char *tiny = g_build_filename(configs, "tiny.config", NULL);
  g_autofree char *path = g_build_filename(folder, "all.config", NULL);
  const KernelSource source = {.folder = folder};
  g_assert_true(dir_make(configs, NULL) && file_write(tiny, "", 0, 0644, NULL));
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GPtrArray) chosen =
        g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
    g_autoptr(GError) error = NULL;
    g_ptr_array_add(chosen, symbol_request_new("EPOLL", "y", "f:1", "r"));
    g_ptr_array_add(chosen, symbol_request_new(bad[i][0], bad[i][1], "f:2", "r"));
    g_assert_false(config_write_fragment(&source, chosen, path, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_true(g_str_has_prefix(error->message, "f:2: "));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_ptr_array_remove_index(chosen, 1);
    g_ptr_array_add(chosen, symbol_request_new("CMDLINE", "\"console=hvc0\"", "f:2", "r"));
    g_assert_true(config_write_fragment(&source, chosen, path, NULL));
    g_assert_true(dir_remove(path, NULL));
  }
  g_assert_true(dir_remove(folder, NULL));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/string-rules/parse", test_parse);
  g_test_add_func("/string-rules/refuse", test_refuse);
  g_test_add_func("/string-rules/shipped", test_shipped);
  g_test_add_func("/string-rules/values", test_values);
  g_test_add_func("/string-rules/gate", test_gate);
  return g_test_run();
}
