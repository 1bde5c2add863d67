/* test-busybox-use.c - commands of shell scripts, and what they want of BusyBox. */
#include "base/script.h"
#include "base/strings.h"
#include "rootfs/busybox-private.h"
#include "rootfs/busybox-use.h"
#include "rootfs/scripts.h"

#include "bad-rules.h"

#include <string.h>

static void
note_command(char *const *words, guint line, gpointer data) {
  g_autofree char *text = g_strjoinv(" ", (char **)words);
  g_string_append_printf(data, "%u:%s\n", line, text);
}

static void
test_commands(void) {
  static const struct {
    const char *text, *commands;
  } cases[] = {
      {"#!/bin/sh\nset -e\nsleep 0.5 # wait\n", "2:set -e\n3:sleep 0.5\n"},
      {"A=1 B=\"x y\" ls -l >/dev/null 2>&1; rm 'a b'", "1:ls -l 2\n1:rm a b\n"},
      {"if ! [ \"$(stat -c %a \"$f\")\" = 644 ]; then :; fi",
       "1:stat -c %a $f\n1:[ $ = 644 ]\n1::\n"},
      {"x=`date -I`\necho $x | tr a b", "1:date -I\n2:echo $x\n2:tr a b\n"},
      {"cat <<END\nfind -type f\nEND\nls", "1:cat\n4:ls\n"},
      {"cat <<-'END' | wc\n\tfind\n\tEND\nls", "1:cat\n1:wc\n4:ls\n"},
      {"case $1 in\nstart|stop) sleep 1 ;;\nfind) head -c 3 ;;\nesac\nls",
       "2:sleep 1\n3:head -c 3\n5:ls\n"},
      {"case $1 in a) ls ;; esac; wc", "1:ls\n1:wc\n"},
      {"f() {\n\tlocal a=$((1 + (2)))\n\tcut -c1 \\\n\t-d x\n}\nf",
       "1:f\n2:local a=$\n3:cut -c1 -d x\n6:f\n"},
      {"for i in a b; do sort -k 1; done", "1:for i in a b\n1:sort -k 1\n"},
      {"(cd /; ls) && echo \"a $(b $(c d)) e\"", "1:cd /\n1:ls\n1:c d\n1:b $\n1:echo a $ e\n"},
      {"ls ${x:-$(pwd)} &", "1:pwd\n1:ls ${x:-$}\n"},
      {"'unclosed", ""},
      {"$(((((((((", "1:$\n"},
      {"", ""}};
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GString) all = g_string_new(NULL);
    script_commands(cases[i].text, note_command, all);
    if (i != 12) /* an unclosed quote: whatever it is, it ends */
      g_assert_cmpstr(all->str, ==, cases[i].commands);
  }
}

static void
test_interpreter(void) {
  g_autofree char *plain = script_interpreter("#!/bin/sh -e\n");
  g_autofree char *env = script_interpreter("#! /usr/bin/env -S A=1 bash\n");
  g_assert_cmpstr(plain, ==, "sh");
  g_assert_cmpstr(env, ==, "bash");
  g_assert_null(script_interpreter("echo\n"));
  g_assert_null(script_interpreter("#!\n"));
  g_assert_true(script_is_shell(plain) && !script_is_shell("python3") && !script_is_shell(NULL));
}

typedef struct {
  GPtrArray *wanted, *lacking;
} Seen;

static gboolean
is_applet(const char *name, gpointer data) {
  (void)data;
  /* grep is a package's */
  return !g_str_equal(name, "grep") && strpbrk(name, "0123456789/.") == NULL;
}

static void
wants(const char *symbol, const char *origin, gpointer data) {
  g_assert_nonnull(strchr(origin, ':'));
  strings_add_once(((Seen *)data)->wanted, symbol);
}

static void
lacks(const char *name, const char *word, guint line, gpointer data) {
  g_ptr_array_add(((Seen *)data)->lacking, g_strdup_printf("%u:%s %s", line, name, word));
}

