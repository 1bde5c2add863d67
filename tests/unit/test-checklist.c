/* test-checklist.c - the hardening checklist: its file, and what of it a configuration has. */
#include "kernel/checklist.h"

#include <string.h>

static DotConfig *
config_of(const char *text) {
  g_autoptr(GError) error = NULL;
  DotConfig *config = config_parse(text, strlen(text), "config", &error);
  g_assert_no_error(error);
  return config;
}

static void
test_conditions(void) {
  static const struct {
    const char *condition;
    gboolean holds;
  } cases[] = {
      {"A=y", TRUE},
      {"A=n", FALSE},
      {"B=n", TRUE},
      {"NONE=n", TRUE},
      {"NONE=y", FALSE},
      {"B", TRUE},
      {"NONE", FALSE},
      {"MIN=65536", TRUE},
      {"MIN=4096", FALSE},
      {"LSM=*yama*", TRUE},
      {"LSM=*lock*", FALSE},
      {"A=y & B=n", TRUE},
      {"A=y & B=y", FALSE},
      {"B=y | A=y", TRUE},
      {"B=y & A=y | NONE=y", FALSE},
      {"NONE=y | A=y & B", TRUE},
      {"linux>=6.1.192", TRUE},
      {"linux>=6.1.193", FALSE},
      {"linux>=6.6.8", FALSE},
      {"linux>=5.19", TRUE},
      {"linux>=6.1", TRUE},
      {"linux>=6.10", FALSE},
  };
  g_autoptr(DotConfig) config = config_of("CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_MIN=65536\n"
                                          "CONFIG_LSM=\"yama,apparmor\"\n");
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    const ChecklistItem item = {(char *)"policy", (char *)cases[i].condition, (char *)"x"};
    if (checklist_item_holds(&item, config, "6.1.192") != cases[i].holds)
      g_error("%s: expected %d", cases[i].condition, cases[i].holds);
  }
}

static void
test_refuses(void) {
  static const char *const cases[][2] = {
      {"", "f: expected \"list: NAME\" and at least one line"},
      {"list: x\n", "f: expected \"list: NAME\""},
      {"list: x\nlist: y\n", "f:2: bad line \"list: y\"; expected \"list:\" once"},
      {"list: x\npolicy A=y\n", "f:2: bad line \"policy A=y\"; expected \" # REASON\""},
      {"list: x\nmoon A=y  # x\n", "f:2: bad line \"moon A=y\"; expected self-protection, policy"},
      {"list: x\npolicy A==>  # x\npolicy =y  # x\n",
       "f:3: bad line \"policy =y\"; expected SYMBOL="},
      {"list: x\npolicy linux>=six  # x\n",
       "f:2: bad line \"policy linux>=six\"; expected SYMBOL="},
      {"list: x\npolicy A=y |  # x\n", "f:2: bad line \"policy A=y |\"; expected SYMBOL="},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(checklist_parse(cases[i][0], strlen(cases[i][0]), "f", &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    if (!g_str_has_prefix(error->message, cases[i][1]))
      g_error("%s; expected %s", error->message, cases[i][1]);
  }
}

/* The one that comes with tinyx names its version, and knows options of each of its groups. */
static void
test_shipped(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Checklist) list = checklist_load(&error);
  g_assert_no_error(error);
  g_assert_nonnull(strstr(list->name, "kernel-hardening-checker 0."));
  g_assert_cmpuint(list->items->len, ==, 95); /* as many as that version has */
  g_autoptr(DotConfig) nothing = config_of("");
  g_autoptr(DotConfig) some = config_of("CONFIG_SLAB_FREELIST_RANDOM=y\nCONFIG_DEVMEM=y\n");
  guint none = checklist_count(list, nothing, "6.1.192");
  /* one more; two less: /dev/mem, and that access to it is not restricted */
  g_assert_cmpuint(checklist_count(list, some, "6.1.192"), ==, none - 1);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/checklist/conditions", test_conditions);
  g_test_add_func("/checklist/refuses", test_refuses);
  g_test_add_func("/checklist/shipped", test_shipped);
  return g_test_run();
}
