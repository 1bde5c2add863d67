/* test-guest.c - the guest test with a stand-in for xl: what passes, what fails and why, what is
 * left. A real agent, a real test in its root; in namespaces of its own, where guests' addresses
 * are the machine's. */
#include "guest/console.h"
#include "guest/launcher.h"

#include "base/files.h"
#include "base/proc.h"

#include <glib/gstdio.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEPARATE "TINYX_TEST_SEPARATE" /* in the environment: we are in namespaces of our own */

/* Knows one domain: $XL_STATE/reason is why it ended, console what it says, refuse that it cannot
 * be created. Each vif is a pair of devices: one end is this machine's, as the domain's, with its
 * address. */
static const char xl[] =
    "#!/bin/sh\n"
    "echo \"$*\" >>\"$XL_STATE/log\"\n"
    "for last; do :; done\n"
    "case $1 in\n"
    "info) echo xen_version : 4.17 ;;\n"
    "create)\n"
    "  cp domain.cfg \"$XL_STATE/final\"\n"
    "  [ ! -e \"$XL_STATE/refuse\" ] || { echo 'xc: error: panic: segment kernel too large: Out of "
    "memory'; exit 1; }\n"
    "  id=$$ number=0\n"
    "  for mac in $(grep -oE '00:16:3e(:[0-9a-f]{2}){3}' domain.cfg); do\n"
    "    number=$((number + 1))\n"
    "    a=$(grep -oE '10\\.[0-9]+\\.[0-9]+\\.2' domain.cfg | sed -n ${number}p)\n"
    "    export vif=vif$id.$((number - 1)) XENBUS_PATH=backend/vif/$id/$((number - 1))\n"
    "    ip link add $vif type veth peer name g$id.$number && ip link set g$id.$number address "
    "$mac up &&\n"
    "      ip addr add $a/30 dev g$id.$number && $(grep -oE 'script=[^\"]*' domain.cfg | sed -n "
    "'1s/.*=//p') online || exit 9\n"
    "  done ;;\n"
    "list) printf 'Name ID Mem VCPUs State Times UUID Reason-Code Label\\n'\n"
    "  [ -e \"$XL_STATE/gone\" ] || printf '%s 1 32 1 - 1.5 u %s -\\n' \"$last\" \"$(cat "
    "\"$XL_STATE/reason\" 2>/dev/null || echo -)\"\n"
    "  [ ! -e \"$XL_STATE/gone\" ] || { echo 'xl: no such domain'; exit 1; } ;;\n"
    "console) cat \"$XL_STATE/console\" 2>/dev/null; exec sleep 60 ;;\n"
    "shutdown) [ -e \"$XL_STATE/deaf\" ] && exec sleep 300; echo 0 >\"$XL_STATE/reason\" ;;\n"
    "esac\n"
    "exit 0\n";

typedef struct {
  char *folder, *state, *bundle;
  Platform *platform;
  GuestHost *host;
  int port, listener;
} World;

static void
write_file(const char *folder, const char *name, const char *text, int mode) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_assert_true(g_file_set_contents(path, text, -1, NULL));
  g_assert_cmpint(g_chmod(path, (mode_t)mode), ==, 0);
}

static void
make(const char *folder, const char *script) {
  const char *argv[] = {"sh", "-ec", script, NULL};
  ProcSpec spec = {.argv = argv, .cwd = folder, .deadline = 60};
  g_autoptr(GError) error = NULL;
  proc_run(&spec, NULL, &error);
  g_assert_no_error(error);
}

/* A port on which something listens, at every address. */
static void
listen_somewhere(World *world) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  world->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint(listen(world->listener, 100), ==, 0);
  g_assert_cmpint(getsockname(world->listener, (struct sockaddr *)&address, &size), ==, 0);
  world->port = ntohs(address.sin_port);
}

