/* test-reason.c - origin, state and reason of an entry: their one text form, and as columns of
 * manifest.txt. */
#include "tree/tree.h"

#include <string.h>

/* Every kind, with what it needs, and how it reads. */
static const struct {
  TreeReasonKind kind;
  const char *by, *detail;
  TreeType type;
  const char *text;
} reasons[] = {
    {REASON_HOLDS, "/usr/bin/x", NULL, TREE_DIR, "holds /usr/bin/x"},
    {REASON_NAMED, "nginx", NULL, TREE_FILE, "file of nginx, which the recipe names"},
    {REASON_NAMED, "nginx", NULL, TREE_DIR, "folder of nginx, which the recipe names"},
    {REASON_DATA, "ssl", "Depends of nginx", TREE_FILE, "data of ssl (Depends of nginx)"},
    {REASON_SCRIPT, NULL, NULL, TREE_FILE, "made by a maintainer script"},
    {REASON_COMMAND, NULL, NULL, TREE_FILE, "command= of the recipe"},
    {REASON_BEFORE, NULL, NULL, TREE_FILE, "before= of the recipe"},
    {REASON_STOP, NULL, NULL, TREE_FILE, "stop= of the recipe"},
    {REASON_FIRST_BOOT, "/etc/key", NULL, TREE_FILE, "makes /etc/key at the first boot"},
    {REASON_INCLUDE, NULL, NULL, TREE_FILE, "include= of the recipe"},
    {REASON_FILES, NULL, NULL, TREE_FILE, "files= of the recipe"},
    {REASON_FILES_FOLDER, NULL, NULL, TREE_DIR, "files/ of the recipe"},
    {REASON_PROGRAM, NULL, NULL, TREE_FILE, "named"},
    {REASON_NEEDED, "/bin/x", "NEEDED libc.so.6", TREE_FILE, "NEEDED libc.so.6, for /bin/x"},
    {REASON_INTERPRETER, "/bin/x", "INTERP", TREE_FILE, "INTERP, for /bin/x"},
    {REASON_SHEBANG, "/bin/x", "#! /bin/sh", TREE_FILE, "#! /bin/sh, for /bin/x"},
    {REASON_DLOPEN, "/bin/x", "dlopen y.so", TREE_FILE, "dlopen y.so, for /bin/x"},
    {REASON_RULE, "/bin/x", "its modules", TREE_FILE, "its modules, for /bin/x"},
    {REASON_WAY, "/bin/x", "on the way to /y", TREE_SYMLINK, "on the way to /y, for /bin/x"},
    {REASON_TARGET, NULL, NULL, TREE_FILE, "a link in the image leads to it"},
    {REASON_LOADER, "/opt/x.so", NULL, TREE_FILE, "so that the loader finds /opt/x.so"},
    {REASON_MERGED, NULL, NULL, TREE_SYMLINK, "merged /usr"},
    {REASON_USERS, NULL, NULL, TREE_FILE, "users that the packages expect"},
    {REASON_OPENED, "/bin/x", NULL, TREE_FILE, "opened at run time by /bin/x"},
    {REASON_LOOKED_FOR, "/bin/x", NULL, TREE_DIR, "asked for at run time by /bin/x"},
    {REASON_LOCK, NULL, "mine", TREE_FILE, "mine"},
    {REASON_TMPFILES, "/usr/lib/tmpfiles.d/x.conf:2", NULL, TREE_DIR,
     "tmpfiles.d: /usr/lib/tmpfiles.d/x.conf:2"},
    {REASON_PURPOSE, NULL, "device", TREE_CHAR, "device"},
};

static void
test_text(void) {
  guint last = REASON_NONE;
  for (guint i = 0; i < G_N_ELEMENTS(reasons); i++) {
    g_autoptr(TreeReason) reason =
        tree_reason_new(reasons[i].kind, reasons[i].by, reasons[i].detail);
    g_autofree char *text = tree_reason_text(reason, reasons[i].type);
    g_assert_cmpstr(text, ==, reasons[i].text);
    /* Just what a kind needs: not the other way round, and not with nothing. */
    g_assert_true(tree_reason_is_whole(reason->kind, reason->by, reason->detail));
    g_assert_false(tree_reason_is_whole(reason->kind, reason->by ? NULL : "x", reason->detail));
    g_assert_false(tree_reason_is_whole(reason->kind, reason->by, reason->detail ? NULL : "x"));
    g_assert_cmpuint(reason->kind - last, <=, 1); /* all kinds are in the list above */
    last = reason->kind;
  }
  g_assert_cmpuint(last, ==, REASON_PURPOSE);
  TreeReason none = {0};
  g_assert_null(tree_reason_text(&none, TREE_FILE));
}

