/* test-secrets.c - what of an installation is one machine's own: the rules, the scan, the first
 * boot. */
#include "base/files.h"
#include "rootfs/secret-scan.h"
#include "rootfs/secrets.h"

#include "bad-rules.h"

#include <string.h>
#include <time.h>

/* ---- the scan ---------------------------------------------------------- */

/* SIZE bytes that are no real key, in base64 in lines of 64 characters, with END behind each. */
static char *
body(gsize size, const char *end) {
  g_autofree guchar *bytes = g_malloc(size);
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guchar)(i * 167 + i / 7);
  g_autofree char *all = g_base64_encode(bytes, size);
  GString *text = g_string_new(NULL);
  for (gsize at = 0; all[at] != '\0'; at += strnlen(all + at, 64))
    g_string_append_printf(text, "%.64s%s", all + at, end);
  return g_string_free(text, FALSE);
}

static const char *
seen(const char *text, guint *line) {
  return secret_scan(text, strlen(text), line);
}

static void
test_pem(void) {
  static const struct {
    const char *label, *kind, *head;
  } keys[] = {{"PRIVATE KEY", "a private key (PEM)", ""},
              {"RSA PRIVATE KEY", "a private key (PEM)", ""},
              {"EC PRIVATE KEY", "a private key (PEM)", ""},
              {"RSA PRIVATE KEY", "a private key (PEM)",
               "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"},
              {"ENCRYPTED PRIVATE KEY", "a private key (PEM)", ""},
              {"OPENSSH PRIVATE KEY", "an OpenSSH private key", ""},
              {"PGP PRIVATE KEY BLOCK", "a PGP private key", "Version: GnuPG v2\n\n"},
              {"OpenVPN Static key V1", "a key of OpenVPN", ""}};
  g_autofree char *lines = body(120, "\n");
  for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
    guint line = 0;
    g_autofree char *text = g_strdup_printf("# first\n-----BEGIN %s-----\n%s%s-----END %s-----\n",
                                            keys[i].label, keys[i].head, lines, keys[i].label);
    g_assert_cmpstr(seen(text, &line), ==, keys[i].kind);
    g_assert_cmpuint(line, ==, 2);
  }
}

/* What stands around a key: the ways in which files have them. */
static void
test_around(void) {
  g_autofree char *crlf = body(48, "\r\n"), *yaml = body(48, "\n    "), *json = body(48, "\\n");
  g_autofree char *quoted = body(48, "\\n\" +\n  \""), *commented = body(48, "\n# ");
  char *texts[] = {
      g_strconcat("-----BEGIN PRIVATE KEY-----\r\n", crlf, NULL),
      g_strconcat("  key: |\n    -----BEGIN PRIVATE KEY-----\n    ", yaml, NULL),
      g_strconcat("{\"k\": \"-----BEGIN PRIVATE KEY-----\\n", json, "\"}", NULL),
      g_strconcat("k = \"-----BEGIN PRIVATE KEY-----\\n\" +\n \"", quoted, NULL),
      g_strconcat("# -----BEGIN PRIVATE KEY-----\n# ", commented, NULL),
  };
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    g_assert_nonnull(seen(texts[i], NULL));
  /* Kubernetes: the whole key as one base64 word. */
  g_autofree char *wrapped = g_base64_encode((const guchar *)texts[0], strlen(texts[0]));
  g_autofree char *secret = g_strconcat("data:\n  tls.key: ", wrapped, "\n", NULL);
  g_assert_cmpstr(seen(secret, NULL), ==, "a private key (PEM)");
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(texts[i]);
}

