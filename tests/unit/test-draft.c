/* test-draft.c - drafts of recipes: unit files, command lines, ports; and tests/cases/draft, a
 * package a folder: root/ has its files, "expected" the recipe or the error. DRAFT_WRITE=1 writes
 * what came out instead. */
#include "base/files.h"
#include "draft/draft.h"
#include "draft/ports.h"
#include "draft/service.h"
#include "draft/words.h"

#include <glib/gstdio.h>
#include <string.h>

/* tests/cases/draft; g_free. */
static char *
cases_folder(void) {
  const char *top = g_getenv("SRCDIR");
  return g_build_filename(top != NULL ? top : ".", "tests", "cases", "draft", NULL);
}

static Unit *
parse(const char *text, GError **error) {
  return unit_parse(text, strlen(text), "lib/x.service", error);
}

static void
test_unit(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Unit) unit =
      parse("# c\n; c\n[Unit]\nDescription = a  b \n\n[Service]\nExecStart=/a \\\n"
            "  -b \\\n# within\n  -c\nEnvironment=A=1\nEnvironment=B=2\n"
            "ExecStartPre=/x\nExecStartPre=\nExecStartPre=/y\nType=\n",
            &error);
  g_assert_no_error(error);
  g_assert_cmpstr(unit->name, ==, "x.service");
  g_assert_cmpstr(unit_get(unit, "Unit", "Description"), ==, "a  b");
  g_assert_cmpint(unit_last(unit, "Unit", "Description")->line, ==, 4);
  g_assert_cmpstr(unit_get(unit, "Service", "ExecStart"), ==, "/a  -b  -c");
  g_assert_cmpint(unit_last(unit, "Service", "ExecStart")->line, ==, 7);
  g_assert_null(unit_get(unit, "Service", "Type"));
  g_assert_null(unit_get(unit, "Service", "Description"));
  g_autoptr(GPtrArray) all = unit_all(unit, "Service", "Environment");
  g_assert_cmpuint(all->len, ==, 2);
  g_autoptr(GPtrArray) before = unit_all(unit, "Service", "ExecStartPre");
  g_assert_cmpuint(before->len, ==, 1);
  g_assert_cmpstr(((UnitEntry *)before->pdata[0])->value, ==, "/y");
}

static void
test_bad_units(void) {
  static const char *const bad[][2] = {
      {"A=1\n",
       "lib/x.service:1: 'A=1' is no line of a unit, and passed over; expected [Section] first"},
      {"[A]\nB\n",
       "lib/x.service:2: 'B' is no line of a unit, and passed over; expected Key=value"},
      {"[A]\n=B\n",
       "lib/x.service:2: '=B' is no line of a unit, and passed over; expected Key=value"},
      {"[A]\n# \xff\nB=\xff\n",
       "lib/x.service:3: 'B=\357\277\275' is no line of a unit, and passed over; expected UTF-8"}};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strconcat(bad[i][0], "[C]\nD=1\n", NULL);
    g_autoptr(Unit) unit = parse(text, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(unit->notes->len, ==, 1);
    g_assert_cmpstr(unit->notes->pdata[0], ==, bad[i][1]);
    g_assert_cmpstr(unit_get(unit, "C", "D"), ==, "1");
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(Unit) unit = unit_parse("[A]\n\0B=1", 8, "x.service", &error);
  g_assert_null(unit);
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
}

static void
test_words(void) {
  g_autoptr(GHashTable) environment = g_hash_table_new(g_str_hash, g_str_equal);
  g_hash_table_insert(environment, (char *)"OPTS", (char *)"-a 'b c' 5%");
  g_hash_table_insert(environment, (char *)"ONE", (char *)"x y");
  const WordsContext context = {.unit = "a-b@c.service", .environment = environment};
  static const char *const cases[][2] = {
      {"/x a  b", "/x a b"},
      {"/x 'a b' \"c d\"", "/x 'a b' 'c d'"},
      {"/x $OPTS", "/x -a 'b c' 5%"},
      {"/x ${ONE} -${ONE}", "/x 'x y' '-x y'"},
      {"/bin/sh -c 'P=8080; exec x -p $P ${ONE}'", "/bin/sh -c 'P=8080; exec x -p $P x y'"},
      {"/x -$ONE ${ $ $(id) a$$b", "/x '-$ONE' '${' '$' '$(id)' 'a$b'"},
      {"/x $NONE y", "/x y"},
      {"/x ${NONE} y", "/x '' y"},
      {"/x\fa \r b", "/x a b"},
      {"/x $$y a\\x20b \\143\\u00e9 \\s\\;", "/x '$y' 'a b' 'c\303\251' ' ;'"},
      {"/x a\\.b '\\d+' \\x0g \\400 \\ud800", "/x 'a\\.b' '\\d+' '\\x0g' '\\400' '\\ud800'"},
      {"/x %n %p %i %N %t %S %%", "/x a-b@c.service a-b c a-b@c /run /var/lib %"},
      {"/x %j", "/x b"},
      {"/x a\\\"b", "/x 'a\"b'"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) words = words_command(cases[i][0], &context, &error);
    g_assert_no_error(error);
    g_autofree char *line = words_join((const char *const *)words);
    g_assert_cmpstr(line, ==, cases[i][1]);
  }
  static const char *const bad[] = {"/x \"a", "/x %Q"};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) words = words_command(bad[i], &context, &error);
    g_assert_null(words);
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  }
}

