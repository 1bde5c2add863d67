/* test-select.c - which files go into an image: small installations made up in a folder. */
#include "base/files.h"
#include "base/folder.h"
#include "base/proc.h"
#include "deps/packages.h"
#include "rootfs/recipe-files.h"
#include "rootfs/select.h"

#include "bad-rules.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *root;
  Tree *installed;
  GPtrArray *packages;
  Recipe *recipe;
  Patterns *prune;
  Tree *tree;
  GPtrArray *notes;
  char *rules;
} Fixture;

static const char recipe_text[] = "[recipe]\ndescription=d\npackages=app\n"
                                  "[run]\ncommand=/usr/bin/app --serve\n"
                                  "[image]\nexclude=/usr/share/app/big\n";

static void
package_add(Fixture *fixture, const char *name, const char *reason, const char *asked_by) {
  PackageDep *package = g_new0(PackageDep, 1);
  package->name = g_strdup(name);
  package->reason = g_strdup(reason);
  package->asked_by = g_strdup(asked_by);
  g_ptr_array_add(fixture->packages, package);
}

/* A file of the installation; with the sum that import_tar would have found. */
static TreeEntry *
file_put(Fixture *fixture, const char *path, const char *text, unsigned mode, const char *package,
         gboolean is_new) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = g_strconcat(fixture->root, path, NULL);
  g_autofree char *folder = g_path_get_dirname(copy);
  dir_make(folder, &error);
  file_write(copy, text, strlen(text), mode & 0777, &error);
  TreeFrom from = {.origin = !is_new           ? ORIGIN_BASE
                             : package != NULL ? ORIGIN_PACKAGE
                                               : ORIGIN_SCRIPT,
                   .package = package};
  TreeEntry *entry = tree_add_file(fixture->installed, path, copy, mode, from, &error);
  g_assert_no_error(error);
  entry->sha256 = file_sha256(copy, &error);
  g_assert_no_error(error);
  return entry;
}

static TreeEntry *
dir_put(Fixture *fixture, const char *path, const char *package) {
  g_autofree char *copy = g_strconcat(fixture->root, path, NULL);
  g_assert_true(dir_make(copy, NULL));
  return tree_add_dir(fixture->installed, path, 0755, from_package(package, NULL), NULL);
}

static void
link_put(Fixture *fixture, const char *path, const char *target, const char *package) {
  g_autofree char *copy = g_strconcat(fixture->root, path, NULL);
  g_autofree char *folder = g_path_get_dirname(copy);
  g_assert_true(dir_make(folder, NULL));
  g_assert_cmpint(symlink(target, copy), ==, 0);
  tree_add_symlink(fixture->installed, path, target, from_package(package, NULL), NULL);
}

static void
recipe_use(Fixture *fixture, const char *text) {
  g_autoptr(GError) error = NULL;
  g_clear_pointer(&fixture->recipe, recipe_free);
  fixture->recipe = recipe_parse(text, strlen(text), "/x/app/recipe.conf", &error);
  g_assert_no_error(error);
}

