/* test-glue.c - the glue on small trees: configuration and start texts, mounts, writable folders,
 * users. */
#include "rootfs/glue-private.h"

#include "bad-rules.h"

#include <glib/gstdio.h>
#include <string.h>

static char *none[] = {NULL};
static RecipeRun run; /* of recipe_of */

static Recipe
recipe_of(const char *command) {
  static gpointer list[] = {&run};
  static GPtrArray runs = {.pdata = list, .len = 1};
  run = (RecipeRun){.name = (char *)"",
                    .command = (char *)command,
                    .directory = (char *)"/",
                    .environment = none};
  return (Recipe){.name = (char *)"web",
                  .file = (char *)"web/recipe.conf",
                  .runs = &runs,
                  .mounts = none,
                  .writable = none,
                  .applets = none,
                  .vifs = 1};
}

static const char passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
                             "www-data:x:33:34:www:/var/www:/usr/sbin/nologin\n";

static Tree *
small_tree(void) {
  Tree *tree = tree_new();
  tree_add_data(tree, "/etc/passwd", passwd, -1, 0644, from_package("base", "users"), NULL);
  tree_add_data(tree, "/etc/group", "root:x:0:\nadm:x:4:\nwww-data:x:34:\n", -1, 0644,
                from_package("base", "x"), NULL);
  return tree;
}

static void
test_start(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  recipe_of("/usr/sbin/nginx -g 'daemon off;' \"it's\"");
  const Confinement nothing = {0}, web = {.keep = 0x400, .account = (char *)"33:34,4"};
  g_autofree char *plain = glue_start_text(&run, platform, NULL, &nothing);
  g_assert_cmpstr(plain, ==,
                  "on_exit='respawn'\nenvironment() {\ncd '/' 2>/dev/null\n}\nstart() {\ncd '/' || "
                  "return\nexec /etc/tinyx/confine 0 - '/usr/sbin/nginx' '-g' "
                  "'daemon off;' 'it'\\''s'\n}\n");
  char *environment[] = {(char *)"A=b=c d", (char *)"EMPTY=", NULL};
  run.command = (char *)"/bin/x";
  run.environment = environment;
  run.directory = (char *)"/srv/a b";
  run.user = (char *)"www-data";
  g_autofree char *user = glue_start_text(&run, platform, "/var/www", &web);
  g_assert_cmpstr(
      user, ==,
      "on_exit='respawn'\nenvironment() {\nexport USER='www-data'\nexport "
      "LOGNAME='www-data'\nexport HOME='/var/www'\nexport A='b=c d'\nexport "
      "EMPTY=''\ncd '/srv/a b' 2>/dev/null\n}\nstart() {\ncd '/srv/a b' || return\nexec "
      "/etc/tinyx/confine 400 33:34,4 '/bin/x'\n}\n");
  /* The exit status of what ends the domain is looked at. */
  run.on_exit = RECIPE_POWEROFF;
  g_autofree char *job = glue_start_text(&run, platform, NULL, &web);
  g_assert_nonnull(strstr(job, "|| return\n/etc/tinyx/confine 400 "));
  run.stop = (char *)"redis-cli shutdown";
  run.stop_signal = (char *)"INT";
  run.stop_seconds = 5;
  g_autofree char *stops = glue_start_text(&run, platform, NULL, &nothing);
  g_assert_nonnull(strstr(stops, "stop_signal='INT'\nstop_seconds=5\nstop() {\n{ redis-cli "
                                 "shutdown\n} || failed 'redis-cli shutdown'\n:\n}\n"));
  /* Its first process alone is asked, where that is known: not where a shell waits for it. */
  run.stop = NULL;
  run.stop_main = TRUE;
  g_autofree char *shells = glue_start_text(&run, platform, NULL, &nothing);
  g_assert_null(strstr(shells, "stop()"));
  run.on_exit = RECIPE_RESPAWN;
  g_autofree char *mains = glue_start_text(&run, platform, NULL, &nothing);
  g_assert_nonnull(strstr(mains, "stop() {\nkill -s INT \"$MAINPID\"\nn=0\nwhile kill -0 "
                                 "\"$MAINPID\" 2>/dev/null; do\nsleep $((n > 20))\n"
                                 "n=$((n + 1))\ndone\n:\n}\n"));
}

