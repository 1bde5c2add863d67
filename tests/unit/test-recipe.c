/* test-recipe.c - recipe.conf: every kind of key, a file:line message for every kind of slip, and
 * recipes that are written and read again. */
#include "base/files.h"
#include "recipe/keys.h"
#include "recipe/recipe.h"

#include <string.h>

#define FILE_NAME "/somewhere/web/recipe.conf"

static Recipe *
parse(const char *text, GError **error) {
  return recipe_parse(text, strlen(text), FILE_NAME, error);
}

static void
test_full(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe =
      parse("# a comment\n[recipe]\ndescription = A web server\npackages=nginx nginx-extras;php\n"
            "files=server:/usr/bin/ ../data\n"
            "[run]\ncommand=/usr/sbin/nginx -g 'daemon off;'\nuser=www-data\n"
            "environment=A=1 \"B=x y\"\non-exit=poweroff\n"
            "[image]\ninclude=/etc/ssl /usr/share/*.x\nport=80\nmemory=24\nmounts=proc "
            "shm\nformat=squashfs\n"
            "[kernel]\noptions=IPV6=y LOG_BUF_SHIFT=12, CMDLINE=\"a b, c;\" HZ_1000=y\n"
            "[run php-fpm]\ncommand=/usr/sbin/php-fpm\nbefore=mkdir -p /run/php; :\n"
            "forks=yes\npid-file=/run/php.pid\n"
            "[test]\nscript=check.sh\nready=8080\ntimeout=30\n",
            &error);
  g_assert_no_error(error);
  g_assert_cmpstr(recipe->name, ==, "web");
  g_assert_cmpstr(recipe->packages[2], ==, "php");
  g_assert_cmpstr(recipe->files[0], ==, "server:/usr/bin/");
  g_assert_cmpstr(recipe->files[1], ==, "../data");
  g_assert_cmpuint(recipe->runs->len, ==, 2);
  const RecipeRun *run = recipe->runs->pdata[0], *more = recipe->runs->pdata[1];
  g_assert_cmpstr(run->name, ==, "");
  g_assert_cmpstr(run->command, ==, "/usr/sbin/nginx -g 'daemon off;'");
  g_assert_cmpstr(run->environment[1], ==, "B=x y");
  g_assert_cmpint(run->on_exit, ==, RECIPE_POWEROFF);
  g_assert_cmpint(recipe_on_exit(recipe), ==, RECIPE_POWEROFF);
  g_assert_cmpstr(run->directory, ==, "/");
  g_assert_cmpstr(more->name, ==, "php-fpm");
  g_assert_cmpstr(more->before, ==, "mkdir -p /run/php; :");
  g_assert_true(more->forks);
  g_assert_cmpstr(more->pid_file, ==, "/run/php.pid");
  g_assert_cmpint(more->on_exit, ==, RECIPE_RESPAWN);
  g_assert_cmpstr(recipe->format, ==, "squashfs");
  g_assert_cmpint(recipe->port, ==, 80);
  g_assert_cmpint(recipe->ready_port, ==, 8080);
  g_assert_cmpstr(recipe->options[1], ==, "LOG_BUF_SHIFT=12");
  g_assert_cmpstr(recipe->options[2], ==, "CMDLINE=\"a b, c;\"");
  g_assert_cmpstr(recipe->options[3], ==, "HZ_1000=y");
  g_assert_null(recipe->options[4]);
  g_assert_cmpstr(recipe->test_script, ==, "/somewhere/web/check.sh");
}

/* Names with what ends a word elsewhere: read, written, and read again. */
static void
test_odd_names(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe =
      parse("[recipe]\ndescription=x\nfiles='a b':/srv/ \"c:/d\":/srv/'x:y' e\\\\:f '\\\\;'\n"
            "[run]\ncommand=/x\n[image]\n"
            "include=\"/it's here\", /two/'say \"no\"';/a\\\\[\nwritable=/var/'a;b,c'/d\n",
            &error);
  g_assert_no_error(error);
  g_autofree char *text = recipe_to_text(recipe, NULL);
  g_autoptr(Recipe) again = parse(text, &error);
  g_assert_no_error(error);
  for (guint i = 0; i < 2; i++) {
    const Recipe *one = i == 0 ? recipe : again;
    const char *const pairs[][2] = {
        {"a b", "/srv/"}, {"c:/d", "/srv/x:y"}, {"e:f", NULL}, {"\\;", NULL}};
    g_assert_cmpuint(g_strv_length(one->files), ==, G_N_ELEMENTS(pairs));
    for (guint j = 0; j < G_N_ELEMENTS(pairs); j++) {
      g_autofree char *first = NULL, *second = NULL;
      recipe_pair_split(one->files[j], &first, &second);
      g_assert_cmpstr(first, ==, pairs[j][0]);
      g_assert_cmpstr(second, ==, pairs[j][1]);
    }
    g_assert_cmpuint(g_strv_length(one->include), ==, 3);
    g_assert_cmpstr(one->include[0], ==, "/it's here");
    g_assert_cmpstr(one->include[1], ==, "/two/say \"no\"");
    g_assert_cmpstr(one->include[2], ==, "/a\\[");
    g_assert_cmpstr(one->writable[0], ==, "/var/a;b,c/d");
  }
}