static void
set_up(Fixture *fixture, gconstpointer data) {
  static const char prune[] = "/usr/share/doc  # documents\n/var/log/*/*.log  # logs\n";
  (void)data;
  g_autoptr(GError) error = NULL;
  fixture->root = g_dir_make_tmp("tinyx-select-XXXXXX", &error);
  g_assert_no_error(error);
  fixture->installed = tree_new();
  fixture->tree = tree_new();
  fixture->packages = g_ptr_array_new_with_free_func((GDestroyNotify)package_dep_free);
  fixture->notes = g_ptr_array_new_with_free_func(g_free);
  fixture->prune = patterns_parse(prune, strlen(prune), "prune", &error);
  g_assert_no_error(error);
  fixture->rules = g_strconcat(fixture->root, ".rules", NULL);
  g_assert_true(file_write(fixture->rules, "", 0, 0644, &error));
  recipe_use(fixture, recipe_text);

  package_add(fixture, "app", "named", NULL);
  package_add(fixture, "app-data", "Depends of app", "app");
  package_add(fixture, "tools", "Depends of app", "app");
  package_add(fixture, "lang", "Depends of app", "app");
  file_put(fixture, "/usr/bin/app", "#!/usr/bin/lang\n", 0755, "app", TRUE);
  file_put(fixture, "/usr/bin/app-admin", "#!/usr/bin/lang\n", 04755, "app", TRUE)->gid = 8;
  file_put(fixture, "/usr/share/app/big", "big", 0644, "app", TRUE);
  file_put(fixture, "/usr/share/doc/app/README", "text", 0644, "app", TRUE);
  file_put(fixture, "/etc/app.conf", "conf", 0640, "app-data", TRUE)->uid = 33;
  file_put(fixture, "/usr/bin/lang", "#!/usr/bin/machine\n", 0755, "lang", TRUE);
  file_put(fixture, "/usr/bin/machine", "runs", 0755, NULL, FALSE);
  file_put(fixture, "/usr/share/lang/table", "table", 0644, "lang", TRUE);
  file_put(fixture, "/usr/bin/tool", "#!/usr/bin/lang\n", 0755, "tools", TRUE);
  file_put(fixture, "/usr/share/tools/data", "data", 0644, "tools", TRUE);
  file_put(fixture, "/usr/share/dropped/data", "data", 0644, "blacklisted", TRUE);
  file_put(fixture, "/etc/made", "made", 0644, NULL, TRUE);
  file_put(fixture, "/etc/passwd", "root:x:0:0::/:/bin/sh\n", 0644, NULL, FALSE);
  file_put(fixture, "/etc/motd", "hello", 0644, "base-files", FALSE);
  dir_put(fixture, "/var/log/app", "app-data")->uid = 33;
  file_put(fixture, "/var/log/app/app.log", "log", 0644, NULL, TRUE);
  dir_put(fixture, "/usr/lib/app/plugins", "app-data");
}

static void
tear_down(Fixture *fixture, gconstpointer data) {
  (void)data;
  dir_remove(fixture->root, NULL);
  unlink(fixture->rules);
  g_free(fixture->rules);
  g_free(fixture->root);
  tree_free(fixture->installed);
  tree_free(fixture->tree);
  g_ptr_array_unref(fixture->packages);
  g_ptr_array_unref(fixture->notes);
  patterns_free(fixture->prune);
  recipe_free(fixture->recipe);
}

static gboolean
run(Fixture *fixture, GError **error) {
  SelectInput input = {.recipe = fixture->recipe,
                       .root = fixture->root,
                       .installed = fixture->installed,
                       .packages = fixture->packages,
                       .prune = fixture->prune,
                       .rules = fixture->rules};
  return select_files(&input, fixture->tree, fixture->notes, error);
}

static const TreeEntry *
has(const Fixture *fixture, const char *path) {
  const TreeEntry *entry = tree_find(fixture->tree, path);
  if (entry == NULL)
    g_error("%s is not in the image", path);
  return entry;
}

static void
has_not(const Fixture *fixture, const char *path) {
  const TreeEntry *entry = tree_find(fixture->tree, path);
  if (entry != NULL)
    g_error("%s is in the image: %s", path, tree_reason_kind_name(entry->reason.kind));
}

/* PATH is in the image, for the reason KIND that BY and DETAIL (either may be NULL) say more of. */
static void
has_reason(const Fixture *fixture, const char *path, TreeReasonKind kind, const char *by,
           const char *detail) {
  const TreeReason *reason = &has(fixture, path)->reason;
  g_assert_cmpstr(tree_reason_kind_name(reason->kind), ==, tree_reason_kind_name(kind));
  g_assert_cmpstr(reason->by, ==, by);
  g_assert_cmpstr(reason->detail, ==, detail);
}

/* rootfs/prune's "of" keeps what a named package works with; else what it takes from /etc is noted,
 * and stays where the command names it. */
