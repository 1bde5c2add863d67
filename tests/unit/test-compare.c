/* test-compare.c - a comparison of two tiny images made here, measured and written by the same code
 * as real ones. */
#include "compare-world.h"
#include "compare/compare.h"
#include "compare/kernelfile.h"
#include "compare/plot.h"
#include "compare/show.h"
#include "compare/store.h"
#include "compare/systems.h"

#include "base/files.h"
#include "base/proc.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>

static GBytes *
packed_by(const char *const *argv, GBytes *bytes) {
  gsize size;
  const char *data = g_bytes_get_data(bytes, &size);
  g_auto(ProcResult) result = {0};
  g_autoptr(GError) error = NULL;
  ProcSpec spec = {
      .argv = argv, .input = data, .input_length = size, .deadline = 60, .flags = PROC_CAPTURE};
  g_assert_true(proc_run(&spec, &result, &error));
  return g_bytes_new(result.out, result.out_size);
}

/* The test's own program: an ELF file of known sizes. */
static GBytes *
own_elf(void) {
  char *text;
  gsize size;
  g_assert_true(g_file_get_contents("/proc/self/exe", &text, &size, NULL));
  return g_bytes_new_take(text, size);
}

/* A bzImage as far as its header goes: one sector of setup, then the payload. */
static GByteArray *
bzimage_of(GBytes *payload, gboolean append_size) {
  GByteArray *image = g_byte_array_new();
  gsize size;
  const guint8 *bytes = g_bytes_get_data(payload, &size);
  g_byte_array_set_size(image, 1024 + 64);
  memset(image->data, 0, image->len);
  image->data[0x1f1] = 1;
  memcpy(image->data + 0x202, "HdrS", 4);
  image->data[0x206] = 0x0f;
  image->data[0x207] = 0x02;
  image->data[0x248] = 64;
  guint32 length = (guint32)size + (append_size ? 4 : 0);
  memcpy(image->data + 0x24c, &length, 4);
  g_byte_array_append(image, bytes, (guint)size);
  if (append_size)
    g_byte_array_append(image, (const guint8 *)"\x01\x02\x03\x04", 4);
  g_byte_array_append(image, (const guint8 *)"behind it", 9);
  return image;
}

static void
check_unpack(const char *const *argv, gboolean append_size) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) elf = own_elf(), packed = packed_by(argv, elf);
  g_autoptr(GByteArray) image = bzimage_of(packed, append_size);
  g_autoptr(GBytes) data = g_bytes_new(image->data, image->len);
  g_autoptr(GBytes) out = kernelfile_unpack(data, "bzImage", &error);
  g_assert_no_error(error);
  g_assert_true(g_bytes_equal(elf, out));
}

static void
test_unpack(void) {
  static const char *const gzip[] = {"gzip", "-1c", NULL};
  static const char *const xz[] = {"xz", "-0c", "--check=crc32", NULL};
  static const char *const zstd[] = {"zstd", "-1c", NULL};
  check_unpack(gzip, FALSE);
  check_unpack(xz, TRUE);
  check_unpack(zstd, TRUE);
}

static void
check_refused(const void *text, gsize size) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) data = g_bytes_new(text, size);
  g_assert_null(kernelfile_unpack(data, "k", &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "k: "));
}

static void
test_unpack_bad(void) {
  g_autoptr(GBytes) words = g_bytes_new_static("these are no packed bytes at all", 32);
  g_autoptr(GByteArray) image = bzimage_of(words, FALSE);
  check_refused("", 0);
  check_refused("short", 5);
  check_refused(image->data, 0x24f);
  memset(image->data + 0x24c, 0xff, 4); /* longer than the file */
  check_refused(image->data, image->len);
}

/* What size(1) says of the same file. */
static void
test_sizes(void) {
  g_autoptr(GError) error = NULL;
  const char *const argv[] = {"size", "/proc/self/exe", NULL};
  g_auto(ProcResult) result = {0};
  ProcSpec spec = {.argv = argv, .deadline = 30, .flags = PROC_CAPTURE};
  g_autofree char *self = g_file_read_link("/proc/self/exe", &error);
  KernelfileSizes sizes;
  const char *const argv_self[] = {"size", self, NULL};
  (void)argv;
  spec.argv = argv_self;
  g_assert_true(proc_run(&spec, &result, &error));
  g_assert_true(kernelfile_sizes(self, &sizes, &error));
  g_autofree char *line = g_strdup_printf("%" G_GINT64_FORMAT "\t", sizes.text);
  g_autofree char *bss = g_strdup_printf("%" G_GINT64_FORMAT "\t", sizes.bss);
  g_assert_nonnull(strstr(result.out, line));
  g_assert_nonnull(strstr(result.out, bss));
  g_assert_cmpint(sizes.file, ==, file_size(self));
}

