/* test-xen.c - the Xen layer without Xen: --host, the record of a running host, what our scripts
 * print, the contents of dom0. */
#include "base/facts.h"
#include "base/files.h"
#include "base/owner.h"
#include "base/process.h"
#include "guest/console.h"
#include "xen/dom0.h"
#include "xen/spec.h"
#include "xen/state.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
check_ssh(const char *text, const char *user, const char *machine, int port) {
  g_auto(XenHostSpec) spec = {0};
  GError *error = NULL;
  g_assert_true(xen_host_spec_parse(text, &spec, &error));
  g_assert_no_error(error);
  g_assert_cmpint(spec.kind, ==, XEN_HOST_SSH);
  g_assert_cmpstr(spec.user, ==, user);
  g_assert_cmpstr(spec.machine, ==, machine);
  g_assert_cmpint(spec.port, ==, port);
}

static void
test_spec(void) {
  g_auto(XenHostSpec) spec = {0};
  check_ssh("ssh://root@xen1.example.org", "root", "xen1.example.org", 0);
  check_ssh("ssh://xen1", NULL, "xen1", 0);
  check_ssh("ssh://root@xen1:2222/", "root", "xen1", 2222);
  check_ssh("ssh://a.b@[fe80::1]:22", "a.b", "fe80::1", 22);
  g_assert_true(xen_host_spec_parse("local", &spec, NULL));
  g_assert_cmpint(spec.kind, ==, XEN_HOST_LOCAL);
  g_assert_true(xen_host_spec_parse("embedded", &spec, NULL));
  g_assert_cmpint(spec.kind, ==, XEN_HOST_EMBEDDED);
  g_assert_true(xen_host_spec_parse(NULL, &spec, NULL));
  g_assert_cmpint(spec.kind, ==, xen_host_is_dom0() ? XEN_HOST_LOCAL : XEN_HOST_EMBEDDED);
}

/* None of these may come to ssh's command line. */
static void
test_spec_bad(void) {
  static const char *const bad[] = {"remote",        "ssh:/x",       "ssh://",
                                    "ssh://root@",   "ssh://@x",     "ssh://x:0",
                                    "ssh://x:65536", "ssh://x:22a",  "ssh://-oProxyCommand=x",
                                    "ssh://-l@x",    "ssh://x y",    "ssh://[::1",
                                    "ssh://x/path",  "ssh://a;b@x",  "Embedded",
                                    "ssh://x:22:22", "ssh://[::1]x", "local "};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_auto(XenHostSpec) spec = {0};
    g_autoptr(GError) error = NULL;
    g_assert_false(xen_host_spec_parse(bad[i], &spec, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, bad[i]));
  }
}

static void
test_state(void) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  g_autofree char *file = g_build_filename(folder, "state", NULL);
  g_auto(HostState) read = {0};
  g_autoptr(GError) error = NULL;
  g_autofree char *owner = owner_line();
  HostState state = {.pid = getpid(),
                     .owner = owner,
                     .started = process_started(getpid()),
                     .since = 1700000000,
                     .port = 4321,
                     .up = TRUE,
                     .image = (char *)"/cache/dom0",
                     .accelerator = (char *)"tcg"};
  g_assert_false(host_state_read(file, &read, &error));
  g_assert_no_error(error);
  g_assert_true(host_state_write(file, &state, &error));
  g_assert_true(host_state_read(file, &read, &error));
  g_assert_cmpint(read.pid, ==, getpid());
  g_assert_cmpint(read.port, ==, 4321);
  g_assert_cmpint(read.since, ==, 1700000000);
  g_assert_cmpstr(read.image, ==, "/cache/dom0");
  g_assert_true(read.up);
  g_assert_true(host_state_alive(&read));
  read.started++; /* the pid was given to another process */
  g_assert_false(host_state_alive(&read));
  read.started--;
  g_assert_false(host_state_elsewhere(&read));
  /* The same process id on another machine says nothing. */
  memset(read.owner, '0', strcspn(read.owner, "."));
  g_assert_true(host_state_elsewhere(&read));
  g_assert_false(host_state_alive(&read));
  g_assert_true(g_file_set_contents(file, "[host]\npid=12\nport=99999\n", -1, NULL));
  host_state_clear(&read);
  g_assert_false(host_state_read(file, &read, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT);
  g_assert_true(dir_remove(folder, NULL));
}

/* The lock that QEMU inherits decides before any process id: free, it has ended; held, it runs,
 * here or, where the id means nothing here, elsewhere. */