/* What stands in a reason is no place for more words. */
static void
test_text_plain(void) {
  g_autoptr(TreeReason) reason = tree_reason_new(REASON_DATA, "{detail}", "{by}");
  g_autofree char *text = tree_reason_text(reason, TREE_FILE);
  g_assert_cmpstr(text, ==, "data of {detail} ({by})");
  tree_reason_set(reason, REASON_NEEDED, reason->detail, reason->by); /* its own strings */
  g_assert_cmpstr(reason->by, ==, "{by}");
}

static void
test_names(void) {
  TreeOrigin origin;
  TreeState state;
  TreeReasonKind kind;
  for (guint i = 0; i <= ORIGIN_COMPARED; i++)
    g_assert_true(tree_origin_parse(tree_origin_name(i), &origin) && origin == i);
  for (guint i = 0; i <= STATE_NEW; i++)
    g_assert_true(tree_state_parse(tree_state_name(i), &state) && state == i);
  for (guint i = 0; i <= REASON_PURPOSE; i++)
    g_assert_true(tree_reason_kind_parse(tree_reason_kind_name(i), &kind) && kind == i);
  g_assert_false(tree_origin_parse("nginx", &origin));
  g_assert_false(tree_state_parse("", &state));
  g_assert_false(tree_reason_kind_parse("made by a maintainer script", &kind));
}

/* Where nobody says otherwise, what no package brings is new. */
static void
test_states(void) {
  static const struct {
    TreeFrom from;
    TreeState state;
    const char *owner;
  } cases[] = {
      {{.origin = ORIGIN_BASE, .package = "libc6"}, STATE_UNKNOWN, "libc6"},
      {{.origin = ORIGIN_PACKAGE, .package = "busybox"}, STATE_UNKNOWN, "busybox"},
      {{.origin = ORIGIN_SCRIPT}, STATE_NEW, NULL},
      {{.origin = ORIGIN_RECIPE}, STATE_NEW, "recipe"},
      {{.origin = ORIGIN_BUSYBOX}, STATE_NEW, "busybox"},
      {{.origin = ORIGIN_GLUE}, STATE_NEW, "glue"},
      {{.origin = ORIGIN_NONE}, STATE_UNKNOWN, NULL},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Tree) tree = tree_new();
    const TreeEntry *entry = tree_add_data(tree, "/x", "", 0, 0644, cases[i].from, NULL);
    g_assert_cmpint(entry->origin, ==, cases[i].from.origin);
    g_assert_cmpint(entry->state, ==, cases[i].state);
    g_assert_cmpstr(tree_entry_owner(entry), ==, cases[i].owner);
    g_assert_null(tree_entry_why(entry));
  }
}

