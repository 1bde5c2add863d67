/* test-draft-tryout.c - what a try-out of a draft says and changes; init scripts and the shell's
 * variables. */
#include "draft/initscript.h"
#include "draft/learn.h"
#include "draft/shell.h"
#include "draft/sockets.h"
#include "draft/try.h"

#include <string.h>

static const char tcp[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 1 1 0\n"
    "   1: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 1 1 0\n"
    "   2: 0100007F:8C1C 0100007F:0019 01 00000000:00000000 00:00000000 00000000  0 0 1 1 0\n"
    "nonsense\n   3: 00000000:00\n";
static const char tcp6[] =
    "   0: 00000000000000000000000000000000:0015 00000000000000000000000000000000:0000 0A 0:0\n"
    "   1: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 0A 0:0\n"
    "   2: 0000000000000000FFFF00000100007F:0036 00000000000000000000000000000000:0000 0A 0:0\n";
static const char udp[] = "  10: 00000000:007B 00000000:0000 07 0:0\n"
                          "  11: 00000000:A07B 00000000:0000 07 0:0\n"
                          "  12: 0200000A:0035 0100000A:0035 07 0:0\n";

static void
test_sockets(void) {
  static const Listener expected[] = {
      {.port = 8080},
      {.port = 25, .loopback = TRUE},
      {.port = 21, .ipv6 = TRUE},
      {.port = 53, .ipv6 = TRUE, .loopback = TRUE},
      {.port = 54, .ipv6 = TRUE, .loopback = TRUE},
      {.port = 123, .udp = TRUE},
  };
  g_autoptr(GArray) got = g_array_new(FALSE, TRUE, sizeof(Listener));
  sockets_parse(tcp, FALSE, got);
  sockets_parse(tcp6, FALSE, got);
  sockets_parse(udp, TRUE, got);
  g_assert_cmpuint(got->len, ==, G_N_ELEMENTS(expected));
  for (guint i = 0; i < got->len; i++) {
    const Listener *listener = &g_array_index(got, Listener, i);
    g_assert_cmpint(listener->port, ==, expected[i].port);
    g_assert_cmpint(listener->udp, ==, expected[i].udp);
    g_assert_cmpint(listener->ipv6, ==, expected[i].ipv6);
    g_assert_cmpint(listener->loopback, ==, expected[i].loopback);
  }
}

/* Stream sockets that wait, with a path: no datagrams, no clients, none without a name. */
static void
test_unix_sockets(void) {
  static const char text[] =
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 11 /run/d/d.sock\n"
      "0000000000000000: 00000002 00000000 00000000 0002 01 12 /dev/log\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 13 /run/d/d.sock\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 14 @/abstract\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 15\n"
      "00010000 /x\n";
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  sockets_parse_unix(text, paths);
  g_assert_cmpuint(paths->len, ==, 1);
  g_assert_cmpstr(paths->pdata[0], ==, "/run/d/d.sock");
}

/* ---- what a try-out changes -------------------------------------------- */

/* A draft of "d" that runs COMMAND, with PORT unless that is 0. */
static void
draft_given_port(const char *command, int port, Draft *draft) {
  static const char *const none[] = {NULL}, *const packages[] = {"d", NULL};
  const char *const commands[] = {command, NULL};
  const DraftOptions options = {
      .packages = packages, .commands = commands, .ports = &port, .n_ports = port > 0};
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GError) error = NULL;
  tree_add_data(tree, "/usr/bin/d", "x", -1, 0755, from_package("d", "new"), NULL);
  g_assert_true(draft_from_tree(&options, tree, none, draft, &error));
  g_assert_no_error(error);
}

static int
first_port(const Draft *draft) {
  const Service *service = draft->services->pdata[0];
  return service->port;
}

static void
draft_of(const char *command, Draft *draft) {
  draft_given_port(command, 0, draft);
}

typedef struct {
  const char *command;
  const char *table; /* of TCP, unless UDP */
  gboolean is_udp;
  const char *console;
  int port;         /* afterwards */
  const char *note; /* a part of one; NULL: there is none */
} Case;

