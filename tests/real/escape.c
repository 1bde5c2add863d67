/* escape.c - hostile code in tinyx' own hands, for tests/slow/32-escapes.sh: TINYX_TEST_ESCAPE is
 * "package" (FOLDER/debs has the package "hostile"; BASE is a base.tar; FOLDER/out gets root.tar)
 * or "trial" (FOLDER/root.tar is tried out, and what it says is printed). */
#include "base/files.h"
#include "base/proc.h"
#include "deps/apt.h"
#include "deps/debs.h"
#include "draft/tryout.h"
#include "rootfs/installer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITE "hostile"

/* An apt root that knows the packages in DEBS: nobody has signed them, which only a test may do. */
static gboolean
make_apt_root(const char *root, const char *debs, GError **error) {
  static const char *const folders[] = {"etc/apt", "var/lib/apt/lists/partial", "var/lib/dpkg",
                                        "etc/apt/preferences.d", "var/cache/apt/archives/partial"};
  g_autofree char *sources = g_build_filename(root, "etc/apt", APT_SOURCES, NULL);
  g_autofree char *status = g_build_filename(root, "var/lib/dpkg/status", NULL);
  g_autofree char *conf = g_build_filename(root, "etc/apt/apt.conf", NULL);
  g_autofree char *text = g_strdup_printf(
      "Types: deb\nURIs: copy:%s\nSuites: " SUITE "\nComponents: main\nTrusted: yes\n", debs);
  for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *path = g_build_filename(root, folders[i], NULL);
    if (!dir_make(path, error))
      return FALSE;
  }
  if (!file_write(sources, text, strlen(text), 0644, error) ||
      !file_write(conf, "", 0, 0644, error) || !file_write(status, "", 0, 0644, error))
    return FALSE;
  g_auto(GStrv) options = apt_options(root);
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  g_ptr_array_add(argv, (gpointer) "apt-get");
  for (char **option = options; *option != NULL; option++)
    g_ptr_array_add(argv, *option);
  g_ptr_array_add(argv, (gpointer) "update");
  g_ptr_array_add(argv, NULL);
  ProcSpec spec = {.argv = (const char *const *)argv->pdata, .deadline = 60};
  return proc_run(&spec, NULL, error);
}

static gboolean
try_package(const char *folder, GError **error) {
  static const char *const packages[] = {"hostile", NULL};
  static char *const names[] = {(char *)"hostile_1_all.deb", NULL};
  g_autofree char *debs = g_build_filename(folder, "debs", NULL);
  g_autofree char *apt = g_build_filename(folder, "apt", NULL);
  g_autofree char *work = g_build_filename(folder, "work", NULL);
  g_autofree char *out = g_build_filename(folder, "out", NULL);
  Installer installer = {.apt = apt, .codename = SUITE, .work = work};
  g_autofree char *partial = g_build_filename(debs, "partial", NULL); /* apt wants to see it */
  return dir_make(out, error) && dir_make(partial, error) &&
         debs_repository(debs, names, SUITE, error) && make_apt_root(apt, debs, error) &&
         installer_packages(&installer, g_getenv("BASE"), debs, packages, out, error);
}

static gboolean
try_trial(const char *folder, GError **error) {
  g_autofree char *tar = g_build_filename(folder, "root.tar", NULL);
  g_auto(ProcResult) result = {0};
  if (!tryout_run_files(tar, "hostile", "0", &result, error))
    return FALSE;
  fwrite(result.out, 1, result.out_size, stdout);
  return TRUE;
}

static void
test_escape(void) {
  const char *what = g_getenv("TINYX_TEST_ESCAPE"), *folder = g_getenv("FOLDER");
  g_autoptr(GError) error = NULL;
  if (what == NULL || folder == NULL) {
    g_test_skip("hostile code: run by tests/slow/32-escapes.sh");
    return;
  }
  proc_catch_signals();
  if (!(g_str_equal(what, "package") ? try_package(folder, &error) : try_trial(folder, &error))) {
    fprintf(stderr, "%s\n", error->message);
    exit(10 + error->code);
  }
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/escape/real", test_escape);
  return g_test_run();
}