/* "15-main" in a unit's name stands for 15/main: %I has that, %i the name. */
static void
test_instance(void) {
  const WordsContext context = {.unit = "x@15-a\\x2db.service"};
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) words = words_split("%i %I", &context, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(words[0], ==, "15-a\\x2db");
  g_assert_cmpstr(words[1], ==, "15/a-b");
  g_assert_null(words[2]);
}

/* Each specifier of systemd.unit(5)'s table has a value, or a mark for what the guest says. */
static void
test_specifiers(void) {
  static const char *const cases[][2] = {
      {"%a", "x86-64"},
      {"%A.%B.%M.%o.%w.%W", "..im.debian.12."},
      {"%C %E %L %S %t %T %V", "/var/cache /etc /var/log /var/lib /run /tmp /var/tmp"},
      {"%d", "/run/credentials/a-b@c-d.service"},
      {"%D %s %h %u %U %g %G %%", "/usr/share /bin/sh /root root 0 root 0 %"},
      {"%f", "/c/d"},
      {"%i %I %j %J %p %P", "c-d c/d b b a-b a/b"},
      {"%n %N", "a-b@c-d.service a-b@c-d"},
      {"%y %Y", "/lib/x/a-b@.service /lib/x"},
      {"x=%H.%l", "x=\"$(uname -n)\".\"$(uname -n | cut -d. -f1)\""},
      {"%v", "\"$(uname -r)\""},
      {"i='%m'", "i=\"$(cat /etc/machine-id)\""},
      {"%b", "\"$(cat /run/tinyx-boot-id)\""},
      {"'a b%v'", "'a b'\"$(uname -r)\""}};
  g_autoptr(Tree) tree = tree_new();
  WordsContext context = {.unit = "a-b@c-d.service",
                          .file = "/lib/x/a-b@.service",
                          .installed = tree,
                          .takes_live = TRUE};
  tree_add_data(tree, "/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nIMAGE_ID='im'\n", -1, 0644,
                from_package("x", "new"), NULL);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) words = words_split(cases[i][0], &context, &error);
    g_assert_no_error(error);
    g_autofree char *line = words_join((const char *const *)words);
    g_assert_cmpstr(line, ==, cases[i][1]);
  }
  /* where a shell is not asked, a guest's word is refused */
  context.takes_live = FALSE;
  for (const char *c = "Hlqvmb"; *c != '\0'; c++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf("%%%c", *c);
    g_assert_null(words_split(text, &context, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  }
}

static void
test_commands(void) {
  static const char *const cases[][2] = {{"/x a", "/x a"},
                                         {"/x a ; -/y 'b ; c' ;", "/x a|-/y 'b ; c'"},
                                         {"/x a; \\; \";\" b;c", "/x a; \\; \";\" b;c"},
                                         {";", ""},
                                         {"/x\f\r", "/x"},
                                         {"/x 'a ; b", "/x 'a ; b"}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(GStrv) commands = words_commands(cases[i][0]);
    g_autofree char *all = g_strjoinv("|", commands);
    g_assert_cmpstr(all, ==, cases[i][1]);
  }
}

static PortRules *
shipped_rules(void) {
  g_autofree char *path = data_path("rootfs/ports.rules");
  g_autofree char *text = NULL;
  gsize size;
  g_autoptr(GError) error = NULL;
  g_assert_true(g_file_get_contents(path, &text, &size, &error));
  PortRules *rules = port_rules_parse(text, size, "ports.rules", &error);
  g_assert_no_error(error);
  return rules;
}

static void
test_ports(void) {
  static const struct {
    const char *text;
    int port;
  } lines[] = {{"port 6379", 6379},
               {"Port 22", 22},
               {"Listen 80", 80},
               {"listen 8080 default_server;", 8080},
               {"  listen [::]:8081;", 8081},
               {"http_port 3128", 3128},
               {"    bind *:8404", 8404},
               {"listeners.tcp.default = 5672", 5672},
               {"\"port\": 9200,", 9200},
               {"<Connector port=\"8009\" protocol=\"AJP/1.3\"", 8009},
               {"address = \"127.0.0.1:8086\"", 8086},
               {"tcp-port=1883", 1883},
               {"listener 1883", 1883},
               {"port = 5432 # why", 5432},
               {"-p 11211", 11211},
               {"ListenPort = 4321", 4321},
               {"# no port 127.0.0.1", 0},
               {"server.port = 8081", 8081},
               {"my_http_port: 8082", 8082},
               {"smtp_port = 25", 0}, /* of the server that mail is sent to */
               {"mail.smtp.port=587", 0},
               {"mysqli.default_port = 3306", 0},
               {"\"remote_port\": 514,", 0},
               {"port 127.0.0.1", 0},
               {"portability 12", 0},
               {"timeout 60", 0},
               {"port 0", 0},
               {"port 99999", 0}},
    commands[] = {{"/x --port=8080", 8080},
                  {"/x -p 53 -f y", 53},
                  {"/x --listen-address=:9100", 9100},
                  {"/x --web.listen-address=127.0.0.1:9090", 9090},
                  {"/x 0.0.0.0:7777", 7777},
                  {"/x -a :6081 -T localhost:6082", 6081},
                  {"/x -D /p/80", 0}};
  g_autoptr(PortRules) rules = shipped_rules();
  for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
    int got = ports_in_text(rules, lines[i].text, FALSE, NULL);
    if (got != lines[i].port)
      g_error("'%s': %d, expected %d", lines[i].text, got, lines[i].port);
  }
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
    int got = ports_in_command(rules, commands[i].text);
    if (got != commands[i].port)
      g_error("'%s': %d, expected %d", commands[i].text, got, commands[i].port);
  }
  int line = 0;
  const char text[] = "# port 11\n\n; port 12\nport 13\n";
  g_assert_cmpint(ports_in_text(rules, text, FALSE, &line), ==, 13);
  g_assert_cmpint(line, ==, 4);
  g_assert_cmpint(ports_in_text(rules, text, TRUE, &line), ==, 11);
  g_assert_cmpint(line, ==, 1);
}