static const Case cases[] = {
    {"/usr/bin/d -p 8080", tcp, FALSE, "", 8080, NULL},
    {"/usr/bin/d -p 9999", tcp, FALSE, "", 8080,
     "when it was tried, listened on port 8080, not on 9999 (the command)"},
    {"/usr/bin/d", tcp, FALSE, "", 8080, NULL},
    {"/usr/bin/d -p 21", tcp6, FALSE, "", 21, NULL},
    {"/usr/bin/d -p 25", " 1: 0100007F:0019 00000000:0000 0A\n", FALSE, "", 25,
     "listened on port 25 of the loopback only"},
    {"/usr/bin/d", udp, TRUE, "", 0, "had UDP port 123 and no TCP port"},
    {"/usr/bin/d -p 123", udp, TRUE, "", 0, "had UDP port 123 and no TCP port"},
    {"/usr/bin/d", " 1: 00000000:C513 00000000:0000 0A\n", FALSE, "", 0, "nothing listened"},
    {"/usr/bin/d -p 50451", " 1: 00000000:C513 00000000:0000 0A\n", FALSE, "", 50451, NULL},
    {"/usr/bin/d -p 80", "", FALSE,
     "starting pid 8, tty\nNov 30 14:19:48 syslogd started: BusyBox v1.35.0\ntinyx: d "
     "starting\r\nd: no such key\r\nprocess '/bin/sh /etc/tinyx/run "
     "x' (pid 9) exited\n",
     80, "nothing listened; its last words: d: no such key"},
    {"/usr/bin/d -p 80", "", FALSE,
     "hostname: sethostname: Operation not permitted\nd: cannot find pop3\nd: cannot find pop3\n"
     "d: exiting\nd: good bye\n",
     80, "nothing listened; its last words: d: cannot find pop3"},
    {"/usr/bin/d -p 80", "", FALSE, "d: one\nd: two\n", 80, "its last words: d: one | d: two"},
    {"/usr/bin/d -p 80", "", FALSE, "tinyx: d starting\n", 80, "it said nothing"},
    {"/usr/bin/d -p 8080", tcp, FALSE, "tinyx: d starting\ntinyx: d starting\n", 8080,
     "goes to the background, though its unit does not say so"},
};

static void
test_apply(void) {
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    const Case *c = &cases[i];
    g_auto(Draft) draft = {0};
    DraftTryout tryout = {.listeners = g_array_new(FALSE, TRUE, sizeof(Listener)),
                          .root_kb = 30 * 1024,
                          .used_kb = 4 * 1024,
                          .console = g_strdup(c->console)};
    draft_of(c->command, &draft);
    guint before = draft.notes->len;
    sockets_parse(c->table, c->is_udp, tryout.listeners);
    draft_tryout_apply(&tryout, &draft);
    const char *note = draft.notes->len > before ? draft.notes->pdata[before] : NULL;
    g_assert_cmpint(first_port(&draft), ==, c->port);
    if (c->note == NULL ? note != NULL : note == NULL || strstr(note, c->note) == NULL)
      g_error("case %u: note '%s'", i, note);
    g_assert_cmpint(draft.recipe->memory, ==, 128);
    draft_tryout_clear(&tryout);
  }
}

static void
test_apply_more(void) {
  g_auto(Draft) draft = {0};
  g_auto(DraftTryout) tryout = {.listeners = g_array_new(FALSE, TRUE, sizeof(Listener)),
                                .root_kb = 300 * 1024,
                                .used_kb = 60 * 1024,
                                .console = g_strdup("tinyx: d starting\ntinyx: d starting\n")};
  sockets_parse(tcp6, FALSE, tryout.listeners);
  draft_of("/usr/bin/d -p 21", &draft);
  draft_tryout_apply(&tryout, &draft);
  g_autofree char *text = draft_text(&draft);
  g_assert_nonnull(strstr(text, "\nmemory=736\n")); /* 300 + 100 + 300 + 32, by steps of 32 */
  g_assert_nonnull(strstr(text, "\nwith=server ipv6\n"));
  g_assert_nonnull(strstr(text, "\nforks=yes\n"));
}

/* What it needs is the most of its files, what it writes and what its processes have; of all that,
 * the files may be half. */
static void
test_apply_memory(void) {
  static const struct {
    gint64 root, written, used; /* MB */
    int memory;
  } sizes[] = {{30, 0, 4, 128}, {71, 85, 4, 384}, {60, 0, 100, 320}, {2000, 0, 0, 1280}};
  for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
    g_auto(Draft) draft = {0};
    g_auto(DraftTryout) tryout = {.listeners = g_array_new(FALSE, TRUE, sizeof(Listener)),
                                  .root_kb = sizes[i].root * 1024,
                                  .written_kb = sizes[i].written * 1024,
                                  .used_kb = sizes[i].used * 1024,
                                  .console = g_strdup("")};
    draft_of("/usr/bin/d -p 21", &draft);
    draft_tryout_apply(&tryout, &draft);
    g_assert_cmpint(draft.recipe->memory, ==, sizes[i].memory);
  }
}

