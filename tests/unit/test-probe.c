/* test-probe.c - services asked by their protocol: the shipped rules on what real services say, and
 * conversations through a real tinyx-agent. */
#include "guest/guest.h"

#include "agent-world.h"
#include "bad-rules.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static ProbeRules *
shipped(void) {
  g_autoptr(GError) error = NULL;
  ProbeRules *rules = probe_rules_load(&error);
  g_assert_no_error(error);
  return rules;
}

/* ---- rules --------------------------------------------------------------- */

typedef struct {
  const char *protocol;
  const char *said; /* bytes, of a length that may have NULs in it */
  gsize size;
  int meaning; /* -1: no rule matches */
} Said;

#define SAID(protocol, text, meaning)                                                              \
  { protocol, text, sizeof(text) - 1, meaning }

static const Said said[] = {
    SAID("http", "HTTP/1.1 200 OK\r\nServer: x\r\n", PROBE_ANSWER),
    SAID("http", "HTTP/1.0 401 Unauthorized\r\n", PROBE_ANSWER),
    SAID("http", "HTTP/1.1 502 Bad Gateway\r\n", PROBE_REFUSE),
    SAID("http", "+PONG\r\n", -1),
    SAID("redis", "+PONG\r\n", PROBE_ANSWER),
    SAID("redis", "-NOAUTH Authentication required.\r\n", PROBE_ANSWER),
    SAID("redis", "-DENIED Redis is running in protected mode because\r\n", PROBE_REFUSE),
    SAID("redis", "-LOADING Redis is loading the dataset in memory\r\n", PROBE_REFUSE),
    SAID("redis", "-ERR unknown command\r\n", PROBE_UNSURE),
    SAID("postgresql", "R\0\0\0\x17\0\0\0\nSCRAM-SHA-256\0\0", PROBE_ANSWER),
    SAID("postgresql",
         "E\0\0\0\x8fSFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry for host \"10.0.0.1\", user "
         "\"postgres\", database \"postgres\", no encryption\0",
         PROBE_REFUSE),
    SAID("postgresql", "E\0\0\0\x5bSFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0",
         PROBE_REFUSE),
    SAID("postgresql", "E\0\0\0\x5bSFATAL\0VFATAL\0C28000\0Mrole \"postgres\" does not exist\0",
         PROBE_ANSWER),
    SAID("mysql",
         "\x59\0\0\0\x0a"
         "5.5.5-10.11.6-MariaDB-0+deb12u1\0",
         PROBE_ANSWER),
    SAID("mysql",
         "\x45\0\0\0\xff\x6a\x04Host '10.0.0.1' is not allowed to connect to this MariaDB server",
         PROBE_REFUSE),
    SAID("smtp", "220 guest ESMTP Exim 4.96\r\n", PROBE_ANSWER),
    SAID("smtp", "554 SMTP synchronization error\r\n", PROBE_REFUSE),
    SAID("ftp", "220 (vsFTPd 3.0.3)\r\n", PROBE_ANSWER),
    SAID("ftp", "500 OOPS: vsftpd: refusing to run with writable root\r\n", PROBE_REFUSE),
    SAID("imap", "* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", PROBE_ANSWER),
    SAID("imap", "* BYE Internal error\r\n", PROBE_REFUSE),
    SAID("pop3", "+OK Dovecot ready.\r\n", PROBE_ANSWER),
    SAID("ssh", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", PROBE_ANSWER),
    SAID("ssh", "Exceeded MaxStartups\r\n", PROBE_REFUSE),
    SAID("dns", "\0\x11\x12\x34\x81\x80\0\x01\0\x0d\0\0\0\0\0\0\x02\0\x01", PROBE_ANSWER),
    SAID("dns", "\0\x11\x12\x34\x81\x05\0\x01\0\0\0\0\0\0\0\0\x02\0\x01", PROBE_UNSURE),
    SAID("mqtt", "\x20\x02\0\0", PROBE_ANSWER),
    SAID("mqtt", "\x20\x02\0\x05", PROBE_UNSURE),
    SAID("mqtt", "\x20\x02\0\x03", PROBE_REFUSE),
    SAID("ldap", "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0", PROBE_ANSWER),
    SAID("ldap", "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x34\x04\0\x04\0", PROBE_REFUSE),
    SAID("amqp", "\x01\0\0\0\0\x02\x00\0\x0a\0\x0a\0\x09", PROBE_ANSWER),
    SAID("memcached", "VERSION 1.6.18\r\n", PROBE_ANSWER),
    SAID("memcached", "SERVER_ERROR out of memory\r\n", PROBE_REFUSE),
    SAID("irc", ":irc.example 001 tinyxprobe :Welcome\r\n", PROBE_ANSWER),
    SAID("irc", "ERROR :Access denied.\r\n", PROBE_REFUSE),
    SAID("nntp", "200 news ready\r\n", PROBE_ANSWER),
    SAID("nntp", "502 no permission\r\n", PROBE_REFUSE),
    SAID("rsync", "@RSYNCD: 31.0 sha512\n", PROBE_ANSWER),
    SAID("socks", "\x05\0", PROBE_ANSWER),
    SAID("socks", "\x05\xff", PROBE_REFUSE),
    SAID("telnet", "\xff\xfd\x18", PROBE_ANSWER),
};

static void
test_said(void) {
  g_autoptr(ProbeRules) rules = shipped();
  for (gsize i = 0; i < G_N_ELEMENTS(said); i++) {
    const ProbeProtocol *protocol = probe_rules_named(rules, said[i].protocol);
    g_assert_nonnull(protocol);
    const ProbeReply *reply = probe_reply_find(protocol, said[i].said, said[i].size);
    int meaning = reply != NULL ? (int)reply->meaning : -1;
    if (meaning != said[i].meaning)
      g_error("%s, \"%s\": %d, expected %d", said[i].protocol, said[i].said, meaning,
              said[i].meaning);
  }
}

/* Every protocol can be answered, and nothing that came not at all is an answer. */
static void
test_whole(void) {
  g_autoptr(ProbeRules) rules = shipped();
  g_assert_cmpuint(rules->protocols->len, >, 25);
  for (guint i = 0; i < rules->protocols->len; i++) {
    const ProbeProtocol *protocol = rules->protocols->pdata[i];
    gboolean answers = FALSE;
    for (guint k = 0; k < protocol->replies->len; k++)
      answers = answers || ((ProbeReply *)protocol->replies->pdata[k])->meaning == PROBE_ANSWER;
    if (!answers || probe_reply_find(protocol, "", 0) != NULL)
      g_error("%s: no answer of it counts, or nothing does", protocol->name);
  }
  const ProbeProtocol *ldap = probe_rules_named(rules, "ldap");
  g_assert_cmpmem(ldap->send->str, ldap->send->len,
                  "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0", 14);
  const ProbeProtocol *sql = probe_rules_named(rules, "postgresql");
  g_assert_cmpuint(sql->send->len, ==, 0x29); /* its own length is in it */
}

static void
found(const ProbeRules *rules, const char *program, int port, const char *expected) {
  const char *const programs[] = {program, NULL};
  const ProbeProtocol *protocol = probe_rules_find(rules, programs, port);
  g_assert_cmpstr(protocol != NULL ? protocol->name : NULL, ==, expected);
}

static void
test_find(void) {
  g_autoptr(ProbeRules) rules = shipped();
  found(rules, "/usr/bin/redis-server", 6379, "redis");
  found(rules, "/usr/bin/redis-server", 7000, "redis");
  found(rules, "/opt/own", 6379, "redis");
  found(rules, "/opt/own", 8080, "http");
  found(rules, "/opt/own", 12345, NULL);
  const char *const two[] = {"/usr/sbin/nginx", "/usr/bin/redis-server", NULL};
  g_assert_cmpstr(probe_rules_find(rules, two, 6379)->name, ==, "redis");
  g_assert_cmpstr(probe_rules_find(rules, two, 80)->name, ==, "http");
}

static void
test_bad(void) {
  static const BadRules cases[] = {
      {"speak x - 1\n", "f:1: bad line \"speak x - 1\"; expected \" # REASON\""},
      {"speak x -  # y\n", "expected speak PROTOCOL SEND WHERE"},
      {"speak x - 70000  # y\n", "expected ports from 1 to 65535"},
      {"speak x \\q 1  # y\n", "as escapes in what is sent"},
      {"speak x \\x0 1  # y\n", "as escapes in what is sent"},
      {"speak x - 1  # y\nspeak x - 2  # y\n", "f:2: "},
      {"answer x ^a  # y\n", "expected a protocol that a line above speaks"},
      {"speak x - 1  # y\nanswer x (  # y\n", "expected a regular expression"},
      {"speak x - 1  # y\nanswer x  # y\n", "expected speak PROTOCOL"},
      {"listen x - 1  # y\n", "expected speak PROTOCOL"},
  };
  BAD_RULES_REFUSED(probe_rules_parse, cases)
}

/* ---- conversations ------------------------------------------------------- */

/* A service in Python on a free port: each connection goes to BODY, which has "c", "ask()" (what
 * came, up to a kilobyte) and "n", the number of the connection from 0. */
static int
serve(World *world, const char *body) {
  g_autofree char *script =
      g_strdup_printf("cat >service.py <<'END'\n"
                      "import socket, threading, time\n"
                      "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(16)\n"
                      "open('port', 'w').write('%%d\\n' %% s.getsockname()[1])\n"
                      "def one(c, n):\n"
                      "    ask = lambda: c.recv(1024)\n"
                      "%s\n"
                      "    c.close()\n"
                      "n = 0\n"
                      "while True:\n"
                      "    c, _ = s.accept()\n"
                      "    threading.Thread(target=one, args=(c, n), daemon=True).start(); n += 1\n"
                      "END\nexec python3 service.py\n",
                      body);
  g_autofree char *path = g_build_filename(world->place, "port", NULL);
  g_assert_cmpuint(agent_start(world->agent, "said", script, NULL, NULL, NULL), !=, 0);
  for (int i = 0; i < 300; i++) {
    g_autofree char *text = NULL;
    if (g_file_get_contents(path, &text, NULL, NULL) && strchr(text, '\n') != NULL)
      return (int)g_ascii_strtoll(text, NULL, 10);
    agent_wait_any(world->agent, 0.1, NULL);
  }
  g_error("the service did not start");
}

static void
asked(World *world, const char *body, const char *program, double patience, ProbeFinding *finding) {
  g_autoptr(ProbeRules) rules = shipped();
  const char *const programs[] = {program, NULL};
  g_autoptr(GError) error = NULL;
  int port = serve(world, body);
  g_assert_true(probe_service(world->agent, rules, AGENT_NO_SIDE, "127.0.0.1", port, programs,
                              patience, finding, &error));
  g_assert_no_error(error);
}

#define PONG "    c.sendall({b'PING\\r\\n': b'+PONG\\r\\n'}.get(ask(), b'-ERR what\\r\\n')); ask()"
#define DENIED "    ask(); c.sendall(b'-DENIED Redis is running in protected mode\\r\\n')"

static void
test_answers(World *world, gconstpointer data) {
  g_auto(ProbeFinding) finding = {0};
  (void)data;
  asked(world, PONG, "/usr/bin/redis-server", 0, &finding);
  g_assert_cmpint(finding.result, ==, PROBED_ANSWERED);
  g_assert_cmpstr(finding.protocol, ==, "redis");
  g_assert_cmpstr(finding.said, ==, "+PONG");
}

static void
test_refuses(World *world, gconstpointer data) {
  g_auto(ProbeFinding) finding = {0};
  (void)data;
  asked(world, DENIED, "redis-server", 2, &finding);
  g_assert_cmpint(finding.result, ==, PROBED_REFUSED);
  g_autofree char *text = probe_finding_text(&finding);
  g_assert_nonnull(strstr(text, "redis refused: -DENIED Redis is running in protected mode (prot"));
}

/* What it refuses while it starts, it grants a moment later. */
static void
test_starts(World *world, gconstpointer data) {
  g_auto(ProbeFinding) finding = {0};
  (void)data;
  asked(world, "    ask(); c.sendall(b'-LOADING wait\\r\\n' if n < 2 else b'+PONG\\r\\n')",
        "redis-server", 20, &finding);
  g_assert_cmpint(finding.result, ==, PROBED_ANSWERED);
}

/* Nobody knows the program or the port: it is listened to, then asked as http. */
static void
test_greets(World *world, gconstpointer data) {
  g_auto(ProbeFinding) finding = {0};
  (void)data;
  asked(world, "    c.sendall(b'SSH-2.0-own\\r\\n'); ask()", "/opt/own", 0, &finding);
  g_assert_cmpint(finding.result, ==, PROBED_ANSWERED);
  g_assert_cmpstr(finding.protocol, ==, "ssh");
}

static void
test_own_http(World *world, gconstpointer data) {
  g_auto(ProbeFinding) finding = {0};
  (void)data;
  asked(world, "    ask() and c.sendall(b'HTTP/1.1 500 Internal Server Error\\r\\n\\r\\n')",
        "/opt/own", 0, &finding);
  g_assert_cmpint(finding.result, ==, PROBED_REFUSED);
  g_assert_cmpstr(finding.protocol, ==, "http");
}

static void
test_unknown(World *world, gconstpointer data) {
  g_auto(ProbeFinding) finding = {0};
  (void)data;
  asked(world, "    c.sendall(b'\\x1b[31mhello\\x00you\\r\\nmore')", "/opt/own", 0, &finding);
  g_assert_cmpint(finding.result, ==, PROBED_UNKNOWN);
  g_assert_cmpstr(finding.protocol, ==, NULL);
  g_assert_cmpstr(finding.said, ==, "\\x1b[31mhello\\x00you");
}

static void
test_silent(World *world, gconstpointer data) {
  g_auto(ProbeFinding) finding = {0};
  (void)data;
  asked(world, "    pass", "/opt/own", 0, &finding);
  g_assert_cmpint(finding.result, ==, PROBED_SILENT);
  g_assert_cmpstr(finding.said, ==, NULL);
}

/* A reply in pieces, and more of it than anybody wants. */
static void
test_pieces(World *world, gconstpointer data) {
  g_auto(ProbeFinding) finding = {0};
  (void)data;
  asked(world,
        "    ask(); c.sendall(b'HTT'); time.sleep(0.5); c.sendall(b'P/1.1 200 OK\\r\\n' + b'x' * "
        "3000000)",
        "nginx", 0, &finding);
  g_assert_cmpint(finding.result, ==, PROBED_ANSWERED);
  g_assert_cmpstr(finding.said, ==, "HTTP/1.1 200 OK");
}

static void
test_nobody(World *world, gconstpointer data) {
  g_autoptr(ProbeRules) rules = shipped();
  g_auto(ProbeFinding) finding = {0};
  const char *const none[] = {NULL};
  (void)data;
  g_assert_true(
      probe_service(world->agent, rules, AGENT_NO_SIDE, "127.0.0.1", 1, none, 0, &finding, NULL));
  g_assert_cmpint(finding.result, ==, PROBED_SILENT);
}

/* ---- which verdicts are weak --------------------------------------------- */

static void
test_weak(void) {
  g_autoptr(Recipe) recipe = recipe_new("web");
  GuestVerdict verdict = {.passed = TRUE};
  recipe->vifs = 1;
  g_assert_false(guest_verdict_is_weak(recipe, &verdict)); /* a job that ended well */
  recipe->ready_port = 80;
  g_assert_true(probe_is_wanted(recipe));
  g_assert_true(guest_verdict_is_weak(recipe, &verdict));
  verdict.probe.result = PROBED_UNSURE;
  g_assert_true(guest_verdict_is_weak(recipe, &verdict));
  verdict.probe.result = PROBED_ANSWERED;
  g_assert_false(guest_verdict_is_weak(recipe, &verdict));
  verdict.probe.result = PROBED_NOT;
  recipe->test_script = g_strdup("/r/test.sh");
  g_assert_false(probe_is_wanted(recipe));
  g_assert_false(guest_verdict_is_weak(recipe, &verdict));
  recipe->weak_test = TRUE;
  g_assert_true(guest_verdict_is_weak(recipe, &verdict));
}

#define ADD(name, function)                                                                        \
  g_test_add("/probe/" name, World, NULL, world_set_up, function, world_tear_down)

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/probe/said", test_said);
  g_test_add_func("/probe/whole", test_whole);
  g_test_add_func("/probe/find", test_find);
  g_test_add_func("/probe/bad", test_bad);
  g_test_add_func("/probe/weak", test_weak);
  ADD("answers", test_answers);
  ADD("refuses", test_refuses);
  ADD("starts", test_starts);
  ADD("greets", test_greets);
  ADD("own-http", test_own_http);
  ADD("unknown", test_unknown);
  ADD("silent", test_silent);
  ADD("pieces", test_pieces);
  ADD("nobody", test_nobody);
  return g_test_run();
}