static void
check_paper(const char *text, const char *expected) {
  g_autoptr(Comparison) comparison = comparison_new("x");
  g_autoptr(GError) error = NULL;
  g_assert_false(paper_parse(text, "paper.conf", comparison->paper, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, expected));
}

static void
test_paper(void) {
  g_autoptr(Comparison) comparison = comparison_new("x");
  g_autoptr(GError) error = NULL;
  g_assert_true(paper_load(comparison->paper, &error));
  g_assert_no_error(error);
  const PaperFigure *image = &comparison->paper[FIGURE_IMAGE_UNPACKED];
  g_assert_cmpfloat_with_epsilon(image->ratio, image->debian / image->tinyx, 0.001);
  g_autofree char *ratio = show_paper(comparison, FIGURE_KERNEL_FILE);
  g_assert_cmpstr(ratio, ==, "ratio 2.00 (not checked)");
  g_autofree char *none = show_paper(comparison, FIGURE_SETUID);
  g_assert_cmpstr(none, ==, "");
  check_paper("[no_such]\ntinyx=1\nsource=x\n", "expected a figure");
  check_paper("[files]\ntinyx=1\n", "where the number comes from");
  check_paper("[files]\ntinyx=-1\nsource=x\n", "not negative");
  check_paper("[files]\ntynix=1\nsource=x\n", "tynix");
  check_paper("no group", "paper.conf");
}

/* A folder as tinyx build makes it. */
static void
make_image(const char *folder, gboolean large) {
  static const char *const gzip[] = {"gzip", "-1c", NULL};
  g_autoptr(GBytes) elf = own_elf(), packed = packed_by(gzip, elf);
  g_autoptr(GByteArray) kernel = bzimage_of(packed, FALSE);
  g_autoptr(Tree) tree = tree_new();
  g_autofree char *data = g_build_filename(folder, "data", NULL), *manifest = NULL;
  g_autoptr(GError) error = NULL;
  g_assert_true(dir_make(folder, &error));
  put_file(folder, "bzImage", kernel->data, kernel->len);
  put_file(folder, "kernel.config", "CONFIG_A=y\nCONFIG_B=y\n", large ? 22 : 11);
  put_file(folder, "initramfs.cpio.xz", "0123456789", large ? 10 : 5);
  put_file(folder, "data", "0123456789", 10);
  g_assert_nonnull(
      tree_add_file(tree, "/usr/bin/web", data, 0755, from_package("web", "x"), &error));
  if (large) {
    g_assert_nonnull(
        tree_add_file(tree, "/usr/bin/su", data, 04755, from_package("util-linux", "x"), &error));
    g_assert_nonnull(
        tree_add_file(tree, "/bin/busybox", data, 0755, from_origin(ORIGIN_BUSYBOX, "x"), &error));
  }
  manifest = tree_manifest_text(tree, NULL);
  put_file(folder, "manifest.txt", manifest, strlen(manifest));
}

/* Two tiny images, measured as far as that goes without booting. */
static Comparison *
compare_two(const char *folder) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  static const char text[] =
      "[recipe]\ndescription=a <web> & server\n[run]\ncommand=/usr/bin/web\n";
  g_autoptr(Recipe) recipe = recipe_of(folder, text);
  static const char *const names[] = {"small", "large"};
  Comparison *comparison = comparison_new("web");
  comparison->description = g_strdup(recipe->description);
  comparison->date = g_strdup("2026-01-01");
  comparison->host = g_strdup("a host");
  g_assert_true(paper_load(comparison->paper, NULL));
  for (guint i = 0; i < 2; i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *image = g_build_filename(folder, names[i], NULL);
    make_image(image, i == 1);
    g_autoptr(System) system =
        system_from_image(recipe, platform, names[i], names[i], image, &error);
    g_assert_no_error(error);
    Result *result = comparison_add(comparison, system->id, system->title);
    result->key = g_strdup(system->key);
    system_measure(system, result);
  }
  return comparison;
}