/* A job ends without being told, unless it serves a port; one vif is the default. */
static void
test_ends(void) {
  static const char head[] = "[recipe]\ndescription=x\n[run]\ncommand=/bin/x\non-exit=poweroff\n";
  static const struct {
    const char *rest;
    gboolean ends;
  } cases[] = {{"", TRUE},
               {"[test]\nready=80\n", FALSE},
               {"[test]\nready=80\nends=yes\n", TRUE},
               {"[test]\nends=no\n", FALSE}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = g_strconcat(head, cases[i].rest, NULL);
    g_autoptr(Recipe) recipe = parse(text, NULL);
    g_assert_nonnull(recipe);
    g_assert_cmpint(recipe->ends, ==, cases[i].ends);
    g_assert_cmpint(recipe->vifs, ==, 1);
  }
}

#define START "[recipe]\ndescription=x\n[run]\ncommand=/bin/x\n"

static const struct {
  const char *text, *expected;
} slips[] = {
    {"[recipe]\ndescription=x\n", "recipe.conf: the key 'command' in [run] is missing"},
    {"[run]\ncommand=/bin/x\n", "the key 'description' in [recipe] is missing"},
    {START "colour=red\n",
     "recipe.conf:5: unknown key 'colour' in [run]; expected one of: command"},
    {START "[color]\n",
     "recipe.conf:5: unknown section [color]; expected one of: [recipe] [run] [run NAME]"},
    {START "[run x y]\n", "recipe.conf:5: unknown section [run x y]; expected one of:"},
    {START "[run b]\nuser=x\n", "recipe.conf: the key 'command' in [run b] is missing"},
    {START "directory=var\n", "recipe.conf:5: directory: 'var'; expected an absolute path"},
    {"\xef\xbb\xbf" START, "recipe.conf:1: a byte order mark comes before the text"},
    {START "user=a\nbefore=\xff\n", "recipe.conf:6: the byte 0xff is no text; expected UTF-8"},
    {START "forks=maybe\n", "recipe.conf:5: forks: 'maybe'; expected yes or no"},
    {START "stop-signal=SIGTERM\n",
     "recipe.conf:5: stop-signal: 'SIGTERM'; expected the name of a signal"},
    {START "stop-seconds=91\n", "recipe.conf:5: stop-seconds: "},
    {START "pid-file=x\n", "recipe.conf:5: pid-file: 'x'; expected an absolute path"},
    {START "pid-file=/x\n", "recipe.conf:5: pid-file: only for a command that ends"},
    {"[recipe]\ndescription=x\nfiles=a:b\n",
     "recipe.conf:3: files: 'a:b'; expected PATH or PATH:TARGET"},
    {"[recipe]\ndescription=x\nfiles=:/b\n",
     "recipe.conf:3: files: ':/b'; expected PATH or PATH:TARGET"},
    {"[recipe]\ndescription=x\nfiles=a:/b:/c\n",
     "recipe.conf:3: files: 'a:/b:/c'; expected PATH or PATH:TARGET"},
    {"[recipe]\ndescription=x\nfiles=a 'b c\n",
     "recipe.conf:3: files: ''b c'; expected the other quote"},
    {START "[image]\ninclude=/a\"b\n", "recipe.conf:6: include: '/a\"b'; expected the other quote"},
    {START "user\n", "recipe.conf:5: 'user' is neither a section nor a key; expected key=value"},
    {"x=1\n", "recipe.conf:1: 'x=1' is neither a section nor a key; expected [recipe] first"},
    {START "user=a\nuser=b\n", "recipe.conf:6: key 'user' is there twice"},
    {START "[run]\n", "recipe.conf:5: section [run] is there twice"},
    {START "on-exit=panic\n", "recipe.conf:5: on-exit: 'panic'; expected respawn, poweroff or"},
    {START "[image]\nport=0\n",
     "recipe.conf:6: port: '0'; expected a whole number from 1 to 65535"},
    {START "[image]\nvifs=9\n", "recipe.conf:6: vifs: '9'; expected a whole number from 0 to 8"},
    {START "[image]\nvifs=0\nport=80\n", "recipe.conf:7: port: there is no network (vifs=0)"},
    {START "[image]\nvifs=0\n[test]\nready=80\n", "recipe.conf:8: ready: there is no network"},
    {START "[test]\nends=yes\n", "recipe.conf:6: ends: nothing ends the domain; expected on-exit"},
    {START "[image]\nmemory=lots\n", "recipe.conf:6: memory: 'lots'; expected a whole number"},
    {START "[image]\ninclude=etc\n", "recipe.conf:6: include: 'etc'; expected an absolute path"},
    {START "[image]\nmounts=proc nfs\n", "recipe.conf:6: mounts: 'nfs'; expected words of"},
    {START "[image]\nformat=zip\n",
     "recipe.conf:6: format: 'zip'; expected cpio, cpio.gz or squashfs"},
    {START "[kernel]\noptions=IPV6\n", "recipe.conf:6: options: 'IPV6'; expected SYMBOL=y"},
    {START "[kernel]\noptions=A=y CMDLINE=\"a b\n",
     "recipe.conf:6: options: 'CMDLINE=\"a b'; expected y, n, a number or a \"string\""},
    {START "[kernel]\noptions=CONFIG_A=y\n", "recipe.conf:6: options: 'CONFIG_A=y'; expected the"},
    {"[recipe]\ndescription=x\n[run]\ncommand=nginx\n",
     "recipe.conf:4: command: 'nginx'; expected"},
    {"[recipe]\ndescription=x\n[run]\ncommand=/x 'y\n", "recipe.conf:4: command: '/x 'y'"},
    {"[recipe]\ndescription=x\n[run]\ncommand=\n", "recipe.conf:4: command: "},
    {START "environment=A\n", "recipe.conf:5: environment: 'A'; expected NAME=VALUE"},
    {START "user=\\q\n", "recipe.conf:5: user: not valid text"},
    {"[recipe\n", "recipe.conf:1: '[recipe' is not a section; expected [name]"},
};