static void
test_others(void) {
  g_autofree char *lines = body(96, "\n"), *word = body(32, "");
  g_autofree char *putty = g_strconcat("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"
                                       "Private-Lines: 1\n",
                                       lines, NULL);
  g_autofree char *wireguard =
      g_strconcat("[Interface]\nPrivateKey = ", word, "\nListenPort = 51820\n", NULL);
  g_autofree char *signify = g_strconcat("untrusted comment: signify secret key\n", lines, NULL);
  g_assert_cmpstr(seen(putty, NULL), ==, "a PuTTY private key");
  g_assert_cmpstr(seen(wireguard, NULL), ==, "a WireGuard key");
  g_assert_cmpstr(seen(signify, NULL), ==, "a private key of signify");
  g_assert_cmpstr(
      seen(
          "# created\nAGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQQPZRY9X8GF2TVDW0S3JN54KH\n",
          NULL),
      ==, "an age private key");
  g_assert_cmpstr(seen("Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\n"
                       "PrivateKey: jDX7vVSSv5qQTwQW8UrlZ0xRcSTAXn9LPCLkxvKQsAE=\n",
                       NULL),
                  ==, "a DNSSEC private key");
  g_assert_cmpstr(seen("Key: (private-key (ecc (curve Ed25519)(q #40#)(d #41#)))\n", NULL), ==,
                  "a private key of GnuPG");
  g_assert_nonnull(seen("(11:private-key(3:rsa(1:n1:a)))", NULL));
}

static void
test_der(void) {
  /* PKCS#8 of Ed25519; SEC 1; the beginning of PKCS#1 with its length. */
  static const guchar pkcs8[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,    0x03,
                                 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20, [47] = 1};
  static const guchar sec1[] = {0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20, [38] = 1};
  guchar pkcs1[4 + 256] = {0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x00, 0x02, 0x81, 0x80};
  static const guchar certificate[] = {0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00};
  g_assert_cmpstr(secret_scan(pkcs8, 48, NULL), ==, "a private key (DER, PKCS#8)");
  g_assert_cmpstr(secret_scan(sec1, 39, NULL), ==, "an elliptic curve's private key (DER)");
  g_assert_cmpstr(secret_scan(pkcs1, sizeof pkcs1, NULL), ==, "an RSA or DSA private key (DER)");
  g_assert_null(secret_scan(certificate, sizeof certificate, NULL));
  for (gsize cut = 0; cut < 46; cut++) /* no read beyond the end, and no key */
    g_assert_null(secret_scan(pkcs8, cut, NULL));
}

/* What only looks like a key. */
static void
test_none(void) {
  g_autofree char *lines = body(96, "\n");
  g_autofree char *certificate =
      g_strconcat("-----BEGIN CERTIFICATE-----\n", lines, "-----END CERTIFICATE-----\n", NULL);
  g_autofree char *public =
      g_strconcat("-----BEGIN PUBLIC KEY-----\n", lines, "-----END PUBLIC KEY-----\n", NULL);
  static const char strings[] =
      "-----BEGIN PRIVATE KEY-----\0-----END PRIVATE KEY-----\0-----BEGIN RSA PRIVATE KEY-----\n"
      "\0AGE-SECRET-KEY-1\0PrivateKey=%p)=0x%08lX%s%s\0(private-key%S)\0PuTTY-User-Key-File-2: ";
  const char *const texts[] = {
      "",
      "-",
      "-----BEGIN ",
      "-----BEGIN PRIVATE KEY-----",
      "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n",
      "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg...\n-----END PRIVATE KEY-----\n",
      "-----BEGIN PRIVATE "
      "KEY-----\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
      "\n-----END PRIVATE KEY-----\n",
      "Paste your -----BEGIN PRIVATE KEY----- here, and what comes after it until the end; it is "
      "read.\n",
      "PrivateKey = /etc/keys/one\n",
      certificate,
      public};
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    g_assert_cmpstr(seen(texts[i], NULL), ==, NULL);
  g_assert_cmpstr(secret_scan(strings, sizeof strings, NULL), ==, NULL);
}