static void
test_apply_udp(void) {
  g_auto(Draft) draft = {0};
  g_auto(DraftTryout)
      tryout = {.listeners = g_array_new(FALSE, TRUE, sizeof(Listener)), .console = g_strdup("")};
  g_autoptr(GError) error = NULL;
  sockets_parse(udp, TRUE, tryout.listeners);
  draft_of("/usr/bin/d -p 80", &draft);
  draft_tryout_apply(&tryout, &draft);
  g_autofree char *text = draft_text(&draft);
  g_assert_nonnull(strstr(text, "\nready-udp=123\n"));
  g_assert_null(strstr(text, "\nready=") != NULL ? text : strstr(text, "\nport="));
  g_autoptr(Recipe) recipe = recipe_parse(text, strlen(text), "/x/d/recipe.conf", &error);
  g_assert_no_error(error);
  g_assert_cmpint(recipe->ready_udp, ==, 123);
}

/* What a person says stays, and is said to be otherwise. */
static void
test_given(void) {
  g_auto(Draft) draft = {0};
  g_auto(DraftTryout)
      tryout = {.listeners = g_array_new(FALSE, TRUE, sizeof(Listener)), .console = g_strdup("")};
  sockets_parse(tcp, FALSE, tryout.listeners);
  draft_given_port("/usr/bin/d", 9999, &draft);
  draft_tryout_apply(&tryout, &draft);
  g_assert_cmpint(first_port(&draft), ==, 9999);
  g_assert_nonnull(strstr(draft.notes->pdata[0], "on port 8080, not on 9999, which was given"));
}

/* ---- what its console asks for ----------------------------------------- */

static void
test_learn(void) {
  static const struct {
    const char *line, *expected; /* in recipe.conf; NULL: nothing is learned */
  } lines[] = {
      {"sh: 1: rm: not found", "applets=rm"},
      {"/usr/bin/d: line 12: find: command not found", "applets=find"},
      {"/usr/share/d/start: 22: exec: /usr/sbin/real: not found", "include=/usr/sbin/real"},
      {"/bin/sh: real: not found", "include=/usr/sbin/real"},
      {"d: error while loading: libplug.so.1: cannot open shared object file: No such file",
       "include=/usr/lib/d/libplug.so.1"},
      {"Can't locate Net/Thing.pm in @INC (you may need", "include=/usr/share/perl5/Net/Thing.pm"},
      {"ModuleNotFoundError: No module named 'thing'",
       "include=/usr/lib/python3/dist-packages/thing/*"},
      {"FATAL Cannot open logfile: '/var/log/other/d.log': No such file or directory",
       "before=mkdir -p /var/log/other"},
      {"d: /etc/d/extra.conf: No such file or directory", "include=/etc/d/extra.conf"},
      {"d[9]: MGR: PPP binary /usr/sbin/real not executable", "include=/usr/sbin/real"},
      {"d: '/etc/d/extra.conf' does not exist", "include=/etc/d/extra.conf"},
      {"d: cannot open \"/etc/d/extra.conf\"", "include=/etc/d/extra.conf"},
      {"d: /etc/d/none.conf: No such file or directory", NULL},
      /* a folder without files is itself what is missed; a name that include= cannot say is none */
      {"d: /etc/hollow: No such file or directory", "include=/etc/hollow"},
      {"d: /etc/full: No such file or directory", "include=/etc/full/*"},
      {"d: cannot open \"/etc/d/a b.conf\"", NULL},
      {"page: not found", NULL},
      {"ready", NULL}};
  g_autoptr(Tree) tree = tree_new();
  static const char *const paths[] = {"/usr/sbin/real",
                                      "/usr/lib/d/libplug.so.1",
                                      "/usr/share/perl5/Net/Thing.pm",
                                      "/etc/d/extra.conf",
                                      "/usr/lib/python3/dist-packages/thing/__init__.py",
                                      "/etc/full/x",
                                      "/etc/d/a b.conf"};
  for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
    tree_add_data(tree, paths[i], "x", -1, 0755, from_package("other", "new"), NULL);
  tree_add_dir(tree, "/etc/hollow", 0755, from_package("other", "new"), NULL);
  for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
    g_auto(Draft) draft = {0};
    g_autoptr(GError) error = NULL;
    draft_of("/usr/bin/d -p 80", &draft);
    int learned = learn_from_console(&draft, tree, lines[i].line, &error);
    g_assert_no_error(error);
    g_autofree char *text = draft_text(&draft);
    if (learned != (lines[i].expected != NULL) ||
        (learned == 1 && strstr(text, lines[i].expected) == NULL))
      g_error("'%s': %d learned:\n%s", lines[i].line, learned, text);
    g_assert_cmpint(learn_from_console(&draft, tree, lines[i].line, &error), ==, 0); /* once */
  }
}