static void
test_forking(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  recipe_of("/usr/sbin/x -d");
  run.name = (char *)"other";
  run.forks = TRUE;
  run.before = (char *)"mkdir -p '/run/x'\n # why\n\nls &";
  const Confinement nothing = {0};
  g_autofree char *named = glue_start_text(&run, platform, NULL, &nothing);
  g_assert_cmpstr(
      named, ==,
      "on_exit='respawn'\nname='other'\nbefore() {\n{ mkdir -p "
      "'/run/x'\n} || failed 'mkdir -p '\\''/run/x'\\'''\n{ ls &\n} || failed 'ls &'\n:\n}\n"
      "environment() {\ncd '/' 2>/dev/null\n}\nstart() {\ncd '/' || return\n"
      "/etc/tinyx/reap /etc/tinyx/confine 0 - '/usr/sbin/x' "
      "'-d'\n}\n");
  run.pid_file = (char *)"/run/x.pid";
  g_autofree char *noted = glue_start_text(&run, platform, NULL, &nothing);
  g_assert_nonnull(strstr(noted, "\npid_file='/run/x.pid'\n"));
  g_assert_null(strstr(noted, "/etc/tinyx/reap"));
}

static void
test_inittab(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  static RecipeRun more = {.name = (char *)"b"};
  Recipe recipe = recipe_of("/bin/x");
  gpointer list[] = {&run, &more};
  GPtrArray two = {.pdata = list, .len = 2};
  recipe.runs = &two;
  static const char table[] = "::sysinit:/bin/sh /rc\n::respawn:/bin/sh /etc/tinyx/run\n";
  const GlueOnce none_of_them = {0}, all = {.rdnss = TRUE, .log = TRUE, .first = TRUE};
  g_autofree char *text = glue_inittab_text(&recipe, platform, &none_of_them, table);
  g_assert_cmpstr(text, ==,
                  "::sysinit:/bin/sh /rc\n::respawn:/bin/sh /etc/tinyx/run /etc/tinyx/start\n"
                  "::respawn:/bin/sh /etc/tinyx/run /etc/tinyx/start-b\n");
  g_autofree char *more_text = glue_inittab_text(&recipe, platform, &all, table);
  g_assert_true(g_str_has_prefix(more_text, "::sysinit:/etc/tinyx/rdnss\n::sysinit:/bin/sh /rc\n"));
  g_assert_cmpstr(
      strstr(more_text, "start-b\n"), ==,
      "start-b\n::sysinit:/bin/sh /etc/tinyx/log\n::sysinit:/bin/sh /etc/tinyx/first\n");
}

typedef struct {
  FactsEmitter emitter;
  const char *value, *file; /* of a fact */
  const char *with, *without_sockets;
  gboolean logs; /* with sockets of UNIX */
} LogCase;

/* The evidence of syslog(3), and what is none; without sockets of UNIX it is told. */
static void
test_log(void) {
  static const LogCase cases[] = {
      {FACTS_FROM_IMPORTS, "__syslog_chk", "/usr/sbin/cron", NULL,
       "import __syslog_chk in /usr/sbin/cron", TRUE},
      {FACTS_FROM_IMPORTS, "vsyslog", "/usr/lib/libdovecot.so.0", NULL,
       "import vsyslog in /usr/lib/libdovecot.so.0", TRUE},
      {FACTS_FROM_IMPORTS, "syslog", "/usr/lib/libcrypto.so.3", NULL, NULL, FALSE},
      {FACTS_FROM_IMPORTS, "syslog", "/usr/lib/postgresql/15/bin/postgres", NULL, NULL, FALSE},
      {FACTS_FROM_IMPORTS, "write", "/usr/sbin/cron", NULL, NULL, FALSE},
      {FACTS_FROM_BYTES, "/dev/log", "/srv/server", NULL, "string /dev/log in /srv/server", TRUE},
      {FACTS_FROM_BYTES, "import syslog", "/usr/bin/fail2ban", NULL,
       "string import syslog in /usr/bin/fail2ban", TRUE},
      {FACTS_FROM_BYTES, "/dev/log", "/usr/lib/python3.11/logging/handlers.py", NULL, NULL, FALSE},
      {FACTS_FROM_TEXT, "syslog", "/etc/redis/redis.conf", NULL,
       "fact net:syslog in /etc/redis/redis.conf", TRUE},
      {FACTS_FROM_IMPORTS, "write", "/usr/sbin/x", "syslog", NULL, TRUE},
  };
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
    for (gboolean sockets = FALSE; sockets <= TRUE; sockets++) {
      const LogCase *one = &cases[i];
      g_autoptr(Facts) facts = facts_new();
      g_autoptr(GError) error = NULL;
      g_autofree char *lost = NULL;
      char *with[] = {(char *)one->with, NULL};
      Recipe recipe = recipe_of("/bin/x");
      recipe.with = with;
      facts_add(facts, one->emitter, one->value, one->file);
      g_assert_true(glue_decide_log(&recipe, sockets, facts, &lost, &error));
      g_assert_no_error(error);
      g_assert_cmpint(glue_logs(facts), ==, sockets && one->logs);
      g_assert_cmpstr(lost, ==, sockets ? NULL : one->without_sockets);
    }
}

