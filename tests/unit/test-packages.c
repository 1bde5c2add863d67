/* test-packages.c - the closure of packages and its reasons, by a stand-in for apt; faults; owners
 * of paths. The real apt is asked in tests/slow/35-packages.sh. */
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
  put("own.list", "", 0644);
  g_autofree char *targets =
      g_strdup_printf("http://a.invalid/debian/|%s|Debian|main|%s/own.list:1\n"
                      "http://b.invalid/|%s|Other|main|\n"
                      "http://c.invalid/|other|Debian|main|\n",
                      suite, folder, suite);
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

#define ARCHIVE_KEYS "/usr/share/keyrings/debian-archive-keyring.gpg"

static char *
source_text(const char *uri, const char *suite, const char *signed_by) {
  return g_strdup_printf("Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n",
                         uri, suite, signed_by);
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
set_time(const char *root, const char *name, time_t when) {
  g_autofree char *path = g_build_filename(root, name, NULL);
  struct utimbuf times = {when, when};
  g_assert_cmpint(utime(path, &times), ==, 0);
}

/* The machine's entry FILE says TEXT of a.invalid: what of it stands in the apt root's sources? */
static void
assert_signed_by(const char *file, const char *text, const char *expected_keys) {
  g_autoptr(GError) error = NULL;
  g_autofree char *codename = NULL, *name = g_strconcat("entries/", file, NULL);
  g_autofree char *old = apt_root(&codename, &error);
  g_assert_no_error(error);
  g_auto(GStrv) parts = g_strsplit(text, "SUITE", -1);
  g_autofree char *content = g_strjoinv(codename, parts);
  g_autofree char *targets =
      g_strdup_printf("http://a.invalid/debian/|%s|Debian|main|%s/%s:1\n", codename, folder, name);
  put(name, content, 0644);
  put("targets", targets, 0644);
  g_assert_true(dir_remove(old, NULL));
  g_autofree char *root = apt_root(NULL, &error);
  g_assert_no_error(error);
  g_autofree char *path = g_build_filename(root, "etc/apt", APT_SOURCES, NULL);
  g_autofree char *expected = source_text("http://a.invalid/debian/", codename, expected_keys);
  g_autofree char *found = NULL;
  g_assert_true(g_file_get_contents(path, &found, NULL, NULL));
  g_assert_cmpstr(found, ==, expected);
}

/* Debian is signed by the archive's keys, or by those that the machine's entry itself names. */
static void
test_signed_by(void) {
  assert_signed_by("a.list", "deb http://a.invalid/debian SUITE main\n", ARCHIVE_KEYS);
  assert_signed_by("a.list",
                   "deb [arch=amd64 signed-by=/k/one.gpg,/k/two.asc] http://a.invalid/debian "
                   "SUITE main # here\n",
                   "/k/one.gpg,/k/two.asc");
  assert_signed_by("a.list", "deb [ signed-by+=/k/one.gpg ] http://a.invalid/debian/ SUITE main\n",
                   "/k/one.gpg");
  /* Other entries' keys are not this one's. */
  assert_signed_by("a.list",
                   "deb-src [signed-by=/k/x.gpg] http://a.invalid/debian SUITE main\n"
                   "#deb [signed-by=/k/x.gpg] http://a.invalid/debian SUITE main\n"
                   "deb [signed-by=/k/x.gpg] http://a.invalid/debian other main\n"
                   "deb [signed-by=/k/x.gpg] http://a.invalid/debian2 SUITE main\n"
                   "deb [trusted=yes] http://a.invalid/debian SUITE main\n",
                   ARCHIVE_KEYS);
  assert_signed_by("b.sources",
                   "# a comment\nTypes: deb-src\nURIs: http://a.invalid/debian\nSuites: SUITE\n"
                   "Components: main\nSigned-By: /k/x.gpg\n\n"
                   "Enabled: no\nTypes: deb\nURIs: http://a.invalid/debian\nSuites: SUITE\n"
                   "Components: main\nSigned-By: /k/x.gpg\n\n"
                   "Types: deb deb-src\nURIs: http://z.invalid http://a.invalid/debian\n"
                   "Suites: other SUITE\nComponents: main\nsigned-by: /k/own.gpg\n",
                   "/k/own.gpg");
  assert_signed_by("b.sources",
                   "Types: deb\nURIs: http://a.invalid/debian\nSuites: SUITE\nComponents: main\n"
                   "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDME\n"
                   " -----END PGP PUBLIC KEY BLOCK-----\n",
                   "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDME\n"
                   " -----END PGP PUBLIC KEY BLOCK-----");
  assert_signed_by("b.sources",
                   "Types: deb\nURIs: http://a.invalid/debian\nSuites: SUITE\nComponents: main\n"
                   "Trusted: yes\nAllow-Insecure: true\n",
                   ARCHIVE_KEYS);
  assert_signed_by("b.sources", "no field\n", ARCHIVE_KEYS); /* no such file for apt either */
  make_stand_ins();
}

/* A mirror that others signed is refused, and no older index is used in its place. */
static void
test_foreign_signature(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *root = apt_root(NULL, &error);
  g_assert_no_error(error);
  put("update",
      "W: GPG error: http://a.invalid/debian x InRelease: The following signatures couldn't be "
      "verified because the public key is not available: NO_PUBKEY 0123456789ABCDEF\n"
      "E: The repository 'http://a.invalid/debian x InRelease' is not signed.\n",
      0644);
  set_time(root, "fetched", 1000000000);
  g_assert_null(apt_root(NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "not signed by the keys that may sign it"));
  g_assert_nonnull(strstr(error->message, "NO_PUBKEY 0123456789ABCDEF"));
  make_stand_ins();
}

/* A stamp whose time has not come says nothing: the clock was wrong then or is now. */
static void
test_future_stamp(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *root = apt_root(NULL, &error);
  g_assert_no_error(error);
  guint calls = update_calls();
  set_time(root, "fetched", time(NULL) + 10);
  g_free(apt_root(NULL, &error));
  g_assert_cmpuint(update_calls(), ==, calls);
  set_time(root, "fetched", time(NULL) + 365 * 24 * 3600);
  g_free(apt_root(NULL, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(update_calls(), ==, calls + 1);
  /* Without a network it is used, as every older one. */
  set_time(root, "fetched", time(NULL) + 365 * 24 * 3600);
  put("update", "E: no network\n", 0644);
  g_free(apt_root(NULL, &error));
  g_assert_no_error(error);
  make_stand_ins();
}

/* What is done to the fetched index is noticed, and it is fetched again; without a network there is
 * none then, for nothing says what it was. */
static void
test_index_damage(void) {
  g_autoptr(GError) error = NULL;
  put("update", "", 0644);
  g_autofree char *root = apt_root(NULL, &error);
  g_assert_no_error(error);
  g_autofree char *list = g_build_filename(root, "var/lib/apt/lists/x_Packages", NULL);
  guint calls = update_calls();
  g_assert_true(g_file_set_contents(list, "Package: trojan\n", -1, NULL));
  g_free(apt_root(NULL, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(update_calls(), ==, calls + 1);
  g_assert_false(g_file_test(list, G_FILE_TEST_EXISTS));
  g_free(apt_root(NULL, &error));
  g_assert_cmpuint(update_calls(), ==, calls + 1);
  g_assert_true(g_file_set_contents(list, "Package: trojan\n", -1, NULL));
  put("update", "E: no network\n", 0644);
  g_assert_null(apt_root(NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_FAILED);
  make_stand_ins();
}

static void
test_mirror(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *codename = NULL, *keyring = g_build_filename(folder, "key.gpg", NULL);
  put("key.gpg", "a key", 0644);
  g_setenv("TINYX_MIRROR", "http://m.invalid/debian", TRUE);
  const char *const keyrings[] = {"", keyring};
  for (guint i = 0; i < G_N_ELEMENTS(keyrings); i++) {
    g_setenv("TINYX_KEYRING", keyrings[i], TRUE);
    g_autofree char *root = apt_root(&codename, &error);
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(root, "etc/apt", APT_SOURCES, NULL);
    g_autofree char *expected =
        source_text("http://m.invalid/debian", codename, i == 0 ? ARCHIVE_KEYS : keyring);
    g_autofree char *found = NULL;
    g_assert_true(g_file_get_contents(path, &found, NULL, NULL));
    g_assert_cmpstr(found, ==, expected);
    g_clear_pointer(&codename, g_free);
  }
  static const char *const bad[] = {"key.gpg", "/no/such/key.gpg", "/etc", "/a b", "/a,/b"};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_setenv("TINYX_KEYRING", bad[i], TRUE);
    g_assert_null(apt_root(NULL, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "TINYX_KEYRING"));
    g_clear_error(&error);
  }
  g_unsetenv("TINYX_KEYRING");
  g_unsetenv("TINYX_MIRROR");
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

  g_autofree char *list = g_build_filename(root, "etc/apt", APT_SOURCES, NULL), *text = NULL;
  g_assert_true(g_file_get_contents(list, &text, NULL, NULL));
  g_autofree char *expected = source_text("http://a.invalid/debian/", codename, ARCHIVE_KEYS);
  g_assert_cmpstr(text, ==, expected);

  put("update", "E: no network\n", 0644);
  set_time(root, "fetched", 1000000000);
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
  put("targets", "http://c.invalid/|other|Debian|main|\n", 0644);
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
  g_unsetenv("TINYX_KEYRING");
  make_stand_ins();
  g_test_add_func("/packages/closure", test_closure);
  g_test_add_func("/packages/bad-names", test_bad_names);
  g_test_add_func("/packages/index", test_index);
  g_test_add_func("/packages/signed-by", test_signed_by);
  g_test_add_func("/packages/foreign-signature", test_foreign_signature);
  g_test_add_func("/packages/future-stamp", test_future_stamp);
  g_test_add_func("/packages/index-damage", test_index_damage);
  g_test_add_func("/packages/mirror", test_mirror);
  g_test_add_func("/packages/owners", test_owners);
  g_test_add_func("/packages/sums", test_sums);
  int status = g_test_run();
  dir_remove(folder, NULL);
  g_free(folder);
  return status;
}
