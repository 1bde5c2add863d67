/* test-compare-debian.c - what tinyx compare makes of a Debian, so that a recipe's applications run
 * in it. */
#include "compare-world.h"
#include "compare/applets.h"
#include "compare/debian.h"
#include "compare/units.h"

#include "base/files.h"
#include "platform/xen-config.h"

#include <string.h>

static void
test_unit(void) {
  static const char text[] =
      "[recipe]\ndescription=a web server\n[run]\ncommand=/usr/sbin/web -p %d $X\n"
      "user=www\ndirectory=/srv\nenvironment=A=b\nbefore=mkdir /run/web\n[image]\nport=80\n";
  g_autoptr(Recipe) recipe = recipe_of("/nowhere", text);
  g_autofree char *unit = units_of_run(recipe, recipe->runs->pdata[0]);
  static const char *const lines[] = {"ExecStart=/usr/sbin/web -p %%d $$X\n",
                                      "User=www\n",
                                      "WorkingDirectory=/srv\n",
                                      "Environment=\"A=b\"\n",
                                      "ExecStartPre=+/bin/sh /etc/tinyx/tinyx-web.before\n",
                                      "Restart=always\n",
                                      "Type=exec\n"};
  for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
    if (strstr(unit, lines[i]) == NULL)
      g_error("no %s in:\n%s", lines[i], unit);
}

/* Adds the unit NAME of PACKAGE (NULL: of the recipe's own files), enabled for TARGET. */
static void
put_unit(Tree *tree, const char *package, const char *target, const char *name) {
  g_autofree char *path = g_strconcat("/usr/lib/systemd/system/", name, NULL);
  g_autofree char *link = g_strdup_printf("/etc/systemd/system/%s.wants/%s", target, name);
  tree_add_data(tree, path, "[Service]\nExecStart=/usr/share/web/start\n", -1, 0644,
                package != NULL ? from_package(package, "x") : from_origin(ORIGIN_RECIPE, "x"),
                NULL);
  tree_add_symlink(tree, link, path, from_origin(ORIGIN_NONE, "x"), NULL);
}

static gboolean
enabled(const Tree *tree, const char *target, const char *name) {
  g_autofree char *link = g_strdup_printf("/etc/systemd/system/%s.wants/%s", target, name);
  return tree_resolve(tree, link) != NULL;
}

/* The text of PATH in TREE; NULL: it is not there. g_free. */
static char *
text_of(const Tree *tree, const char *path) {
  const TreeEntry *entry = tree_find(tree, path);
  return entry != NULL
             ? g_strndup(g_bytes_get_data(entry->data, NULL), g_bytes_get_size(entry->data))
             : NULL;
}

/* What a Debian for the platform NAME gets: KEY (may be NULL) is what debian_image_key() says. */
static Tree *
debian_for(const char *name, const char *folder, char **key) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe =
      recipe_of(folder, "[recipe]\ndescription=x\n[run]\ncommand=/usr/bin/web\n");
  g_autoptr(GHashTable) base = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(Platform) platform = platform_load(name, &error);
  g_assert_no_error(error);
  Tree *tree = tree_new();
  g_assert_true(units_add(tree, recipe, platform, base, folder, &error));
  *key = debian_image_key(recipe, platform, "/root", folder, &error);
  g_assert_no_error(error);
  return tree;
}