/* What an image with it has: the script, the applet, and where / is only read a link. */
static void
test_log_files(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autoptr(GError) error = NULL;
  Recipe recipe = recipe_of("/bin/x");
  char *applets[] = {(char *)"logger", NULL};
  recipe.applets = applets;
  for (RootfsFormat format = ROOTFS_CPIO; format <= ROOTFS_SQUASHFS; format++) {
    g_autoptr(Tree) tree = small_tree();
    g_autoptr(Facts) facts = facts_new();
    g_autofree char *lost = NULL;
    g_assert_true(glue_decide_log(&recipe, TRUE, facts, &lost, &error));
    g_auto(GStrv) names = glue_applets(&recipe, format, NULL, facts, &error);
    g_assert_true(g_strv_contains((const char *const *)names, "syslogd"));
    g_assert_true(glue_add(tree, &recipe, platform, format, NULL, facts, &error));
    g_assert_no_error(error);
    g_assert_nonnull(tree_find(tree, "/etc/tinyx/log"));
    g_autofree char *table = tree_text(tree, "/etc/inittab", NULL);
    g_assert_nonnull(strstr(table, "::sysinit:/bin/sh /etc/tinyx/log\n"));
    const TreeEntry *link = tree_find(tree, "/dev/log");
    g_assert_true(format == ROOTFS_SQUASHFS ? link != NULL && link->type == TREE_SYMLINK
                                            : link == NULL);
  }
}

static void
test_config(void) {
  static const char *const mounts[] = {"proc", "devpts", NULL}, *const folders[] = {"/run", "/a b",
                                                                                    NULL};
  Recipe recipe = recipe_of("/bin/x");
  g_autofree char *text = glue_config_text(&recipe, mounts, folders);
  g_assert_cmpstr(text, ==, "name='web'\nmounts='proc devpts'\nwritable='/run\n/a b'\nvifs=1\n");
}

static gboolean
has_word(char **words, const char *word) {
  return g_strv_contains((const char *const *)words, word);
}

