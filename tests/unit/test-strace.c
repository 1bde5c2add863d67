/* test-strace.c - lines as strace 6.1 writes them (strace -f -y), and which files were used by
 * whom. */
#include "base/error.h"
#include "trace/strace-line.h"
#include "trace/strace.h"

#include <string.h>

#define ROOT "/home/u/cache/root"
/* What starts the first program, seen from outside. */
#define START                                                                                      \
  "59    execve(\"/usr/sbin/chroot\", [\"/usr/sbin/chroot\", \"" ROOT                              \
  "\", \"/bin/busybox\", \"sh\"], 0x7fffba82ad00 /* 5 vars */) = 0\n"                              \
  "59    openat(AT_FDCWD</tmp/cwd>, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = "                  \
  "3</etc/ld.so.cache>\n"                                                                          \
  "59    readlink(\"/home\", 0x7ffd5d462e00, 1023) = -1 EINVAL (Invalid argument)\n"               \
  "59    chroot(\"" ROOT "\") = 0\n"                                                               \
  "59    chdir(\"/\")                        = 0\n"                                                \
  "59    execve(\"/usr/bin/app\", [\"/usr/bin/app\"], 0x7ffd5d463410 /* 5 vars */) = 0\n"

static GPtrArray *
uses_of(const char *lines) {
  g_autofree char *text = g_strconcat(START, lines, NULL);
  return strace_uses(text, strlen(text), ROOT);
}

static const Use *
find(const GPtrArray *uses, const char *path) {
  for (guint i = 0; i < uses->len; i++)
    if (strcmp(((Use *)uses->pdata[i])->path, path) == 0)
      return uses->pdata[i];
  return NULL;
}

static void
assert_use(const GPtrArray *uses, const char *path, UseKind kind, const char *program) {
  const Use *use = find(uses, path);
  if (use == NULL)
    g_error("%s was not seen", path);
  if (use->kind != kind || strcmp(use->program, program) != 0)
    g_error("%s: %s by %s; expected %s by %s", path, use_kind_name(use->kind), use->program,
            use_kind_name(kind), program);
}

static void
test_line(void) {
  g_autoptr(StraceCall) call = strace_call_parse(
      "openat(3</tmp/a, (b\\74c\\76>, \"q\\\"\\\\\\t\\303\\251\", O_RDONLY) = 4</tmp/x\\76>");
  g_assert_nonnull(call);
  g_assert_cmpstr(call->name, ==, "openat");
  g_assert_cmpuint(call->args->len, ==, 3);
  g_autofree char *folder = strace_fd_path(strace_call_arg(call, 0));
  g_autofree char *name = strace_string(strace_call_arg(call, 1));
  g_autofree char *result = strace_fd_path(call->result);
  g_assert_cmpstr(folder, ==, "/tmp/a, (b<c>");
  g_assert_cmpstr(name, ==, "q\"\\\t\303\251");
  g_assert_cmpstr(result, ==, "/tmp/x>");
  g_assert_cmpstr(strace_call_arg(call, 2), ==, "O_RDONLY");
  g_assert_cmpstr(strace_call_arg(call, 3), ==, "");
  g_assert_true(strace_call_succeeded(call));

  g_autoptr(StraceCall) stat = strace_call_parse(
      "newfstatat(AT_FDCWD</srv>, \"/etc/x\", {st_mode=S_IFREG|0644, st_size=5, ...}, 0) = 0");
  g_assert_cmpuint(stat->args->len, ==, 4);
  g_autoptr(StraceCall) failed = strace_call_parse(
      "access(\"/etc/ld.so.preload\", R_OK) = -1 ENOENT (No such file or directory)");
  g_assert_false(strace_call_succeeded(failed));
  g_autoptr(StraceCall) unknown = strace_call_parse("execve(\"/x\", [\"x\"], NULL) = ?");
  g_assert_false(strace_call_succeeded(unknown));
  g_autoptr(StraceCall) cut = strace_call_parse("openat(AT_FDCWD</srv>, \"/etc/pas");
  g_assert_false(strace_call_succeeded(cut));
  g_assert_null(strace_string(strace_call_arg(cut, 1)));
  g_assert_null(strace_call_parse("+++ exited with 0 +++"));
  g_assert_null(strace_call_parse("--- SIGCHLD {si_signo=SIGCHLD, si_pid=62} ---"));
  g_assert_null(strace_call_parse(""));
  g_assert_null(strace_string("NULL"));
  g_assert_null(strace_fd_path("3<socket:[123]>"));
  g_assert_null(strace_fd_path("3"));
}