static double
value_of(const Comparison *comparison, const char *id, FigureId figure) {
  const FigureValue *value = &comparison_find(comparison, id)->values[figure];
  g_assert_true(value->measured);
  return value->value;
}

static void
test_two_images(void) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-compare-XXXXXX", NULL);
  g_autoptr(Comparison) comparison = compare_two(folder);
  const Result *large = comparison_find(comparison, "large");
  g_assert_cmpfloat(value_of(comparison, "small", FIGURE_FILES), ==, 1);
  g_assert_cmpfloat(value_of(comparison, "large", FIGURE_FILES), ==, 3);
  g_assert_cmpfloat(value_of(comparison, "small", FIGURE_PACKAGES), ==, 1);
  g_assert_cmpfloat(value_of(comparison, "large", FIGURE_PACKAGES), ==, 2); /* busybox is ours */
  g_assert_cmpfloat(value_of(comparison, "small", FIGURE_SETUID), ==, 0);
  g_assert_cmpfloat(value_of(comparison, "large", FIGURE_SETUID), ==, 1);
  g_assert_cmpstr(large->values[FIGURE_SETUID].text, ==, "/usr/bin/su");
  g_assert_cmpfloat(value_of(comparison, "small", FIGURE_SYMBOLS), ==, 1);
  g_assert_cmpfloat(comparison_ratio(comparison, large, FIGURE_SYMBOLS), ==, 2);
  g_assert_cmpfloat(comparison_ratio(comparison, large, FIGURE_SETUID), <, 0); /* of nothing */
  double kernel = value_of(comparison, "large", FIGURE_KERNEL_FILE);
  g_assert_false(large->values[FIGURE_IMAGE_PACKED].measured); /* a step of its own */
  g_assert_cmpfloat(value_of(comparison, "large", FIGURE_IMAGE_UNPACKED), ==, kernel + 30);
  g_assert_cmpfloat(value_of(comparison, "small", FIGURE_KERNEL_IMAGE), >, 0);
  dir_remove(folder, NULL);
}

/* The recipe's memory, at least what the report says; a disk is said to be one. */
static void
test_memory(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  static const char text[] = "[recipe]\ndescription=x\n[run]\ncommand=/usr/bin/web\n[image]\n"
                             "memory=48\nformat=squashfs\n[test]\nready=80\ntimeout=90\n";
  static const struct {
    const char *report;
    int memory, others;
  } cases[] = {{"", 48, 256},
               {"[]", 48, 256},
               {"{\"memory_mb\": 40}", 48, 256},
               {"{\"memory_mb\": 310}", 310, 374}};
  g_autofree char *folder = g_dir_make_tmp("tinyx-compare-XXXXXX", NULL);
  g_autoptr(Recipe) recipe = recipe_of(folder, text);
  make_image(folder, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    put_file(folder, "report.json", cases[i].report, strlen(cases[i].report));
    g_autoptr(System) system = system_from_image(recipe, platform, "x", "X", folder, &error);
    g_assert_no_error(error);
    g_assert_cmpint(system->memory, ==, cases[i].memory);
    g_assert_cmpint(system_memory(system), ==, cases[i].others);
    g_assert_cmpint(system->boot_seconds, ==, 90);
    g_assert_nonnull(strstr(system->note, "although the recipe's format is squashfs"));
  }
  dir_remove(folder, NULL);
}

static void
test_broken_kernel(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autofree char *folder = g_dir_make_tmp("tinyx-compare-XXXXXX", NULL);
  static const char text[] = "[recipe]\ndescription=x\n[run]\ncommand=/usr/bin/web\n";
  g_autoptr(Recipe) recipe = recipe_of(folder, text);
  g_autoptr(Comparison) comparison = comparison_new("web");
  g_autoptr(GError) error = NULL;
  make_image(folder, FALSE);
  put_file(folder, "bzImage", "no kernel", 9);
  g_autoptr(System) system = system_from_image(recipe, platform, "x", "X", folder, &error);
  Result *result = comparison_add(comparison, "x", "X");
  system_measure(system, result);
  g_assert_cmpfloat(result->values[FIGURE_KERNEL_FILE].value, ==, 9);
  g_assert_false(result->values[FIGURE_KERNEL_IMAGE].measured);
  g_assert_nonnull(strstr(result->values[FIGURE_KERNEL_IMAGE].text, "expected a bzImage"));
  dir_remove(folder, NULL);
}