static void
test_applets(void) {
  Recipe recipe = recipe_of("/bin/x");
  char *own[] = {(char *)"wget", NULL};
  recipe.applets = own;
  g_autoptr(Facts) facts = facts_new();
  g_auto(GStrv) plain = glue_applets(&recipe, ROOTFS_CPIO, NULL, facts, NULL);
  g_assert_true(has_word(plain, "init") && has_word(plain, "poweroff") && has_word(plain, "wget"));
  g_assert_true(has_word(plain, "ifconfig") && has_word(plain, "udhcpc"));
  g_assert_false(has_word(plain, "cp") || has_word(plain, "ln"));
  run.user = (char *)"www-data";
  g_auto(GStrv) disk = glue_applets(&recipe, ROOTFS_SQUASHFS, NULL, facts, NULL);
  g_assert_true(has_word(disk, "cp"));
  /* The links of /dev are made again over a devtmpfs; what has attributes goes to a tmpfs. */
  facts_add(facts, FACTS_FROM_BYTES, "/dev/net/tun", "/usr/sbin/vpn");
  facts_add(facts, FACTS_FROM_IMPORTS, "acl_set_file", "/usr/bin/setfacl");
  g_auto(GStrv) more = glue_applets(&recipe, ROOTFS_CPIO, NULL, facts, NULL);
  g_assert_true(has_word(more, "ln") && has_word(more, "cp"));
  g_assert_cmpstr(facts_find(facts, FACT_MOUNT, "tmpfs", NULL)->file, ==, "/usr/bin/setfacl");
  /* So does what asks for the room on a file system: a ramfs has none. */
  g_autoptr(Facts) rooms = facts_new();
  facts_add(rooms, FACTS_FROM_IMPORTS, "fstatvfs64", "/usr/sbin/cached");
  facts_add(rooms, FACTS_FROM_IMPORTS, "fstatvfs64", "/usr/lib/libarchive.so.13");
  g_auto(GStrv) room = glue_applets(&recipe, ROOTFS_CPIO, NULL, rooms, NULL);
  g_assert_true(has_word(room, "cp"));
  g_assert_cmpstr(facts_find(rooms, FACT_MOUNT, "tmpfs", NULL)->file, ==, "/usr/sbin/cached");
}

/* Without a network nothing of it is in the image, nor asked of the kernel. */
static void
test_no_network(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autoptr(Tree) tree = small_tree();
  g_autoptr(Facts) facts = facts_new();
  g_autoptr(GError) error = NULL;
  Recipe recipe = recipe_of("/bin/x");
  recipe.vifs = 0;
  g_auto(GStrv) applets = glue_applets(&recipe, ROOTFS_CPIO, NULL, facts, NULL);
  g_assert_true(has_word(applets, "init") && has_word(applets, "hostname"));
  g_assert_false(has_word(applets, "ifconfig") || has_word(applets, "udhcpc"));
  g_assert_true(glue_add(tree, &recipe, platform, ROOTFS_CPIO, NULL, facts, &error));
  g_assert_no_error(error);
  g_assert_nonnull(tree_find(tree, "/etc/tinyx/rc"));
  g_assert_null(tree_find(tree, "/etc/tinyx/net"));
  g_assert_null(tree_find(tree, "/etc/tinyx/dhcp"));
  g_assert_null(facts_find(facts, FACT_APPLET, "udhcpc", NULL));
}

/* Interfaces have the names that the platform's kernel gives them. */
static void
test_interfaces(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autoptr(Tree) tree = small_tree();
  g_autoptr(Facts) facts = facts_new();
  g_autoptr(GError) error = NULL;
  Recipe recipe = recipe_of("/bin/x");
  g_free(platform->network);
  platform->network = g_strdup("wan");
  g_assert_true(glue_add(tree, &recipe, platform, ROOTFS_CPIO, NULL, facts, &error));
  g_assert_no_error(error);
  gsize size;
  const char *bytes = g_bytes_get_data(tree_find(tree, "/etc/tinyx/net")->data, &size);
  g_autofree char *script = g_strndup(bytes, size);
  g_assert_nonnull(strstr(script, "parse wan0 "));
  g_assert_nonnull(strstr(script, "parse \"wan$number\""));
  g_assert_null(strstr(script, "eth"));
}

static void
test_users(void) {
  g_autoptr(Tree) tree = small_tree();
  g_auto(GlueUser) user = {0};
  unsigned gid = 99;
  g_assert_true(glue_user(tree, "www-data", &user));
  g_assert_cmpuint(user.uid, ==, 33);
  g_assert_cmpuint(user.gid, ==, 34);
  g_assert_cmpstr(user.home, ==, "/var/www");
  g_assert_true(glue_group(tree, "adm", &gid));
  g_assert_cmpuint(gid, ==, 4);
  g_assert_true(glue_group(tree, "1234", &gid));
  g_assert_cmpuint(gid, ==, 1234);
  g_assert_false(glue_group(tree, "nobody", &gid));
  g_auto(GlueUser) other = {0};
  g_assert_false(glue_user(tree, "www", &other));
}