static void
test_kinds(void) {
  g_autoptr(GPtrArray) uses = uses_of(
      "59    openat(AT_FDCWD<" ROOT ">, \"/etc/app.conf\", O_RDONLY) = 3<" ROOT "/etc/app.conf>\n"
      "59    open(\"/etc/gone\", O_RDONLY)     = -1 ENOENT (No such file or directory)\n"
      "59    newfstatat(AT_FDCWD<" ROOT
      ">, \"/usr/share/app\", {st_mode=S_IFDIR|0755, ...}, 0) = 0\n"
      "59    access(\"/etc/app.conf\", R_OK)   = 0\n"
      "59    readlink(\"/etc/link\", \"target\", 100) = 6\n"
      "59    open(\"/var/log/app.log\", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 4<" ROOT
      "/var/log/app.log>\n"
      "59    open(\"/var/lib/app.db\", O_RDWR|O_CREAT, 0644) = 5<" ROOT "/var/lib/app.db>\n"
      "59    open(\"/etc/seen\", O_RDONLY|O_PATH) = 6<" ROOT "/etc/seen>\n"
      "59    mkdir(\"/var/lib/app\", 0755)     = 0\n"
      "59    rename(\"/var/lib/a\", \"/var/lib/b\") = 0\n"
      "59    openat2(3<" ROOT "/etc>, \"two\", {flags=O_RDONLY, resolve=0}, 24) = 7<" ROOT
      "/etc/two>\n"
      "59    statx(AT_FDCWD<" ROOT ">, \"/etc/x\", AT_STATX_SYNC_AS_STAT, STATX_ALL, {...}) = 0\n"
      "59    execve(\"/usr/bin/other\", [\"other\"], 0x7f /* 5 vars */) = 0\n"
      "59    open(\"/etc/app.conf\", O_RDONLY) = 3<" ROOT "/etc/app.conf>\n"
      "59    open(\"/etc/other.conf\", O_RDONLY) = 3<" ROOT "/etc/other.conf>\n"
      "59    +++ exited with 0 +++\n");
  assert_use(uses, "/usr/bin/app", USE_EXEC, "/usr/bin/app");
  assert_use(uses, "/etc/app.conf", USE_OPEN, "/usr/bin/app");
  assert_use(uses, "/usr/share/app", USE_LOOK, "/usr/bin/app");
  assert_use(uses, "/etc/link", USE_LOOK, "/usr/bin/app");
  assert_use(uses, "/var/log/app.log", USE_WRITE, "/usr/bin/app");
  assert_use(uses, "/var/lib/app.db", USE_OPEN, "/usr/bin/app");
  assert_use(uses, "/etc/seen", USE_LOOK, "/usr/bin/app");
  assert_use(uses, "/var/lib/app", USE_WRITE, "/usr/bin/app");
  assert_use(uses, "/var/lib/b", USE_WRITE, "/usr/bin/app");
  assert_use(uses, "/etc/two", USE_OPEN, "/usr/bin/app");
  assert_use(uses, "/etc/x", USE_LOOK, "/usr/bin/app");
  assert_use(uses, "/usr/bin/other", USE_EXEC, "/usr/bin/other");
  assert_use(uses, "/etc/other.conf", USE_OPEN, "/usr/bin/other");
  g_assert_null(find(uses, "/etc/gone"));
  /* What starts the first program is outside. */
  g_assert_null(find(uses, "/etc/ld.so.cache"));
  g_assert_cmpuint(uses->len, ==, 13);
}