static void
test_kept(void) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-compare-XXXXXX", NULL);
  g_autoptr(Comparison) comparison = compare_two(folder);
  g_autoptr(GError) error = NULL;
  Result *small = comparison_find(comparison, "small");
  result_set(small, FIGURE_REQUESTS, 123.25, NULL);
  result_set_why(small, FIGURE_MEMORY_SLAB, "no \"proc\"");
  small->least_low = 16;
  small->least_high = 40;
  g_autofree char *text = store_text(comparison, TRUE);
  g_autoptr(Comparison) again = store_parse(text, -1, "measured.json", &error);
  g_assert_no_error(error);
  g_autofree char *second = store_text(again, TRUE);
  g_assert_cmpstr(text, ==, second);
  /* A result takes over what was measured of the same, nothing of another. */
  Result *fresh = comparison_add(comparison, "fresh", "Fresh");
  fresh->key = g_strdup(small->key);
  result_take(fresh, comparison_find(again, "small"));
  g_assert_cmpfloat(fresh->values[FIGURE_REQUESTS].value, ==, 123.25);
  g_assert_false(fresh->values[FIGURE_MEMORY_SLAB].asked); /* tried once more */
  g_assert_cmpstr(fresh->values[FIGURE_MEMORY_SLAB].text, ==, "no \"proc\"");
  g_autofree char *third = store_text(comparison, TRUE); /* and if not: the reason is kept */
  g_autoptr(Comparison) later = store_parse(third, -1, "measured.json", &error);
  g_assert_cmpstr(comparison_find(later, "fresh")->values[FIGURE_MEMORY_SLAB].text, ==,
                  "no \"proc\"");
  g_assert_cmpint(fresh->least_low, ==, 16);
  g_assert_cmpint(fresh->least_high, ==, 40);
  Result *other = comparison_add(comparison, "other", "Other");
  other->key = g_strdup("another");
  result_take(other, comparison_find(again, "small"));
  g_assert_false(other->values[FIGURE_REQUESTS].measured);
  static const char *const bad[] = {"",
                                    "[]",
                                    "{}",
                                    "{\"name\": 1, \"sides\": []}",
                                    "{\"name\": \"x\", \"sides\": [1]}",
                                    "{\"name\": \"x\", \"sides\": [{\"id\": \"a\"}]}"};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) problem = NULL;
    g_assert_null(store_parse(bad[i], -1, "measured.json", &problem));
    g_assert_error(problem, TINYX_ERROR, TINYX_ERROR_CORRUPT);
  }
  dir_remove(folder, NULL);
}

/* Raw requests a second say nothing elsewhere, and what is missing is never a number. */
static void
check_json(const char *path) {
  g_autoptr(JsonParser) parser = json_parser_new();
  g_assert_true(json_parser_load_from_file(parser, path, NULL));
  JsonArray *results =
      json_object_get_array_member(json_node_get_object(json_parser_get_root(parser)), "sides");
  JsonObject *large =
      json_object_get_object_member(json_array_get_object_element(results, 1), "figures");
  JsonObject *requests = json_object_get_object_member(large, "requests");
  JsonObject *slab = json_object_get_object_member(large, "memory_slab");
  g_assert_false(json_object_has_member(requests, "value"));
  g_assert_cmpfloat(json_object_get_double_member(requests, "ratio"), ==, 2.5);
  g_assert_false(json_object_has_member(slab, "value"));
  g_assert_cmpstr(json_object_get_string_member(slab, "not_measured"), ==, "why <not>");
}