static void
test_whole(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autoptr(Tree) tree = small_tree();
  g_autoptr(Facts) facts = facts_new();
  g_autoptr(GError) error = NULL;
  Recipe recipe = recipe_of("/bin/x");
  tree_add_data(tree, "/etc/hosts", "build machine", -1, 0644, from_package("base", "x"), NULL);
  tree_add_data(tree, "/etc/hostname", "mine", -1, 0644, from_origin(ORIGIN_RECIPE, "x"), NULL);
  tree_add_symlink(tree, "/sbin/init", "/lib/systemd/systemd", from_package("systemd", "x"), NULL);
  g_assert_true(glue_add(tree, &recipe, platform, ROOTFS_CPIO, NULL, facts, &error));
  g_assert_no_error(error);
  g_autofree char *hosts = tree_text(tree, "/etc/hosts", NULL);
  g_autofree char *hostname = tree_text(tree, "/etc/hostname", NULL);
  g_assert_cmpstr(hosts, ==, "127.0.0.1\tlocalhost\n127.0.1.1\tweb\n");
  g_assert_cmpstr(hostname, ==, "mine");
  g_autoptr(Tree) both = small_tree();
  facts_add(facts, FACTS_FROM_TEXT, "ipv6", NULL);
  g_assert_true(glue_add(both, &recipe, platform, ROOTFS_CPIO, NULL, facts, &error));
  g_autofree char *more = tree_text(both, "/etc/hosts", NULL);
  g_assert_cmpstr(more, ==,
                  "127.0.0.1\tlocalhost\n127.0.1.1\tweb\n::1\tlocalhost ip6-localhost "
                  "ip6-loopback\n");
  g_assert_null(tree_find(tree, "/etc/tinyx/rdnss"));
  g_assert_nonnull(tree_find(both, "/etc/tinyx/rdnss"));
  g_assert_cmpstr(tree_find(tree, "/sbin/init")->target, ==, "/bin/busybox");
  g_assert_cmpuint(tree_find(tree, "/tmp")->mode, ==, 01777);
  const TreeEntry *console = tree_find(tree, "/dev/console");
  g_assert_true(console->type == TREE_CHAR && console->rdev_major == 5 && console->rdev_minor == 1);
  g_assert_cmpstr(tree_find(tree, "/dev/stdout")->target, ==, "/dev/console");
  g_assert_nonnull(facts_find(facts, FACT_APPLET, "udhcpc", NULL));
  /* The kernel needs no BINFMT_SCRIPT for the glue. */
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    g_autofree char *text = entry->type == TREE_FILE ? tree_text(tree, entry->path, NULL) : NULL;
    g_assert_false(text != NULL && g_str_has_prefix(text, "#!"));
  }
}