/* A file of nothing but markers, and headers without end: the time is linear. */
static void
test_linear(void) {
  g_autoptr(GString) markers = g_string_new(NULL), headers = g_string_new(NULL);
  while (markers->len < 4 << 20) {
    g_string_append(markers, "-----BEGIN PRIVATE KEY-----LS0tLS1CRUdJTi");
    g_string_append(headers, "-----BEGIN PRIVATE KEY-----\nA: b\nC: d\n");
  }
  clock_t start = clock(); /* of a processor: the machine may have other work */
  g_assert_null(secret_scan(markers->str, markers->len, NULL));
  g_assert_null(secret_scan(headers->str, headers->len, NULL));
  g_assert_cmpint(clock() - start, <, 20 * CLOCKS_PER_SEC);
}

static void
test_users(void) {
  guint line = 0;
  const char *plain = "root:*:19000:0:99999:7:::\ndaemon:!:1::::::\nx:x:0:0::/:/bin/sh\n::\n";
  const char *hashed = "root:*:19000::::::\nann:$y$j9T$abc$def:19000:0:99999:7:::\n";
  g_assert_null(secret_scan_users(plain, strlen(plain), NULL));
  g_assert_nonnull(secret_scan_users(hashed, strlen(hashed), &line));
  g_assert_cmpuint(line, ==, 2);
  g_assert_nonnull(secret_scan_users("a:!$6$x$y:1:::::", 16, NULL));
  g_assert_nonnull(secret_scan_users("a:rl.3StKT.4T8M:1", 17, NULL));
}

/* ---- the rules --------------------------------------------------------- */

static void
test_rules_wrong(void) {
  static const BadRules bad[] = {
      {"\nomit /a\n", "f:2: bad line \"omit /a\"; expected \" # REASON\""},
      {"omit /a # \n", "REASON"},
      {"drop /a # x\n", "expected omit, empty, make or known"},
      {"omit a # x\n", "expected an absolute path"},
      {"omit /a/ # x\n", "expected an absolute path"},
      {"omit # x\n", "expected an absolute path"},
      {"omit /a /b # x\n", "nothing between the path and the reason"},
      {"make /a # x\n", "expected \"by COMMAND\""},
      {"make /a by # x\n", "expected \"by COMMAND\""},
      {"make /a with dd # x\n", "expected \"by COMMAND\""},
      {"make /a by dd of=/a # x\n", "expected a command that makes \"$path\""},
      {"omit /\xff # x\n", "expected UTF-8"},
  };
  BAD_RULES_REFUSED(secret_rules_parse, bad);
}

static void
test_rules(void) {
  static const char text[] = "# comment\nmake /k by /usr/bin/maker \"$path\" # made\n"
                             "make /k with dd od by dd of=\"$path\" | /bin/x # made # otherwise\n"
                             "omit /k* # gone\nknown /usr/share/*/t # everybody's\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(Tree) tree = tree_new(), more = tree_new();
  g_autoptr(SecretRules) rules = secret_rules_parse(text, strlen(text), "r", &error);
  g_assert_no_error(error);
  tree_add_data(more, "/bin/x", "", 0, 0755, from_package("x", NULL), NULL);
  g_assert_cmpstr(secret_rules_find(rules, "/k", NULL)->reason, ==, "made");
  g_assert_cmpint(secret_rules_find(rules, "/k", tree)->action, ==, SECRET_OMIT);
  const SecretRule *second = secret_rules_find(rules, "/k", more);
  g_assert_cmpstr(second->reason, ==, "otherwise");
  g_assert_cmpstr(second->command, ==, "dd of=\"$path\" | /bin/x # made");
  g_assert_cmpstr(second->applets[1], ==, "od");
  g_assert_cmpstr(second->programs[0], ==, "/bin/x");
  g_assert_null(secret_rules_find(rules, "/usr/share/a/t/key", NULL));
  g_assert_true(secret_rules_known(rules, "/usr/share/a/t/key"));
  g_assert_false(secret_rules_known(rules, "/usr/share/a/key"));
}