/* Each of CASES: what is read, and what it becomes; NULL: it stays. */
static void
check_open_up(const char *const (*cases)[2], guint count, PortsBoldness boldness) {
  g_autoptr(PortRules) rules = shipped_rules();
  for (guint i = 0; i < count; i++) {
    g_autofree char *opened = ports_open_up(rules, cases[i][0], boldness, NULL);
    if (g_strcmp0(opened, cases[i][1]) != 0)
      g_error("'%s': '%s', expected '%s'", cases[i][0], opened, cases[i][1]);
  }
}

static void
test_open_up(void) {
  static const char *const cases[][2] = {{"bind 127.0.0.1 -::1", "bind 0.0.0.0 -::1"},
                                         {"bind-address = 127.0.0.1", "bind-address = 0.0.0.0"},
                                         {"-l 127.0.0.1", "-l 0.0.0.0"},
                                         {"http.host: \"localhost\"", "http.host: \"0.0.0.0\""},
                                         {"listen = localhost:80", "listen = 0.0.0.0:80"},
                                         {"  interface: 127.0.0.1", "  interface: 0.0.0.0"},
                                         {"server 127.0.0.1:8080 backup", NULL},
                                         {"# bind 127.0.0.1", NULL},
                                         {"allow 127.0.0.1", NULL},
                                         {"  .host = \"127.0.0.1\";", NULL},
                                         {"host: 127.0.0.1", NULL},
                                         {"bind_ip = 127.0.0.1", "bind_ip = 0.0.0.0"},
                                         {"proxy_pass http://127.0.0.1:1", NULL}};
  check_open_up(cases, G_N_ELEMENTS(cases), PORTS_PLAIN);
}