static void
world_set_up(World *world, gconstpointer data) {
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  const GuestHostOptions options = {.spec = "local"};
  (void)data;
  world->folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  world->state = g_build_filename(world->folder, "state", NULL);
  world->bundle = g_build_filename(world->folder, "bundle.tar", NULL);
  make(world->folder,
       "mkdir state bin image; echo kernel >image/bzImage; echo root >image/initramfs.cpio.xz\n"
       "mkdir -p bundle/bin bundle/test bundle/tmp; cp /bin/sh /bin/cat /bin/sleep bundle/bin\n"
       "for l in $(ldd /bin/sh /bin/cat /bin/sleep | grep -o '/[^ ]*' | grep -v :); do\n"
       "  mkdir -p bundle${l%/*}; cp $l bundle$l; done");
  write_file(world->folder, "bin/xl", xl, 0755);
  write_file(world->folder, "bin/xenstore-write", "#!/bin/sh\nexit 0\n", 0755);
  /* The glue's last line is there: nothing more is waited for. */
  write_file(world->state, "console",
             "hello\ntinyx: x starting\r\ntinyx: meminfo MemTotal=100 MemFree=7\n", 0644);
  path = g_strdup_printf("%s/bin:%s", world->folder, g_getenv("PATH"));
  g_setenv("XL_STATE", world->state, TRUE);
  g_setenv("PATH", path, TRUE);
  world->platform = platform_load(PLATFORM_DEFAULT, &error);
  g_assert_no_error(error);
  world->host = guest_host_open(world->platform, &options, &error);
  g_assert_no_error(error);
  listen_somewhere(world);
}

static void
world_tear_down(World *world, gconstpointer data) {
  g_autofree char *place = g_strdup(world->host->folder);
  (void)data;
  guest_host_close(world->host);
  g_assert_false(g_file_test(place, G_FILE_TEST_EXISTS));
  close(world->listener);
  platform_free(world->platform);
  g_assert_true(dir_remove(world->folder, NULL));
  g_free(world->folder);
  g_free(world->state);
  g_free(world->bundle);
}

static void
say(World *world, const char *name, const char *text) {
  write_file(world->state, name, text, 0644);
}

static char *
heard(const World *world, const char *name) {
  g_autofree char *path = g_build_filename(world->state, name, NULL);
  char *text = NULL;
  g_file_get_contents(path, &text, NULL, NULL);
  return text != NULL ? text : g_strdup("");
}

