/* test-busybox.c - BusyBox's applet table and .config as text; the build itself is in
 * tests/slow/21-busybox.sh. */
#include "rootfs/busybox-private.h"

#include <string.h>

static const char header[] =
    "# define APPLET(name,l,s)  { #name, #name, l, s },\n"
    "IF_CAT(APPLET_NOFORK(cat, cat, BB_DIR_BIN, BB_SUID_DROP, cat))\n"
    "IF_TEST1(APPLET_NOFORK([,   test, BB_DIR_USR_BIN, BB_SUID_DROP, test))\n"
    "IF_SH_IS_ASH(  APPLET_ODDNAME(sh,   ash, BB_DIR_BIN, BB_SUID_DROP, ash))\n"
    "IF_SH_IS_HUSH(  APPLET_ODDNAME(sh,   hush, BB_DIR_BIN, BB_SUID_DROP, hush))\n"
    "IF_LSMOD(   IF_MODPROBE_SMALL(APPLET_NOEXEC( lsmod,    lsmod,    BB_DIR_SBIN, X, lsmod   )))\n"
    "IF_MOUNT(APPLET(mount, BB_DIR_BIN, IF_DESKTOP(BB_SUID_MAYBE) IF_NOT_DESKTOP(BB_SUID_DROP)))\n"
    "IF_LINUXRC(APPLET_ODDNAME(linuxrc, init, BB_DIR_ROOT, BB_SUID_DROP, linuxrc))\n";

static void
test_table(void) {
  static const struct {
    const char *name, *symbol, *folder;
  } wanted[] = {{"cat", "CAT", "/bin"},      {"[", "TEST1", "/usr/bin"},
                {"sh", "SH_IS_ASH", "/bin"}, {"lsmod", "LSMOD", "/sbin"},
                {"mount", "MOUNT", "/bin"},  {"linuxrc", "LINUXRC", "/"}};
  g_autoptr(GHashTable) table = applet_table_parse(header);
  g_assert_cmpuint(g_hash_table_size(table), ==, G_N_ELEMENTS(wanted));
  for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
    const Applet *applet = g_hash_table_lookup(table, wanted[i].name);
    g_assert_nonnull(applet);
    g_assert_cmpstr(applet->symbol, ==, wanted[i].symbol);
    g_assert_cmpstr(applet->folder, ==, wanted[i].folder);
  }
}

static void
test_pick(void) {
  static const char *const good[] = {"sh", "[", "cat", "sh", NULL}, *const bad[] = {"mout", NULL};
  g_autoptr(GHashTable) table = applet_table_parse(header);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) picked = applet_table_pick(table, good, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(picked->len, ==, 3);
  g_assert_cmpstr(((const Applet *)picked->pdata[0])->name, ==, "[");
  g_assert_null(applet_table_pick(table, bad, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_cmpstr(error->message, ==, "BusyBox has no applet 'mout' (near: mount)");
}

static void
test_fragment(void) {
  static const char text[] = "# comment\n\nCONFIG_STATIC=y  # one file\n"
                             "CONFIG_N=80  # when udhcpc; its default\n"
                             "CONFIG_PATH=\"/bin/x y\"  # when sh; where it is\n";
  static const char *const applets[] = {"sh", NULL};
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) options = busybox_fragment_parse(text, "f", applets, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(options->len, ==, 2);
  const BusyboxOption *path = options->pdata[1];
  g_assert_cmpstr(path->symbol, ==, "PATH");
  g_assert_cmpstr(path->value, ==, "\"/bin/x y\"");
  g_assert_cmpstr(path->origin, ==, "f:5");
  g_assert_null(busybox_fragment_parse("\nCONFIG_X=y\n", "f", applets, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_true(g_str_has_prefix(error->message, "f:2: \"CONFIG_X=y\"; expected CONFIG_SYMBOL="));
}

static void
test_merge(void) {
  static const char config[] = "# CONFIG_A is not set\nCONFIG_AB=\"\"\nCONFIG_N=0\n";
  g_autoptr(GPtrArray) options = busybox_options_new();
  g_autoptr(GError) error = NULL;
  busybox_option_add(options, "A", "y", "applet a");
  busybox_option_add(options, "N", "80", "f:3");
  g_autofree char *merged = busybox_config_merge(config, options, &error);
  g_assert_cmpstr(merged, ==, "CONFIG_A=y\nCONFIG_AB=\"\"\nCONFIG_N=80\n");
  g_assert_true(busybox_config_verify(merged, options, &error));
  g_assert_false(busybox_config_verify(config, options, &error));
  g_assert_nonnull(strstr(error->message, "applet a: asked CONFIG_A=y, came out as n"));
  g_assert_nonnull(strstr(error->message, "f:3: asked CONFIG_N=80, came out as 0"));
  g_clear_error(&error);
  busybox_option_add(options, "NONE", "y", "f:4");
  g_assert_null(busybox_config_merge(config, options, &error));
  g_assert_nonnull(strstr(error->message, "f:4: this BusyBox has no option CONFIG_NONE"));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/busybox/table", test_table);
  g_test_add_func("/busybox/pick", test_pick);
  g_test_add_func("/busybox/fragment", test_fragment);
  g_test_add_func("/busybox/merge", test_merge);
  return g_test_run();
}
