/* test-trace.c - a trace against an image: what is added, what could be dropped, and which of that
 * a test needs; the lock that keeps it. */
#include "base/files.h"
#include "minimize/explain.h"
#include "trace/container.h"
#include "trace/drop.h"
#include "trace/strace.h"

#include <string.h>

typedef struct {
  char *folder; /* the bytes of files */
  Tree *plan, *installed;
  Patterns *skip;
  GString *uses;
} Fixture;

static TreeEntry *
put(Fixture *fixture, Tree *tree, const char *path, const char *text, TreeFrom from) {
  g_autoptr(GError) error = NULL;
  g_autofree char *source = g_strconcat(fixture->folder, path, NULL);
  g_autofree char *folder = g_path_get_dirname(source);
  g_assert_true(dir_make(folder, &error));
  g_assert_true(file_write(source, text, strlen(text), 0644, &error));
  TreeEntry *entry = tree_add_file(tree, path, source, 0644, from, &error);
  g_assert_no_error(error);
  return entry;
}

/* A file of the installation. */
static void
installed(Fixture *fixture, const char *path, const char *text) {
  put(fixture, fixture->installed, path, text, from_package("app", NULL));
}

/* A file of the installation, and of the image. */
static void
both(Fixture *fixture, const char *path, const char *text, TreeReasonKind kind, const char *by) {
  TreeFrom from = {.origin = ORIGIN_PACKAGE, .package = "app", .kind = kind, .by = by};
  installed(fixture, path, text);
  put(fixture, fixture->plan, path, text, from);
}

static void
used(Fixture *fixture, const char *kind, const char *path) {
  g_string_append_printf(fixture->uses, "%s\t%s\t/usr/bin/app\n", kind, path);
}

static void
set_up(Fixture *fixture, gconstpointer data) {
  static const char skip[] = "/tmp  # made\n/etc/ld.so.cache  # looked into\n";
  g_autoptr(GError) error = NULL;
  (void)data;
  fixture->folder = g_dir_make_tmp("tinyx-trace-XXXXXX", &error);
  g_assert_no_error(error);
  fixture->plan = tree_new();
  fixture->installed = tree_new();
  fixture->uses = g_string_new(NULL);
  fixture->skip = patterns_parse(skip, strlen(skip), "skip", &error);
  g_assert_no_error(error);
  both(fixture, "/usr/bin/app", "#!/usr/bin/lang -x\n", REASON_NAMED, "app");
  both(fixture, "/usr/bin/lang", "interpreter", REASON_TARGET, NULL);
  both(fixture, "/usr/share/app/read", "read", REASON_NAMED, "app");
  both(fixture, "/usr/share/app/help", "help, help", REASON_NAMED, "app");
  both(fixture, "/usr/share/app/seen", "seen", REASON_NAMED, "app");
  both(fixture, "/usr/share/app/asked", "asked", REASON_INCLUDE, NULL);
  installed(fixture, "/usr/lib/plugins/one.so.1.0", "plugin");
  installed(fixture, "/usr/lib/plugins/two.so", "plugin");
  installed(fixture, "/usr/share/doc/text", "text");
  installed(fixture, "/etc/ld.so.cache", "cache");
  both(fixture, "/etc/passwd", "root", REASON_USERS, NULL);
  tree_add_symlink(fixture->installed, "/usr/lib/plugins/one.so", "one.so.1.0",
                   from_package("app", NULL), NULL);
  tree_add_symlink(fixture->installed, "/opt/app", "/usr/share", from_package("app", NULL), NULL);
  tree_add_dir(fixture->installed, "/var/lib/app", 0755, from_package("app", NULL), NULL)->uid = 7;
  tree_add_dir(fixture->installed, "/usr/share/zones", 0755, from_package("app", NULL), NULL);
  tree_add_symlink(fixture->installed, "/usr/share/zones/old", "../doc/other",
                   from_package("app", NULL), NULL);
  installed(fixture, "/usr/share/doc/other", "other");
  tree_add_dir(fixture->installed, "/tmp", 01777, (TreeFrom){0}, NULL);
  /* The program sed is the image's BusyBox, not the installation's. */
  installed(fixture, "/usr/bin/sed", "sed");
  put(fixture, fixture->plan, "/bin/busybox", "busybox", from_origin(ORIGIN_BUSYBOX, "busybox"));
  tree_add_symlink(fixture->plan, "/usr/bin/sed", "/bin/busybox",
                   from_origin(ORIGIN_BUSYBOX, "busybox"), NULL);
}