static void
test_state_lock(void) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  g_autofree char *file = g_build_filename(folder, "state", NULL);
  g_autofree char *lock = g_build_filename(folder, HOST_STATE_LOCK, NULL);
  g_autofree char *owner = owner_line();
  g_autofree char *rebooted = g_strdup(owner);
  g_autoptr(GError) error = NULL;
  memset(strchr(rebooted, '.') + 1, '0', 8); /* a machine of the same name and id */
  for (int round = 0; round < 4; round++) {
    gboolean held = round % 2 == 0, here = round < 2;
    g_auto(HostState) read = {0};
    HostState state = {.pid = getpid(),
                       .owner = here ? owner : rebooted,
                       .started = process_started(getpid()),
                       .port = 4321,
                       .image = (char *)"/cache/dom0"};
    int fd = live_file_hold(lock, &error);
    g_assert_no_error(error);
    if (!held)
      close(fd);
    g_assert_true(host_state_write(file, &state, NULL) && host_state_read(file, &read, NULL));
    g_assert_cmpint(host_state_alive(&read), ==, held && here);
    g_assert_cmpint(host_state_elsewhere(&read), ==, held && !here);
    if (held)
      close(fd);
  }
  g_assert_true(dir_remove(folder, NULL));
}

static void
test_process_started(void) {
  GPid child;
  char *argv[] = {(char *)"true", NULL};
  g_assert_cmpuint(process_started(1), >, 0);
  const HostState state = {.started = process_started(getpid())};
  g_assert_cmpint(host_state_seconds(&state), >=, 0);
  g_assert_cmpint(host_state_seconds(&state), <, 180);
  g_assert_cmpuint(process_started(0x3fffffff), ==, 0);
  g_assert_true(g_spawn_async(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                              NULL, NULL, &child, NULL));
  for (int i = 0; i < 500 && process_started(child) != 0; i++)
    g_usleep(10000);
  g_assert_cmpuint(process_started(child), ==, 0); /* a corpse does not run */
}

static void
test_facts(void) {
  static const char text[] = "create_seconds=1.25\nnoise\n=x\nguest=10.1.2.3\n"
                             "blob console 11\na=b\nblob x\0\n\npassed=1\nblob cut 100\nabc";
  g_autoptr(GHashTable) facts = facts_parse(text, sizeof text - 1);
  g_assert_cmpfloat(facts_seconds(facts, "create_seconds"), ==, 1.25);
  g_assert_cmpfloat(facts_seconds(facts, "guest"), ==, -1);
  g_assert_cmpfloat(facts_seconds(facts, "missing"), ==, -1);
  g_assert_cmpstr(g_hash_table_lookup(facts, "console"), ==, "a=b\nblob x?");
  g_assert_null(g_hash_table_lookup(facts, "a")); /* inside a blob nothing is a fact */
  g_assert_cmpstr(g_hash_table_lookup(facts, "passed"), ==, "1");
  g_assert_cmpstr(g_hash_table_lookup(facts, "cut"), ==, "abc");
}

static void
test_meminfo(void) {
  static const char console[] = "tinyx: meminfo MemTotal=1 MemFree=1 MemAvailable=1\n"
                                "x\r\ntinyx: meminfo MemTotal=24064 MemFree=17292\r\n"
                                " MemAvailable=7\nreboot: System halted\n";
  g_assert_cmpint(console_meminfo(console, "MemTotal"), ==, 24064);
  g_assert_cmpint(console_meminfo(console, "MemFree"), ==, 17292);
  g_assert_cmpint(console_meminfo(console, "MemAvailable"), ==, -1);
  g_assert_cmpint(console_meminfo("", "MemTotal"), ==, -1);
  g_assert_cmpint(console_meminfo(NULL, "MemTotal"), ==, -1);
}

static void
check_contents_error(const char *text, const char *words) {
  g_auto(Dom0Contents) contents = {0};
  g_autoptr(GError) error = NULL;
  g_assert_false(dom0_contents_parse(text, "contents", &contents, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, words));
}

static void
test_contents(void) {
  g_autofree char *file = data_path("scripts/dom0/contents");
  g_autofree char *text = NULL;
  g_auto(Dom0Contents) contents = {0};
  g_autoptr(GError) error = NULL;
  g_assert_true(g_file_get_contents(file, &text, NULL, &error));
  g_assert_true(dom0_contents_parse(text, file, &contents, &error));
  g_assert_no_error(error);
  g_assert_true(g_strv_contains((const char *const *)contents.packages->pdata, "xen-utils-4.17"));
  g_assert_cmpuint(contents.programs->len, >, 5);
  check_contents_error("package x why\nmodul y z\n", "contents:2: 'modul'");
  check_contents_error("program /bin/x\n", "contents:1: no name or no reason");
  check_contents_error("\n# x\nprogram\n", "contents:3:");
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/xen/spec", test_spec);
  g_test_add_func("/xen/spec-bad", test_spec_bad);
  g_test_add_func("/xen/state", test_state);
  g_test_add_func("/xen/state-lock", test_state_lock);
  g_test_add_func("/xen/process-started", test_process_started);
  g_test_add_func("/xen/facts", test_facts);
  g_test_add_func("/xen/meminfo", test_meminfo);
  g_test_add_func("/xen/dom0-contents", test_contents);
  return g_test_run();
}