/* Our own file: what it must know. */
static void
test_rules_shipped(void) {
  static const char *const secrets[] = {"/etc/ssh/ssh_host_rsa_key",
                                        "/etc/ssh/ssh_host_dsa_key",
                                        "/etc/machine-id",
                                        "/etc/ssl/private/ssl-cert-snakeoil.key",
                                        "/var/lib/dbus/machine-id",
                                        "/var/lib/systemd/random-seed",
                                        "/var/lib/urandom/random-seed",
                                        "/var/lib/dhcp/x.leases",
                                        "/etc/mysql/debian.cnf",
                                        "/var/lib/rabbitmq/.erlang.cookie",
                                        "/etc/bind/rndc.key",
                                        "/etc/krb5.keytab",
                                        "/var/lib/tor/keys/a",
                                        "/etc/munge/munge.key",
                                        "/etc/wireguard/wg0.conf"};
  g_autoptr(GError) error = NULL;
  g_autoptr(SecretRules) rules = secret_rules_load(&error);
  g_assert_no_error(error);
  for (guint i = 0; i < G_N_ELEMENTS(secrets); i++)
    if (secret_rules_find(rules, secrets[i], NULL) == NULL)
      g_error("no rule for %s", secrets[i]);
  g_assert_null(secret_rules_find(rules, "/etc/ssh/sshd_config", NULL));
  g_assert_null(secret_rules_find(rules, "/etc/ssl/certs/ca-certificates.crt", NULL));
  g_assert_cmpint(secret_rules_find(rules, "/var/lib/dhcp/dhcpd.leases", NULL)->action, ==,
                  SECRET_EMPTY);
}

/* ---- a plan ------------------------------------------------------------ */

typedef struct {
  char *root;
  Tree *installed, *tree;
  Recipe *recipe;
  Secrets *secrets;
  GPtrArray *notes;
} World;

static void
world_put(World *world, const char *path, const char *text, unsigned mode, gboolean planned) {
  g_autofree char *copy = g_strconcat(world->root, path, NULL);
  g_autofree char *folder = g_path_get_dirname(copy);
  g_autoptr(GError) error = NULL;
  TreeFrom from = {.origin = ORIGIN_SCRIPT, .kind = REASON_SCRIPT};
  g_assert_true(dir_make(folder, &error) && file_write(copy, text, strlen(text), 0700, &error));
  TreeEntry *entry = tree_add_file(world->installed, path, copy, mode, from, &error);
  g_assert_no_error(error);
  entry->gid = 7;
  g_assert_true(!planned || tree_add_copy(world->tree, entry, from, &error) != NULL);
}

static void
world_recipe(World *world, const char *more) {
  g_autoptr(GError) error = NULL;
  g_autofree char *text = g_strconcat("[recipe]\ndescription=d\npackages=app\n[run]\n"
                                      "command=/usr/bin/app\n[image]\n",
                                      more, NULL);
  g_clear_pointer(&world->recipe, recipe_free);
  world->recipe = recipe_parse(text, strlen(text), "/x/app/recipe.conf", &error);
  g_assert_no_error(error);
}