/* A default that is commented out; prose and examples stay so. */
static void
test_open_defaults(void) {
  static const char *const cases[][2] = {{"#listen_addresses = 'localhost'\t# what to listen on",
                                          "listen_addresses = '0.0.0.0'\t# what to listen on"},
                                         {"; bind_address: 127.0.0.1", "bind_address: 0.0.0.0"},
                                         {"# listen on localhost, or not at all", NULL},
                                         {"# use --listen=127.0.0.1 for that", NULL},
                                         {"listen_addresses = 'localhost'", NULL},
                                         {"#db_host = localhost", NULL}};
  check_open_up(cases, G_N_ELEMENTS(cases), PORTS_DEFAULTS);
}

/* Only where a try-out has shown that it listens on the loopback alone: also members of lists. */
static void
test_open_hidden(void) {
  static const char *const cases[][2] = {
      {"  - 127.0.0.1", "  - 0.0.0.0"},
      {"  - 127.0.0.1@5353", "  - 0.0.0.0@5353"},
      {"\t\"127.0.0.1:80\",", "\t\"0.0.0.0:80\","},
      {"\"server\":[\"::1\", \"127.0.0.1\"],", "\"server\":[\"::1\", \"0.0.0.0\"],"},
      {"- 127.0.0.1 is this machine", NULL},
      {"  accepter: tcp,localhost,2000", "  accepter: tcp,0.0.0.0,2000"},
      {"allow 127.0.0.1", NULL}};
  check_open_up(cases, G_N_ELEMENTS(cases), PORTS_HIDDEN);
}

static void
test_bad_rules(void) {
  static const char *const bad[][2] = {
      {"port x\n", "f:1: bad line \"port x\"; expected argument, line"},
      {"\nline (\n", "f:2: "},
      {"line x\n", "f:1: not one group; expected"},
      {"line\n", "f:1: bad line \"line\"; expected"}};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(PortRules) rules = port_rules_parse(bad[i][0], strlen(bad[i][0]), "f", &error);
    g_assert_null(rules);
    if (strstr(error->message, bad[i][1]) == NULL)
      g_error("%u: %s", i, error->message);
  }
}

/* ---- whole packages ---------------------------------------------------- */