/* Runs a test of a recipe with KEYS; SCRIPT may be NULL. */
static void
try_with(World *world, const char *keys, const char *script, const GuestImage *given,
         GuestVerdict *verdict, GError **problem) {
  g_autofree char *text = g_strdup_printf("[recipe]\ndescription=x\n%s\n%s", keys,
                                          script != NULL ? "script=t.sh\n" : "");
  g_autofree char *file = g_build_filename(world->folder, "x", "recipe.conf", NULL);
  g_autofree char *image_folder = g_build_filename(world->folder, "image", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = NULL;
  GuestImage image = *given;
  make(world->folder, "mkdir -p x; : >x/t.sh");
  recipe = recipe_parse(text, strlen(text), file, &error);
  g_assert_no_error(error);
  if (script != NULL)
    write_file(world->folder, "bundle/test/t.sh", script, 0755);
  make(world->folder, "tar -cf bundle.tar -C bundle .");
  image.platform = world->platform;
  image.folder = image_folder;
  image.kernel = "bzImage";
  image.memory = 32;
  guest_test_in(world->host, recipe, &image, world->bundle, verdict, problem);
}

static void
run_with(World *world, const char *keys, const char *script, const GuestImage *given,
         GuestVerdict *verdict) {
  g_autoptr(GError) error = NULL;
  try_with(world, keys, script, given, verdict, &error);
  g_assert_no_error(error);
}

static void
run(World *world, const char *keys, const char *script, GuestVerdict *verdict) {
  const GuestImage image = {0};
  run_with(world, keys, script, &image, verdict);
}

/* KEYS with the port that answers. */
static void
run_ready(World *world, const char *keys, const char *script, GuestVerdict *verdict) {
  g_autofree char *text =
      g_strdup_printf("[run]\ncommand=/bin/x\n[test]\nready=%d\n%s", world->port, keys);
  run(world, text, script, verdict);
}

#define CHECK_WHY(verdict, words)                                                                  \
  g_assert_false((verdict).passed);                                                                \
  g_assert_nonnull((verdict).why);                                                                 \
  if (strstr((verdict).why, words) == NULL)                                                        \
  g_error("'%s' does not have '%s'", (verdict).why, words)

/* ---- what passes ------------------------------------------------------- */

static void
test_passes(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  g_autofree char *log = NULL;
  (void)data;
  run_ready(world, "",
            "echo fine; cat /console; echo \"$TINYX_GUEST_IP $TINYX_GUEST_PORT $TINYX_VIFS\"",
            &verdict);
  g_assert_cmpstr(verdict.why, ==, NULL);
  g_assert_true(verdict.passed);
  g_autofree char *port = g_strdup_printf(" %d 1\n", world->port);
  g_assert_true(g_str_has_prefix(verdict.test_output, "fine\nhello\n"));
  g_assert_nonnull(strstr(verdict.test_output, port));
  g_assert_nonnull(strstr(verdict.console, "hello"));
  g_assert_cmpint(verdict.mem_total, ==, 100);
  g_assert_cmpint(verdict.mem_available, ==, -1);
  g_assert_cmpint(verdict.starts, ==, 1);
  g_assert_cmpint(verdict.shutdown_clean, ==, 1);
  g_assert_cmpfloat(verdict.create_seconds, >=, 0);
  g_assert_cmpfloat(verdict.answer_seconds, >=, verdict.create_seconds);
  g_assert_cmpfloat(verdict.test_seconds, >=, 0);
  g_assert_cmpfloat(verdict.end_seconds, ==, -1);
  g_assert_cmpfloat(verdict.answer_cpu_seconds, ==, -1);
  log = heard(world, "log");
  g_assert_nonnull(strstr(log, "create -p domain.cfg"));
  g_assert_nonnull(strstr(log, "\ndestroy tinyx-x-"));
  /* Its folder is gone, too; the host goes on. */
  g_auto(GuestVerdict) again = {0};
  g_autoptr(GDir) dir = g_dir_open(world->host->folder, 0, NULL);
  const char *name;
  while ((name = g_dir_read_name(dir)) != NULL)
    g_assert_false(g_str_has_prefix(name, "tinyx-x-"));
  make(world->state, "rm reason");
  run_ready(world, "", "exit 0", &again);
  g_assert_true(again.passed);
}

static void
test_last(World *world, gconstpointer data) {
  const GuestImage image = {.last = TRUE};
  g_auto(GuestVerdict) verdict = {0};
  g_autofree char *keys = g_strdup_printf("[run]\ncommand=/bin/x\n[test]\nready=%d", world->port),
                  *log = NULL;
  (void)data;
  world->host->takes = TRUE;
  run_with(world, keys, "exit 0", &image, &verdict);
  g_assert_true(verdict.passed);
  log = heard(world, "log");
  g_assert_null(strstr(log, "destroy")); /* the host's end ends it */
  world->host->takes = FALSE;
}

static void
test_counted(World *world, gconstpointer data) {
  const GuestImage image = {.counted = TRUE};
  g_auto(GuestVerdict) verdict = {0};
  g_autofree char *keys = g_strdup_printf("[run]\ncommand=/bin/x\n[test]\nready=%d", world->port);
  (void)data;
  make(world->folder, "sed -i 's/ 1.5 u / - 1.5 u /; s/1\\.5 u %s -/1.5/' bin/xl");
  run_with(world, keys, NULL, &image, &verdict);
  g_assert_cmpfloat(verdict.create_cpu_seconds, ==, 0);
  g_assert_cmpfloat(verdict.answer_cpu_seconds, ==, 1.5);
}

static void
test_udp(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  (void)data;
  say(world, "console",
      "tinyx: UDP port 530 is open\r\ntinyx: UDP port 53 is open\r\ntinyx: meminfo\n");
  run(world, "[run]\ncommand=/bin/x\n[test]\nready-udp=53", "exit 0", &verdict);
  g_assert_true(verdict.passed);
  g_assert_cmpfloat(verdict.answer_seconds, >, 0);
}

/* ---- what fails -------------------------------------------------------- */

static void
test_fails(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  (void)data;
  run_ready(world, "", "echo wrong page; exit 3", &verdict);
  CHECK_WHY(verdict, "the test failed (exit status 3)");
  g_assert_cmpstr(verdict.test_output, ==, "wrong page\n");
  g_assert_nonnull(strstr(verdict.console, "hello"));
}

static void
test_fails_by_crash(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  (void)data;
  make(world->folder, "sed -i 's|^list) |list) [ ! -e \"$XL_STATE/late\" ] \\|\\| echo 3 "
                      ">\"$XL_STATE/reason\"; : >\"$XL_STATE/late\"; |' bin/xl");
  say(world, "late", "");
  say(world, "console", "x\nKernel panic - not syncing: Attempted to kill init!\r\nmore\n");
  run_ready(world, "", "exit 1", &verdict);
  CHECK_WHY(
      verdict,
      "the test failed (exit status 1); the kernel panicked: not syncing: Attempted to kill init!");
}

static void
test_hangs(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  (void)data;
  run_ready(world, "timeout=2", "echo begun; (sleep 300 &); while :; do sleep 1; done", &verdict);
  CHECK_WHY(verdict, "the test did not end within 2 s");
  g_assert_cmpstr(verdict.test_output, ==, "begun\n");
}

static void
test_refused(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  (void)data;
  say(world, "refuse", "");
  run_ready(world, "", "exit 0", &verdict);
  CHECK_WHY(verdict, "the domain cannot be created with 32 MB: its memory does not hold the "
                     "kernel and what is loaded with it");
  g_assert_cmpfloat(verdict.create_seconds, ==, -1);
}

static void
test_silent(World *world, gconstpointer data) {
  const GuestImage image = {.boot_seconds = 3};
  g_auto(GuestVerdict) verdict = {0};
  (void)data;
  run_with(world, "[run]\ncommand=/bin/x\n[test]\nready=1", "exit 0", &image, &verdict);
  CHECK_WHY(verdict, "no answer on port 1 within 3 s");
}

static void
check_ended(World *world, const char *reason, const char *console, const char *words) {
  g_auto(GuestVerdict) verdict = {0};
  say(world, "reason", reason);
  say(world, "console", console);
  run(world, "[run]\ncommand=/bin/x\n[test]\nready=1", "exit 0", &verdict);
  CHECK_WHY(verdict, words);
}

static void
test_ended(World *world, gconstpointer data) {
  (void)data;
  check_ended(world, "3", "Kernel panic - not syncing: No init\n",
              "the kernel panicked: not syncing: No init before it answered on port 1");
  check_ended(world, "3", "tinyx: meminfo\n", "the guest crashed before it answered on port 1");
  check_ended(world, "1", "tinyx: meminfo\n", "the guest rebooted itself before it answered");
  check_ended(world, "0", "tinyx: meminfo\n", "the guest powered itself off before it answered");
  check_ended(world, "7", "tinyx: meminfo\n", "the guest ended with reason 7 before it answered");
  say(world, "gone", "");
  check_ended(
      world, "0", "tinyx: meminfo\n",
      "the guest disappeared (destroyed by someone else?) xl: no such domain before it answered");
}

static void
test_restarts(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  g_autoptr(GString) console = g_string_new("tinyx: other starting\n");
  (void)data;
  for (int i = 0; i < 12; i++)
    g_string_append(console, "tinyx: x starting\r\nno key\r\n");
  g_string_append(console, "tinyx: meminfo\n");
  say(world, "console", console->str);
  run(world, "[run]\ncommand=/bin/x\n[test]\nready=1", "exit 0", &verdict);
  CHECK_WHY(verdict,
            "the application ended 11 times before it answered on port 1: the console shows why");
}

/* A guest that talks without end fills no memory; its last words are there. */
static void
test_flood(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  g_autofree char *line = g_strnfill(999, 'x');
  g_autoptr(GString) console = g_string_new(NULL);
  (void)data;
  for (int i = 0; i < 12000; i++)
    g_string_append_printf(console, "%s\n", line);
  g_string_append(console, "tinyx: meminfo MemTotal=100 MemFree=7\n");
  say(world, "console", console->str);
  run_ready(world, "", "sleep 2", &verdict);
  g_assert_true(verdict.passed);
  g_assert_cmpuint(strlen(verdict.console), <=, 8 << 20);
  g_assert_true(g_str_has_prefix(verdict.console, "[what came before is left out]\nxxx"));
  g_assert_true(g_str_has_suffix(verdict.console, "MemFree=7\n"));
}

/* ---- applications that end by themselves --------------------------------- */

#define ENDS "[run]\ncommand=/bin/x\non-exit=poweroff\n[test]\nends=yes\ntimeout=2\n"

static void
test_ends(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0}, reboot = {0}, bad = {0};
  (void)data;
  say(world, "reason", "0");
  run(world, ENDS, NULL, &verdict);
  g_assert_true(verdict.passed);
  g_assert_cmpfloat(verdict.end_seconds, >, 0);
  say(world, "reason", "1");
  run(world, ENDS, NULL, &reboot);
  CHECK_WHY(reboot, "the guest rebooted itself; a clean poweroff was expected");
  say(world, "reason", "0");
  say(world, "console", "tinyx: x ended with status 4\r\ntinyx: meminfo\n");
  run(world, ENDS, NULL, &bad);
  CHECK_WHY(bad, "the application ended with exit status 4");
}

