/* probe.c - the script that scans ports and makes load, and what it printed. */
#include "compare/probe.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/number.h"
#include "rootfs/static-program.h"

#include <string.h>

#define SCRIPT "probe.sh"
#define TIMEOUT 600 /* seconds; scanning and load together, on an emulated machine */

/* The values of "# NAME: VALUE" lines of SCRIPT, added to LIST. */
static void
header_values(const char *script, const char *name, GStrvBuilder *list) {
  g_auto(GStrv) lines = g_strsplit(script, "\n", -1);
  g_autofree char *prefix = g_strdup_printf("# %s: ", name);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix(lines[i], prefix))
      g_strv_builder_add(list, g_strstrip(lines[i] + strlen(prefix)));
}

static char **
needs(const char *load, const char *name) {
  g_autoptr(GStrvBuilder) list = g_strv_builder_new();
  if (load != NULL)
    header_values(load, name, list);
  return g_strv_builder_end(list);
}

gboolean
probe_has_load(const Recipe *recipe) {
  g_autofree char *path = g_build_filename(recipe->folder, "load.sh", NULL);
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

static char *
read_load(const Recipe *recipe, GError **error) {
  g_autofree char *path = g_build_filename(recipe->folder, "load.sh", NULL);
  char *text = NULL;
  if (probe_has_load(recipe))
    file_read(path, FILE_OWN_MAX, &text, NULL, error);
  return text;
}

/* scan-ports as a line of shell: a test's root holds programs of Debian's packages only. */
static char *
scanner_line(GError **error) {
  g_autofree char *program = static_program("compare/scan-ports.c", error);
  g_autofree char *bytes = NULL, *text = NULL;
  gsize size;
  if (program == NULL || !file_read(program, FILE_OWN_MAX, &bytes, &size, error))
    return NULL;
  text = g_base64_encode((const guchar *)bytes, size);
  return g_strdup_printf("scan_ports='%s'\n", text);
}

gboolean
probe_init(Probe *probe, const Recipe *recipe, GError **error) {
  g_autofree char *data = data_path("compare/" SCRIPT);
  g_autofree char *text = NULL, *all = NULL, *load = NULL, *folder = NULL, *scanner = NULL;
  g_autoptr(GError) problem = NULL;
  memset(probe, 0, sizeof *probe);
  load = read_load(recipe, &problem);
  if (problem != NULL) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
  }
  probe->recipe = *recipe; /* borrowed, but for what is set here */
  probe->recipe.test_programs = needs(load, "program");
  probe->recipe.test_packages = needs(load, "package");
  probe->recipe.test_script = NULL;
  probe->recipe.test_timeout = TIMEOUT;
  probe->loaded = load != NULL;
  /* A fixed place: the cached bundle of the test is found again by it. */
  folder = cache_folder("probe", error);
  if (folder == NULL || !file_read(data, FILE_OWN_MAX, &text, NULL, error) ||
      (scanner = scanner_line(error)) == NULL)
    return FALSE;
  probe->recipe.test_script = g_strdup_printf("%s/%s-" SCRIPT, folder, recipe->name);
  all = load != NULL ? g_strdup_printf("%s%s(\n%s\n)\ntrue\n", scanner, text, load)
                     : g_strconcat(scanner, text, NULL);
  return file_write(probe->recipe.test_script, all, strlen(all), 0755, error);
}

void
probe_clear(Probe *probe) {
  g_clear_pointer(&probe->recipe.test_script, g_free);
  g_clear_pointer(&probe->recipe.test_programs, g_strfreev);
  g_clear_pointer(&probe->recipe.test_packages, g_strfreev);
}

/* The rest of the line of OUTPUT that begins with PREFIX; g_free; NULL. */
static char *
line_after(const char *output, const char *prefix) {
  g_auto(GStrv) lines = g_strsplit(output != NULL ? output : "", "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix(lines[i], prefix))
      return g_strstrip(g_strdup(lines[i] + strlen(prefix)));
  return NULL;
}

static void
read_ports(const char *output, Result *result) {
  g_autofree char *ports = line_after(output, "tinyx-ports:");
  g_autofree char *why = line_after(output, "tinyx-ports-not:");
  if (ports == NULL) {
    result_set_why(result, FIGURE_PORTS, "%s", why != NULL ? why : "the scan broke off");
    return;
  }
  g_auto(GStrv) words = g_strsplit(ports, " ", -1);
  guint count = 0;
  for (guint i = 0; words[i] != NULL; i++)
    count += words[i][0] != '\0';
  result_set(result, FIGURE_PORTS, count, ports);
}

static void
read_requests(const Probe *probe, const char *output, Result *result) {
  g_autofree char *text = line_after(output, "requests a second:");
  double value = text != NULL ? g_ascii_strtod(text, NULL) : 0;
  if (value > 0)
    result_set(result, FIGURE_REQUESTS, value, NULL);
  else if (!probe->loaded)
    result_set_why(result, FIGURE_REQUESTS, "the recipe has no load.sh");
  else
    result_set_why(result, FIGURE_REQUESTS, "load.sh did not end well");
}

void
probe_read(const Probe *probe, const char *output, Result *result) {
  read_ports(output, result);
  read_requests(probe, output, result);
}

gint64
probe_kernel_code(const char *console) {
  const char *mark = console != NULL ? strstr(console, "K kernel code") : NULL;
  const char *digits = mark;
  if (mark == NULL)
    return -1;
  while (digits > console && g_ascii_isdigit(digits[-1]))
    digits--;
  guint64 kb;
  return number_take(&digits, 10, G_MAXINT64 / 1024, &kb) ? (gint64)kb * 1024 : -1;
}
