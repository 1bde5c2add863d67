/* test-compare-measure.c - which measurements tinyx compare makes, and which it does not repeat.
 * Nothing is booted here. */
#include "compare-world.h"
#include "compare/measure.h"
#include "compare/probe.h"

#include "base/files.h"
#include "base/least.h"

#include <string.h>

static void
test_least(void) {
  for (int needed = 5; needed <= 512; needed += 13) {
    int low = 4, high = 512, tries = 0, mb;
    while ((mb = least_next(low, high, least_gap(high))) > 0) {
      g_assert_cmpint(mb, >, low);
      g_assert_cmpint(mb, <, high);
      *(mb >= needed ? &high : &low) = mb;
      tries++;
    }
    g_assert_cmpint(high, >=, needed);
    g_assert_cmpint(low, <, needed);
    g_assert_cmpint(high - low, <=, MAX(1, high / 16));
    g_assert_cmpint(tries, <=, 9);
  }
}

static void
test_probe(void) {
  g_autoptr(Comparison) comparison = comparison_new("x");
  Result *result = comparison_add(comparison, "a", "A");
  Probe probe = {.loaded = TRUE};
  probe_read(&probe, "noise\ntinyx-ports: 22 80 \nrequests a second: 123.5\n", result);
  g_assert_cmpfloat(result->values[FIGURE_PORTS].value, ==, 2);
  g_assert_cmpstr(result->values[FIGURE_PORTS].text, ==, "22 80");
  g_assert_cmpfloat(result->values[FIGURE_REQUESTS].value, ==, 123.5);
  probe_read(&probe, "tinyx-ports: \n", result);
  g_assert_true(result->values[FIGURE_PORTS].measured); /* none is a result, too */
  g_assert_cmpfloat(result->values[FIGURE_PORTS].value, ==, 0);
  probe_read(&probe, "tinyx-ports-not: too slow\n", result);
  g_assert_false(result->values[FIGURE_PORTS].measured);
  g_assert_cmpstr(result->values[FIGURE_PORTS].text, ==, "too slow");
  g_assert_false(result->values[FIGURE_REQUESTS].measured);
  g_assert_cmpint(probe_kernel_code("[ 0.1] Memory: 21416K/32764K available (4098K kernel code, "
                                    "300K rwdata"),
                  ==, 4098 * 1024);
  g_assert_cmpint(probe_kernel_code("K kernel code"), ==, -1);
  g_assert_cmpint(probe_kernel_code(NULL), ==, -1);
}

/* What cannot pass is not booted (there is no testbed), and says why. */
static void
test_unable(void) {
  g_autoptr(Comparison) comparison = comparison_new("x");
  g_autoptr(Recipe) recipe =
      recipe_of("/nowhere", "[recipe]\ndescription=x\n[run]\ncommand=/usr/bin/web\n");
  Result *result = comparison_add(comparison, "a", "A");
  char why[] = "Debian's image has no /usr/bin/web";
  System system = {.unable = why};
  static const MeasureStep steps[] = {MEASURE_TEST, MEASURE_LEAST, MEASURE_INSTRUCTIONS,
                                      MEASURE_SLAB, MEASURE_OUTSIDE};
  for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
    g_assert_true(measure_step(NULL, recipe, &system, result, steps[i], NULL));
    g_assert_false(measure_again(result, steps[i]));
  }
  for (guint id = FIGURE_PORTS; id < FIGURE_COUNT; id++)
    g_assert_cmpstr(result->values[id].text, ==, system.unable);
}

/* A recipe without load.sh: once its ports are known, nothing is booted for its load. */
static void
test_no_load(void) {
  static const char text[] = "[recipe]\ndescription=x\n[run]\ncommand=/usr/bin/web\n[test]\n"
                             "ready=80\n";
  g_autofree char *folder = g_dir_make_tmp("tinyx-compare-XXXXXX", NULL);
  g_autofree char *web = g_build_filename(folder, "web", NULL);
  g_autoptr(Comparison) comparison = comparison_new("x");
  g_autoptr(Recipe) recipe = recipe_of(folder, text);
  g_autoptr(GError) error = NULL;
  Result *result = comparison_add(comparison, "a", "A");
  System system = {.memory = 32};
  result_set(result, FIGURE_CREATE_SECONDS, 1, NULL);
  result_set(result, FIGURE_PORTS, 1, "80");
  g_assert_false(probe_has_load(recipe));
  g_assert_true(measure_step(NULL, recipe, &system, result, MEASURE_OUTSIDE, &error));
  g_assert_true(dir_make(web, &error));
  put_file(web, "load.sh", "#!/bin/sh\n", 10);
  g_assert_true(probe_has_load(recipe));
  result_set(result, FIGURE_REQUESTS, 100, NULL);
  g_assert_true(measure_step(NULL, recipe, &system, result, MEASURE_OUTSIDE, &error));
  g_assert_no_error(error);
  dir_remove(folder, NULL);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/compare/least", test_least);
  g_test_add_func("/compare/probe", test_probe);
  g_test_add_func("/compare/unable", test_unable);
  g_test_add_func("/compare/no-load", test_no_load);
  return g_test_run();
}