static void
test_prune_named(Fixture *fixture, gconstpointer data) {
  static const char prune[] = "/etc/app.d of app-*  # plugins\n/etc/jobs  # jobs\n";
  g_autoptr(GError) error = NULL;
  (void)data;
  patterns_free(fixture->prune);
  fixture->prune = patterns_parse(prune, strlen(prune), "prune", &error);
  file_put(fixture, "/etc/app.d/one", "1", 0644, "app", TRUE);
  file_put(fixture, "/etc/jobs/app", "1", 0644, "app", TRUE);
  file_put(fixture, "/etc/jobs/app.conf", "1", 0644, "app", TRUE);
  recipe_use(fixture, "[recipe]\ndescription=d\npackages=app app-x\n[run]\n"
                      "command=/usr/bin/app --conf=/etc/jobs/app.conf /none\n");
  g_assert_true(run(fixture, &error));
  g_assert_no_error(error);
  has(fixture, "/etc/app.d/one");
  has_not(fixture, "/etc/jobs/app");
  has_reason(fixture, "/etc/jobs/app.conf", REASON_COMMAND, NULL, NULL);
  guint said = 0;
  for (guint i = 0; i < fixture->notes->len; i++)
    said += g_str_has_suffix(fixture->notes->pdata[i], "include= brings them: /etc/jobs/app");
  g_assert_cmpuint(said, ==, 1);
}

static void
test_packages(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  (void)data;
  g_assert_true(run(fixture, &error));
  g_assert_no_error(error);
  has_reason(fixture, "/usr/bin/app", REASON_COMMAND, NULL, NULL);
  has_reason(fixture, "/usr/bin/app-admin", REASON_NAMED, "app", NULL);
  has_reason(fixture, "/etc/app.conf", REASON_DATA, "app-data", "Depends of app");
  has_reason(fixture, "/etc/made", REASON_SCRIPT, NULL, NULL);
  /* Where it comes from, and what was found of it there, goes along. */
  g_assert_cmpint(has(fixture, "/etc/made")->origin, ==, ORIGIN_SCRIPT);
  g_assert_cmpint(has(fixture, "/etc/made")->state, ==, STATE_NEW);
  g_assert_cmpint(has(fixture, "/etc/app.conf")->origin, ==, ORIGIN_PACKAGE);
  g_assert_cmpint(has(fixture, "/usr/bin/machine")->origin, ==, ORIGIN_BASE);
  g_assert_cmpstr(has(fixture, "/etc/app.conf")->sha256, ==,
                  tree_find(fixture->installed, "/etc/app.conf")->sha256);
  /* The interpreter, because a script names it; its data, because it is used. */
  has_reason(fixture, "/usr/bin/lang", REASON_SHEBANG, "/usr/bin/app", "#! /usr/bin/lang");
  has(fixture, "/usr/share/lang/table");
  /* A dependency with programs that nobody calls is left out with its data. */
  has_not(fixture, "/usr/bin/tool");
  has_not(fixture, "/usr/share/tools/data");
  /* Blacklisted, pruned, excluded, and what was in the base already. */
  has_not(fixture, "/usr/share/dropped/data");
  has_not(fixture, "/usr/share/doc/app/README");
  has_not(fixture, "/usr/share/doc");
  has_not(fixture, "/usr/share/app/big");
  has_not(fixture, "/etc/motd");
  has(fixture, "/etc/passwd");
}

static void
test_owners(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  (void)data;
  tree_find(fixture->installed, "/etc")->mode = 0711;
  g_assert_true(run(fixture, &error));
  const TreeEntry *admin = has(fixture, "/usr/bin/app-admin");
  g_assert_cmpuint(admin->mode, ==, 04755);
  g_assert_cmpuint(admin->gid, ==, 8);
  g_assert_cmpuint(has(fixture, "/etc/app.conf")->mode, ==, 0640);
  g_assert_cmpuint(has(fixture, "/etc/app.conf")->uid, ==, 33);
  g_assert_cmpuint(has(fixture, "/etc")->mode, ==, 0711);
}

