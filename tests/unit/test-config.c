/* test-config.c - launcher configurations: exactly the keys that chaos reads, and xl's quoting. */
#include "platform/xen-config.h"

#include <json-glib/json-glib.h>
#include <string.h>

static char mac0[] = "00:16:3e:00:00:01", mac1[] = "00:16:3e:00:00:02";
static char *const macs[] = {mac0, mac1, NULL};
static const XenConfig web = {.name = "web0",
                              .type = "pv",
                              .vdev = "xvda",
                              .kernel = "/img/web/vmlinux",
                              .ramdisk = "/img/web/initramfs.cpio.gz",
                              .cmdline = "console=hvc0",
                              .memory = 48,
                              .vifs = 1,
                              .macs = macs};

static void
test_xl(void) {
  XenConfig config = web;
  g_autofree char *text = NULL;
  config.cmdline = "a=\"b c\" d\\e";
  config.disk = "/img/web/rootfs.squashfs";
  text = xen_config_xl(&config);
  g_assert_nonnull(strstr(text, "name = \"web0\"\n"));
  g_assert_nonnull(strstr(text, "type = \"pv\"\n"));
  g_assert_nonnull(strstr(text, "cmdline = \"a=\\\"b c\\\" d\\\\e\"\n"));
  g_assert_nonnull(strstr(text, "memory = 48\nvcpus = 1\n"));
  g_assert_nonnull(strstr(text, "vif = [ \"mac=00:16:3e:00:00:01\" ]\n"));
  g_assert_nonnull(strstr(text, "vdev=xvda,access=ro,target=/img/web/rootfs.squashfs"));
}

/* None, two that the launcher names, two with names and a script. */
static void
test_xl_vifs(void) {
  XenConfig config = web;
  g_autofree char *none = NULL, *two = NULL, *named = NULL;
  config.vifs = 0;
  none = xen_config_xl(&config);
  g_assert_null(strstr(none, "vif"));
  config.vifs = 2;
  config.vif_script = "/s";
  named = xen_config_xl(&config);
  g_assert_nonnull(strstr(named, "vif = [ \"mac=00:16:3e:00:00:01,script=/s\", "
                                 "\"mac=00:16:3e:00:00:02,script=/s\" ]\n"));
  config.macs = NULL;
  config.vif_script = NULL;
  two = xen_config_xl(&config);
  g_assert_nonnull(strstr(two, "vif = [ \"\", \"\" ]\n"));
}

static guint
chaos_vif_count(int vifs) {
  XenConfig config = web;
  g_autofree char *text = NULL;
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *root;
  config.vifs = vifs;
  text = xen_config_chaos(&config);
  g_assert_true(json_parser_load_from_data(parser, text, -1, NULL));
  root = json_node_get_object(json_parser_get_root(parser));
  return json_array_get_length(json_object_get_array_member(root, "vifs"));
}

static void
test_chaos_vifs(void) {
  g_assert_cmpuint(chaos_vif_count(0), ==, 0);
  g_assert_cmpuint(chaos_vif_count(2), ==, 2);
}

static void
assert_known_keys(JsonObject *object, const char *const *known) {
  g_autoptr(GList) members = json_object_get_members(object);
  for (GList *m = members; m != NULL; m = m->next)
    if (!g_strv_contains(known, m->data))
      g_error("chaos does not know the key '%s'", (char *)m->data);
}

static void
test_chaos(void) {
  static const char *const top[] = {"name", "kernel", "ramdisk",      "cmdline", "memory", "vcpus",
                                    "vifs", "vbds",   "address_size", "paused",  "xen",    NULL};
  static const char *const vif[] = {"ip", "mac", "bridge", NULL};
  static const char *const vbd[] = {"target", "type", "vdev", "access", NULL};
  static const char *const xen[] = {"pvh", "dev_method", NULL};
  XenConfig config = web;
  g_autofree char *text = NULL;
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *root;
  config.disk = "/d";
  config.cmdline = NULL; /* chaos crashes without one */
  text = xen_config_chaos(&config);
  g_assert_true(json_parser_load_from_data(parser, text, -1, NULL));
  root = json_node_get_object(json_parser_get_root(parser));
  assert_known_keys(root, top);
  assert_known_keys(json_object_get_object_member(root, "xen"), xen);
  assert_known_keys(json_array_get_object_element(json_object_get_array_member(root, "vifs"), 0),
                    vif);
  assert_known_keys(json_array_get_object_element(json_object_get_array_member(root, "vbds"), 0),
                    vbd);
  g_assert_cmpstr(json_object_get_string_member(root, "cmdline"), ==, "");
  g_assert_cmpint(json_object_get_int_member(root, "memory"), ==, 48);
  g_assert_false(json_object_get_boolean_member(json_object_get_object_member(root, "xen"), "pvh"));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/config/xl", test_xl);
  g_test_add_func("/config/xl-vifs", test_xl_vifs);
  g_test_add_func("/config/chaos", test_chaos);
  g_test_add_func("/config/chaos-vifs", test_chaos_vifs);
  return g_test_run();
}