static void
add_folder(Tree *tree, const char *folder, const char *below, const char *package) {
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;
  g_assert_nonnull(dir);
  while ((name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *inside = g_build_filename(below, name, NULL);
    gboolean program = strstr(inside, "bin/") != NULL || g_str_has_suffix(inside, "/start");
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
      add_folder(tree, path, inside, package);
    else
      g_assert_nonnull(tree_add_file(tree, inside, path, program ? 0755 : 0644,
                                     from_package(package, "new"), NULL));
  }
}

/* The recipe that DRAFT holds is the one that is read from its text. */
static void
check_recipe(const Draft *draft) {
  g_autofree char *text = draft_text(draft), *held = recipe_to_text(draft->recipe, NULL);
  g_autofree char *file = g_build_filename("/x", draft->recipe->name, "recipe.conf", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_parse(text, strlen(text), file, &error);
  g_assert_no_error(error);
  g_autofree char *read = recipe_to_text(recipe, NULL);
  g_assert_cmpstr(read, ==, held);
  g_assert_cmpint(recipe->port, ==, draft->recipe->port);
  g_assert_cmpint(recipe->ends, ==, draft->recipe->ends);
}

static char *
draft_case(const char *folder, const char *package) {
  static const char *const none[] = {NULL};
  g_autoptr(Tree) tree = tree_new();
  g_autofree char *root = g_build_filename(folder, "root", NULL);
  const char *const packages[] = {package, NULL};
  const DraftOptions options = {.packages = packages};
  g_auto(Draft) draft = {0};
  g_autoptr(GError) error = NULL;
  add_folder(tree, root, "/", package);
  if (draft_from_tree(&options, tree, none, &draft, &error)) {
    check_recipe(&draft);
    return draft_text(&draft);
  }
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  return g_strconcat(error->message, "\n", NULL);
}

static void
test_cases(void) {
  g_autofree char *cases = cases_folder();
  g_autoptr(GDir) dir = g_dir_open(cases, 0, NULL);
  const char *name;
  guint count = 0;
  g_assert_nonnull(dir);
  while ((name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *folder = g_build_filename(cases, name, NULL);
    g_autofree char *expected_path = g_build_filename(folder, "expected", NULL);
    g_autofree char *got = draft_case(folder, name);
    g_autofree char *expected = NULL;
    if (g_getenv("DRAFT_WRITE") != NULL)
      g_assert_true(g_file_set_contents(expected_path, got, -1, NULL));
    g_file_get_contents(expected_path, &expected, NULL, NULL);
    if (g_strcmp0(got, expected) != 0)
      g_error("%s: got\n%s", folder, got);
    count++;
  }
  g_assert_cmpuint(count, >=, 12);
}

/* Every draft can be read back as a recipe. */
static void
test_readable(void) {
  g_autofree char *cases = cases_folder();
  g_autoptr(GDir) dir = g_dir_open(cases, 0, NULL);
  const char *name;
  guint count = 0;
  while ((name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *folder = g_build_filename(cases, name, NULL);
    g_autofree char *text = draft_case(folder, name);
    g_autofree char *file = g_build_filename("/x", name, "recipe.conf", NULL);
    g_autoptr(GError) error = NULL;
    if (strstr(text, "[recipe]") == NULL)
      continue;
    g_autoptr(Recipe) recipe = recipe_parse(text, strlen(text), file, &error);
    g_assert_no_error(error);
    g_assert_true(recipe->weak_test);
    count++;
  }
  g_assert_cmpuint(count, >=, 6);
}

/* The units of this machine: each is translated, or refused by name; none is a crash. */
static void
test_machine(void) {
  static const char path[] = "/lib/systemd/system";
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  g_autoptr(Tree) tree = tree_new();
  const char *name;
  guint count = 0;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *file = g_build_filename(path, name, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    gsize size;
    if (!g_str_has_suffix(name, ".service") || !g_file_get_contents(file, &text, &size, NULL) ||
        size == 0)
      continue;
    g_autoptr(Unit) unit = unit_parse(text, size, file, &error);
    g_assert_no_error(error);
    g_autoptr(Service) service = service_from_unit(unit, tree, &error);
    if (service == NULL && !g_str_has_prefix(error->message, file))
      g_error("%s", error->message);
    count++;
  }
  if (count == 0)
    g_test_skip("this machine has no systemd units");
}

static void
test_two_on_one_port(void) {
  static const char *const none[] = {NULL}, *const packages[] = {"a", "b", NULL},
                           *const commands[] = {"/bin/a -p 80", "/bin/b", NULL};
  const int ports[] = {0, 80};
  const DraftOptions options = {
      .packages = packages, .commands = commands, .ports = ports, .n_ports = 2};
  g_autoptr(Tree) tree = tree_new();
  g_auto(Draft) draft = {0};
  g_autoptr(GError) error = NULL;
  g_assert_false(draft_from_tree(&options, tree, none, &draft, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "'/bin/a -p 80' and '/bin/b' both listen on port 80"));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/draft/unit", test_unit);
  g_test_add_func("/draft/bad-units", test_bad_units);
  g_test_add_func("/draft/words", test_words);
  g_test_add_func("/draft/instance", test_instance);
  g_test_add_func("/draft/commands", test_commands);
  g_test_add_func("/draft/specifiers", test_specifiers);
  g_test_add_func("/draft/ports", test_ports);
  g_test_add_func("/draft/open-up", test_open_up);
  g_test_add_func("/draft/open-defaults", test_open_defaults);
  g_test_add_func("/draft/open-hidden", test_open_hidden);
  g_test_add_func("/draft/bad-rules", test_bad_rules);
  g_test_add_func("/draft/cases", test_cases);
  g_test_add_func("/draft/readable", test_readable);
  g_test_add_func("/draft/machine", test_machine);
  g_test_add_func("/draft/two-on-one-port", test_two_on_one_port);
  return g_test_run();
}