static void
tear_down(Fixture *fixture, gconstpointer data) {
  (void)data;
  dir_remove(fixture->folder, NULL);
  g_free(fixture->folder);
  tree_free(fixture->plan);
  tree_free(fixture->installed);
  patterns_free(fixture->skip);
  g_string_free(fixture->uses, TRUE);
}

static void
find_coverage(Fixture *fixture, Coverage *coverage) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) uses = uses_parse(fixture->uses->str, fixture->uses->len, "uses", &error);
  g_assert_no_error(error);
  coverage_find(fixture->plan, fixture->installed, fixture->skip, uses, coverage);
}

/* The paths of an array of CoverageAdded or CoverageUnopened, both of which begin with one. */
static void
assert_paths(const GPtrArray *list, const char *expected) {
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < list->len; i++)
    g_string_append_printf(text, "%s%s", i > 0 ? " " : "", *(char **)list->pdata[i]);
  g_assert_cmpstr(text->str, ==, expected);
}

static void
test_coverage(Fixture *fixture, gconstpointer data) {
  g_auto(Coverage) coverage = {0};
  (void)data;
  used(fixture, "exec", "/usr/bin/app");
  used(fixture, "open", "/usr/share/app/read");
  used(fixture, "look", "/usr/share/app/seen");
  used(fixture, "open", "/usr/lib/plugins/one.so");    /* a link to what was pruned */
  used(fixture, "look", "/usr/lib/plugins/two.so");    /* only asked for */
  used(fixture, "open", "/opt/app/../share/doc/text"); /* ".." behind a link */
  used(fixture, "open", "/usr/share/zones"); /* a walk over a folder adds it, and no more */
  used(fixture, "look", "/usr/share/zones/old");
  used(fixture, "open", "/etc/ld.so.cache");
  used(fixture, "write", "/var/lib/app/db");
  used(fixture, "open", "/var/lib/app/db");
  used(fixture, "open", "/tmp/x");
  used(fixture, "open", "/no/such/file");
  used(fixture, "exec", "/usr/bin/sed");
  find_coverage(fixture, &coverage);
  assert_paths(coverage.added, "/opt/app /usr/lib/plugins/one.so /usr/lib/plugins/one.so.1.0 "
                               "/usr/share/doc/text /usr/share/zones /var/lib/app");
  const TreeReason *why = &((CoverageAdded *)coverage.added->pdata[2])->reason;
  g_assert_cmpint(why->kind, ==, REASON_OPENED);
  g_assert_cmpstr(why->by, ==, "/usr/bin/app");
  /* Never what the recipe itself names, users, BusyBox; the interpreter the kernel opens. */
  assert_paths(coverage.unopened, "/usr/share/app/help /usr/share/app/seen");
  g_assert_cmpuint(coverage.unopened_bytes, ==, strlen("help, help") + strlen("seen"));
  g_assert_false(((CoverageUnopened *)coverage.unopened->pdata[0])->looked_at);
  g_assert_true(((CoverageUnopened *)coverage.unopened->pdata[1])->looked_at);
  g_assert_cmpuint(coverage.opened, ==, 5); /* app, lang, read; the plugin, the text */
  g_autofree char *text = coverage_unopened_text(&coverage);
  g_assert_cmpstr(text, ==,
                  "10\t/usr/share/app/help\tapp\t-\tfile of app, which the recipe names\n"
                  "4\t/usr/share/app/seen\tapp\tlooked at\tfile of app, which the recipe names\n");
}