/* An applet that does not know an option gives way to the real program. */
static void
test_learn_real(void) {
  g_auto(Draft) draft = {0};
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GError) error = NULL;
  tree_add_data(tree, "/usr/bin/cp", "x", -1, 0755,
                (TreeFrom){.origin = ORIGIN_BASE, .package = "coreutils"}, NULL);
  tree_add_data(tree, "/usr/bin/sed", "x", -1, 0755,
                (TreeFrom){.origin = ORIGIN_BASE, .package = "sed"}, NULL);
  draft_of("/usr/bin/d -p 80", &draft);
  g_assert_cmpint(learn_from_console(&draft, tree, "cp: unrecognized option: -", &error), ==, 0);
  g_assert_cmpint(learn_from_console(&draft, tree, "sh: cp: not found", &error), ==, 1);
  g_assert_cmpint(learn_from_console(&draft, tree, "cp: unrecognized option: -", &error), ==, 1);
  g_assert_cmpint(learn_from_console(&draft, tree, "sh: sed: not found", &error), ==, 1);
  g_assert_cmpint(learn_from_console(&draft, tree, "sed: no previous regexp", &error), ==, 1);
  g_assert_no_error(error);
  g_autofree char *text = draft_text(&draft);
  g_assert_nonnull(strstr(text, "\ninclude=/usr/bin/cp /usr/bin/sed\n"));
  g_assert_null(strstr(text, "\napplets="));
}

/* The third module that is missed in a folder brings the folder; not so in one that all share. */
static void
test_learn_folder(void) {
  static const char *const places[][2] = {{"/usr/lib/d/ebin/", "/usr/lib/d/ebin/*"},
                                          {"/usr/lib/", "/usr/lib/c.beam"},
                                          {"/etc/d/conf/", "/etc/d/conf/c.beam"}};
  for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
    g_auto(Draft) draft = {0};
    g_autoptr(Tree) tree = tree_new();
    g_autoptr(GError) error = NULL;
    static const char *const names[] = {"a.beam", "b.beam", "c.beam"};
    draft_of("/usr/bin/d -p 80", &draft);
    guint before = g_strv_length(draft.recipe->include);
    for (guint j = 0; j < G_N_ELEMENTS(names); j++) {
      g_autofree char *path = g_strconcat(places[i][0], names[j], NULL);
      g_autofree char *line = g_strdup_printf("d: %s: No such file or directory", path);
      tree_add_data(tree, path, "x", -1, 0644, from_package("d", "new"), NULL);
      g_assert_cmpint(learn_from_console(&draft, tree, line, &error), ==, 1);
      g_assert_no_error(error);
      g_assert_cmpstr(draft.recipe->include[before + j], ==, j < 2 ? path : places[i][1]);
    }
  }
}

/* ---- the shell --------------------------------------------------------- */

static void
test_shell(void) {
  static const char text[] = "# A=no\nNAME=d\nDAEMON=/usr/sbin/$NAME\n[ -x y ] && B='b c'\n"
                             ": ${C:=three}\nexport D=\"$NAME ${B} ${E:-five}\"\nF=\"$F more\"\n"
                             "G=`date`\nH=$(date)\nL1=$L2\nL2=$L1\n";
  static const char *const words[][2] = {{"$DAEMON", "/usr/sbin/d"},
                                         {"${DAEMON}.pid", "/usr/sbin/d.pid"},
                                         {"$C", "three"},
                                         {"$D", "d b c five"},
                                         {"x${NONE}y", "xy"},
                                         {"${NONE:-z}", "z"},
                                         {"$F", " more"},
                                         {"$G$H$L1", ""},
                                         {"$A", ""},
                                         {"100$ $", "100$ $"}};
  for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
    g_autoptr(Shell) shell = shell_new(text);
    g_autofree char *got = shell_expand(shell, words[i][0]);
    g_assert_cmpstr(got, ==, words[i][1]);
  }
  g_autoptr(Shell) whole = shell_new(text);
  g_autofree char *none = shell_variable(whole, "NONE");
  g_assert_null(none);
}