/* Devices are the platform's; and how it is asked to end. */
static void
test_platforms(void) {
  static const struct {
    const char *platform, *fstab, *cmdline;
    gboolean by_console;
  } cases[] = {{"xen-pv", "/dev/xvda / ext4 errors=remount-ro 0 1\n",
                "root=/dev/xvda ro console=hvc0 loglevel=4 panic=-1 net.ifnames=0", FALSE},
               {"xen-pvh", "/dev/xvda / ext4 errors=remount-ro 0 1\n",
                "root=/dev/xvda ro console=hvc0 loglevel=4 panic=-1 net.ifnames=0", FALSE},
               {"qemu-microvm", "/dev/vda / ext4 errors=remount-ro 0 1\n",
                "root=/dev/vda ro console=ttyS0 loglevel=4 panic=-1 net.ifnames=0", TRUE}};
  g_autofree char *folder = g_dir_make_tmp("tinyx-platforms-XXXXXX", NULL);
  g_autofree char *web = g_build_filename(folder, "web", NULL);
  char *keys[G_N_ELEMENTS(cases)];
  g_assert_true(dir_make(web, NULL));
  put_file(web, "recipe.conf", "x", 1);
  put_file(folder, "stop", "#!/bin/sh\n", 10);
  put_file(folder, "console", "#!/bin/sh\n", 10);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Platform) platform = platform_load(cases[i].platform, NULL);
    g_autoptr(Tree) tree = debian_for(cases[i].platform, folder, &keys[i]);
    g_autofree char *fstab = text_of(tree, "/etc/fstab");
    g_autofree char *cmdline = debian_cmdline(platform);
    g_assert_true(debian_check_platform(platform, NULL));
    g_assert_cmpstr(fstab, ==, cases[i].fstab);
    g_assert_cmpstr(cmdline, ==, cases[i].cmdline);
    g_assert_true(enabled(tree, "multi-user.target", "tinyx-console.service") ==
                  cases[i].by_console);
    g_assert_true((tree_find(tree, "/etc/tinyx/console") != NULL) == cases[i].by_console);
    g_assert_true((tree_find(tree, "/etc/systemd/system/serial-getty@ttyS0.service") != NULL) ==
                  cases[i].by_console);
  }
  g_assert_cmpstr(keys[0], ==, keys[1]); /* one image for both of Xen's */
  g_assert_cmpstr(keys[0], !=, keys[2]);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    g_free(keys[i]);
  dir_remove(folder, NULL);
}

/* The domain that it becomes on Xen: its type, its disk (which is written to), its kernel's words.
 */
static void
test_domain(void) {
  static const char *const types[][2] = {{"xen-pv", "type = \"pv\"\n"},
                                         {"xen-pvh", "type = \"pvh\"\n"}};
  for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
    g_autoptr(Platform) platform = platform_load(types[i][0], NULL);
    g_autofree char *cmdline = debian_cmdline(platform);
    const PlatformImage image = {.name = "tinyx-web-1",
                                 .kernel = "/x/" DEBIAN_KERNEL,
                                 .initrd = "/x/" DEBIAN_INITRD,
                                 .disk = "/dev/vda",
                                 .cmdline = cmdline,
                                 .memory = 512,
                                 .vifs = 1};
    XenConfig config = xen_config_of(platform, &image);
    config.disk_writable = TRUE;
    g_autofree char *text = xen_config_xl(&config);
    const char *const lines[] = {
        types[i][1], "kernel = \"/x/vmlinuz\"\n", "ramdisk = \"/x/initrd\"\n",
        "cmdline = \"root=/dev/xvda ro console=hvc0 loglevel=4 panic=-1 net.ifnames=0\"\n",
        "vdev=xvda,access=rw,target=/dev/vda"};
    for (guint j = 0; j < G_N_ELEMENTS(lines); j++)
      if (strstr(text, lines[j]) == NULL)
        g_error("no %s in:\n%s", lines[j], text);
  }
}

/* Where Debian's kernels do not run, it is said, with where they do. */
static void
test_no_debian(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Platform) platform =
      platform_parse("bare",
                     "[platform]\ndescription=x\nfragment=f\nkernel=bzImage\nconsole=c\n"
                     "disk=d\nend=reboot\nshutdown=hypervisor\n",
                     "bare.conf", &error);
  g_assert_no_error(error);
  g_assert_false(debian_check_platform(platform, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "--platform bare: "));
  g_assert_nonnull(strstr(error->message, "one of: qemu-microvm, xen-pv, xen-pvh"));
}