/* What TEXT wants and what is lacking, each sorted, with blanks between. */
static void
read_script(const char *text, char **wanted, char **lacking) {
  g_autoptr(GError) error = NULL;
  g_autoptr(BusyboxRules) rules = busybox_rules_load(&error);
  g_assert_no_error(error);
  g_autoptr(GPtrArray) one = strings_new(), two = strings_new();
  Seen seen = {one, two};
  const BusyboxUse use = {.is_applet = is_applet, .wants = wants, .lacks = lacks, .data = &seen};
  busybox_rules_read(rules, text, &use);
  strings_sort(one);
  g_auto(GStrv) names = strings_copy(one), rest = strings_copy(two);
  *wanted = g_strjoinv(" ", names);
  *lacking = g_strjoinv(", ", rest);
}

static void
test_rules(void) {
  static const struct {
    const char *text, *wanted, *lacking;
  } cases[] = {
      {"sleep 1\nhead -n 3\nread x\n", "", ""},
      {"while getopts p:v o; do :; done\ncommand -v mount >/dev/null", "ASH_CMDCMD ASH_GETOPTS",
       ""},
      {"sleep 0.5", "FEATURE_FANCY_SLEEP FLOAT_DURATION", ""},
      {"find /tmp -type f", "FEATURE_FIND_TYPE", ""},
      {"x=\"$(head -c 3 /etc/passwd)\"", "FEATURE_FANCY_HEAD", ""},
      {"mkdir --parents /a", "LONG_OPTS", ""},
      {"timeout 5 find . -empty", "FEATURE_FIND_EMPTY", ""},
      {"ls | xargs -0 stat -c %a",
       "FEATURE_LS_SORTFILES FEATURE_STAT_FORMAT FEATURE_XARGS_SUPPORT_QUOTES "
       "FEATURE_XARGS_SUPPORT_ZERO_TERM",
       ""},
      {"grep -A 1 -P x", "", ""}, /* not BusyBox's */
      {"# sleep 0.5; declare x", "", ""},
      {"find . -printf %p", "", "1:find -printf"},
      {"\nfind . -exec rm --no-preserve-root -f {} \\; -newermt x",
       "FEATURE_FIND_EXEC FEATURE_FIND_EXEC_PLUS LONG_OPTS",
       "2:find -newermt, 2:rm --no-preserve-root"},
      {"declare -A x", "", "1:sh declare -"},
      {"head -n -3 x; tail -n +2; cut -d - -f 2; rm -- -x", "DESKTOP FEATURE_FANCY_HEAD", ""},
      {"stat \"$options\" x", "", ""},
      {"tar xzf a.tgz -C /x",
       "FEATURE_SEAMLESS_GZ FEATURE_TAR_AUTODETECT FEATURE_TAR_GNU_EXTENSIONS", ""},
      {"tar -cf - --zstd .",
       "FEATURE_TAR_CREATE FEATURE_TAR_GNU_EXTENSIONS FEATURE_TAR_LONG_OPTIONS LONG_OPTS",
       "1:tar --zstd"},
      {"wget -q -T 3 -O - http://x/", "FEATURE_WGET_TIMEOUT", ""},
      {"wget -r http://x/", "", "1:wget -r"},
      {"gzip -9 x; gunzip -c y", "FEATURE_GZIP_LEVELS", ""},
      {"awk --re-interval x", "FEATURE_AWK_GNU_EXTENSIONS LONG_OPTS", "1:awk --re-interval"},
      {"mount -o bind /a /b; mount --bind /a /b; mount -L x /a", "LONG_OPTS", "1:mount -L"},
      {"diff -ru a b; diff -y a b", "FEATURE_DIFF_DIR", "1:diff -y"},
      {"chmod -x a; chmod a-w b", "", ""},
      {"set -o pipefail\nsource /x\n", "ASH_BASH_COMPAT", ""}};
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *wanted = NULL, *lacking = NULL;
    read_script(cases[i].text, &wanted, &lacking);
    g_assert_cmpstr(wanted, ==, cases[i].wanted);
    g_assert_cmpstr(lacking, ==, cases[i].lacking);
  }
}