static void
test_container_tree(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  (void)data;
  g_autoptr(Tree) tree = container_tree(fixture->plan, fixture->installed, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(tree_find(tree, "/var/lib/app")->uid, ==, 7);
  g_assert_nonnull(tree_find(tree, "/usr/share/doc/text"));
  g_assert_cmpint(tree_find(tree, "/usr/bin/sed")->type, ==, TREE_SYMLINK);
  g_assert_cmpstr(tree_resolve(tree, "/usr/bin/sed")->path, ==, "/bin/busybox");
  g_assert_cmpint(tree_resolve(tree, "/usr/bin/sed")->origin, ==, ORIGIN_BUSYBOX);
}

static const char lock_text[] =
    "# tinyx files lock 2\n"
    "# application: app\n"
    "# opened: 5\n"
    "# unopened: 2 14\n"
    "# untried: 1\n"
    "# note: a word\n"
    "# shows: net:multicast /usr/bin/app\n"
    "+ /usr/lib/a folder  looked-for-by /usr/bin/app  2\n"
    "+ /usr/lib/mine  # opened at run time by a person\n"
    "+ /usr/lib/x.so  opened-by /usr/bin/app\n"
    "- /usr/share/app/help  # never opened; the test passes without it\n"
    "= /usr/share/app/seen  # never opened, but the test fails\n";

static void
test_lock(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(FilesLock) lock = files_lock_parse(lock_text, strlen(lock_text), "files.lock", &error);
  g_assert_no_error(error);
  g_autofree char *text = files_lock_text(lock);
  g_assert_cmpstr(text, ==, lock_text);
  g_assert_cmpuint(files_lock_count(lock, FILES_ADD), ==, 3);
  g_assert_cmpuint(lock->opened, ==, 5);
  g_assert_cmpstr(facts_find(lock->facts, FACT_NET, "multicast", NULL)->file, ==, "/usr/bin/app");
  g_assert_cmpuint(lock->unopened_bytes, ==, 14);
  g_assert_cmpuint(lock->untried, ==, 1);
  /* What a trace found is a kind of its own, whatever a person writes. */
  const FilesLine *line = files_lock_find(lock, "/usr/lib/a folder");
  g_assert_cmpint(line->reason.kind, ==, REASON_LOOKED_FOR);
  g_assert_cmpstr(line->reason.by, ==, "/usr/bin/app  2");
  g_assert_cmpint(files_lock_find(lock, "/usr/lib/x.so")->reason.kind, ==, REASON_OPENED);
  line = files_lock_find(lock, "/usr/lib/mine");
  g_assert_cmpint(line->reason.kind, ==, REASON_LOCK);
  g_assert_cmpstr(line->reason.detail, ==, "opened at run time by a person");
  g_assert_false(files_lock_add(lock, FILES_ADD, "/a\n+ /b", REASON_LOCK, "r"));
  g_assert_false(files_lock_add(lock, FILES_ADD, "relative", REASON_LOCK, "r"));
  g_assert_false(files_lock_add(lock, FILES_ADD, "/a  opened-by /x", REASON_LOCK, "r"));
  g_assert_false(files_lock_add(lock, FILES_ADD, "/a", REASON_OPENED, "relative"));
  g_assert_false(files_lock_add(lock, FILES_DROP, "/a", REASON_OPENED, "/usr/bin/app"));
  g_assert_true(files_lock_add(lock, FILES_KEEP, "/usr/share/app/help", REASON_LOCK, "r"));
  g_assert_cmpuint(lock->lines->len, ==, 5);
}

/* The first version had the trace's reasons as text: they are a person's from then on. */
static void
test_older_lock(void) {
  static const char older[] = "# tinyx files lock 1\n# application: app\n"
                              "+ /usr/lib/x.so  # opened at run time by /usr/bin/app\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(FilesLock) lock = files_lock_parse(older, strlen(older), "files.lock", &error);
  g_assert_no_error(error);
  g_assert_cmpint(files_lock_find(lock, "/usr/lib/x.so")->reason.kind, ==, REASON_LOCK);
}

static void
test_bad_lock(void) {
  static const struct {
    const char *lines;
    const char *message;
  } cases[] = {
      {"", "files.lock:1: expected \"# tinyx files lock 2\""},
      {"# tinyx files lock 3\n", "files.lock:1: expected \"# tinyx files lock 2\""},
      {"# tinyx files lock 1\n", "files.lock:1: expected the line application"},
      {"# tinyx files lock 1\n# colour: red\n", "files.lock:2: expected \"# KEY: TEXT\""},
      {"# tinyx files lock 1\n# application: a\n# opened: many\n", "files.lock:3: expected"},
      {"# tinyx files lock 1\n# application: a\n# shows: net:moon /x\n", "files.lock:3: expected"},
      {"# tinyx files lock 1\n# application: a\n# shows: mount:sys /x\n", "files.lock:3: expected"},
      {"# tinyx files lock 1\n# application: a\n# shows: net:ipv6\n", "files.lock:3: expected"},
      {"# tinyx files lock 1\n# application: a\n* /x  # y\n", "files.lock:3: expected \"+ PATH"},
      {"# tinyx files lock 1\n# application: a\n- x  # y\n", "files.lock:3: expected \"+ PATH"},
      {"# tinyx files lock 2\n# application: a\n- /x  opened-by /y\n", "files.lock:3: expected"},
      {"# tinyx files lock 2\n# application: a\n+ /x  opened-by y\n", "files.lock:3: expected"},
      {"# tinyx files lock 2\n# application: a\n# untried: x\n", "files.lock:3: expected"},
      {"# tinyx files lock 1\n# application: a\n- /x\n", "files.lock:3: expected \"+ PATH"},
      {"# tinyx files lock 1\n# application: a\n- /x  # \n", "files.lock:3: expected \"+ PATH"},
      {"# tinyx files lock 1\n# application: a\n- /x  # y\n+ /x  # y\n", "files.lock:4: expected"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(FilesLock) lock =
        files_lock_parse(cases[i].lines, strlen(cases[i].lines), "files.lock", &error);
    g_assert_null(lock);
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    if (!g_str_has_prefix(error->message, cases[i].message))
      g_error("case %u: \"%s\"; expected \"%s\"", i, error->message, cases[i].message);
  }
}

/* What goes takes its links and the folders along that were there for it only. */
static void
test_apply_drop(Fixture *fixture, gconstpointer data) {
  g_autoptr(FilesLock) lock = files_lock_new("files.lock", "app");
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  TreeFrom named = {.origin = ORIGIN_PACKAGE, .package = "app", .kind = REASON_NAMED, .by = "app"};
  guint files;
  guint64 bytes;
  (void)data;
  put(fixture, fixture->plan, "/usr/share/alone/deep/file", "12345", named);
  tree_add_symlink(fixture->plan, "/usr/share/link", "alone/deep/file", named, NULL);
  tree_add_dir(fixture->plan, "/var/lib/app", 0755, named, NULL);
  put(fixture, fixture->plan, "/var/lib/app/state", "123", named);
  files_lock_add(lock, FILES_DROP, "/usr/share/alone/deep/file", REASON_LOCK, "never opened");
  files_lock_add(lock, FILES_DROP, "/var/lib/app/state", REASON_LOCK, "never opened");
  files_lock_add(lock, FILES_DROP, "/bin/busybox", REASON_LOCK, "never opened");
  files_lock_add(lock, FILES_DROP, "/etc/passwd", REASON_LOCK, "never opened");
  files_lock_add(lock, FILES_DROP, "/usr/gone", REASON_LOCK, "never opened");
  files_lock_add(lock, FILES_KEEP, "/usr/share/app/help", REASON_LOCK, "needed");
  files_lock_drop(lock, fixture->plan, notes, &files, &bytes);
  g_assert_cmpuint(files, ==, 2);
  g_assert_cmpuint(bytes, ==, 8);
  g_assert_null(tree_find(fixture->plan, "/usr/share/alone"));
  g_assert_null(tree_find(fixture->plan, "/usr/share/link"));
  g_assert_null(tree_find(fixture->plan, "/var/lib/app/state"));
  g_assert_nonnull(
      tree_find(fixture->plan, "/var/lib/app")); /* a folder with a reason of its own */
  g_assert_nonnull(tree_find(fixture->plan, "/usr/share/app/help"));
  g_assert_nonnull(tree_find(fixture->plan, "/bin/busybox"));
  g_assert_nonnull(tree_find(fixture->plan, "/etc/passwd"));
  g_assert_cmpuint(notes->len, ==, 2);
}

/* A test that fails without the files in NEEDED; with BROKEN it fails always. */
typedef struct {
  const char *const *needed;
  gboolean broken;
  guint asked;
} World;

static gboolean
passes(const FilesLock *lock, gboolean *passed, char **why, gpointer data, GError **error) {
  World *world = data;
  (void)error;
  world->asked++;
  *passed = !world->broken;
  for (guint i = 0; world->needed[i] != NULL; i++) {
    const FilesLine *line = files_lock_find(lock, world->needed[i]);
    *passed &= line == NULL || line->mark != FILES_DROP;
  }
  *why = *passed ? NULL : g_strdup("the test failed (exit status 1)");
  return TRUE;
}

static void
many_unopened(Coverage *coverage, guint count) {
  coverage->unopened = g_ptr_array_new();
  for (guint i = 0; i < count; i++) {
    CoverageUnopened *unopened = g_new0(CoverageUnopened, 1);
    unopened->path = g_strdup_printf("/usr/share/app/%03u", i);
    unopened->size = 1000;
    g_ptr_array_add(coverage->unopened, unopened);
  }
}

static void
many_free(Coverage *coverage) {
  for (guint i = 0; i < coverage->unopened->len; i++) {
    g_free(((CoverageUnopened *)coverage->unopened->pdata[i])->path);
    g_free(coverage->unopened->pdata[i]);
  }
  g_ptr_array_unref(coverage->unopened);
}

static gboolean
drop(World *world, guint count, FilesLock *lock, guint most, DropReport *report, GError **error) {
  Coverage coverage = {0};
  const DropOracle oracle = {.passes = passes, .data = world, .most_tries = most};
  many_unopened(&coverage, count);
  gboolean done = drop_find(&coverage, lock, &oracle, report, error);
  many_free(&coverage);
  return done;
}

static void
test_drop_all(void) {
  static const char *const none[] = {NULL};
  World world = {.needed = none};
  DropReport report;
  g_autoptr(GError) error = NULL;
  g_autoptr(FilesLock) lock = files_lock_new("files.lock", "app");
  files_lock_add(lock, FILES_ADD, "/usr/lib/x", REASON_LOCK, "opened");
  g_assert_true(drop(&world, 300, lock, 0, &report, &error));
  g_assert_cmpuint(world.asked, ==, 1);
  g_assert_cmpuint(report.dropped, ==, 300);
  g_assert_cmpuint(report.bytes, ==, 300000);
  g_assert_cmpuint(files_lock_count(lock, FILES_DROP), ==, 300);
  g_assert_cmpuint(files_lock_count(lock, FILES_ADD), ==, 1);
  /* Again: what an older lock dropped is asked again, together. */
  g_assert_true(drop(&world, 300, lock, 0, &report, &error));
  g_assert_cmpuint(files_lock_count(lock, FILES_DROP), ==, 300);
}

static void
test_drop_some(void) {
  static const char *const needed[] = {"/usr/share/app/017", "/usr/share/app/230", NULL};
  World world = {.needed = needed};
  DropReport report;
  g_autoptr(GError) error = NULL;
  g_autoptr(FilesLock) lock = files_lock_new("files.lock", "app");
  g_assert_true(drop(&world, 300, lock, 0, &report, &error));
  g_test_message("%u tries for 2 of 300", world.asked);
  g_assert_cmpuint(world.asked, <=, 30);
  g_assert_cmpint(files_lock_find(lock, needed[0])->mark, ==, FILES_KEEP);
  g_assert_cmpint(files_lock_find(lock, needed[1])->mark, ==, FILES_KEEP);
  g_assert_cmpuint(report.needed, ==, 2);
  g_assert_cmpuint(report.dropped + report.untried, ==, 298);
  g_assert_cmpuint(report.dropped, >=, 290); /* a hundredth of the bytes may stay untried */
  gboolean passed;
  g_autofree char *why = NULL;
  g_assert_true(passes(lock, &passed, &why, &world, NULL) && passed);
  /* What is known to be needed is not tried again. */
  world.asked = 0;
  g_assert_true(drop(&world, 300, lock, 0, &report, &error));
  g_assert_cmpuint(world.asked, ==, 1);
  g_assert_cmpuint(report.dropped, ==, 298);
  g_assert_cmpuint(report.needed, ==, 2);
}

static void
test_drop_bounds(void) {
  static const char *const needed[] = {"/usr/share/app/017", "/usr/share/app/230", NULL};
  World world = {.needed = needed};
  DropReport report;
  g_autoptr(GError) error = NULL;
  g_autoptr(FilesLock) lock = files_lock_new("files.lock", "app");
  g_assert_true(drop(&world, 300, lock, 6, &report, &error));
  g_assert_cmpuint(world.asked, <=, 6);
  gboolean passed;
  g_autofree char *why = NULL;
  g_assert_true(passes(lock, &passed, &why, &world, NULL) && passed);
  g_assert_cmpuint(report.untried, >, 0);
  g_assert_cmpuint(lock->untried, ==, report.untried);

  World broken = {.needed = needed, .broken = TRUE};
  g_autoptr(FilesLock) other = files_lock_new("files.lock", "app");
  g_assert_false(drop(&broken, 10, other, 0, &report, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, "even with nothing dropped: the test failed"));
  g_assert_cmpuint(other->lines->len, ==, 0);
}

/* tinyx explain: what a lock and a trace say of a path. */
static void
test_explain(Fixture *fixture, gconstpointer data) {
  static const char text[] = "[recipe]\ndescription=d\npackages=app\n[run]\ncommand=/usr/bin/app\n";
  static const char lock[] =
      "# tinyx files lock 2\n# application: app\n"
      "+ /opt/x  opened-by /usr/bin/app\n"
      "- /usr/gone  # never opened; the test passes without it\n"
      "= /usr/share/app/seen  # never opened, but the test fails without it\n";
  static const char *const files[][2] = {
      {"opened.txt", "exec\t/usr/bin/app\t/usr/bin/app\nopen\t/opt/x\t/usr/bin/app\n"},
      {"unopened.txt", "4\t/usr/share/app/seen\tapp\tlooked at\tfile of app\n"},
      {"files.lock", lock}};
  static const char *const expected[][2] = {
      {"/usr/gone", "/usr/gone: out: dropped\n"},
      {"/usr/gone", "never opened; the test passes without it"},
      {"/usr/other", "/usr/other: out: no rule"},
      {"/usr/bin/app", "in the traced test: exec, by /usr/bin/app"},
      {"/usr/share/app/seen", "in the traced test nobody opened it"},
      {"/usr/share/app/seen", "but the test fails without it"},
      {"/opt/x", "why: opened at run time by /usr/bin/app"},
      {"/opt/x", "files.lock: opened at run time by /usr/bin/app"}};
  g_autoptr(GError) error = NULL;
  g_autofree char *conf = g_build_filename(fixture->folder, "app", "recipe.conf", NULL);
  g_autofree char *folder = g_path_get_dirname(conf);
  g_autoptr(Recipe) recipe = recipe_parse(text, strlen(text), conf, &error);
  g_autoptr(Platform) platform = platform_load(PLATFORM_DEFAULT, NULL);
  const ImageOptions options = {.platform = platform};
  (void)data;
  g_assert_no_error(error);
  put(fixture, fixture->plan, "/opt/x", "x",
      (TreeFrom){.origin = ORIGIN_PACKAGE, .kind = REASON_OPENED, .by = "/usr/bin/app"});
  g_assert_true(dir_make(folder, &error));
  g_autofree char *manifest = tree_manifest_text(fixture->plan, NULL);
  g_autofree char *place = g_build_filename(folder, "manifest.txt", NULL);
  g_assert_true(file_write(place, manifest, strlen(manifest), 0644, &error));
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *path = g_build_filename(folder, files[i][0], NULL);
    g_assert_true(file_write(path, files[i][1], strlen(files[i][1]), 0644, &error));
  }
  for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
    g_autofree char *said = explain_path(recipe, &options, folder, expected[i][0], &error);
    g_assert_no_error(error);
    if (strstr(said, expected[i][1]) == NULL)
      g_error("%s: \"%s\" is not in:\n%s", expected[i][0], expected[i][1], said);
  }
}

#define ADD(path, function) g_test_add(path, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  ADD("/trace/coverage", test_coverage);
  ADD("/trace/container-tree", test_container_tree);
  g_test_add_func("/trace/lock", test_lock);
  g_test_add_func("/trace/older-lock", test_older_lock);
  g_test_add_func("/trace/bad-lock", test_bad_lock);
  ADD("/trace/apply-drop", test_apply_drop);
  ADD("/trace/explain", test_explain);
  g_test_add_func("/trace/drop-all", test_drop_all);
  g_test_add_func("/trace/drop-some", test_drop_some);
  g_test_add_func("/trace/drop-bounds", test_drop_bounds);
  return g_test_run();
}
