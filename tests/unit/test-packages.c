/* test-packages.c - the closure of packages and its reasons, by a stand-in for apt; faults; owners
 * of paths. The real apt is asked in tests/slow/deps-packages.sh. */
#include "base/files.h"
#include "deps/apt.h"
#include "deps/package-index.h"
#include "deps/packages.h"

#include <string.h>
#include <sys/stat.h>
#include <utime.h>

static char *folder;

static void
put(const char *name, const char *text, unsigned mode) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname(path);
  g_autoptr(GError) error = NULL;
  dir_make(parent, &error);
  g_assert_no_error(error);
  file_write(path, text, strlen(text), mode, &error);
  g_assert_no_error(error);
}

/* apt-get: sources, a simulated installation, and an update that does what the file "update" says.
 * apt-cache: the records. The codename is that of the machine or Debian 12. */
static void
make_stand_ins(void) {
  put("bin/apt-get",
      "#!/bin/sh\n"
      "here=$(dirname \"$0\")/..\n"
      "case \"$*\" in\n"
      "indextargets*) cat \"$here/targets\" ;;\n"
      "*update) echo update >>\"$here/calls\"; cat \"$here/update\" >&2; ! test -s "
      "\"$here/update\" ;;\n"
      "*nosuch*) echo 'E: Unable to locate package nosuch' >&2; exit 100 ;;\n"
      "*virtual*) printf 'Package virtual is a virtual package provided by:\\n  a 1\\n  b 2\\n\\n"
      "E: Package has no candidate\\n'; exit 100 ;;\n"
      "*install*) cat \"$here/installed\" ;;\n"
      "esac\n",
      0755);
  put("bin/apt-cache", "#!/bin/sh\ncat \"$(dirname \"$0\")/../records\"\n", 0755);
  g_autofree char *codename = g_get_os_info(G_OS_INFO_KEY_VERSION_CODENAME);
  g_autofree char *id = g_get_os_info(G_OS_INFO_KEY_ID);
  const char *suite = g_strcmp0(id, "debian") == 0 && codename != NULL ? codename : "bookworm";
  g_autofree char *targets = g_strdup_printf("http://a.invalid/debian/|%s|Debian|main\n"
                                             "http://b.invalid/|%s|Other|main\n"
                                             "http://c.invalid/|other|Debian|main\n",
                                             suite, suite);
  put("targets", targets, 0644);
  put("installed",
      "NOTE: a simulation\nNote, selecting 'app' instead of 'web-server'\n"
      "Inst libc6 (2.36-9 Debian:12.0/oldstable [amd64])\nInst app (1.0-2 Debian [amd64])\n"
      "Inst tool (3 Debian [all])\nInst useless (1 Debian [all])\nInst below (1 Debian [all])\n"
      "Inst second (2:1.0 Debian [all])\nConf app (1.0-2 Debian [amd64])\n",
      0644);
  put("records",
      "Package: libc6\nVersion: 2.36-9\nInstalled-Size: 13001\n\n"
      "Package: app\nVersion: 1.0-2\nInstalled-Size: 10\nProvides: web-server\n"
      "Depends: libc6 (>= 2.30), missing (>= 2) | virtual-tool (= 3.1), useless\n"
      "Pre-Depends: second (<< 1) | second (>= 2:0.9~)\n\n"
      "Package: tool\nVersion: 3\nProvides: virtual-tool (= 3.1)\n\n"
      "Package: useless\nVersion: 1\nDepends: below\n\n"
      "Package: below\nVersion: 1\n\nPackage: second\nVersion: 2:1.0\n\n"
      "Package: app\nVersion: 1.0-2\n",
      0644);
  put("blacklist", "useless # for the test\n", 0644);
  put("whitelist", "# none\n", 0644);
  put("update", "", 0644);
}

static GPtrArray *
closure_of(const char *name, GError **error) {
  const char *names[] = {name, NULL};
  g_autofree char *blacklist = g_build_filename(folder, "blacklist", NULL);
  g_autofree char *whitelist = g_build_filename(folder, "whitelist", NULL);
  return package_closure(names, blacklist, whitelist, error);
}