static void
test_does_not_end(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  (void)data;
  run(world, ENDS, "echo fine", &verdict);
  CHECK_WHY(verdict, "the guest did not power off within 2 s");
}

/* ---- networks ---------------------------------------------------------- */

static void
test_no_network(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  (void)data;
  run(world, "[run]\ncommand=/bin/x\n[image]\nvifs=0\n[test]\n",
      "echo \"vifs $TINYX_VIFS, guest <$TINYX_GUEST_IP>\"", &verdict);
  g_assert_true(verdict.passed);
  g_assert_cmpstr(verdict.test_output, ==, "vifs 0, guest <>\n");
}

/* The devices of this namespace that are guests', as the host sees them. */
static guint
count_vifs(void) {
  g_autofree char *text = NULL;
  guint count = 0;
  g_assert_true(g_file_get_contents("/proc/net/dev", &text, NULL, NULL));
  for (const char *at = text; (at = strstr(at, "vif")) != NULL; at++)
    count++;
  return count;
}

/* Each has a network of its own, and a namespace: the host has none of them, then and afterwards.
 */
static void
test_two_networks(World *world, gconstpointer data) {
  g_auto(GuestVerdict) verdict = {0};
  g_autofree char *final = NULL;
  g_autofree char *keys =
      g_strdup_printf("[run]\ncommand=/bin/x\n[image]\nvifs=2\n[test]\nready=%d\n", world->port);
  (void)data;
  run(world, keys, "echo /test/side-*; echo \"$TINYX_VIFS\"", &verdict);
  g_assert_cmpstr(verdict.why, ==, NULL);
  g_assert_true(verdict.passed);
  g_assert_cmpstr(verdict.test_output, ==, "/test/side-0 /test/side-1\n2\n");
  g_assert_cmpuint(count_vifs(), ==, 0);
  final = heard(world, "final");
  g_assert_true(g_regex_match_simple("ip=(10\\.\\d+\\.\\d+\\.)2::\\g{1}1:255\\.255\\.255\\.252:x:"
                                     "eth0:off ip1=(10\\.\\d+\\.\\d+\\.)2:::",
                                     final, 0, 0));
}