static void
world_set_up(World *world, gconstpointer data) {
  static const char rules[] =
      "make /etc/key by /usr/bin/maker -o \"$path\" # who it is\n"
      "make /etc/unnamed with od by od >\"$path\" # nobody asks for it\n"
      "make /etc/named with od by od >\"$path\" # somebody asks for it\n"
      "omit /etc/gone # one machine's own\nempty /var/leases # given\nknown /usr/share/t # tests\n";
  g_autoptr(GError) error = NULL;
  (void)data;
  world->root = g_dir_make_tmp("tinyx-secrets-XXXXXX", NULL);
  world->installed = tree_new();
  world->tree = tree_new();
  world->notes = g_ptr_array_new_with_free_func(g_free);
  world->secrets = secrets_new(&error);
  g_assert_no_error(error);
  secret_rules_free(world->secrets->rules);
  world->secrets->rules = secret_rules_parse(rules, strlen(rules), "r", &error);
  g_assert_no_error(error);
  world_recipe(world, "");
  world_put(world, "/usr/bin/maker", "#!/usr/bin/lang\n", 0755, FALSE);
  world_put(world, "/usr/bin/lang", "", 0755, FALSE);
  world_put(world, "/etc/key", "key", 0640, TRUE);
  world_put(world, "/etc/gone", "gone", 0600, TRUE);
  world_put(world, "/var/leases", "leases", 0644, TRUE);
  world_put(world, "/etc/unnamed", "x", 0600, FALSE);
  world_put(world, "/etc/named", "x", 0600, FALSE);
  world_put(world, "/etc/app.conf", "key=/etc/named\n", 0644, TRUE);
}

static void
world_tear_down(World *world, gconstpointer data) {
  (void)data;
  dir_remove(world->root, NULL);
  g_free(world->root);
  tree_free(world->installed);
  tree_free(world->tree);
  recipe_free(world->recipe);
  secrets_free(world->secrets);
  g_ptr_array_unref(world->notes);
}

static gboolean
take_out(World *world) {
  g_autoptr(GError) error = NULL;
  gboolean done = secrets_take_out(world->secrets, world->tree, world->recipe, world->root,
                                   world->installed, world->notes, &error);
  g_assert_no_error(error);
  return done;
}

static void
test_take_out(World *world, gconstpointer data) {
  (void)data;
  g_assert_true(take_out(world));
  g_assert_null(tree_find(world->tree, "/etc/key"));
  g_assert_null(tree_find(world->tree, "/etc/gone"));
  g_assert_cmpuint(tree_find(world->tree, "/var/leases")->size, ==, 0);
  g_assert_cmpstr(world->secrets->omitted->pdata[0], ==, "/etc/gone");
  g_assert_cmpuint(world->secrets->omitted->len, ==, 1);
  g_assert_cmpuint(world->secrets->made->len, ==, 2);
  const SecretMade *key = world->secrets->made->pdata[0], *named = world->secrets->made->pdata[1];
  g_assert_cmpstr(key->path, ==, "/etc/key");
  g_assert_cmpstr(named->path, ==, "/etc/named");
  /* What makes it is in, with what it needs, and says why. */
  g_autofree char *why = tree_entry_why(tree_find(world->tree, "/usr/bin/maker"));
  g_assert_cmpstr(why, ==, "makes /etc/key at the first boot");
  g_assert_nonnull(tree_find(world->tree, "/usr/bin/lang"));
  g_autofree char *text = secrets_text(world->secrets);
  g_assert_nonnull(strstr(text, "path='/etc/key'\nif [ ! -s \"$path\" ]; then\n"
                                "{ /usr/bin/maker -o \"$path\"\n}"));
  g_assert_nonnull(strstr(text, "chown 0:7 \"$path\"\nchmod 0640 \"$path\"\n"));
}

static void
test_allowed(World *world, gconstpointer data) {
  (void)data;
  world_recipe(world, "allow-secret=/etc/key /nowhere\nexclude=/etc/named\n");
  g_assert_true(take_out(world));
  g_assert_nonnull(tree_find(world->tree, "/etc/key"));
  g_assert_cmpuint(world->secrets->made->len, ==, 0);
  g_autofree char *text = secrets_text(world->secrets);
  g_assert_cmpstr(text, ==, "");
  g_assert_true(secrets_check(world->secrets, world->tree, world->recipe, world->notes, NULL));
  g_assert_cmpstr(world->secrets->allowed->pdata[0], ==, "/etc/key");
  g_assert_cmpuint(world->notes->len, ==, 1); /* of /nowhere */
  g_assert_nonnull(strstr(world->notes->pdata[0], "recipe.conf:7: allow-secret: /nowhere is no"));
}