static void
assert_dep(const GPtrArray *deps, guint index, const char *name, const char *reason,
           const char *asked_by) {
  g_assert_cmpuint(index, <, deps->len);
  const PackageDep *dep = deps->pdata[index];
  g_assert_cmpstr(dep->name, ==, name);
  g_assert_cmpstr(dep->reason, ==, reason);
  g_assert_cmpstr(dep->asked_by, ==, asked_by);
}

/* A versioned alternative that is provided, one that is there in a version that does not fit, the
 * blacklist with what only it needs. */
static void
test_closure(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) deps = closure_of("app", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(deps->len, ==, 4);
  assert_dep(deps, 0, "app", "named", NULL);
  assert_dep(deps, 1, "libc6", "Depends of app", "app");
  assert_dep(deps, 2, "second", "Pre-Depends of app", "app");
  assert_dep(deps, 3, "tool", "Depends of app", "app");
  g_assert_cmpint(((PackageDep *)deps->pdata[1])->installed_kb, ==, 13001);
  g_assert_cmpstr(((PackageDep *)deps->pdata[2])->version, ==, "2:1.0");

  g_autoptr(GPtrArray) virtual = closure_of("web-server", &error);
  g_assert_no_error(error);
  assert_dep(virtual, 0, "app", "named (as web-server)", NULL);
  /* What is named is not dropped. */
  g_autoptr(GPtrArray) useless = closure_of("useless", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(useless->len, ==, 2);
  assert_dep(useless, 0, "below", "Depends of useless", "useless");
  assert_dep(useless, 1, "useless", "named", NULL);

  put("whitelist", "tool # wanted\n", 0644);
  g_autoptr(GPtrArray) wanted = closure_of("below", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(wanted->len, ==, 2);
  assert_dep(wanted, 1, "tool", "whitelist", NULL);
  put("whitelist", "# none\n", 0644);
}

static void
test_bad_names(void) {
  static const struct {
    const char *name, *words;
  } cases[] = {
      {"nosuch", "Unable to locate package nosuch"},
      {"virtual", "candidate; it is virtual: expected one of those that provide it: a b"},
      {"app-", "is no package's name"},
      {"-oDir=/", "is no package's name"},
      {"not-installed", "apt does not know a package of this name"},
  };
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(closure_of(cases[i].name, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    if (strstr(error->message, cases[i].words) == NULL)
      g_error("%s; expected: %s", error->message, cases[i].words);
  }
}

static guint
update_calls(void) {
  g_autofree char *path = g_build_filename(folder, "calls", NULL), *text = NULL;
  guint calls = 0;
  if (g_file_get_contents(path, &text, NULL, NULL))
    for (const char *c = text; *c != '\0'; c++)
      calls += *c == '\n';
  return calls;
}

static void
make_old(const char *root) {
  g_autofree char *path = g_build_filename(root, "fetched", NULL);
  struct utimbuf old = {1000000000, 1000000000};
  g_assert_cmpint(utime(path, &old), ==, 0);
}

/* Fetched once a day; without a network an old index does, no index does not. */
static void
test_index(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *codename = NULL;
  g_autofree char *root = apt_root(&codename, &error);
  g_assert_no_error(error);
  guint calls = update_calls();
  g_autofree char *again = apt_root(NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(update_calls(), ==, calls);

  g_autofree char *list = g_build_filename(root, "etc/apt/sources.list", NULL), *text = NULL;
  g_assert_true(g_file_get_contents(list, &text, NULL, NULL));
  g_autofree char *expected = g_strdup_printf("deb http://a.invalid/debian/ %s main\n", codename);
  g_assert_cmpstr(text, ==, expected);

  put("update", "E: no network\n", 0644);
  make_old(root);
  g_autofree char *old = apt_root(NULL, &error); /* a warning, and the old index */
  g_assert_no_error(error);
  g_assert_cmpuint(update_calls(), ==, calls + 1);
  g_autofree char *soon = apt_root(NULL, &error); /* not tried again at once */
  g_assert_no_error(error);
  g_assert_cmpuint(update_calls(), ==, calls + 1);

  g_assert_true(dir_remove(root, NULL));
  g_assert_null(apt_root(NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, "is there a network?"));
  g_assert_nonnull(strstr(error->message, "no network"));
  g_clear_error(&error);

  /* The machine's sources are remembered beside the index, as long as its files stay the same. */
  put("targets", "http://c.invalid/|other|Debian|main\n", 0644);
  g_assert_null(apt_root(NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_FAILED);
  g_clear_error(&error);
  g_assert_true(dir_remove(root, NULL));
  g_assert_null(apt_root(NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "set TINYX_MIRROR"));
  g_clear_error(&error);
  g_setenv("TINYX_MIRROR", "not an address", TRUE);
  g_assert_null(apt_root(NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_unsetenv("TINYX_MIRROR");
  make_stand_ins();
}

static void
test_owners(void) {
  g_autoptr(GError) error = NULL;
  put("root/var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib\n/lib/x86/libc.so.6\n", 0644);
  put("root/var/lib/dpkg/info/zz.list", "/lib\n/usr/bin/zz", 0644);
  put("root/var/lib/dpkg/info/zz.md5sums", "/usr/bin/no\n", 0644);
  g_autofree char *root = g_build_filename(folder, "root", NULL);
  PackageIndex *index = package_index_load(root, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(package_index_owner(index, "/lib/x86/libc.so.6"), ==, "libc6");
  g_assert_cmpstr(package_index_owner(index, "/usr/lib/x86/libc.so.6"), ==, "libc6");
  g_assert_cmpstr(package_index_owner(index, "/bin/zz"), ==, "zz");
  g_assert_cmpstr(package_index_owner(index, "/usr/lib"), ==, "libc6");
  g_assert_null(package_index_owner(index, "/usr/bin/no"));
  g_assert_null(package_index_owner(index, "/usr/libx/x86/libc.so.6"));
  package_index_free(index);
  g_assert_null(package_index_load(folder, &error));
  g_assert_nonnull(strstr(error->message, "no database of dpkg"));
}

static void
test_sums(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *root = g_build_filename(folder, "sums", NULL);
  put("sums/var/lib/dpkg/info/libc6:amd64.md5sums",
      "0123456789abcdef0123456789abcdef  lib/x/libc.so.6\n"
      "fedcba9876543210fedcba9876543210  usr/share/with  two\n"
      "no sum  usr/bad\n",
      0644);
  put("sums/var/lib/dpkg/status",
      "Package: x\nConffiles:\n /etc/x 11111111111111111111111111111111\n"
      " /etc/old 22222222222222222222222222222222 obsolete\n"
      " /etc/none newconffile\nVersion: 1\n",
      0644);
  g_autoptr(PackageSums) sums = package_sums_load(root, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(package_sums_find(sums, "/usr/lib/x/libc.so.6"), ==,
                  "0123456789abcdef0123456789abcdef");
  g_assert_cmpstr(package_sums_find(sums, "/usr/share/with  two"), ==,
                  "fedcba9876543210fedcba9876543210");
  g_assert_cmpstr(package_sums_find(sums, "/etc/x"), ==, "11111111111111111111111111111111");
  g_assert_cmpstr(package_sums_find(sums, "/etc/old"), ==, "22222222222222222222222222222222");
  g_assert_null(package_sums_find(sums, "/etc/none"));
  g_assert_null(package_sums_find(sums, "/usr/bad"));
  g_assert_null(package_sums_load(folder, &error));
  g_assert_nonnull(strstr(error->message, "no database of dpkg"));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  folder = g_dir_make_tmp("tinyx-packages-XXXXXX", NULL);
  g_assert_nonnull(folder);
  g_autofree char *cache = g_build_filename(folder, "cache", NULL);
  g_autofree char *path = g_strdup_printf("%s/bin:%s", folder, g_getenv("PATH"));
  g_setenv("TINYX_CACHE", cache, TRUE);
  g_setenv("PATH", path, TRUE);
  g_unsetenv("TINYX_MIRROR");
  make_stand_ins();
  g_test_add_func("/packages/closure", test_closure);
  g_test_add_func("/packages/bad-names", test_bad_names);
  g_test_add_func("/packages/index", test_index);
  g_test_add_func("/packages/owners", test_owners);
  g_test_add_func("/packages/sums", test_sums);
  int status = g_test_run();
  dir_remove(folder, NULL);
  g_free(folder);
  return status;
}
