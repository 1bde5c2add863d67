/* test-rights.c - what an application keeps of root's rights: the rules, and whom they hold for.
 */
#include "base/files.h"
#include "base/proc.h"
#include "recipe/capabilities.h"
#include "rootfs/file-capabilities.h"
#include "rootfs/rights.h"

#include "bad-rules.h"

#include <string.h>
#include <unistd.h>

static char *none[] = {NULL};

static Tree *
small_tree(void) {
  Tree *tree = tree_new();
  tree_add_data(tree, "/etc/passwd",
                "root:x:0:0:root:/root:/bin/sh\nweb:x:33:34:www:/var/www:/bin/false\n", -1, 0644,
                from_package("base", "x"), NULL);
  tree_add_data(tree, "/etc/group", "root:x:0:\nadm:x:4:x,web\nwww:x:34:web\nssl:x:110:web\n", -1,
                0644, from_package("base", "x"), NULL);
  return tree;
}

typedef struct {
  const char *user, *group, *capabilities, *applets;
  int port;
  const char *import, *file;
  const char *account; /* expected */
  const char *kept;    /* expected */
} Case;

static void
check(const RightsRules *rules, const Case *one) {
  g_auto(GStrv) words = g_strsplit(one->capabilities != NULL ? one->capabilities : "", " ", -1);
  g_auto(GStrv) applets = g_strsplit(one->applets != NULL ? one->applets : "", " ", -1);
  RecipeRun run = {.name = (char *)"",
                   .command = (char *)"/bin/x",
                   .user = (char *)one->user,
                   .group = (char *)one->group,
                   .capabilities = one->capabilities != NULL ? words : none};
  Recipe recipe = {.name = (char *)"web",
                   .file = (char *)"web/recipe.conf",
                   .applets = one->applets != NULL ? applets : none,
                   .ready_port = one->port};
  g_autoptr(Tree) tree = small_tree();
  g_autoptr(Facts) facts = facts_new();
  g_autoptr(GError) error = NULL;
  g_auto(Confinement) found = {0};
  if (one->import != NULL)
    facts_add(facts, strcmp(one->import, "elf-static") == 0 ? FACTS_FROM_TYPES : FACTS_FROM_IMPORTS,
              one->import, one->file);
  g_assert_true(rights_find(rules, tree, &recipe, &run, facts, &found, &error));
  g_assert_no_error(error);
  g_autofree char *kept = capabilities_text(found.keep);
  g_assert_cmpstr(kept, ==, one->kept);
  g_assert_cmpstr(found.account, ==, one->account);
  g_assert_cmpuint(found.reasons->len > 0, ==, found.keep != 0 || one->capabilities != NULL);
}

static void
test_find(void) {
  static const Case cases[] = {
      {.kept = "dac_override"},
      {.user = "web", .account = "33:34,4,110", .kept = "none"},
      {.user = "web", .port = 80, .account = "33:34,4,110", .kept = "net_bind_service"},
      {.user = "web", .port = 1024, .account = "33:34,4,110", .kept = "none"},
      {.user = "web", .group = "adm", .account = "33:4", .kept = "none"},
      {.user = "7", .account = "7:7", .kept = "none"},
      {.group = "adm", .account = "0:4", .kept = "dac_override"},
      /* a user's program that could become another one may not */
      {.user = "web",
       .import = "setuid",
       .file = "/bin/x",
       .account = "33:34,4,110",
       .kept = "none"},
      {.import = "setuid", .file = "/bin/x", .kept = "dac_override kill setgid setuid"},
      {.import = "setuid", .file = "/lib/libcap.so.2", .kept = "dac_override"},
      {.import = "bind", .file = "/bin/x", .kept = "dac_override net_bind_service"},
      {.import = "capset", .file = "/bin/x", .kept = "all"},
      {.import = "qsort", .file = "/bin/x", .kept = "dac_override"},
      {.import = "elf-static",
       .file = "/bin/x",
       .kept = "chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service "
               "net_raw sys_chroot mknod audit_write setfcap"},
      {.applets = "sleep mount", .kept = "dac_override sys_admin"},
      {.applets = "sleep", .kept = "dac_override"},
      /* the recipe's word is the last */
      {.capabilities = "none", .import = "setuid", .file = "/bin/x", .kept = "none"},
      {.capabilities = "all", .kept = "all"},
      {.user = "web",
       .capabilities = "net_raw CAP_SYS_NICE",
       .port = 80,
       .account = "33:34,4,110",
       .kept = "net_raw sys_nice"},
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(RightsRules) rules = rights_rules_load(&error);
  g_assert_no_error(error);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    check(rules, &cases[i]);
}

/* The bytes that setcap(8) writes in each of its versions, and bytes that are none of them. */
static void
test_attribute(void) {
  static const guint8 one[12] = {1, 0, 0, 1, 0, 0x20},
                      two[20] = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0x40},
                      three[24] = {0, 0, 0, 3, 0x80}, four[24] = {0, 0, 0, 4, 0x80};
  g_assert_cmphex(file_capabilities_parse(one, sizeof one), ==, 1 << 13);
  g_assert_cmphex(file_capabilities_parse(two, sizeof two), ==, 0x4000002000);
  g_assert_cmphex(file_capabilities_parse(three, sizeof three), ==, 0x80);
  g_assert_cmphex(file_capabilities_parse(two, 12), ==, 0);
  g_assert_cmphex(file_capabilities_parse(four, sizeof four), ==, 0);
  g_assert_cmphex(file_capabilities_parse(one, 3), ==, 0);
}