/* chdir, fchdir, chroot; relative names; what a child inherits, and what it does not give back. */
static void
test_places(void) {
  g_autoptr(GPtrArray) uses =
      uses_of("59    chdir(\"/srv\")                   = 0\n"
              "59    open(\"one\", O_RDONLY)           = 3<" ROOT "/srv/one>\n"
              "59    clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, "
              "child_tidptr=0x7f4d829dda10) = 60\n"
              "60    open(\"../two\", O_RDONLY)        = 3<" ROOT "/two>\n"
              "60    chdir(\"deep\")                   = 0\n"
              "60    open(\"./three\", O_RDONLY)       = 3<" ROOT "/srv/deep/three>\n"
              "60    +++ exited with 0 +++\n"
              "59    open(\"four\", O_RDONLY)          = 3<" ROOT "/srv/four>\n"
              "59    open(\"/a \\74b\\76\", O_RDONLY|O_DIRECTORY) = 4<" ROOT "/a \\74b\\76>\n"
              "59    fchdir(4<" ROOT "/a \\74b\\76>)    = 0\n"
              "59    open(\"five\", O_RDONLY)          = 5<" ROOT "/a \\74b\\76/five>\n"
              /* A thread shares the folder with all others. */
              "59    clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD, exit_signal=0} => "
              "{parent_tid=[61]}, 88) = 61\n"
              "61    chdir(\"/opt\")                   = 0\n"
              "59    access(\"six\", F_OK)             = 0\n"
              /* What the kernel says of the folder counts. */
              "59    openat(AT_FDCWD<" ROOT "/usr/share>, \"seven\", O_RDONLY) = 5<" ROOT
              "/usr/share/seven>\n"
              "59    open(\"eight\", O_RDONLY)         = 5<" ROOT "/usr/share/eight>\n"
              "59    chroot(\"/var/empty\")            = 0\n"
              "59    open(\"/nine\", O_RDONLY)         = 5<" ROOT "/var/empty/nine>\n"
              "59    open(\"ten\", O_RDONLY)           = 5<" ROOT "/usr/share/ten>\n");
  static const char *const paths[] = {"/srv/one",        "/srv/../two",      "/srv/deep/three",
                                      "/srv/four",       "/a <b>",           "/a <b>/five",
                                      "/opt/six",        "/usr/share/seven", "/usr/share/eight",
                                      "/var/empty/nine", "/usr/share/ten"};
  for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
    if (find(uses, paths[i]) == NULL)
      g_error("%s was not seen", paths[i]);
  g_assert_cmpuint(find(uses, "/opt/six")->kind, ==, USE_LOOK);
}

/* Lines of several processes in one another; a child that speaks before its parent knows it. */
static void
test_unfinished(void) {
  g_autoptr(GPtrArray) uses =
      uses_of("59    chdir(\"/srv\")                   = 0\n"
              "59    vfork( <unfinished ...>\n"
              "60    openat(AT_FDCWD<" ROOT "/srv>, \"/etc/a\", O_RDONLY <unfinished ...>\n"
              "61    chdir(\"/lost\")                  = 0\n"
              "60    <... openat resumed>)             = 3<" ROOT "/etc/a>\n"
              "60    open(\"b\", O_RDONLY)             = 3<" ROOT "/srv/b>\n"
              "60    execve(\"/usr/bin/child\", [\"child\"], 0x7ffe /* 3 vars */ <unfinished ...>\n"
              "59    <... vfork resumed>)              = 60\n"
              "60    <... execve resumed>)             = 0\n"
              "60    open(\"/etc/c\", O_RDONLY)        = 3<" ROOT "/etc/c>\n"
              "59    stat(\"/etc/d\",  <unfinished ...>\n"
              "60    +++ killed by SIGTERM +++\n"
              "59    <... stat resumed>{st_mode=S_IFREG|0644, st_size=1, ...}) = 0\n"
              "59    stat(\"/etc/e\",  <unfinished ...>\n"
              "59    <... stat resumed>0x7ffee9fb9190) = -1 ENOENT (No such file or directory)\n"
              "59    open(\"/etc/f\", O_RDONLY <unfinished ...>\n"
              "59    +++ exited with 0 +++\n"
              "nonsense\n59\n59 \n-3 open(\"/etc/z\", O_RDONLY) = 3\n");
  assert_use(uses, "/etc/a", USE_OPEN, "/usr/bin/app");
  assert_use(uses, "/srv/b", USE_OPEN, "/usr/bin/app");
  assert_use(uses, "/usr/bin/child", USE_EXEC, "/usr/bin/child");
  assert_use(uses, "/etc/c", USE_OPEN, "/usr/bin/child");
  assert_use(uses, "/etc/d", USE_LOOK, "/usr/bin/app");
  g_assert_null(find(uses, "/etc/e"));
  g_assert_null(find(uses, "/etc/f"));
  g_assert_null(find(uses, "/etc/z"));
}

/* Two children at once: each belongs to the parent that names it. */
static void
test_two_parents(void) {
  g_autoptr(GPtrArray) uses =
      uses_of("59    clone(child_stack=NULL, flags=SIGCHLD) = 60\n"
              "60    chdir(\"/b\")                     = 0\n"
              "59    chdir(\"/a\")                     = 0\n"
              "60    fork( <unfinished ...>\n"
              "59    fork( <unfinished ...>\n"
              "60    <... fork resumed>)               = 61\n"
              "59    <... fork resumed>)               = 62\n"
              "61    open(\"x\", O_RDONLY)             = 3<" ROOT "/b/x>\n"
              "62    open(\"y\", O_RDONLY)             = 3<" ROOT "/a/y>\n");
  g_assert_nonnull(find(uses, "/b/x"));
  g_assert_nonnull(find(uses, "/a/y"));
}

