/* test-given.c - what a recipe brings along: files/, and what files= names, with the libraries that
 * its programs need. */
#include "base/files.h"
#include "rootfs/given.h"
#include "rootfs/loader-environment.h"
#include "rootfs/recipe-files.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *folder, *root; /* of the recipe; of an installation */
  Tree *installed, *tree;
  GPtrArray *notes;
} Fixture;

static void
put(const char *folder, const char *name, const char *text, unsigned mode) {
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname(path);
  g_assert_true(dir_make(parent, &error));
  g_assert_true(file_write(path, text, strlen(text), mode, &error));
}

static void
installed_put(Fixture *fixture, const char *path, const char *text, unsigned mode) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = g_strconcat(fixture->root, path, NULL);
  put(fixture->root, path + 1, text, mode);
  tree_add_file(fixture->installed, path, copy, mode, from_package("tools", NULL), &error);
  g_assert_no_error(error);
}

static void
set_up(Fixture *fixture, gconstpointer data) {
  (void)data;
  fixture->folder = g_dir_make_tmp("tinyx-given-XXXXXX", NULL);
  fixture->root = g_dir_make_tmp("tinyx-given-XXXXXX", NULL);
  fixture->installed = tree_new();
  fixture->tree = tree_new();
  fixture->notes = g_ptr_array_new_with_free_func(g_free);
  installed_put(fixture, "/usr/bin/lang", "runs", 0755);
  put(fixture->folder, "web/files/etc/a.conf", "a", 0600);
  put(fixture->folder, "web/server", "#!/usr/bin/lang\n", 0700);
  put(fixture->folder, "data/one", "1", 0644);
  put(fixture->folder, "data/deep/two", "2", 0644);
}

static void
tear_down(Fixture *fixture, gconstpointer data) {
  (void)data;
  dir_remove(fixture->folder, NULL);
  dir_remove(fixture->root, NULL);
  g_free(fixture->folder);
  g_free(fixture->root);
  tree_free(fixture->installed);
  tree_free(fixture->tree);
  g_ptr_array_unref(fixture->notes);
}

static Recipe *
recipe_with(const Fixture *fixture, const char *files) {
  g_autoptr(GError) error = NULL;
  g_autofree char *file = g_build_filename(fixture->folder, "web", "recipe.conf", NULL);
  g_autofree char *text =
      g_strdup_printf("[recipe]\ndescription=d\nfiles=%s\n[run]\ncommand=/x\n", files);
  Recipe *recipe = recipe_parse(text, strlen(text), file, &error);
  g_assert_no_error(error);
  return recipe;
}

static void
add(Fixture *fixture, const char *files) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_with(fixture, files);
  g_autofree char *cache = g_build_filename(fixture->folder, "cache", NULL);
  g_setenv("TINYX_CACHE", cache, TRUE);
  recipe_files_add(fixture->tree, recipe, fixture->root, fixture->installed, fixture->notes, NULL,
                   &error);
  g_assert_no_error(error);
}

static const TreeEntry *
has(const Fixture *fixture, const char *path) {
  const TreeEntry *entry = tree_find(fixture->tree, path);
  if (entry == NULL)
    g_error("%s is not in the image", path);
  return entry;
}

static void
test_places(Fixture *fixture, gconstpointer data) {
  (void)data;
  add(fixture, "server:/usr/sbin/httpd server:/opt/ server ../data:/srv/www");
  g_assert_cmpuint(has(fixture, "/usr/sbin/httpd")->mode, ==, 0755);
  g_assert_cmpint(has(fixture, "/usr/sbin/httpd")->origin, ==, ORIGIN_RECIPE);
  g_assert_cmpint(has(fixture, "/usr/sbin/httpd")->state, ==, STATE_NEW);
  g_assert_cmpint(has(fixture, "/usr/sbin/httpd")->reason.kind, ==, REASON_FILES);
  g_assert_cmpint(has(fixture, "/etc/a.conf")->reason.kind, ==, REASON_FILES_FOLDER);
  g_assert_cmpuint(has(fixture, "/etc/a.conf")->mode, ==, 0600); /* as it is here */
  has(fixture, "/opt/server");
  has(fixture, "/server");
  g_assert_cmpint(has(fixture, "/srv/www")->type, ==, TREE_DIR);
  has(fixture, "/srv/www/one");
  has(fixture, "/srv/www/deep/two");
  /* What the "#!" line of a given program names comes from the installation. */
  g_assert_cmpint(has(fixture, "/usr/bin/lang")->origin, ==, ORIGIN_PACKAGE);
  g_assert_cmpint(has(fixture, "/usr/bin/lang")->reason.kind, ==, REASON_SHEBANG);
  g_assert_cmpstr(has(fixture, "/usr/bin/lang")->reason.by, ==, "/usr/sbin/httpd");
}