/* What the tar of an installation says of its files. */
static void
test_archive(void) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-rights-XXXXXX", NULL);
  g_autofree char *tar = g_build_filename(folder, "a.tar", NULL);
  static const char script[] =
      "mkdir -p usr/bin && echo x >usr/bin/one && echo x >usr/bin/two && setcap cap_net_raw+ep "
      "usr/bin/one && tar -cf a.tar --format=posix --xattrs --xattrs-include=security.capability "
      "./usr";
  const char *const argv[] = {"sh", "-c", script, NULL};
  ProcSpec spec = {.argv = argv, .cwd = folder, .deadline = 60};
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GError) error = NULL;
  if (!proc_run(&spec, NULL, NULL)) {
    g_test_skip("setcap does not work here");
    g_assert_true(dir_remove(folder, NULL));
    return;
  }
  tree_add_data(tree, "/usr/bin/one", "x", 1, 0755, from_package("p", "x"), NULL);
  tree_add_data(tree, "/usr/bin/two", "x", 1, 0755, from_package("p", "x"), NULL);
  g_assert_true(file_capabilities_import(tar, tree, &error));
  g_assert_no_error(error);
  g_assert_cmphex(tree_find(tree, "/usr/bin/one")->capabilities, ==, 1 << 13);
  g_assert_cmphex(tree_find(tree, "/usr/bin/two")->capabilities, ==, 0);
  g_assert_true(truncate(tar, 700) == 0);
  g_assert_false(file_capabilities_import(tar, tree, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT);
  g_assert_true(dir_remove(folder, NULL));
}

/* What is kept where the image has a program NAME of MODE that gives CAPABILITIES, by an
 * application of USER whose recipe says OWN; and what is noted. */
static char *
kept_with_program(const char *name, unsigned mode, guint64 capabilities, const char *user,
                  const char *own) {
  g_auto(GStrv) words = g_strsplit(own, " ", -1);
  RecipeRun run = {
      .name = (char *)"", .command = (char *)"/bin/x", .user = (char *)user, .capabilities = words};
  g_autoptr(GPtrArray) runs = g_ptr_array_new(), notes = g_ptr_array_new_with_free_func(g_free);
  Recipe recipe = {.name = (char *)"web", .file = (char *)"f", .applets = none, .runs = runs};
  g_autoptr(Tree) tree = small_tree();
  g_autoptr(Facts) facts = facts_new();
  g_autoptr(RightsRules) rules = rights_rules_load(NULL);
  g_autoptr(GError) error = NULL;
  g_auto(Confinement) found = {0};
  g_autofree char *path = g_strconcat("/usr/bin/", name, NULL);
  g_ptr_array_add(runs, &run);
  tree_add_data(tree, path, "x", 1, mode, from_package("p", "x"), NULL)->capabilities =
      capabilities;
  g_assert_true(rights_find(rules, tree, &recipe, &run, facts, &found, &error));
  g_assert_no_error(error);
  rights_note(rules, tree, &recipe, notes);
  g_autofree char *kept = capabilities_text(found.keep);
  g_assert_cmpuint(notes->len, <=, 1);
  const char *noted = notes->len > 0 ? strstr(notes->pdata[0], "/usr/bin/") : "";
  return g_strconcat(kept, "; ", noted, NULL);
}