static const char sum[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/* A copy keeps all but the reason. */
static void
test_copy(void) {
  g_autoptr(Tree) from = tree_new(), to = tree_new();
  g_autoptr(GError) error = NULL;
  TreeEntry *entry =
      tree_add_data(from, "/etc/x", "abc", 3, 0640, from_package("x", "first"), NULL);
  entry->uid = 7;
  entry->state = STATE_CHANGED;
  entry->sha256 = g_strdup(sum);
  const TreeEntry *copy =
      tree_add_copy(to, entry, from_reason(entry->origin, "x", &entry->reason), &error);
  g_assert_no_error(error);
  g_assert_cmpuint(copy->mode, ==, 0640);
  g_assert_cmpuint(copy->uid, ==, 7);
  g_assert_cmpuint(copy->size, ==, 3);
  g_assert_cmpint(copy->state, ==, STATE_CHANGED);
  g_assert_cmpstr(copy->sha256, ==, sum);
  g_autofree char *why = tree_entry_why(copy);
  g_assert_cmpstr(why, ==, "first");
  g_assert_true(tree_entries(from)->len == 2 && tree_entries(to)->len == 2);
}

/* All kinds, origins and states go through manifest.txt, and odd characters. */
static void
test_manifest(void) {
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GError) error = NULL;
  for (guint i = 0; i < G_N_ELEMENTS(reasons); i++) {
    g_autofree char *path = g_strdup_printf("/file-%02u", i);
    TreeFrom from = {.origin = i % (ORIGIN_COMPARED + 1),
                     .package = i % 2 ? "-" : NULL,
                     .kind = reasons[i].kind,
                     .by = reasons[i].by,
                     .detail = reasons[i].detail};
    TreeEntry *entry = reasons[i].type == TREE_DIR
                           ? tree_add_dir(tree, path, 0755, from, NULL)
                           : tree_add_data(tree, path, "", 0, 0644, from, NULL);
    entry->state = i % (STATE_NEW + 1);
    entry->sha256 = i % 3 ? NULL : g_strdup(sum);
  }
  tree_add_data(tree, "/odd", "", 0, 0644, from_package("a\tb", "-"), NULL);
  tree_add_data(tree, "/odd2", "", 0, 0644, from_package("x", "a -> b\nc\\"), NULL);
  tree_find(tree, "/odd")->capabilities = G_GUINT64_CONSTANT(0x2000000400);
  g_autofree char *text = tree_manifest_text(tree, "# head: er\n");
  g_autoptr(Tree) again = tree_parse_manifest(text, strlen(text), "manifest.txt", &error);
  g_assert_no_error(error);
  const GPtrArray *first = tree_entries(tree), *second = tree_entries(again);
  g_assert_cmpuint(first->len, ==, second->len);
  for (guint i = 0; i < first->len; i++) {
    const TreeEntry *one = first->pdata[i], *two = second->pdata[i];
    g_assert_cmpint(one->origin, ==, two->origin);
    g_assert_cmpint(one->state, ==, two->state);
    g_assert_cmpuint(one->mode, ==, two->mode);
    g_assert_cmphex(one->capabilities, ==, two->capabilities);
    g_assert_cmpint(one->reason.kind, ==, two->reason.kind);
    g_assert_cmpstr(one->package, ==, two->package);
    g_assert_cmpstr(one->sha256, ==, two->sha256);
    g_assert_cmpstr(one->reason.by, ==, two->reason.by);
    g_assert_cmpstr(one->reason.detail, ==, two->reason.detail);
  }
  /* A person finds the text at the end of the line. */
  g_assert_nonnull(strstr(text, "\tfile of nginx, which the recipe names\n"));
}

static void
test_bad_manifest(void) {
#define LINE "f\t0644\t0:0\t0\t/x\tx\tdata:;base64,\t"
  static const char *const cases[][2] = {
      {LINE "package\tnew\t-\tscript\t-\t-", "expected 14 fields"},
      {LINE "nginx\tnew\t-\tscript\t-\t-\tmade by a maintainer script\n", "origin \"nginx\""},
      {LINE "package\told\t-\tscript\t-\t-\tmade by a maintainer script\n", "state \"old\""},
      {LINE "package\tnew\tabc\tscript\t-\t-\tmade by a maintainer script\n", "sha256 \"abc\""},
      {LINE "package\tnew\t-\twhy\t-\t-\tmade by a maintainer script\n", "kind \"why\""},
      {LINE "package\tnew\t-\tholds\t-\t-\tholds x\n", "kind \"holds\"; expected a value in"},
      {LINE "package\tnew\t-\tscript\tx\t-\tmade by a maintainer script\n", "kind \"script\""},
      {LINE "package\tnew\t-\tholds\t/y\t-\tholds /z\n", "expected \"holds /y\""},
      {LINE "package\tnew\t-\t-\t-\t-\tholds /z\n", "reason \"holds /z\"; expected \"-\""},
      {"d\t0755+20\t0:0\t0\t/x\t-\t-\t-\t-\t-\t-\t-\t-\t-\n", "capabilities \"20\"; expected"},
      {"f\t0755+2z\t0:0\t0\t/x\t-\t-\t-\t-\t-\t-\t-\t-\t-\n", "capabilities \"2z\"; expected"},
      {LINE "package\tnew\t-\tholds\t\\9\t-\tholds /z\n", "expected text with \\ooo"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = g_strconcat(cases[i][0], i == 0 ? "\n" : "", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(tree_parse_manifest(text, strlen(text), "manifest.txt", &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_true(g_str_has_prefix(error->message, "manifest.txt:1: "));
    if (strstr(error->message, cases[i][1]) == NULL)
      g_error("case %u: %s; expected %s", i, error->message, cases[i][1]);
  }
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/reason/text", test_text);
  g_test_add_func("/reason/text-plain", test_text_plain);
  g_test_add_func("/reason/names", test_names);
  g_test_add_func("/reason/states", test_states);
  g_test_add_func("/reason/copy", test_copy);
  g_test_add_func("/reason/manifest", test_manifest);
  g_test_add_func("/reason/bad-manifest", test_bad_manifest);
  return g_test_run();
}