static void
test_init_script(void) {
  static const char *const bad[] = {"#!/bin/sh\nDAEMON=/usr/sbin/none\n",
                                    "start-stop-daemon --stop --exec /usr/sbin/d\n",
                                    "start-stop-daemon --start --exec \"/usr/sbin/d\n", ""};
  g_autoptr(Tree) tree = tree_new();
  tree_add_data(tree, "/usr/sbin/d", "x", -1, 0755, from_package("d", "new"), NULL);
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(Service) none = service_from_init_script("/etc/init.d/d", bad[i], tree);
    g_assert_null(none);
  }
  g_autoptr(Service) service = service_from_init_script(
      "/etc/init.d/d",
      "start-stop-daemon --start --startas /usr/sbin/d -c u:g -d /srv -- -a 'b c' >>/x 2>&1\n",
      tree);
  g_assert_nonnull(service);
  g_assert_cmpstr(service->run->command, ==, "/usr/sbin/d -a 'b c'");
  g_assert_cmpstr(service->run->user, ==, "u");
  g_assert_cmpstr(service->run->group, ==, "g");
  g_assert_cmpstr(service->run->directory, ==, "/srv");
  g_assert_true(service->run->forks);
}

/* What the script sets for its program, and start-stop-daemon's options as getopt(3) takes them:
 * several in one word, short names of long ones, the program's own behind "--". */
static void
test_init_script_sets(void) {
  static const char script[] =
      "#!/bin/sh\nPATH=/sbin\nexport PATH\n. /etc/default/d\nHOME=/srv\n"
      "export HOME LIMIT\nexport DAY=$(date)\nexport MODE=fast; EMPTY=\nexport EMPTY\n"
      "[ -n \"$LIMIT\" ] || exit 0\numask 027\n\tulimit -n $LIMIT\n"
      "ulimit -c $(cat /x)\numask\n"
      "start-stop-daemon -Sqbx /usr/sbin/d --pidf /run/d.pid --chui u "
      "--group g -k077 -- -Sqt --chuid x\n";
  g_autoptr(Tree) tree = tree_new();
  tree_add_data(tree, "/usr/sbin/d", "x", -1, 0755, from_package("d", "new"), NULL);
  tree_add_data(tree, "/etc/default/d", "LIMIT=512\nexport LIB=/opt\n", -1, 0644,
                from_package("d", "new"), NULL);
  g_autoptr(Service) service = service_from_init_script("/etc/init.d/d", script, tree);
  g_assert_nonnull(service);
  g_assert_cmpstr(service->run->command, ==, "/usr/sbin/d -Sqt --chuid x");
  g_assert_false(service->run->forks);
  g_assert_cmpstr(service->run->user, ==, "u");
  g_assert_cmpstr(service->run->group, ==, "g");
  g_autofree char *environment = g_strjoinv("|", service->run->environment);
  g_assert_cmpstr(environment, ==, "LIB=/opt|HOME=/srv|LIMIT=512|MODE=fast");
  g_assert_cmpstr(service->run->before, ==, "umask 027\nulimit -n 512\numask 077");
  g_assert_cmpuint(service->notes->len, ==, 2);
  g_assert_cmpstr(service->notes->pdata[0], ==,
                  "/etc/init.d/d: 'export DAY=$(date)' is left out: expected a plain value");
  g_assert_cmpstr(service->notes->pdata[1], ==,
                  "/etc/init.d/d: 'ulimit -c $(cat /x)' is left out: expected a plain value");
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tryout/sockets", test_sockets);
  g_test_add_func("/tryout/sockets-unix", test_unix_sockets);
  g_test_add_func("/tryout/apply", test_apply);
  g_test_add_func("/tryout/apply-more", test_apply_more);
  g_test_add_func("/tryout/apply-memory", test_apply_memory);
  g_test_add_func("/tryout/apply-udp", test_apply_udp);
  g_test_add_func("/tryout/given", test_given);
  g_test_add_func("/tryout/learn", test_learn);
  g_test_add_func("/tryout/learn-real", test_learn_real);
  g_test_add_func("/tryout/learn-folder", test_learn_folder);
  g_test_add_func("/tryout/shell", test_shell);
  g_test_add_func("/tryout/init-script", test_init_script);
  g_test_add_func("/tryout/init-script-sets", test_init_script_sets);
  return g_test_run();
}