static void
test_slips(void) {
  for (guint i = 0; i < G_N_ELEMENTS(slips); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Recipe) recipe = parse(slips[i].text, &error);
    if (recipe != NULL)
      g_error("slip %u: taken for a good recipe; expected \"%s\"", i, slips[i].expected);
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    if (strstr(error->message, slips[i].expected) == NULL)
      g_error("slip %u: got \"%s\", expected \"%s\"", i, error->message, slips[i].expected);
  }
}

static void
test_unknown_name(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_load("ngnix", &error);
  g_assert_null(recipe);
  g_assert_nonnull(strstr(error->message, "did you mean 'nginx'?"));
}

/* Every recipe that is shipped can be read. */
static void
test_shipped(void) {
  g_auto(GStrv) names = recipe_names(NULL);
  g_assert_cmpuint(g_strv_length(names), >, 0);
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Recipe) recipe = recipe_load(names[i], &error);
    g_assert_no_error(error);
    g_assert_nonnull(recipe->test_script);
  }
}

/* ---- written and read again -------------------------------------------- */

static void
assert_same_list(char **got, char **expected) {
  g_assert_cmpuint(g_strv_length(got), ==, g_strv_length(expected));
  for (guint i = 0; expected[i] != NULL; i++)
    g_assert_cmpstr(got[i], ==, expected[i]);
}

/* The fields of KEY in two owners hold the same: compared as they are, not as they are written. */
static void
assert_same_value(const RecipeKey *key, gconstpointer got, gconstpointer expected) {
  const void *first = G_STRUCT_MEMBER_P(got, key->offset);
  const void *second = G_STRUCT_MEMBER_P(expected, key->offset);
  switch (key->type) {
  case RECIPE_KEY_STRING:
  case RECIPE_KEY_FILE:
    g_assert_cmpstr(*(char *const *)first, ==, *(char *const *)second);
    break;
  case RECIPE_KEY_LIST:
  case RECIPE_KEY_PAIRS:
  case RECIPE_KEY_SYMBOLS:
  case RECIPE_KEY_QUOTED:
    assert_same_list(*(char **const *)first, *(char **const *)second);
    break;
  case RECIPE_KEY_NUMBER:
  case RECIPE_KEY_YES_NO:
  case RECIPE_KEY_ON_EXIT:
    g_assert_cmpint(*(const int *)first, ==, *(const int *)second);
    break;
  }
}

