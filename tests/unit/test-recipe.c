/* test-recipe.c - recipe.conf: every kind of key, and a file:line message for every kind of
 * mistake. */
#include "base/files.h"
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
            "[kernel]\noptions=IPV6=y LOG_BUF_SHIFT=12\n"
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
  g_assert_cmpstr(recipe->test_script, ==, "/somewhere/web/check.sh");
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
     "recipe.conf:5: unknown group [color]; expected one of: [recipe] [run] [run NAME]"},
    {START "[run x y]\n", "recipe.conf:5: unknown group [run x y]; expected one of:"},
    {START "[run b]\nuser=x\n", "recipe.conf: the key 'command' in [run b] is missing"},
    {START "directory=var\n", "recipe.conf:5: directory: 'var'; expected an absolute path"},
    {"\xef\xbb\xbf" START, "recipe.conf:1: a byte order mark comes before the text"},
    {START "user=a\nbefore=\xff\n", "recipe.conf:6: not a text file; expected UTF-8"},
    {START "forks=maybe\n", "recipe.conf:5: forks: 'maybe'; expected yes or no"},
    {START "pid-file=x\n", "recipe.conf:5: pid-file: 'x'; expected an absolute path"},
    {START "pid-file=/x\n", "recipe.conf:5: pid-file: only for a command that ends"},
    {"[recipe]\ndescription=x\nfiles=a:b\n",
     "recipe.conf:3: files: 'a:b'; expected PATH or PATH:TARGET"},
    {"[recipe]\ndescription=x\nfiles=:/b\n",
     "recipe.conf:3: files: ':/b'; expected PATH or PATH:TARGET"},
    {"[recipe]\ndescription=x\nfiles=a:/b:/c\n",
     "recipe.conf:3: files: 'a:/b:/c'; expected PATH or PATH:TARGET"},
    {START "user\n", "recipe.conf:5: 'user' is neither a group nor a key; expected key=value"},
    {"x=1\n", "recipe.conf:1: 'x=1' is neither a group nor a key; expected [recipe] first"},
    {START "user=a\nuser=b\n", "recipe.conf:6: key 'user' is there twice"},
    {START "[run]\n", "recipe.conf:5: group [run] is there twice"},
    {START "on-exit=panic\n", "recipe.conf:5: on-exit: 'panic'; expected respawn, poweroff or"},
    {START "[image]\nport=0\n",
     "recipe.conf:6: port: '0'; expected a whole number from 1 to 65535"},
    {START "[image]\nvifs=9\n", "recipe.conf:6: vifs: '9'; expected a whole number from 0 to 8"},
    {START "[image]\nvifs=0\nport=80\n", "recipe.conf:7: port: there is no network (vifs=0)"},
    {START "[image]\nvifs=0\n[test]\nready=80\n", "recipe.conf:8: ready: there is no network"},
    {START "[test]\nends=yes\n", "recipe.conf:6: ends: nothing ends the domain; expected on-exit"},
    {START "[image]\nmemory=lots\n", "recipe.conf:6: memory: 'lots'; expected a whole number"},
    {START "[image]\ninclude=etc\n", "recipe.conf:6: include: 'etc'; expected absolute paths"},
    {START "[image]\nmounts=proc nfs\n", "recipe.conf:6: mounts: 'nfs'; expected words of"},
    {START "[image]\nformat=zip\n",
     "recipe.conf:6: format: 'zip'; expected cpio, cpio.gz or squashfs"},
    {START "[kernel]\noptions=IPV6\n", "recipe.conf:6: options: 'IPV6'; expected SYMBOL=y"},
    {START "[kernel]\noptions=CONFIG_A=y\n", "recipe.conf:6: options: 'CONFIG_A=y'; expected the"},
    {"[recipe]\ndescription=x\n[run]\ncommand=nginx\n",
     "recipe.conf:4: command: 'nginx'; expected"},
    {"[recipe]\ndescription=x\n[run]\ncommand=/x 'y\n", "recipe.conf:4: command: '/x 'y'"},
    {"[recipe]\ndescription=x\n[run]\ncommand=\n", "recipe.conf:4: command: "},
    {START "environment=A\n", "recipe.conf:5: environment: 'A'; expected NAME=VALUE"},
    {START "user=\\q\n", "recipe.conf:5: user: not valid text"},
    {"[recipe\n", "recipe.conf:1: '[recipe' is not a group; expected [name]"},
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

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recipe/full", test_full);
  g_test_add_func("/recipe/ends", test_ends);
  g_test_add_func("/recipe/slips", test_slips);
  g_test_add_func("/recipe/unknown-name", test_unknown_name);
  g_test_add_func("/recipe/shipped", test_shipped);
  return g_test_run();
}