static void
test_text(void) {
  static const char text[] = "exec\t/usr/bin/app\t/usr/bin/app\nlook\t/usr/share\t/usr/bin/app\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) uses = uses_parse(text, strlen(text), "uses", &error);
  g_assert_no_error(error);
  g_autofree char *same = uses_text(uses);
  g_assert_cmpstr(same, ==, text);
  static const char more[] = "open\t/usr/share\t/bin/other\nlook\t/usr/bin/app\t/bin/other\n";
  g_autoptr(GPtrArray) others = uses_parse(more, strlen(more), "more", &error);
  uses_merge(uses, others);
  g_assert_cmpuint(uses->len, ==, 2);
  assert_use(uses, "/usr/share", USE_OPEN, "/bin/other");
  assert_use(uses, "/usr/bin/app", USE_EXEC, "/usr/bin/app");
  g_assert_null(uses_parse("open\t/x\t/y\nread\t/x\t/y\n", 23, "uses", &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_true(g_str_has_prefix(error->message, "uses:2: expected"));
}

/* What sockets show: a group of IPv4 that was joined, a port that only IPv6 has. A port that both
 * have, any port, and what failed show nothing. */
static void
test_net(void) {
#define BIND6(port, result)                                                                        \
  "59    bind(3<socket:[979920]>, {sa_family=AF_INET6, sin6_port=htons(" port                      \
  "), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::\", &sin6_addr), sin6_scope_id=0}, 28) "     \
  "= " result "\n"
#define BIND4(port)                                                                                \
  "59    bind(4<socket:[979921]>, {sa_family=AF_INET, sin_port=htons(" port                        \
  "), sin_addr=inet_addr(\"0.0.0.0\")}, 16) = 0\n"
#define OPTION(level, name, result)                                                                \
  "59    setsockopt(4<socket:[979921]>, " level ", " name                                          \
  ", {imr_multiaddr=inet_addr(\"224.0.0.251\"), imr_interface=inet_addr(\"127.0.0.1\")}, 8) "      \
  "= " result "\n"
  static const struct {
    const char *lines, *shown[2];
  } cases[] = {
      {BIND6("8080", "0"), {"net:ipv6"}},
      {BIND6("80", "0") BIND4("80"), {NULL}},
      {BIND4("80") BIND6("80", "0") BIND6("81", "0"), {"net:ipv6"}},
      {BIND6("0", "0"), {NULL}},
      {BIND6("8080", "-1 EAFNOSUPPORT (Address family not supported by protocol)"), {NULL}},
      {OPTION("SOL_IP", "IP_ADD_MEMBERSHIP", "0"), {"net:multicast"}},
      {OPTION("SOL_IP", "MCAST_JOIN_GROUP", "0"), {"net:multicast"}},
      {OPTION("SOL_IPV6", "MCAST_JOIN_GROUP", "0"), {"net:ipv6"}},
      {OPTION("SOL_IP", "IP_MULTICAST_TTL", "0"), {NULL}},
      {OPTION("SOL_IP", "IP_ADD_MEMBERSHIP", "-1 ENODEV (No such device)"), {NULL}},
      {BIND6("5353", "0") OPTION("SOL_IP", "IP_ADD_MEMBERSHIP", "0"),
       {"net:ipv6", "net:multicast"}},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GPtrArray) uses = uses_of(cases[i].lines);
    guint shown = 0;
    for (guint k = 0; k < uses->len; k++)
      shown += ((Use *)uses->pdata[k])->kind == USE_SHOW;
    guint expected = (cases[i].shown[0] != NULL) + (cases[i].shown[1] != NULL);
    if (shown != expected)
      g_error("case %u: %u facts; expected %u", i, shown, expected);
    for (guint k = 0; k < expected; k++)
      assert_use(uses, cases[i].shown[k], USE_SHOW, "/usr/bin/app");
    g_autofree char *text = uses_text(uses);
    g_autoptr(GPtrArray) again = uses_parse(text, strlen(text), "uses", NULL);
    g_assert_cmpuint(again->len, ==, uses->len);
  }
  g_assert_null(uses_parse("show\t/x\t/y\n", 10, "uses", NULL));
  g_assert_null(uses_parse("open\tnet:ipv6\t/y\n", 17, "uses", NULL));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/strace/line", test_line);
  g_test_add_func("/strace/kinds", test_kinds);
  g_test_add_func("/strace/places", test_places);
  g_test_add_func("/strace/unfinished", test_unfinished);
  g_test_add_func("/strace/two-parents", test_two_parents);
  g_test_add_func("/strace/text", test_text);
  g_test_add_func("/strace/net", test_net);
  return g_test_run();
}