static void
assert_same(const Recipe *got, const Recipe *expected) {
  guint count;
  const RecipeKey *keys = recipe_keys(&count);
  g_assert_cmpuint(got->runs->len, ==, expected->runs->len);
  for (guint i = 0; i < count; i++) {
    if (!recipe_key_of_run(&keys[i]))
      assert_same_value(&keys[i], got, expected);
    for (guint j = 0; recipe_key_of_run(&keys[i]) && j < got->runs->len; j++)
      assert_same_value(&keys[i], got->runs->pdata[j], expected->runs->pdata[j]);
  }
  for (guint j = 0; j < got->runs->len; j++)
    g_assert_cmpstr(((RecipeRun *)got->runs->pdata[j])->name, ==,
                    ((RecipeRun *)expected->runs->pdata[j])->name);
}

static void
check_written(const Recipe *recipe, GHashTable *comments) {
  g_autoptr(GError) error = NULL;
  g_autofree char *text = recipe_to_text(recipe, comments);
  g_autoptr(Recipe) again = recipe_parse(text, strlen(text), recipe->file, &error);
  if (again == NULL)
    g_error("%s:\n%s", error->message, text);
  assert_same(again, recipe);
  g_autofree char *same_text = recipe_to_text(again, comments);
  g_assert_cmpstr(same_text, ==, text);
}

static void
test_written_shipped(void) {
  g_auto(GStrv) names = recipe_names(NULL);
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Recipe) recipe = recipe_load(names[i], &error);
    g_assert_no_error(error);
    check_written(recipe, NULL);
  }
}

/* Texts that some key takes, and such as make writers stumble. */
static const char *const pieces[] = {
    "/usr/bin/x", "/a",         "x",           "80",
    "1",          "0",          "yes",         "no",
    "poweroff",   "reboot",     "respawn",     "cpio",
    "A=1",        "_b=\"x y\"", "proc",        "SYMBOL=y",
    "M=\"\"",     "squashfs",   "/a:/b",       " ",
    "\\n",        ",",          ";",           "\\\\",
    "#",          "'q r'",      "\\s",         "\\t",
    "=",          "[x]",        "\xc3\xa4",    "-g 'a \"b\"'",
    "\\r",        "$X",         "Q='a\\\\nb'", "../x.sh",
    "dir/x.sh",   "\t",
};

static void
append_random_value(GString *text) {
  int count = g_test_rand_int_range(1, 4);
  for (int i = 0; i < count; i++)
    g_string_append_printf(text, "%s%s", i > 0 && g_test_rand_bit() ? " " : "",
                           pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
}

/* NAME=VALUE lines for some keys of SECTION, each of which would be taken alone. */
static void
append_random_section(GString *text, const char *section, Recipe *scratch) {
  RecipeRun *run = recipe_run_new("");
  guint count;
  const RecipeKey *keys = recipe_keys(&count);
  g_string_append_printf(text, "[%s]\n", section);
  for (guint i = 0; i < count; i++) {
    const RecipeKey *key = &keys[i];
    gboolean done = recipe_key_find(section, key->name) != key;
    for (guint tries = 0; !done && (key->required || tries < 3); tries++) {
      g_autoptr(GString) value = g_string_new(NULL);
      g_autofree char *plain = NULL;
      append_random_value(value);
      plain = g_strstrip(g_strcompress(value->str));
      g_autofree char *wrong =
          recipe_key_read(key, recipe_key_of_run(key) ? (gpointer)run : scratch, "/x", plain);
      done = wrong == NULL && (!key->required || plain[0] != '\0');
      if (done)
        g_string_append_printf(text, "%s=%s\n", key->name, value->str);
    }
  }
  recipe_run_unref(run);
}

static void
test_written_random(void) {
  static const char *const sections[] = {"recipe", "run", "run b", "image", "kernel", "test"};
  guint good = 0;
  for (guint i = 0; i < 1000; i++) {
    g_autoptr(Recipe) scratch = recipe_new("x");
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint j = 0; j < G_N_ELEMENTS(sections); j++)
      if (strcmp(sections[j], "run b") != 0 || g_test_rand_bit())
        append_random_section(text, sections[j], scratch);
    g_autoptr(Recipe) recipe = parse(text->str, NULL); /* the keys may contradict each other */
    good += recipe != NULL;
    if (recipe != NULL)
      check_written(recipe, NULL);
  }
  g_assert_cmpuint(good, >, 50);
}