static void
test_results(void) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-compare-XXXXXX", NULL);
  g_autoptr(Comparison) comparison = compare_two(folder);
  g_autoptr(GError) error = NULL;
  g_autofree char *json = g_build_filename(folder, "compare.json", NULL);
  g_autofree char *page = g_build_filename(folder, "compare.html", NULL), *html = NULL;
  result_set(comparison_find(comparison, "small"), FIGURE_REQUESTS, 500, NULL);
  result_set(comparison_find(comparison, "large"), FIGURE_REQUESTS, 200, NULL);
  result_set_why(comparison_find(comparison, "large"), FIGURE_MEMORY_SLAB, "why <not>");
  result_set(comparison_find(comparison, "small"), FIGURE_MEMORY_SLAB, 1 << 20,
             "of <another>\033 \342\200\256\nx");
  result_set(comparison_find(comparison, "small"), FIGURE_PORTS, 1, "eighty");
  g_assert_true(compare_write(comparison, folder, &error));
  check_json(json);
  g_autofree char *table = show_table(comparison);
  g_assert_nonnull(strstr(table, "large, slab: not measured: why <not>"));
  g_assert_nonnull(strstr(table, "small, slab: of <another>\\x1b \\xe2\\x80\\xae\\x0ax\n"));
  g_assert_null(strstr(table, "eighty"));  /* more to say, no remark */
  g_assert_nonnull(strstr(table, "0.40")); /* requests, of the first result's */
  g_assert_null(strstr(table, "500"));
  g_assert_true(g_file_get_contents(page, &html, NULL, NULL));
  static const char *const wanted[] = {
      "<svg",
      "prefers-color-scheme: dark",
      "@media print",
      "a &lt;web&gt; &amp; server",
      "why &lt;not&gt;",
      "not measured",
      "<dt>small, slab</dt><dd>of &lt;another&gt;&#x1b; \\xe2\\x80\\xae\nx</dd>"};
  for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
    if (strstr(html, wanted[i]) == NULL)
      g_error("no '%s' in the page", wanted[i]);
  static const char *const banned[] = {
      "http:", "https:", "<script", "src=", "@import", "url(", "\033", "\342\200\256"};
  for (guint i = 0; i < G_N_ELEMENTS(banned); i++)
    if (strstr(html, banned[i]) != NULL)
      g_error("'%s' in the page: it must need nothing else", banned[i]);
  dir_remove(folder, NULL);
}

static void
test_plots(void) {
  g_autoptr(Comparison) comparison = comparison_new("x");
  Result *first = comparison_add(comparison, "a", "A");
  g_autofree char *alone = plot_ratios(comparison);
  g_assert_cmpstr(alone, ==, "");
  Result *second = comparison_add(comparison, "b", "B & C");
  result_set(first, FIGURE_FILES, 10, NULL);
  result_set(second, FIGURE_FILES, 2500, NULL);
  g_autofree char *ratios = plot_ratios(comparison);
  g_assert_nonnull(strstr(ratios, "250×"));
  g_assert_true(plot_has(comparison, FIGURE_FILES));
  g_assert_false(plot_has(comparison, FIGURE_SETUID));
  /* The label stands behind the paper's ring where that is in its way, else at the bar's end. */
  const double papers[] = {-1, 240, 290, 340, 10};
  double places[G_N_ELEMENTS(papers)], rings[G_N_ELEMENTS(papers)];
  for (guint i = 0; i < G_N_ELEMENTS(papers); i++) {
    comparison->paper[FIGURE_FILES].ratio = papers[i];
    g_autofree char *svg = plot_ratios(comparison);
    const char *ring = strstr(svg, "cx=\""), *label = strstr(svg, "</title></rect>");
    rings[i] = ring != NULL ? g_ascii_strtod(ring + strlen("cx=\""), NULL) : -1;
    label = strstr(strstr(label, "<text"), "x=\"");
    places[i] = g_ascii_strtod(label + strlen("x=\""), NULL);
  }
  for (guint i = 1; i <= 3; i++)
    g_assert_cmpfloat(places[i], >, rings[i] + 8);
  g_assert_cmpfloat(places[4], ==, places[0]);
  g_autofree char *bars = plot_figure(comparison, FIGURE_FILES);
  g_assert_nonnull(strstr(bars, "B &amp; C: 2,500"));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/compare/kernel/unpack", test_unpack);
  g_test_add_func("/compare/kernel/bad", test_unpack_bad);
  g_test_add_func("/compare/kernel/sizes", test_sizes);
  g_test_add_func("/compare/paper", test_paper);
  g_test_add_func("/compare/two-images", test_two_images);
  g_test_add_func("/compare/memory", test_memory);
  g_test_add_func("/compare/broken-kernel", test_broken_kernel);
  g_test_add_func("/compare/kept", test_kept);
  g_test_add_func("/compare/results", test_results);
  g_test_add_func("/compare/plots", test_plots);
  return g_test_run();
}