/* Programs that get rights by themselves elsewhere give none here: the application has them. */
static void
test_programs(void) {
  const guint64 raw = G_GUINT64_CONSTANT(1) << 13, setuid = G_GUINT64_CONSTANT(1) << 7;
  const struct {
    const char *name;
    unsigned mode;
    guint64 capabilities;
    const char *user, *own, *expected;
  } cases[] = {
      {"own-server", 0755, raw, "web", "", "net_raw; "},
      {"own-server", 0755, raw | setuid, "web", "", "net_raw; /usr/bin/own-server (setuid)"},
      {"own-server", 0755, raw, NULL, "", "dac_override net_raw; "},
      {"own-server", 0755, raw | setuid, "web", "none", "none; "},
      {"ping", 04755, 0, "web", "", "net_raw; "},
      {"ping", 0755, 0, "web", "", "none; "},
      {"su", 04755, 0, "web", "", "none; /usr/bin/su (setuid root)"},
      {"su", 04755, 0, "web", "setuid setgid", "setgid setuid; "},
      {"su", 04755, 0, NULL, "", "dac_override; "},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *kept = kept_with_program(cases[i].name, cases[i].mode, cases[i].capabilities,
                                              cases[i].user, cases[i].own);
    g_assert_cmpstr(kept, ==, cases[i].expected);
  }
}

static void
test_unknown_user(void) {
  RecipeRun run = {.name = (char *)"", .command = (char *)"/bin/x", .user = (char *)"moon"};
  Recipe recipe = {.name = (char *)"web", .file = (char *)"web/recipe.conf", .applets = none};
  g_autoptr(Tree) tree = small_tree();
  g_autoptr(Facts) facts = facts_new();
  g_autoptr(RightsRules) rules = rights_rules_load(NULL);
  g_autoptr(GError) error = NULL;
  g_auto(Confinement) found = {0};
  g_assert_false(rights_find(rules, tree, &recipe, &run, facts, &found, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(
      strstr(error->message, "'moon' is neither a number nor in the image's /etc/passwd"));
}

static void
test_refuses(void) {
  static const BadRules cases[] = {
      {"setuid when import setuid\n",
       "f:1: bad line \"setuid when import setuid\"; expected \" # R"},
      {"\nsetuit when import x  # y\n",
       "f:2: bad line \"setuit when import x\"; expected names of"},
      {"setuid when import  # y\n", "f:1: bad line \"setuid when import\"; expected CAPABILITY..."},
      {"when import x  # y\n", "f:1: bad line \"when import x\"; expected CAPABILITY..."},
      {"setuid when moon x  # y\n",
       "f:1: bad line \"setuid when moon x\"; expected import, applet"},
      {"setuid\xff when import x  # y\n", "f:1: "},
  };
  BAD_RULES_REFUSED(rights_rules_parse, cases);
}

/* The numbers are the kernel's: include/uapi/linux/capability.h. */
static void
test_masks(void) {
  static const char *const some[] = {"chown", "net_bind_service", "checkpoint_restore", NULL};
  g_assert_cmpuint(capabilities_mask(NULL), ==, 0);
  g_assert_cmpuint(capabilities_mask(some), ==, 1 | 1 << 10 | G_GUINT64_CONSTANT(1) << 40);
  g_assert_cmpuint(capabilities_count(capabilities_mask(some)), ==, 3);
  g_assert_cmpuint(capabilities_known(), ==, 41);
  g_assert_cmpstr(capability_name("CAP_KILL"), ==, "kill");
  g_assert_null(capability_name("CAP_"));
  g_assert_false(capability_valid("everything"));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rights/find", test_find);
  g_test_add_func("/rights/attribute", test_attribute);
  g_test_add_func("/rights/archive", test_archive);
  g_test_add_func("/rights/programs", test_programs);
  g_test_add_func("/rights/unknown-user", test_unknown_user);
  g_test_add_func("/rights/refuses", test_refuses);
  g_test_add_func("/rights/masks", test_masks);
  return g_test_run();
}