static void
test_comments(void) {
  g_autoptr(Recipe) recipe = recipe_new("web");
  RecipeRun *run = recipe_run_new("");
  g_autoptr(GHashTable) comments = g_hash_table_new(g_str_hash, g_str_equal);
  g_ptr_array_add(recipe->runs, run);
  recipe->file = g_strdup(FILE_NAME);
  recipe->description = g_strdup("x");
  run->command = g_strdup("/bin/x \\y");
  run->before = g_strdup("a\nb");
  recipe->port = 80;
  g_hash_table_insert(comments, (gpointer) "", (gpointer) "above\nall");
  g_hash_table_insert(comments, (gpointer) "[run]", (gpointer) "x.service");
  g_hash_table_insert(comments, (gpointer) "image/port", (gpointer) "etc/x:3");
  g_hash_table_insert(comments, (gpointer) "image/memory", (gpointer) "nobody said");
  g_autofree char *text = recipe_to_text(recipe, comments);
  g_assert_cmpstr(text, ==,
                  "# above\n# all\n\n[recipe]\ndescription=x\n\n[run]\n# x.service\n"
                  "command=/bin/x \\\\y\nbefore=a\\nb\n\n[image]\n# etc/x:3\nport=80\n");
  check_written(recipe, comments);
}

/* ---- the manual -------------------------------------------------------- */

/* The keys that tinyx-recipe(5) describes, "section/key" -> "": a .TP paragraph whose tag is one
 * bold word, in a section called [name]. */
static GHashTable *
documented_keys(void) {
  const char *top = g_getenv("SRCDIR");
  g_autofree char *path = g_build_filename(top != NULL ? top : ".", "docs", "tinyx-recipe.5", NULL);
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_file_get_contents(path, &text, NULL, &error);
  g_assert_no_error(error);
  GHashTable *keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  g_autofree char *section = NULL;
  for (guint i = 0; lines[i] != NULL; i++) {
    if (g_str_has_prefix(lines[i], ".SH ")) {
      g_free(section);
      section = lines[i][4] == '[' ? g_strndup(lines[i] + 5, strcspn(lines[i] + 5, "]")) : NULL;
    }
    if (section == NULL || strcmp(lines[i], ".TP") != 0 || lines[i + 1] == NULL ||
        !g_str_has_prefix(lines[i + 1], ".B "))
      continue;
    g_auto(GStrv) parts = g_strsplit(lines[i + 1] + 3, "\\", -1); /* "on\-exit" */
    g_autofree char *name = g_strjoinv("", parts);
    g_hash_table_add(keys, g_strdup_printf("%s/%s", section, name));
  }
  return keys;
}

static void
test_manual(void) {
  g_autoptr(GHashTable) documented = documented_keys();
  guint count;
  const RecipeKey *keys = recipe_keys(&count);
  for (guint i = 0; i < count; i++) {
    g_autofree char *name = g_strdup_printf("%s/%s", keys[i].section, keys[i].name);
    if (!g_hash_table_remove(documented, name))
      g_error("tinyx-recipe(5) says nothing on %s", name);
  }
  GHashTableIter iter;
  gpointer name;
  g_hash_table_iter_init(&iter, documented);
  while (g_hash_table_iter_next(&iter, &name, NULL))
    g_error("tinyx-recipe(5) has %s, which is no key", (char *)name);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recipe/full", test_full);
  g_test_add_func("/recipe/odd-names", test_odd_names);
  g_test_add_func("/recipe/ends", test_ends);
  g_test_add_func("/recipe/slips", test_slips);
  g_test_add_func("/recipe/unknown-name", test_unknown_name);
  g_test_add_func("/recipe/shipped", test_shipped);
  g_test_add_func("/recipe/written-shipped", test_written_shipped);
  g_test_add_func("/recipe/written-random", test_written_random);
  g_test_add_func("/recipe/comments", test_comments);
  g_test_add_func("/recipe/manual", test_manual);
  return g_test_run();
}