static void
test_folders(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  (void)data;
  g_assert_true(run(fixture, &error));
  /* State whose content is pruned, and an empty folder. */
  g_assert_cmpuint(has(fixture, "/var/log/app")->uid, ==, 33);
  has_not(fixture, "/var/log/app/app.log");
  g_assert_cmpint(has(fixture, "/usr/lib/app/plugins")->type, ==, TREE_DIR);
}

static void
test_links(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  (void)data;
  link_put(fixture, "/bin", "usr/bin", "base-files");
  link_put(fixture, "/etc/enabled", "/etc/motd", "app-data");
  link_put(fixture, "/etc/nowhere", "missing", "app-data");
  link_put(fixture, "/usr/bin/app-link", "app", "app");
  g_assert_true(run(fixture, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(has(fixture, "/bin")->target, ==, "usr/bin");
  g_assert_cmpstr(has(fixture, "/etc/enabled")->target, ==, "/etc/motd");
  has(fixture, "/etc/motd"); /* because the link leads to it */
  g_assert_cmpint(has(fixture, "/etc/nowhere")->type, ==, TREE_SYMLINK);
  has(fixture, "/usr/bin/app-link");
}

static void
test_include(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  (void)data;
  recipe_use(fixture, "[recipe]\ndescription=d\npackages=app\n[run]\ncommand=/usr/bin/app\n"
                      "[image]\ninclude=/usr/share/doc/*/README;/usr/bin/tool;/etc/mot?\n");
  g_assert_true(run(fixture, &error));
  g_assert_no_error(error);
  has_reason(fixture, "/usr/share/doc/app/README", REASON_INCLUDE, NULL, NULL);
  has(fixture, "/etc/motd");
  /* The tool is used now, and so are its data. */
  has(fixture, "/usr/bin/tool");
  has(fixture, "/usr/share/tools/data");
}

/* What a traced test opened comes in with its closure, though pruned or of another package. */
static void
test_lock(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  g_autoptr(FilesLock) lock = files_lock_new("files.lock", "app");
  (void)data;
  files_lock_add(lock, FILES_ADD, "/usr/share/doc/app/README", REASON_OPENED, "/usr/bin/app");
  files_lock_add(lock, FILES_ADD, "/usr/bin/tool", REASON_OPENED, "/usr/bin/app");
  files_lock_add(lock, FILES_ADD, "/usr/gone", REASON_OPENED, "/usr/bin/app");
  SelectInput input = {.recipe = fixture->recipe,
                       .root = fixture->root,
                       .installed = fixture->installed,
                       .packages = fixture->packages,
                       .prune = fixture->prune,
                       .rules = fixture->rules,
                       .lock = lock};
  select_files(&input, fixture->tree, fixture->notes, &error);
  g_assert_no_error(error);
  has_reason(fixture, "/usr/share/doc/app/README", REASON_OPENED, "/usr/bin/app", NULL);
  has(fixture, "/usr/bin/tool");
  has(fixture, "/usr/bin/machine"); /* by which lang runs, by which tool does */
  gboolean said = FALSE;
  for (guint i = 0; i < fixture->notes->len; i++)
    said |= strstr(fixture->notes->pdata[i], "/usr/gone is not in the installed packages") != NULL;
  g_assert_true(said);
}

static void
test_include_nothing(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  (void)data;
  recipe_use(fixture, "[recipe]\ndescription=d\npackages=app\n[run]\ncommand=/usr/bin/app\n"
                      "[image]\ninclude=/usr/bin/none*\n");
  g_assert_false(run(fixture, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_cmpstr(error->message, ==,
                  "/x/app/recipe.conf:7: include: /usr/bin/none* matches nothing in the installed "
                  "packages");
}

/* A copy in the cache that was changed behind our back. */
static void
test_damaged(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = g_strconcat(fixture->root, "/etc/app.conf", NULL);
  (void)data;
  g_assert_true(file_write(copy, "fonc", 4, 0644, NULL));
  g_assert_false(run(fixture, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT);
  g_assert_nonnull(strstr(error->message, "/etc/app.conf is not what was installed"));
}

static void
test_prune_lines(void) {
  static const BadRules cases[] = {
      {"\n/a\n", "f:2: no reason after \"/a\"; expected PATTERN [of PACKAGE...]  # reason"},
      {"a # r\n", "f:1: no absolute path: \"a # r\"; expected PATTERN [of PACKAGE...]  # reason"},
      {"/a of # r\n",
       "f:1: no package after \"of\" in \"/a\"; expected PATTERN [of PACKAGE...]  # reason"},
      {"/a b # r\n", "f:1: a blank, or a slash at the end, in \"/a b\"; expected PATTERN [of "
                     "PACKAGE...]  # reason"},
  };
  BAD_RULES_REFUSED(patterns_parse, cases);
}

static void
test_patterns(void) {
  g_assert_true(pattern_matches("/usr/share/doc", "/usr/share/doc"));
  g_assert_true(pattern_matches("/usr/share/doc", "/usr/share/doc/a/b"));
  g_assert_false(pattern_matches("/usr/share/doc", "/usr/share/docs"));
  g_assert_false(pattern_matches("/usr/share/doc", "/usr/share"));
  g_assert_true(pattern_matches("/usr/lib/*/*.a", "/usr/lib/x/libc.a"));
  g_assert_false(pattern_matches("/usr/lib/*.a", "/usr/lib/x/libc.a"));
  g_assert_true(pattern_matches("/etc/rc[0-6S].d", "/etc/rcS.d/S01x"));
}

/* The list that comes with tinyx is one. */
static void
test_prune_file(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *path = data_path("rootfs/prune");
  g_autoptr(Patterns) patterns = patterns_read(path, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(patterns_match(patterns, "/usr/share/doc/nginx/copyright", NULL), ==,
                  "documents");
  g_assert_null(patterns_match(patterns, "/usr/sbin/nginx", NULL));
  g_assert_null(patterns_match(patterns, "/var/log/nginx", NULL));
  /* What a named package works with stays. */
  const char *const cron[] = {"cron-daemon-common", NULL}, *const other[] = {"nginx", NULL};
  g_assert_cmpstr(patterns_match(patterns, "/etc/crontab", other), ==, "jobs");
  g_assert_null(patterns_match(patterns, "/etc/crontab", cron));
  g_assert_null(patterns_match(patterns, "/etc/cron.d/mdadm", cron));
}

/* Same content, other umask and time: the same hash; other content, link or mode: another. */
static void
test_folder_hash(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  g_autofree char *file = g_strconcat(fixture->root, "/etc/made", NULL);
  (void)data;
  g_autofree char *first = folder_hash(fixture->root, &error);
  g_assert_no_error(error);
  g_assert_cmpint(chmod(file, 0600), ==, 0);
  g_autofree char *same = folder_hash(fixture->root, &error);
  g_assert_cmpstr(first, ==, same);
  g_assert_cmpint(chmod(file, 0700), ==, 0);
  g_autofree char *executable = folder_hash(fixture->root, &error);
  g_assert_cmpstr(first, !=, executable);
  g_assert_true(file_write(file, "edam", 4, 0600, &error));
  g_autofree char *content = folder_hash(fixture->root, &error);
  g_assert_cmpstr(first, !=, content);
}

#define ADD(name, function) g_test_add("/select/" name, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  ADD("packages", test_packages);
  ADD("prune-named", test_prune_named);
  ADD("owners", test_owners);
  ADD("folders", test_folders);
  ADD("links", test_links);
  ADD("include", test_include);
  ADD("lock", test_lock);
  ADD("include-nothing", test_include_nothing);
  ADD("damaged", test_damaged);
  ADD("folder-hash", test_folder_hash);
  g_test_add_func("/select/prune-lines", test_prune_lines);
  g_test_add_func("/select/patterns", test_patterns);
  g_test_add_func("/select/prune-file", test_prune_file);
  return g_test_run();
}
