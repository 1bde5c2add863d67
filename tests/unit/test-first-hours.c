/* test-first-hours.c - what a person is told: addresses for a browser, memory that will do, words
 * that are like others. */
#include "base/files.h"
#include "base/near.h"
#include "cmd/test-show.h"
#include "guest/console.h"
#include "guest/scheme.h"
#include "image/memory.h"
#include "kernel/make.h"
#include "tree/tree.h"

#include <string.h>

#define MB (1 << 20)

static Recipe *
recipe_with(const char *script, int port) {
  Recipe *recipe = recipe_new("web");
  recipe->port = port;
  recipe->test_script = g_strdup(script);
  return recipe;
}

/* The test's script knows best; then the port does; a database has no address. */
static void
test_scheme(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp("scheme-XXXXXX", &error);
  g_autofree char *script = g_build_filename(folder, "test.sh", NULL);
  const struct {
    const char *text;
    int port;
    const char *scheme;
  } cases[] = {
      {"wget -O- http://$TINYX_GUEST_IP:7123/", 7123, "http"},
      {"curl -k https://$TINYX_GUEST_IP/", 7123, "https"},
      {"redis-cli ping", 6379, NULL},
      {"redis-cli ping", 80, "http"},
      {NULL, 443, "https"},
      {NULL, 8080, "http"},
      {NULL, 5432, NULL},
      {NULL, 25, NULL},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    gboolean given = cases[i].text != NULL;
    g_autoptr(Recipe) recipe = recipe_with(given ? script : NULL, cases[i].port);
    g_assert_true(!given || file_write(script, cases[i].text, strlen(cases[i].text), 0644, &error));
    g_autofree char *scheme = scheme_of(recipe, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(scheme, ==, cases[i].scheme);
  }
  dir_remove(folder, NULL);
}

static void
test_scheme_lines(void) {
  static const char *const wrong[] = {"80 http", "80  # reason", "x http  # reason",
                                      "70000 http  # reason", "80 http https  # reason"};
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *scheme = NULL;
    g_assert_false(scheme_of_port(wrong[i], strlen(wrong[i]), "f", 80, &scheme, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_true(g_str_has_prefix(error->message, "f:1: "));
  }
}

static void
test_wants_memory(void) {
  g_assert_true(console_wants_memory("Kernel panic - not syncing: System is deadlocked on memory"));
  g_assert_true(console_wants_memory("x\nInitramfs unpacking failed: write error\n"));
  g_assert_true(console_wants_memory("Out of memory: Killed process 31 (node)"));
  g_assert_false(console_wants_memory("Kernel panic - not syncing: No working init found."));
  g_assert_false(console_wants_memory(""));
}

/* Against the least memory in which the tests of shipped recipes pass: a little less, since what
 * the application takes is in that, and never more than a megabyte above. */
static void
test_estimate(void) {
  const struct {
    double end; /* of the kernel, MB */
    guint64 loaded, unpacked;
    guint entries;
    int least;
  } cases[] = {
      {4.80, 3284336, 10177183, 117, 23},  /* nginx */
      {5.13, 15149296, 61775135, 179, 85}, /* php */
      {4.51, 2103924, 5731478, 102, 15},   /* sqlite */
      {6.46, 1489720, 4325900, 111, 16},   /* compute */
      {5.39, 0, 98271256, 279, 38},        /* node, on a disk */
      {5.43, 0, 182476211, 197, 64},       /* openjdk, on a disk */
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    const VmlinuxFacts kernel = {.phys_start = 2 * MB, .span = (guint64)((cases[i].end - 2) * MB)};
    int start = memory_estimate(&kernel, cases[i].loaded, cases[i].unpacked, cases[i].entries);
    g_assert_cmpint(start, <=, cases[i].least + 1);
    g_assert_cmpint(start, >=, cases[i].least * 3 / 4);
  }
}

static void
test_progress(void) {
  const struct {
    guint count, total;
    double seconds;
    const char *text;
  } cases[] = {
      {44, 0, 30, "44 objects"},
      {5, 700, 3, "5 of 700 objects"},
      {350, 700, 60, "350 of 700 objects, about 60 s left"},
      {70, 700, 40, "70 of 700 objects, about 6 min left"},
      {700, 700, 400, "700 of 700 objects, about 0 s left"},
      {701, 700, 400, "701 objects"},
      {0, 700, 400, "0 of 700 objects, about 0 s left"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text =
        kernel_make_progress(cases[i].count, cases[i].total, "objects", cases[i].seconds);
    g_assert_cmpstr(text, ==, cases[i].text);
  }
}

/* Bytes that belong to no file are not in the way of who reads the manifest, and come back. */
static void
test_contents(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp("contents-XXXXXX", &error);
  g_autofree char *one = g_build_filename(folder, TREE_MANIFEST, NULL);
  g_autofree char *two = g_build_filename(folder, TREE_CONTENTS, NULL);
  g_autofree char *long_text = g_strnfill(9000, 'x');
  g_autoptr(Tree) tree = tree_new();
  TreeFrom from = from_origin(ORIGIN_GLUE, "a test");
  tree_add_data(tree, "/etc/a b\t", long_text, -1, 0644, from, &error);
  tree_add_data(tree, "/etc/empty", "", 0, 0600, from, &error);
  g_assert_true(file_write(one, "1234", 4, 0644, &error));
  g_assert_nonnull(tree_add_file(tree, "/etc/more", one, 0644, from, &error));
  g_autofree char *manifest = tree_manifest_split(tree, "# head: x\n");
  g_autofree char *contents = tree_contents_text(tree);
  g_auto(GStrv) lines = g_strsplit(manifest, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_assert_cmpuint(strlen(lines[i]), <, 300);
  g_assert_true(file_write(one, manifest, strlen(manifest), 0644, &error));
  g_assert_true(file_write(two, contents, strlen(contents), 0644, &error));
  g_autoptr(Tree) again = tree_read_image(folder, &error);
  g_assert_no_error(error);
  g_autofree char *whole = tree_manifest_text(tree, NULL);
  g_autofree char *back = tree_manifest_text(again, NULL);
  g_assert_cmpstr(whole, ==, back);
  g_assert_true(file_write(two, "/etc/empty\t\n", 12, 0644, &error));
  g_autoptr(Tree) less = tree_read_image(folder, &error);
  g_assert_null(less);
  g_assert_nonnull(strstr(error->message, "no line for /etc/a b"));
  dir_remove(folder, NULL);
}

static void
test_near(void) {
  static const char *const known[] = {"aio", "go", "loop", "build", "redis", "hardening", NULL};
  const struct {
    const char *word, *text;
  } cases[] = {
      {"foo", ""},
      {"bulid", "; did you mean 'build'?"},
      {"biuld", "; did you mean 'build'?"},
      {"rdeis", "; did you mean 'redis'?"},
      {"hardning", "; did you mean 'hardening'?"},
      {"hard", "; did you mean 'hardening'?"},
      {"", ""},
      {"x", ""},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = near_text(cases[i].word, known);
    g_assert_cmpstr(text, ==, cases[i].text);
  }
  g_autofree char *all = near_or_all("bulid", known, "there are");
  g_assert_cmpstr(all, ==,
                  "; did you mean 'build'? there are: aio, go, loop, build, redis, hardening");
}

/* A test that failed says what may be missing from its image, unless a trace has found that. */
static void
test_suspects(void) {
  static const struct {
    const char *report, *said;
    gboolean passed;
  } cases[] = {
      {"{\"suspects\": 3}", "*not in it?*3 of its files*tinyx build --trace web*", FALSE},
      {"{\"suspects\": 3, \"trace\": {}}", "", FALSE},
      {"{\"suspects\": 3}", "", TRUE},
      {"{\"suspects\": 0}", "", FALSE},
      {"no JSON", "", FALSE},
  };
  const char *number = g_getenv("SUSPECTS_CASE");
  if (g_test_subprocess()) {
    guint i = (guint)g_ascii_strtoull(number, NULL, 10);
    g_autofree char *folder = g_dir_make_tmp("suspects-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "report.json", NULL);
    g_autoptr(Recipe) recipe = recipe_new("web");
    GuestVerdict verdict = {.passed = cases[i].passed};
    g_assert_true(file_write(file, cases[i].report, strlen(cases[i].report), 0644, NULL));
    test_show_suspects(recipe, &verdict, folder);
    dir_remove(folder, NULL);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = g_strdup_printf("%u", i);
    g_setenv("SUSPECTS_CASE", text, TRUE);
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed();
    if (cases[i].said[0] != '\0')
      g_test_trap_assert_stdout(cases[i].said);
    else
      g_test_trap_assert_stdout_unmatched("*not in it*");
  }
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/first-hours/scheme", test_scheme);
  g_test_add_func("/first-hours/scheme-lines", test_scheme_lines);
  g_test_add_func("/first-hours/wants-memory", test_wants_memory);
  g_test_add_func("/first-hours/estimate", test_estimate);
  g_test_add_func("/first-hours/progress", test_progress);
  g_test_add_func("/first-hours/contents", test_contents);
  g_test_add_func("/first-hours/near", test_near);
  g_test_add_func("/first-hours/suspects", test_suspects);
  return g_test_run();
}
