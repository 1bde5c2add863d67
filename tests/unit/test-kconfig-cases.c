/* test-kconfig-cases.c - which symbols are chosen. Each folder of tests/cases/kconfig is a case:
 *
 *   platforms/xen-pv.config, features/, syscalls-x86_64, no-evidence: as in kconfig-heuristics/
 *   input: a line each "fact NAME", "file NAME" (in the case), "with FEATURE", "without FEATURE",
 *     "request SYMBOL=VALUE"
 *   lock, keep.config (optional): a recipe's lock, and what stands above it; the case is then run
 *     for Linux 6.1
 *   config, answer (optional): what Kconfig made of it, and what it says about it
 *   expected_chosen: all that is chosen; or expected_error: the whole message
 */
#include "kernel/choose.h"
#include "kernel/fragment.h"
#include "kernel/lock.h"
#include "kernel/query.h"
#include "kernel/verify.h"

#include <string.h>

typedef struct {
  Facts *facts;
  GPtrArray *files, *requests, *with, *without;
} Input;

static char *
read_file(const char *folder, const char *name) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  char *text = NULL;
  g_file_get_contents(path, &text, NULL, NULL);
  return text;
}

static void
file_free(gpointer data) {
  KernelFile *file = data;
  g_free((char *)file->image_path);
  g_free((char *)file->source);
  g_free(file);
}

static void
input_line(Input *input, const char *folder, const char *line) {
  const char *argument = strchr(line, ' ');
  if (*line == '\0')
    return;
  g_assert_nonnull(argument);
  argument++;
  if (g_str_has_prefix(line, "fact ")) {
    g_assert_true(facts_add_named(input->facts, argument, NULL));
  } else if (g_str_has_prefix(line, "with ")) {
    g_ptr_array_add(input->with, g_strdup(argument));
  } else if (g_str_has_prefix(line, "without ")) {
    g_ptr_array_add(input->without, g_strdup(argument));
  } else if (g_str_has_prefix(line, "file ")) {
    KernelFile *file = g_new0(KernelFile, 1);
    file->image_path = g_strconcat("/", argument, NULL);
    file->source = g_build_filename(folder, argument, NULL);
    g_ptr_array_add(input->files, file);
  } else {
    g_auto(GStrv) sides = g_strsplit(argument, "=", 2);
    g_assert_true(g_str_has_prefix(line, "request "));
    g_ptr_array_add(input->requests, symbol_request_new(sides[0], sides[1], "recipe web", "asked"));
  }
}

static gboolean
verify(const char *folder, const GPtrArray *chosen, GError **error) {
  g_autofree char *text = read_file(folder, "config");
  g_autofree char *answer = read_file(folder, "answer");
  if (text == NULL)
    return TRUE;
  g_autoptr(DotConfig) config = config_parse(text, strlen(text), "config", error);
  g_autoptr(GPtrArray) facts = kconfig_answer_parse(answer, "answer", error);
  g_assert_nonnull(config);
  g_assert_nonnull(facts);
  g_assert_cmpuint(facts->len, ==, chosen->len);
  return verify_config(chosen, config, facts, error);
}

/* Whether the version of a lock can be compared with that of a source. */
static gboolean
has_source(void) {
  return g_file_test("/usr/src/linux-source-6.1.tar.xz", G_FILE_TEST_EXISTS);
}

static void
test_case(gconstpointer data) {
  const char *folder = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = read_file(folder, "input");
  g_autofree char *expected = read_file(folder, "expected_chosen");
  g_autofree char *expected_error = read_file(folder, "expected_error");
  g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
  Input in = {facts_new(), g_ptr_array_new_with_free_func(file_free),
              g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free),
              g_ptr_array_new_with_free_func(g_free), g_ptr_array_new_with_free_func(g_free)};
  for (guint i = 0; lines[i] != NULL; i++)
    input_line(&in, folder, lines[i]);
  g_ptr_array_add(in.with, NULL);
  g_ptr_array_add(in.without, NULL);
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autofree char *locked = read_file(folder, "lock");
  g_autoptr(Lock) lock = locked != NULL ? lock_parse(locked, strlen(locked), "lock", &error) : NULL;
  g_assert_no_error(error);
  if (lock != NULL && !has_source()) {
    g_test_skip("linux-source-6.1 is not installed");
    return;
  }
  const KernelInput input = {.source = "6.1",
                             .lock = lock,
                             .platform = platform,
                             .files = in.files,
                             .facts = in.facts,
                             .with = (const char *const *)in.with->pdata,
                             .without = (const char *const *)in.without->pdata,
                             .requests = in.requests};

  g_autoptr(GPtrArray) chosen = choose_symbols(&input, folder, NULL, &error);
  gboolean done = chosen != NULL && verify(folder, chosen, &error);
  g_assert_true((expected != NULL) != (expected_error != NULL));
  if (expected_error != NULL) {
    g_assert_false(done);
    g_assert_cmpint(error->code, ==, TINYX_ERROR_INPUT);
    g_assert_cmpstr(error->message, ==, g_strchomp(expected_error));
  } else {
    g_assert_no_error(error);
    g_autofree char *got = chosen_text(chosen, "");
    g_assert_cmpstr(got, ==, expected);
  }
  facts_free(in.facts);
  g_ptr_array_unref(in.files);
  g_ptr_array_unref(in.requests);
  g_ptr_array_unref(in.with);
  g_ptr_array_unref(in.without);
}

int
main(int argc, char **argv) {
  g_autofree char *folder = g_build_filename(g_getenv("SRCDIR") != NULL ? g_getenv("SRCDIR") : ".",
                                             "tests/cases/kconfig", NULL);
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  const char *name;
  g_test_init(&argc, &argv, NULL);
  g_assert_nonnull(dir);
  while ((name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *test = g_strconcat("/kconfig/", name, NULL);
    char *path = g_build_filename(folder, name, NULL);
    g_ptr_array_add(paths, path);
    g_test_add_data_func(test, path, test_case);
  }
  g_assert_cmpuint(paths->len, >, 0);
  return g_test_run();
}