/* Each after what it depends on, once, wherever below the release's folder it lies. */
static void
test_modules(void) {
  static const char net[] = "ELF\0license=GPL\0depends=ring,fail_over\0name=net";
  static const char ring[] = "ELF\0depends=\0name=ring", fail[] = "ELF\0depends=ring\0";
  static const char lost[] = "ELF\0depends=gone\0", round[] = "ELF\0depends=ring,round\0";
  static char first[] = "net", second[] = "ring", bad[] = "lost", self[] = "round";
  static char *const names[] = {first, second, NULL}, *const bad_names[] = {bad, NULL};
  static char *const round_names[] = {self, NULL};
  static const char *const order[] = {"/kernel/ring.ko", "/kernel/net/fail-over.ko",
                                      "/kernel/drivers/net/net.ko"};
  g_autofree char *folder = g_dir_make_tmp("tinyx-modules-XXXXXX", NULL);
  g_autofree char *kernel = g_build_filename(folder, "kernel", NULL);
  g_autofree char *deep = g_build_filename(kernel, "drivers/net", NULL);
  g_autofree char *core = g_build_filename(kernel, "net", NULL);
  g_autoptr(GError) error = NULL;
  g_assert_true(dir_make(deep, NULL) && dir_make(core, NULL));
  put_file(deep, "net.ko", net, sizeof net);
  put_file(core, "fail-over.ko", fail, sizeof fail);
  put_file(kernel, "ring.ko", ring, sizeof ring);
  put_file(kernel, "lost.ko", lost, sizeof lost);
  g_autoptr(GPtrArray) modules = debian_modules(folder, names, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(modules->len, ==, G_N_ELEMENTS(order));
  for (guint i = 0; i < G_N_ELEMENTS(order); i++)
    g_assert_true(g_str_has_suffix(modules->pdata[i], order[i]));
  put_file(kernel, "round.ko", round, sizeof round);
  g_autoptr(GPtrArray) circle = debian_modules(folder, round_names, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(circle->len, ==, 2);
  g_assert_null(debian_modules(folder, bad_names, &error));
  g_assert_nonnull(strstr(error->message, "no gone.ko below"));
  dir_remove(folder, NULL);
}

/* Services of the recipe's packages, and of what these brought along, make way, whatever they
 * start; timers, Debian's own and those of the recipe's files stay. */
static void
test_units(void) {
  static const char text[] =
      "[recipe]\ndescription=a web server\npackages=web\n[run]\ncommand=/usr/sbin/web\n";
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp("tinyx-units-XXXXXX", NULL);
  g_autoptr(Recipe) recipe = recipe_of(folder, text);
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autoptr(GHashTable) base = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(Tree) tree = tree_new();
  g_hash_table_add(base, (gpointer) "cron");
  put_file(folder, "stop", "#!/bin/sh\n", 10);
  put_unit(tree, "web", "multi-user.target", "web.service");
  put_unit(tree, "web-common", "multi-user.target", "web-helper.service");
  put_unit(tree, "web-common", "sockets.target", "web.socket");
  put_unit(tree, "web-common", "timers.target", "web.timer");
  put_unit(tree, "cron", "multi-user.target", "cron.service");
  put_unit(tree, NULL, "multi-user.target", "more.service");
  g_assert_true(units_add(tree, recipe, platform, base, folder, &error));
  g_assert_false(enabled(tree, "multi-user.target", "web.service"));
  g_assert_false(enabled(tree, "multi-user.target", "web-helper.service"));
  g_assert_false(enabled(tree, "sockets.target", "web.socket"));
  g_assert_true(enabled(tree, "timers.target", "web.timer"));
  g_assert_true(enabled(tree, "multi-user.target", "cron.service"));
  g_assert_true(enabled(tree, "multi-user.target", "more.service"));
  g_assert_true(enabled(tree, "multi-user.target", "tinyx-web.service"));
  dir_remove(folder, NULL);
}

static void
test_debian_packages(void) {
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) names = debian_packages_parse("# x\napt  why\n\nlinux   because of\n", "f", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(g_strv_length(names), ==, 2);
  g_assert_cmpstr(names[1], ==, "linux");
  g_assert_null(debian_packages_parse("apt why\nalone\n", "f", &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "f:2:"));
}

/* Links to Debian's BusyBox, for what it has and nothing else stands for. */
static void
test_applets(void) {
  static const char text[] =
      "[recipe]\ndescription=x\npackages=proxy\n[run]\ncommand=/usr/sbin/proxy\n[run one]\n"
      "command=/usr/sbin/httpd -f\n[run two]\ncommand=/usr/bin/tcpsvd 0 13 /bin/date\n"
      "[image]\napplets=httpd nc tcpsvd date\n";
  static const char names[] = "\0[\0date\0httpd\0nc";
  g_autofree char *folder = g_dir_make_tmp("tinyx-applets-XXXXXX", NULL);
  g_autofree char *busybox = g_build_filename(folder, "busybox", NULL);
  g_autoptr(Recipe) recipe = recipe_of(folder, text);
  g_autoptr(GError) error = NULL;
  g_autoptr(Tree) tree = tree_new();
  g_assert_true(applets_wanted(recipe));
  put_file(folder, "busybox", names, sizeof names);
  tree_add_symlink(tree, "/bin", "usr/bin", from_package("base-files", "x"), NULL);
  tree_add_data(tree, "/usr/sbin/proxy", "x", -1, 0755, from_package("proxy", "x"), NULL);
  tree_add_data(tree, "/usr/bin/date", "x", -1, 0755, from_package("coreutils", "x"), NULL);
  g_assert_false(applets_add(tree, recipe, &error));
  g_assert_nonnull(strstr(error->message, "no /bin/busybox"));
  g_clear_error(&error);
  g_assert_nonnull(
      tree_add_file(tree, "/usr/bin/busybox", busybox, 0755, from_package("busybox", "x"), &error));
  g_assert_true(applets_add(tree, recipe, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(tree_resolve(tree, "/usr/sbin/httpd")->path, ==, "/usr/bin/busybox");
  g_assert_cmpstr(tree_resolve(tree, "/usr/bin/nc")->path, ==, "/usr/bin/busybox");
  g_assert_cmpstr(tree_resolve(tree, "/bin/date")->package, ==, "coreutils");
  g_autofree char *missing = applets_missing_program(tree, recipe);
  g_assert_cmpstr(missing, ==, "/usr/bin/tcpsvd");
  dir_remove(folder, NULL);
}

/* Applets that only scripts of packages call are Debian's own programs there. */
static void
test_no_applets(void) {
  static const char text[] = "[recipe]\ndescription=x\npackages=web\n[run]\n"
                             "command=/usr/sbin/web\n[image]\napplets=dirname\n";
  static const char busybox[] = "[recipe]\ndescription=x\npackages=web\n[run]\n"
                                "command=/bin/busybox sh /srv/web\n";
  g_autoptr(Recipe) recipe = recipe_of("/nowhere", text);
  g_autoptr(Recipe) other = recipe_of("/nowhere", busybox);
  g_autoptr(Tree) tree = tree_new();
  g_assert_false(applets_wanted(recipe));
  g_assert_true(applets_wanted(other));
  tree_add_data(tree, "/usr/sbin/web", "x", -1, 0755, from_package("web", "x"), NULL);
  g_assert_null(applets_missing_program(tree, recipe));
  g_autofree char *missing = applets_missing_program(tree, other);
  g_assert_cmpstr(missing, ==, "/bin/busybox");
}

/* What files= names is on the disk, too. */
static void
test_key(void) {
  static const char text[] = "[recipe]\ndescription=x\nfiles=server:/usr/bin/server\n[run]\n"
                             "command=/usr/bin/server\n";
  g_autofree char *folder = g_dir_make_tmp("tinyx-key-XXXXXX", NULL);
  g_autofree char *web = g_build_filename(folder, "web", NULL);
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autoptr(GError) error = NULL;
  g_assert_true(dir_make(web, &error));
  put_file(web, "recipe.conf", text, strlen(text));
  put_file(web, "server", "one", 3);
  put_file(folder, "stop", "#!/bin/sh\n", 10);
  g_autoptr(Recipe) recipe = recipe_of(folder, text);
  g_autofree char *first = debian_image_key(recipe, platform, "/root", folder, &error);
  g_assert_no_error(error);
  g_autofree char *same = debian_image_key(recipe, platform, "/root", folder, &error);
  g_assert_cmpstr(first, ==, same);
  put_file(web, "server", "two", 3);
  g_autofree char *other = debian_image_key(recipe, platform, "/root", folder, &error);
  g_assert_cmpstr(first, !=, other);
  dir_remove(folder, NULL);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/compare/unit", test_unit);
  g_test_add_func("/compare/units", test_units);
  g_test_add_func("/compare/platforms", test_platforms);
  g_test_add_func("/compare/platforms/domain", test_domain);
  g_test_add_func("/compare/platforms/none", test_no_debian);
  g_test_add_func("/compare/modules", test_modules);
  g_test_add_func("/compare/debian-packages", test_debian_packages);
  g_test_add_func("/compare/debian-key", test_key);
  g_test_add_func("/compare/applets", test_applets);
  g_test_add_func("/compare/applets/none", test_no_applets);
  return g_test_run();
}