static TreeEntry *
key_put(World *world, const char *path, TreeOrigin origin) {
  g_autofree char *lines = body(96, "\n");
  g_autofree char *text = g_strconcat("a\n-----BEGIN PRIVATE KEY-----\n", lines, NULL);
  TreeFrom from = {.origin = origin, .kind = REASON_FILES_FOLDER};
  if (origin == ORIGIN_PACKAGE)
    from.package = "app";
  return tree_add_data(world->tree, path, text, -1, 0600, from, NULL);
}

static void
test_check(World *world, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  (void)data;
  world_recipe(world, "allow-secret=/a\n");
  g_assert_true(take_out(world));
  key_put(world, "/a", ORIGIN_RECIPE);
  key_put(world, "/srv/b.pem", ORIGIN_RECIPE);
  key_put(world, "/etc/c.conf", ORIGIN_PACKAGE)->state = STATE_UNKNOWN;
  key_put(world, "/usr/share/t/d", ORIGIN_PACKAGE)->state = STATE_INSTALLED;
  key_put(world, "/usr/share/t/__pycache__/d.pyc", ORIGIN_SCRIPT);
  key_put(world, "/usr/share/u/__pycache__/d.pyc", ORIGIN_SCRIPT);
  key_put(world, "/etc/gone", ORIGIN_RECIPE);
  g_assert_false(secrets_check(world->secrets, world->tree, world->recipe, world->notes, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_true(g_str_has_prefix(error->message, "/x/app/recipe.conf:7: /etc/c.conf has a private "
                                                 "key (PEM) in line 2; /etc/gone has one "
                                                 "machine's own"));
  g_assert_true(g_str_has_suffix(error->message, "\nallow-secret=/a /etc/c.conf /etc/gone "
                                                 "/srv/b.pem /usr/share/u/__pycache__/d.pyc"));
}

/* What a draft leaves out: keys that a script made and no rule knows. */
static void
test_unknown(World *world, gconstpointer data) {
  (void)data;
  g_autoptr(GError) error = NULL;
  g_autofree char *lines = body(96, "\n");
  g_autofree char *key = g_strconcat("-----BEGIN PRIVATE KEY-----\n", lines, NULL);
  world_put(world, "/etc/odd/one.pem", key, 0600, TRUE);
  world_put(world, "/etc/ssh/ssh_host_rsa_key", key, 0600, TRUE);
  world_put(world, "/etc/shipped.pem", key, 0600, TRUE);
  tree_find(world->installed, "/etc/shipped.pem")->package = g_strdup("app");
  g_autoptr(GPtrArray) paths = secrets_unknown(world->installed, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(paths->len, ==, 1);
  g_assert_cmpstr(paths->pdata[0], ==, "/etc/odd/one.pem");
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/secrets/scan/pem", test_pem);
  g_test_add_func("/secrets/scan/around", test_around);
  g_test_add_func("/secrets/scan/others", test_others);
  g_test_add_func("/secrets/scan/der", test_der);
  g_test_add_func("/secrets/scan/none", test_none);
  g_test_add_func("/secrets/scan/linear", test_linear);
  g_test_add_func("/secrets/scan/users", test_users);
  g_test_add_func("/secrets/rules", test_rules);
  g_test_add_func("/secrets/rules/wrong", test_rules_wrong);
  g_test_add_func("/secrets/rules/shipped", test_rules_shipped);
  g_test_add("/secrets/take-out", World, NULL, world_set_up, test_take_out, world_tear_down);
  g_test_add("/secrets/allowed", World, NULL, world_set_up, test_allowed, world_tear_down);
  g_test_add("/secrets/check", World, NULL, world_set_up, test_check, world_tear_down);
  g_test_add("/secrets/unknown", World, NULL, world_set_up, test_unknown, world_tear_down);
  return g_test_run();
}