static char *
hash_with_modes(const Fixture *fixture) {
  g_autoptr(Recipe) recipe = recipe_with(fixture, "server");
  g_autoptr(GPtrArray) given = given_list(recipe, NULL);
  char *hash = given_hash(given, NULL);
  g_assert_nonnull(hash);
  return hash;
}

/* A recipe that was checked out under a strict umask makes the same image as any other; a file that
 * is closed while its recipe is open was meant so. */
static void
test_umask(Fixture *fixture, gconstpointer data) {
  (void)data;
  put(fixture->folder, "web/recipe.conf", "", 0600);
  g_autofree char *open = hash_with_modes(fixture);
  add(fixture, "server");
  g_assert_cmpuint(has(fixture, "/etc/a.conf")->mode, ==, 0644);
  put(fixture->folder, "web/recipe.conf", "", 0644);
  g_autofree char *closed = hash_with_modes(fixture);
  g_assert_cmpstr(open, !=, closed);
  add(fixture, "server");
  g_assert_cmpuint(has(fixture, "/etc/a.conf")->mode, ==, 0600);
  tree_add_data(fixture->tree, "/etc/a.conf", "old", -1, 0644, from_package("x", "x"), NULL);
  add(fixture, "server"); /* in place of a package's file that everybody reads */
  g_assert_cmpuint(has(fixture, "/etc/a.conf")->mode, ==, 0600);
}

/* A configuration that only its daemon could read stays so; a program stays one. */
static void
test_replaced(Fixture *fixture, gconstpointer data) {
  (void)data;
  tree_add_data(fixture->tree, "/etc/a.conf", "old", -1, 0640, from_package("x", "x"), NULL)->gid =
      7;
  tree_add_data(fixture->tree, "/opt/server", "old", -1, 0640, from_package("x", "x"), NULL)->uid =
      8;
  tree_add_data(fixture->tree, "/srv/server", "old", -1, 04711, from_package("x", "x"), NULL);
  add(fixture, "server:/opt/ server:/srv/");
  g_assert_cmpuint(has(fixture, "/etc/a.conf")->mode, ==, 0640);
  g_assert_cmpuint(has(fixture, "/etc/a.conf")->gid, ==, 7);
  g_assert_cmpint(has(fixture, "/etc/a.conf")->state, ==, STATE_CHANGED);
  g_assert_cmpuint(has(fixture, "/opt/server")->mode, ==, 0755);
  g_assert_cmpuint(has(fixture, "/opt/server")->uid, ==, 8);
  g_assert_cmpuint(has(fixture, "/srv/server")->mode, ==, 0711);
}

static void
test_links(Fixture *fixture, gconstpointer data) {
  g_autofree char *link = g_build_filename(fixture->folder, "web", "link", NULL);
  g_autofree char *run = g_build_filename(fixture->root, "home", NULL);
  (void)data;
  /* One that files= names is what it leads to. */
  g_assert_cmpint(symlink("server", link), ==, 0);
  /* The installation's links lead on inside it, never out to this machine. */
  g_assert_cmpint(symlink("/usr", run), ==, 0);
  tree_add_dir(fixture->installed, "/usr", 0755, (TreeFrom){.origin = ORIGIN_SCRIPT}, NULL);
  tree_add_symlink(fixture->installed, "/home", "/usr", (TreeFrom){.origin = ORIGIN_SCRIPT}, NULL);
  tree_add_dir(fixture->tree, "/usr", 0755, from_origin(ORIGIN_NONE, "x"), NULL);
  tree_add_symlink(fixture->tree, "/home", "/usr", from_origin(ORIGIN_NONE, "x"), NULL);
  add(fixture, "link:/home/tinyx-given-test");
  g_assert_cmpint(has(fixture, "/usr/tinyx-given-test")->type, ==, TREE_FILE);
  has(fixture, "/usr/bin/lang");
  g_assert_false(g_file_test("/usr/tinyx-given-test", G_FILE_TEST_EXISTS));
}