/* A host whose script was not run: no guest begins with its device among the host's. */
static void
test_no_device(World *world, gconstpointer data) {
  const GuestImage image = {0};
  g_auto(GuestVerdict) verdict = {0};
  g_autoptr(GError) error = NULL;
  g_autofree char *log = NULL;
  (void)data;
  make(world->folder, "sed -i 's/ online || exit 9/ offline/' bin/xl");
  try_with(world, "[run]\ncommand=/bin/x\n[test]\nready=1\n", NULL, &image, &verdict, &error);
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_HOST);
  g_assert_nonnull(strstr(error->message, "did not run the script of vif 0"));
  log = heard(world, "log");
  g_assert_null(strstr(log, "unpause"));
  g_assert_nonnull(strstr(log, "destroy"));
}

static void
test_nothing_to_test(World *world, gconstpointer data) {
  static const char text[] = "[recipe]\ndescription=x\n[run]\ncommand=/bin/x\n";
  g_auto(GuestVerdict) verdict = {0};
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_parse(text, strlen(text), "x/recipe.conf", NULL);
  const GuestImage image = {0};
  (void)data;
  g_assert_false(guest_test(world->host, recipe, &image, &verdict, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
}

/* The slowest application's time; where it has commands of its own for it, as long again. */
static void
test_shutdown_seconds(void) {
  static const struct {
    const char *run;
    int seconds;
  } cases[] = {{"", 20 + 90},
               {"stop-seconds=5\n", 20 + 5},
               {"stop-seconds=5\nstop=a\n", 20 + 10},
               {"stop-seconds=5\n[run b]\ncommand=/b\nstop-seconds=80\n", 20 + 80}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = g_strdup_printf(
        "[recipe]\ndescription=d\npackages=p\n[run]\ncommand=/a\n%s[image]\nmemory=32\n",
        cases[i].run);
    g_autoptr(GError) error = NULL;
    g_autoptr(Recipe) recipe = recipe_parse(text, strlen(text), "/x/web/recipe.conf", &error);
    const GuestImage image = {0};
    g_assert_no_error(error);
    g_assert_cmpint(guest_shutdown_seconds(&image, recipe), ==, cases[i].seconds);
  }
}

static void
test_launchers(void) {
  g_assert_cmpstr(launcher_find("xl")->name, ==, "xl");
  g_assert_null(launcher_find("no"));
}

/* Again, in namespaces of our own: addresses may be given there, and roots changed. */
static int
separate(char **argv) {
  static const char *const root[] = {"unshare", "--net", NULL};
  static const char *const user[] = {"unshare", "--user", "--map-root-user", "--net", NULL};
  const char *const *words = geteuid() == 0 ? root : user;
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  const char *script = "ip link set lo up && exec \"$@\"";
  const char *const shell[] = {"sh", "-c", script, "sh", NULL};
  for (int i = 0; words[i] != NULL; i++)
    g_ptr_array_add(all, (gpointer)words[i]);
  for (int i = 0; shell[i] != NULL; i++)
    g_ptr_array_add(all, (gpointer)shell[i]);
  for (int i = 0; argv[i] != NULL; i++)
    g_ptr_array_add(all, argv[i]);
  g_ptr_array_add(all, NULL);
  g_setenv(SEPARATE, "1", TRUE);
  execvp("unshare", (char **)all->pdata);
  return 1;
}

static gboolean
can_separate(void) {
#define PAIR "ip", "link", "add", "one", "type", "veth", "peer", "name", "two", NULL
  static const char *const root[] = {"unshare", "--net", PAIR};
  static const char *const user[] = {"unshare", "--user", "--map-root-user", "--net", PAIR};
  ProcSpec spec = {.argv = geteuid() == 0 ? root : user, .deadline = 20};
  return proc_run(&spec, NULL, NULL);
}

static void
test_skipped(void) {
  g_test_skip("no network namespaces, no ip(8), or no veth devices");
}

#define ADD(path, function)                                                                        \
  g_test_add("/guest/" path, World, NULL, world_set_up, function, world_tear_down)

int
main(int argc, char **argv) {
  gboolean is_separate = g_getenv(SEPARATE) != NULL;
  if (!is_separate && can_separate())
    return separate(argv);
  signal(SIGPIPE, SIG_IGN);
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/guest/launchers", test_launchers);
  g_test_add_func("/guest/shutdown-seconds", test_shutdown_seconds);
  if (!is_separate) {
    g_test_add_func("/guest/all", test_skipped);
    return g_test_run();
  }
  ADD("passes", test_passes);
  ADD("last", test_last);
  ADD("counted", test_counted);
  ADD("udp", test_udp);
  ADD("fails", test_fails);
  ADD("fails-by-crash", test_fails_by_crash);
  ADD("hangs", test_hangs);
  ADD("refused", test_refused);
  ADD("silent", test_silent);
  ADD("ended", test_ended);
  ADD("restarts", test_restarts);
  ADD("flood", test_flood);
  ADD("ends", test_ends);
  ADD("does-not-end", test_does_not_end);
  ADD("no-network", test_no_network);
  ADD("two-networks", test_two_networks);
  ADD("no-device", test_no_device);
  ADD("nothing-to-test", test_nothing_to_test);
  return g_test_run();
}