/* The scripts that an image starts are read, and no others. */
static void
test_image(void) {
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) options = busybox_options_new(), notes = strings_new();
  static char *none[] = {NULL};
  RecipeRun run = {.name = (char *)"",
                   .command = (char *)"/bin/sh -c 'sleep 0.5; /usr/bin/helper'",
                   .before = (char *)"stat -c %a /x\ncut -d x",
                   .environment = none};
  gpointer list[] = {&run};
  GPtrArray runs = {.pdata = list, .len = 1};
  Recipe recipe = {.name = (char *)"web", .file = (char *)"web/recipe.conf", .runs = &runs};
  static const char *const applets[] = {"sh", "sleep", "find", "stat", NULL};
  tree_add_data(tree, "/usr/bin/helper",
                "#!/bin/sh\n\nfind / -printf x\nhead x\ncut() { :; }\ncut\n", -1, 0755,
                from_package("helper", "x"), NULL);
  tree_add_data(tree, "/etc/init.d/other", "#!/bin/sh\nfind / -type f\n", -1, 0755,
                from_package("other", "x"), NULL);
  tree_add_data(tree, "/srv/own.sh", "find / -maxdepth 1\n", -1, 0644,
                from_origin(ORIGIN_RECIPE, "x"), NULL);
  g_assert_true(scripts_read(tree, &recipe, applets, options, notes, &error));
  g_assert_no_error(error);
  g_autoptr(GString) symbols = g_string_new(NULL);
  for (guint i = 0; i < options->len; i++)
    g_string_append_printf(symbols, "%s ", ((BusyboxOption *)options->pdata[i])->symbol);
  g_assert_cmpstr(symbols->str, ==,
                  "FEATURE_STAT_FORMAT FEATURE_FANCY_SLEEP FLOAT_DURATION FEATURE_FIND_MAXDEPTH ");
  g_auto(GStrv) told = strings_copy(notes);
  g_autofree char *all = g_strjoinv("\n", told);
  g_assert_cmpstr(all, ==,
                  "web/recipe.conf: before: cut is not in the image; applets=cut brings BusyBox's\n"
                  "/usr/bin/helper:3: 'find -printf': BusyBox's find cannot do it; the program "
                  "itself comes with include=/usr/bin/find in the place of applets=find\n"
                  "/usr/bin/helper:4: head is not in the image; applets=head brings BusyBox's");
}

/* Commands that start commands, without end: neither the stack nor the time may run out. */
static void
test_chains(void) {
  static const char *const links[] = {"env ", "find -exec ", "sh -c "};
  for (gsize i = 0; i < G_N_ELEMENTS(links); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (int j = 0; j < 2000; j++)
      g_string_append(text, links[i]);
    g_string_append(text, "\ngetopts x y\n");
    g_autofree char *wanted = NULL, *lacking = NULL;
    read_script(text->str, &wanted, &lacking);
    g_assert_nonnull(strstr(wanted, "ASH_GETOPTS"));
  }
}

static void
test_bad_rules(void) {
  static const BadRules cases[] = {
      {"option find -type\n", "f:1: bad line \"option find -type\"; expected \" # REASON\""},
      {"\noption find -type  # x\n", "f:2: "},
      {"option find => FEATURE=y  # x\n", "expected \"=> CONFIG_SYMBOL=y...\""},
      {"wish find => CONFIG_A=y  # x\n", "expected builtin, text, option"},
      {"text ( => CONFIG_A=y  # x\n", "expected a regular expression"},
      {"knows find  # x\n", "expected the name of an applet and words"}};
  BAD_RULES_REFUSED(busybox_rules_parse, cases);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/busybox-use/commands", test_commands);
  g_test_add_func("/busybox-use/interpreter", test_interpreter);
  g_test_add_func("/busybox-use/rules", test_rules);
  g_test_add_func("/busybox-use/image", test_image);
  g_test_add_func("/busybox-use/chains", test_chains);
  g_test_add_func("/busybox-use/bad-rules", test_bad_rules);
  return g_test_run();
}