static void
test_leads_out(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_with(fixture, "server:/etc/out/tinyx-given-test");
  g_autofree char *cache = g_build_filename(fixture->folder, "cache", NULL);
  g_autofree char *link = g_build_filename(fixture->folder, "web/files/etc/out", NULL);
  (void)data;
  g_setenv("TINYX_CACHE", cache, TRUE);
  g_assert_cmpint(symlink("/tmp", link), ==, 0);
  g_assert_false(recipe_files_add(fixture->tree, recipe, fixture->root, fixture->installed,
                                  fixture->notes, NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "leads out of the image"));
  g_assert_false(g_file_test("/tmp/tinyx-given-test", G_FILE_TEST_EXISTS));
}

static void
test_missing(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_with(fixture, "serfer:/usr/bin/x");
  (void)data;
  g_assert_null(given_list(recipe, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, ": files: there is no file and no folder"));
  g_assert_nonnull(strstr(error->message, "/web/serfer"));
}

static char *
hash_of(const Fixture *fixture, const char *files) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_with(fixture, files);
  g_autoptr(GPtrArray) given = given_list(recipe, &error);
  char *hash = given != NULL ? given_hash(given, &error) : NULL;
  g_assert_no_error(error);
  return hash;
}

/* The key of an image has to change with what is outside of the recipe's folder. */
static void
test_hash(Fixture *fixture, gconstpointer data) {
  (void)data;
  g_autofree char *first = hash_of(fixture, "../data:/a");
  g_autofree char *same = hash_of(fixture, "../data:/a");
  g_autofree char *elsewhere = hash_of(fixture, "../data:/b");
  put(fixture->folder, "data/deep/two", "3", 0644);
  g_autofree char *changed = hash_of(fixture, "../data:/a");
  g_assert_cmpstr(first, ==, same);
  g_assert_cmpstr(first, !=, elsewhere);
  g_assert_cmpstr(first, !=, changed);
}

#define ADD(name, function) g_test_add("/given/" name, Fixture, NULL, set_up, function, tear_down)

/* By its path, or through a link; a link within the folder is well. */
static void
test_outside(Fixture *fixture, gconstpointer data) {
  (void)data;
  static const struct {
    const char *files;
    guint outside;
  } cases[] = {{"server:/x", 0},        {"../data:/x", 1},     {"/etc/passwd:/x", 1},
               {"out:/x", 1},           {"within:/x", 0},      {"over/passwd:/x", 1},
               {"../web/server:/x", 0}, {"gone:/x", 0},        {"server ../data /etc", 2},
               {"../webby:/x", 1},      {"./files/../out", 1}, {"over", 1}};
  g_autofree char *web = g_build_filename(fixture->folder, "web", NULL);
  g_autofree char *out = g_build_filename(web, "out", NULL);
  g_autofree char *within = g_build_filename(web, "within", NULL);
  g_autofree char *over = g_build_filename(web, "over", NULL);
  put(fixture->folder, "webby", "another folder whose name begins so", 0644);
  g_assert_cmpint(symlink("/etc/passwd", out), ==, 0);
  g_assert_cmpint(symlink("server", within), ==, 0);
  g_assert_cmpint(symlink("/etc", over), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Recipe) recipe = recipe_with(fixture, cases[i].files);
    g_autoptr(GPtrArray) outside = given_outside(recipe);
    g_assert_cmpuint(outside->len, ==, cases[i].outside);
  }
}

/* What each application is started with: folders as the loader takes them, names of libraries. */
static void
test_loader_environment(void) {
  static const char text[] =
      "[recipe]\ndescription=d\npackages=x\n[run]\ncommand=/x\ndirectory=/srv\n"
      "environment=LD_LIBRARY_PATH=old LD_LIBRARY_PATH=/a::b;$ORIGIN/lib \"LD_PRELOAD=x.so "
      "y.so:z\"\n"
      "[run two]\ncommand=/y\nenvironment=LD_AUDIT=a.so XLD_PRELOAD=n.so\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_parse(text, strlen(text), "/none/recipe.conf", &error);
  g_assert_no_error(error);
  g_auto(LoaderEnvironment) environment = loader_environment(recipe);
  g_assert_cmpstr(environment.ld_library_path, ==, "/a:/srv:/srv/b:$ORIGIN/lib");
  g_assert_cmpstr(environment.preload, ==, "x.so:y.so:z:a.so");
  g_assert_true(environment.differs);
  g_assert_false(environment.has_files);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/given/loader-environment", test_loader_environment);
  ADD("umask", test_umask);
  ADD("places", test_places);
  ADD("replaced", test_replaced);
  ADD("links", test_links);
  ADD("leads-out", test_leads_out);
  ADD("missing", test_missing);
  ADD("hash", test_hash);
  ADD("outside", test_outside);
  return g_test_run();
}