/* Disks that the recipe names, and with the feature "block" the first four, with partitions. */
static void
test_disks(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autoptr(Tree) tree = small_tree();
  g_autoptr(Facts) facts = facts_new();
  g_autoptr(GError) error = NULL;
  Recipe recipe = recipe_of("/bin/x");
  run.before = (char *)"mount /dev/xvdb /srv; mount /dev/xvdf2 /mnt; ls /dev/xvdz99 /dev/xvd";
  g_assert_true(glue_add(tree, &recipe, platform, ROOTFS_CPIO, NULL, facts, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(tree_find(tree, "/dev/xvda")->rdev_minor, ==, 0);
  g_assert_cmpuint(tree_find(tree, "/dev/xvdb")->rdev_minor, ==, 16);
  const TreeEntry *part = tree_find(tree, "/dev/xvdf2");
  g_assert_true(part->type == TREE_BLOCK && part->rdev_major == 202 && part->rdev_minor == 82);
  g_assert_null(tree_find(tree, "/dev/xvdc"));
  g_assert_null(tree_find(tree, "/dev/xvdz99"));
  g_assert_nonnull(
      strstr(facts_notes(facts)->pdata[0], "/dev/xvdb, and the kernel knows no disks"));
  g_autoptr(Tree) squashfs = small_tree();
  g_autoptr(Facts) of_squashfs = facts_new();
  g_assert_true(glue_add(squashfs, &recipe, platform, ROOTFS_SQUASHFS, NULL, of_squashfs, &error));
  g_assert_nonnull(tree_find(squashfs, "/dev/xvdb"));
  g_assert_nonnull(strstr(facts_notes(of_squashfs)->pdata[0], "the kernel knows no ext4"));
  g_autoptr(Tree) other = small_tree();
  g_autoptr(Facts) none_yet = facts_new();
  char *with[] = {(char *)"block", NULL};
  run.before = NULL;
  recipe.with = with;
  g_assert_true(glue_add(other, &recipe, platform, ROOTFS_CPIO, NULL, none_yet, &error));
  g_assert_cmpuint(tree_find(other, "/dev/xvdd4")->rdev_minor, ==, 52);
  g_assert_null(tree_find(other, "/dev/xvde"));
  g_assert_cmpuint(facts_notes(none_yet)->len, ==, 0);
}

static void
test_unknown_user(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autoptr(Tree) tree = small_tree();
  g_autoptr(Facts) facts = facts_new();
  g_autoptr(GError) error = NULL;
  Recipe recipe = recipe_of("/bin/x");
  run.user = (char *)"postgres";
  g_assert_false(glue_add(tree, &recipe, platform, ROOTFS_CPIO, NULL, facts, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(
      strstr(error->message, "web/recipe.conf: user: 'postgres' is neither a number nor"));
}

static void
test_writable(void) {
  g_autoptr(Tree) tree = small_tree();
  g_autoptr(Facts) facts = facts_new();
  Recipe recipe = recipe_of("/bin/x");
  char *own[] = {(char *)"/srv/data", (char *)"/var/log/deep", (char *)"/not/there", NULL};
  recipe.writable = own;
  tree_add_dir(tree, "/run", 0755, from_package("x", "x"), NULL);
  tree_add_dir(tree, "/srv/data", 0755, from_package("x", "x"), NULL);
  tree_add_dir(tree, "/var/log/deep", 0755, from_package("x", "x"), NULL);
  tree_add_dir(tree, "/opt/nginx", 0755, from_package("x", "x"), NULL)->uid = 33;
  tree_add_dir(tree, "/opt/nginx/body", 0700, from_package("x", "x"), NULL)->uid = 33;
  tree_add_dir(tree, "/opt/nginx-other", 0777, from_package("x", "x"), NULL);
  tree_add_dir(tree, "/opt/mail", 02775, from_package("x", "x"), NULL)->gid = 8;
  tree_add_dir(tree, "/opt/quiet", 0755, from_package("x", "x"), NULL)->gid = 8;
  tree_add_dir(tree, "/var/lib/state", 0755, from_package("x", "x"), NULL);
  tree_add_symlink(tree, "/var/lock", "/run/lock", from_package("x", "x"), NULL);
  tree_add_dir(tree, "/run/lock", 01777, from_package("x", "x"), NULL);
  g_auto(GStrv) disk = glue_writable(tree, &recipe, ROOTFS_SQUASHFS, NULL, facts);
  g_autofree char *text = g_strjoinv(" ", disk);
  g_assert_cmpstr(text, ==,
                  "/opt/mail /opt/nginx /opt/nginx-other /run /srv/data /var/lib /var/log");
  g_auto(GStrv) memory = glue_writable(tree, &recipe, ROOTFS_CPIO, NULL, facts);
  g_assert_cmpuint(g_strv_length(memory), ==, 0);
  char *mounts[] = {(char *)"run", NULL};
  recipe.mounts = mounts;
  g_auto(GStrv) asked = glue_writable(tree, &recipe, ROOTFS_CPIO, NULL, facts);
  g_assert_cmpstr(asked[0], ==, "/run");
  facts_add(facts, FACTS_FROM_WRITABLE, "tmpfs", "/usr/bin/setfacl");
  g_auto(GStrv) all = glue_writable(tree, &recipe, ROOTFS_CPIO, NULL, facts);
  g_autofree char *all_text = g_strjoinv(" ", all);
  g_assert_cmpstr(all_text, ==, text);
}

/* By strings that a file shows, and by facts that something else shows; what is excepted shows
 * nothing. */
static void
test_mounts(void) {
  static const char rules_text[] = "mount proc when \"/proc/\"  # reason\n"
                                   "mount proc when fact loader:origin  # reason\n"
                                   "mount devpts when import grantpt getpt  # reason\n"
                                   "mount sys when \"/sys/class/\" \"/sys/block/\"  # reason\n"
                                   "except libc.so.*  # it names everything\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(MountRules) rules =
      mount_rules_parse(rules_text, strlen(rules_text), "mounts.rules", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(mount_rules_wanted(rules)->strings->len, ==, 3);
  g_autoptr(Facts) facts = facts_new();
  facts_add(facts, FACTS_FROM_BYTES, "/proc/", "/usr/lib/libc.so.6");
  g_assert_null(mount_rules_match(rules, "proc", facts));
  facts_add(facts, FACTS_FROM_BYTES, "/sys/block/", "/usr/bin/script");
  g_assert_cmpstr(mount_rules_match(rules, "sys", facts)->file, ==, "/usr/bin/script");
  facts_add(facts, FACTS_FROM_RPATH, "origin", "/usr/bin/java");
  g_assert_cmpstr(mount_rules_match(rules, "proc", facts)->file, ==, "/usr/bin/java");
  facts_add(facts, FACTS_FROM_BYTES, "/proc/", "/usr/bin/x");
  g_assert_cmpstr(mount_rules_match(rules, "proc", facts)->file, ==, "/usr/bin/x");
  g_assert_null(mount_rules_match(rules, "devpts", facts));
  g_assert_true(g_hash_table_contains(mount_rules_wanted(rules)->import_names, "getpt"));
  facts_add(facts, FACTS_FROM_IMPORTS, "getpt", "/usr/bin/screen");
  g_assert_cmpstr(mount_rules_match(rules, "devpts", facts)->file, ==, "/usr/bin/screen");
}

/* A file may say nothing of one mount, and of others what all say. */
static void
test_mount_excepts(void) {
  static const char text[] = "mount dev when \"/dev/net/tun\"  # x\n"
                             "mount proc when \"/proc/\"  # x\n"
                             "except ssh* ip for dev  # x\n";
  g_autoptr(MountRules) rules = mount_rules_parse(text, strlen(text), "f", NULL);
  g_autoptr(Facts) facts = facts_new();
  g_assert_nonnull(rules);
  facts_add(facts, FACTS_FROM_BYTES, "/proc/", "/usr/sbin/sshd");
  facts_add(facts, FACTS_FROM_BYTES, "/dev/net/tun", "/usr/sbin/sshd");
  facts_add(facts, FACTS_FROM_BYTES, "/dev/net/tun", "/usr/bin/ip");
  g_assert_null(mount_rules_match(rules, "dev", facts));
  g_assert_cmpstr(mount_rules_match(rules, "proc", facts)->file, ==, "/usr/sbin/sshd");
  facts_add(facts, FACTS_FROM_BYTES, "/dev/net/tun", "/usr/sbin/openvpn");
  g_assert_cmpstr(mount_rules_match(rules, "dev", facts)->file, ==, "/usr/sbin/openvpn");
}

/* What is mounted is a fact with the file that shows the need for it. */
static void
test_mount_facts(void) {
  g_autoptr(Facts) facts = facts_new();
  Recipe recipe = recipe_of("/bin/x");
  facts_add(facts, FACTS_FROM_BYTES, "/proc/", "/bin/x");
  facts_add(facts, FACTS_FROM_BYTES, "/dev/shm", "/bin/x");
  g_auto(GStrv) words = glue_mounts(&recipe, facts, NULL);
  g_autofree char *text = g_strjoinv(" ", words);
  g_assert_cmpstr(text, ==, "proc"); /* a folder does for shm */
  g_assert_cmpstr(facts_find(facts, FACT_MOUNT, "proc", NULL)->file, ==, "/bin/x");
  g_assert_null(facts_find(facts, FACT_MOUNT, "shm", NULL));
  char *named[] = {(char *)"shm", (char *)"dev", NULL};
  recipe.mounts = named;
  g_autoptr(Facts) asked = facts_new();
  g_auto(GStrv) own = glue_mounts(&recipe, asked, NULL);
  g_autofree char *own_text = g_strjoinv(" ", own);
  g_assert_cmpstr(own_text, ==, "dev shm");
  g_assert_null(facts_find(asked, FACT_MOUNT, "shm", NULL)->file);
}

static void
test_bad_mounts(void) {
  static const BadRules cases[] = {
      {"mount proc when \"/x\"\n", "f:1: bad line \"mount proc when \"/x\"\"; expected \""},
      {"\nmount moon when \"/x\" # y\n", "f:2: "},
      {"mount proc if \"/x\" # y\n", "expected mount KIND when"},
      {"mount proc when \"/x # y\n", "expected balanced quotes"},
      {"mount proc when \"\" # y\n", "expected names and strings that are not empty"},
      {"mount proc when import # y\n", "expected mount KIND when"},
      {"mount proc when import \"\" # y\n", "expected names and strings that are not empty"},
      {"mount proc when fact net:ipv5 # y\n", "expected facts that something says"},
      {"except a for moon # y\n", "dev, devpts, shm, tmpfs or log after \"for\""},
      {"except # y\n", "expected mount KIND when"}};
  BAD_RULES_REFUSED(mount_rules_parse, cases);
}

/* PAM refuses an account that is not in /etc/shadow, and the installation's own stays out. */
static void
test_shadow(void) {
  static const char accounts[] = "root:x:0:0:root:/root:/bin/bash\nweb:x:33:33::/:/bin/false\n";
  for (guint i = 0; i < 3; i++) {
    g_autoptr(Tree) tree = tree_new();
    g_autoptr(GError) error = NULL;
    tree_add_data(tree, "/etc/passwd", accounts, -1, 0644, from_origin(ORIGIN_BASE, "x"), NULL);
    tree_add_data(tree, "/etc/group", "root:x:0:\nshadow:x:42:\n", -1, 0644,
                  from_origin(ORIGIN_BASE, "x"), NULL);
    if (i > 0)
      tree_add_data(tree, "/usr/lib/x86_64-linux-gnu/security/pam_unix.so", "x", -1, 0644,
                    from_origin(ORIGIN_BASE, "x"), NULL);
    if (i > 1)
      tree_add_data(tree, "/etc/shadow", "own", -1, 0600, from_origin(ORIGIN_RECIPE, "x"), NULL);
    g_assert_true(glue_add_logins(tree, &error));
    g_assert_no_error(error);
    g_autofree char *text = tree_text(tree, "/etc/shadow", NULL);
    g_assert_cmpstr(text, ==, i == 0 ? NULL : i == 1 ? "root:*:::::::\nweb:*:::::::\n" : "own");
    g_autofree char *users = tree_text(tree, "/etc/passwd", NULL);
    g_assert_cmpint(g_str_has_prefix(users, "root:x:0:0:root:/root:/bin/sh\n"), ==, i > 0);
    if (i == 1) {
      g_assert_cmpuint(tree_find(tree, "/etc/shadow")->gid, ==, 42);
      g_assert_cmpuint(tree_find(tree, "/etc/shadow")->mode & 0777, ==, 0640);
    }
  }
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/glue/log", test_log);
  g_test_add_func("/glue/log-files", test_log_files);
  g_test_add_func("/glue/start", test_start);
  g_test_add_func("/glue/config", test_config);
  g_test_add_func("/glue/forking", test_forking);
  g_test_add_func("/glue/inittab", test_inittab);
  g_test_add_func("/glue/shadow", test_shadow);
  g_test_add_func("/glue/applets", test_applets);
  g_test_add_func("/glue/no-network", test_no_network);
  g_test_add_func("/glue/interfaces", test_interfaces);
  g_test_add_func("/glue/users", test_users);
  g_test_add_func("/glue/whole", test_whole);
  g_test_add_func("/glue/disks", test_disks);
  g_test_add_func("/glue/unknown-user", test_unknown_user);
  g_test_add_func("/glue/writable", test_writable);
  g_test_add_func("/glue/mounts", test_mounts);
  g_test_add_func("/glue/mount-facts", test_mount_facts);
  g_test_add_func("/glue/mount-excepts", test_mount_excepts);
  g_test_add_func("/glue/bad-mounts", test_bad_mounts);
  return g_test_run();
}
