/* test-tree.c - the tree of an image: entries, their order, and what the writers make of them. */
#include "base/files.h"
#include "base/proc.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EPOCH 1700000000

typedef struct {
  char *folder;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data) {
  (void)data;
  g_autoptr(GError) error = NULL;
  fixture->folder = g_dir_make_tmp("tinyx-tree-XXXXXX", &error);
  g_assert_no_error(error);
}

static void
tear_down(Fixture *fixture, gconstpointer data) {
  (void)data;
  dir_remove(fixture->folder, NULL);
  g_free(fixture->folder);
}

static char *
in_folder(const Fixture *fixture, const char *name) {
  return g_build_filename(fixture->folder, name, NULL);
}

/* One of each kind, odd names and sizes around the padding; added out of order. */
static Tree *
sample_tree(const Fixture *fixture) {
  g_autoptr(GError) error = NULL;
  g_autofree char *source = in_folder(fixture, "source");
  Tree *tree = tree_new();

  file_write(source, "12345", 5, 0640, &error);
  g_assert_no_error(error);
  tree_add_symlink(tree, "/lib", "usr/lib", from_package("base", "merged"), NULL);
  tree_add_dir(tree, "/var/empty", 0700, from_origin(ORIGIN_GLUE, "stays empty"), NULL)->uid = 33;
  tree_add_file(tree, "/usr/bin/five", source, 04755, from_package("p", "r"), &error);
  g_assert_no_error(error);
  for (int size = 0; size < 6; size++) {
    g_autofree char *path = g_strdup_printf("/data/%.*s", size + 1, "nnnnnnnn");
    tree_add_data(tree, path, "abcdef", size, 0644, from_package("p", "padding"), NULL);
  }
  tree_add_data(tree, "/a-b", "x", 1, 0600, from_package("p", "sorts before /a/b"), NULL)->gid =
      65534;
  tree_add_data(tree, "/a/b", "y", 1, 0644, from_package("p", "r"), NULL);
  tree_add_data(tree, "/with space\303\244", "z", 1, 0644, from_package("p", "r"), NULL);
  tree_add_node(tree, "/dev/console", TREE_CHAR, 0600, 5, 1, from_origin(ORIGIN_GLUE, "r"), NULL);
  tree_add_node(tree, "/dev/xvda", TREE_BLOCK, 0660, 202, 0, from_origin(ORIGIN_GLUE, "r"), NULL);
  tree_add_node(tree, "/pipe", TREE_FIFO, 0644, 0, 0, from_origin(ORIGIN_GLUE, "r"), NULL);
  return tree;
}

static char *
run_captured(const char *const *argv, const char *cwd) {
  g_autoptr(GError) error = NULL;
  g_auto(ProcResult) result = {0};
  ProcSpec spec = {.argv = argv,
                   .cwd = cwd,
                   .deadline = 60,
                   .flags = PROC_CAPTURE,
                   .env = (const char *const[]){"TZ=UTC", "LC_ALL=C.UTF-8", NULL}};
  proc_run(&spec, &result, &error);
  g_assert_no_error(error);
  return g_steal_pointer(&result.out);
}

/* The listing "MODE UID GID SIZE-or-DEVICE PATH[ -> TARGET]" that bsdtar -tvf should print. */
static char *
expected_listing(Tree *tree, gboolean is_tar) {
  static const char letters[] = {'-', 'd', 'l', 'c', 'b', 'p'};
  const GPtrArray *entries = tree_entries(tree);
  GString *out = g_string_new("");
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    g_string_append_printf(out, "%c%u:%u ", letters[entry->type], entry->uid, entry->gid);
    if (entry->type == TREE_CHAR || entry->type == TREE_BLOCK)
      g_string_append_printf(out, "%u,%u ", entry->rdev_major, entry->rdev_minor);
    else if (entry->type == TREE_SYMLINK && !is_tar) /* cpio holds the target as content */
      g_string_append_printf(out, "%zu ", strlen(entry->target));
    else
      g_string_append_printf(out, "%" G_GUINT64_FORMAT " ", entry->size);
    g_string_append(out, entry->path + 1);
    if (entry->type == TREE_DIR && is_tar)
      g_string_append_c(out, '/');
    if (entry->type == TREE_SYMLINK)
      g_string_append_printf(out, " -> %s", entry->target);
    g_string_append_c(out, '\n');
  }
  return g_string_free(out, FALSE);
}

/* bsdtar's and cpio's long listings in the same form: "drwx… N uid gid size Mon DD YYYY path". */
static char *
listing_reduce(const char *listing) {
  g_auto(GStrv) lines = g_strsplit(listing, "\n", -1);
  GString *out = g_string_new("");
  for (char **line = lines; *line != NULL; line++) {
    g_autoptr(GRegex) regex = g_regex_new("^(.)\\S+\\s+\\d+\\s+(\\d+)\\s+(\\d+)\\s+(\\d+(?:,\\s*"
                                          "\\d+)?)\\s+\\w+\\s+\\d+\\s+[\\d:]+ (.*)$",
                                          G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (!g_regex_match(regex, *line, 0, &match))
      continue;
    g_autofree char *type = g_match_info_fetch(match, 1), *uid = g_match_info_fetch(match, 2),
                    *gid = g_match_info_fetch(match, 3), *size = g_match_info_fetch(match, 4),
                    *path = g_match_info_fetch(match, 5);
    g_auto(GStrv) numbers = g_strsplit(size, ",", 2);
    g_string_append_printf(out, "%s%s:%s %s%s%s %s\n", type, uid, gid, numbers[0],
                           numbers[1] ? "," : "", numbers[1] ? g_strstrip(numbers[1]) : "", path);
  }
  return g_string_free(out, FALSE);
}

static void
test_cpio_oracles(Fixture *fixture, gconstpointer data) {
  (void)data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Tree) tree = sample_tree(fixture);
  g_autofree char *path = in_folder(fixture, "image.cpio");
  g_assert_true(tree_write_cpio(tree, path, NULL, EPOCH, &error));
  g_assert_no_error(error);

  const char *const bsdtar[] = {"bsdtar", "-tvnf", path, "--numeric-owner", NULL};
  const char *const cpio[] = {"cpio", "-itvn", "--quiet", "-F", path, NULL};
  g_autofree char *by_bsdtar = run_captured(bsdtar, NULL), *by_cpio = run_captured(cpio, NULL);
  g_autofree char *reduced_bsdtar = listing_reduce(by_bsdtar);
  g_autofree char *reduced_cpio = listing_reduce(by_cpio);
  g_autofree char *expected = expected_listing(tree, FALSE);
  g_assert_cmpstr(reduced_bsdtar, ==, expected);
  g_assert_cmpstr(reduced_cpio, ==, expected);

  const char *const content[] = {"bsdtar", "-xOf", path, "usr/bin/five", "data/nnnn", NULL};
  g_autofree char *both = run_captured(content, NULL);
  g_assert_cmpstr(both, ==, "abc12345");
  g_assert_cmpint(file_size(path) % 512, ==, 0);
}

static void
test_tar_oracle(Fixture *fixture, gconstpointer data) {
  (void)data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Tree) tree = sample_tree(fixture);
  g_autofree char *path = in_folder(fixture, "image.tar");
  g_assert_true(tree_write_tar(tree, path, EPOCH, &error));
  g_assert_no_error(error);
  const char *const argv[] = {"bsdtar", "-tvnf", path, NULL};
  g_autofree char *listing = run_captured(argv, NULL);
  g_autofree char *reduced = listing_reduce(listing);
  g_autofree char *expected = expected_listing(tree, TRUE);
  g_assert_cmpstr(reduced, ==, expected);
}

static void
test_squashfs_oracle(Fixture *fixture, gconstpointer data) {
  (void)data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Tree) tree = sample_tree(fixture);
  g_autofree char *path = in_folder(fixture, "image.squashfs");
  g_assert_true(tree_write_squashfs(tree, path, EPOCH, &error));
  g_assert_no_error(error);
  const char *const argv[] = {"unsquashfs", "-lln", path, NULL};
  g_autofree char *listing = run_captured(argv, NULL);
  g_assert_true(g_regex_match_simple(
      "(?m)^crw------- 0/0 +5, +1 2023-11-14 22:13 squashfs-root/dev/console$", listing, 0, 0));
  g_assert_true(g_regex_match_simple(
      "(?m)^brw-rw---- 0/0 +202, +0 2023-11-14 22:13 squashfs-root/dev/xvda$", listing, 0, 0));
  g_assert_nonnull(strstr(listing, "drwx------ 33/0 "));
  g_assert_nonnull(strstr(listing, "-rwsr-xr-x 0/0 "));
  g_assert_nonnull(strstr(listing, "squashfs-root/lib -> usr/lib\n"));
  g_assert_nonnull(strstr(listing, "drwxr-xr-x 0/0 "));
  /* every entry and the root */
  g_auto(GStrv) lines = g_strsplit(g_strchomp(listing), "\n", -1);
  g_assert_cmpuint(g_strv_length(lines), ==, tree_entries(tree)->len + 1);
}

/* The same plan, put together in another order and written elsewhere under another umask and at
 * another time, gives the same bytes in each form. */
static void
test_same_bytes(Fixture *fixture, gconstpointer data) {
  (void)data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Tree) first = sample_tree(fixture);
  g_autoptr(Tree) second = tree_new();
  static const char *const filter[] = {"gzip", "-9n", NULL};
  char *sums[2][4];

  for (guint i = tree_entries(first)->len; i > 0; i--) {
    const TreeEntry *from = tree_entries(first)->pdata[i - 1];
    TreeEntry *to;
    if (from->type == TREE_SYMLINK)
      to = tree_add_symlink(second, from->path, from->target, (TreeFrom){0}, NULL);
    else if (from->type == TREE_FILE && from->source != NULL)
      to = tree_add_file(second, from->path, from->source, from->mode, (TreeFrom){0}, &error);
    else if (from->type == TREE_FILE)
      to = tree_add_data(second, from->path, g_bytes_get_data(from->data, NULL), from->size,
                         from->mode, (TreeFrom){0}, NULL);
    else if (tree_find(second, from->path) != NULL)
      to = tree_find(second, from->path);
    else
      to = tree_add_node(second, from->path, from->type, from->mode, from->rdev_major,
                         from->rdev_minor, (TreeFrom){0}, NULL);
    to->mode = from->mode;
    to->uid = from->uid;
    to->gid = from->gid;
  }
  for (int i = 0; i < 2; i++) {
    Tree *tree = i ? second : first;
    g_autofree char *sub = in_folder(fixture, i ? "other/folder" : "one");
    g_autofree char *cpio = g_build_filename(sub, "a", NULL);
    g_autofree char *tar = g_build_filename(sub, "b", NULL);
    g_autofree char *squashfs = g_build_filename(sub, "c", NULL);
    mode_t old = umask(i ? 077 : 022);
    dir_make(sub, &error);
    g_assert_true(tree_write_cpio(tree, cpio, filter, EPOCH, &error));
    g_assert_true(tree_write_tar(tree, tar, EPOCH, &error));
    g_assert_true(tree_write_squashfs(tree, squashfs, EPOCH, &error));
    umask(old);
    sums[i][0] = file_sha256(cpio, &error);
    sums[i][1] = file_sha256(tar, &error);
    sums[i][2] = file_sha256(squashfs, &error);
    sums[i][3] = tree_hash(tree, &error);
    g_assert_no_error(error);
    g_usleep(i ? 0 : 1100000); /* so that a time of day would show */
  }
  for (int k = 0; k < 4; k++) {
    g_assert_cmpstr(sums[0][k], ==, sums[1][k]);
    g_free(sums[0][k]);
    g_free(sums[1][k]);
  }
}

static void
test_links_and_parents(void) {
  g_autoptr(Tree) tree = tree_new();
  tree_add_symlink(tree, "/lib", "usr/lib", from_origin(ORIGIN_NONE, "r"), NULL);
  tree_add_symlink(tree, "/usr/lib/loop", "loop", from_origin(ORIGIN_NONE, "r"), NULL);
  tree_add_symlink(tree, "/var/run", "/run", from_origin(ORIGIN_NONE, "r"), NULL);
  g_assert_cmpstr(
      tree_add_data(tree, "/lib/x/y", "1", 1, 0644, from_origin(ORIGIN_NONE, "r"), NULL)->path, ==,
      "/usr/lib/x/y");
  g_assert_cmpstr(
      tree_add_data(tree, "/var/run/pid", "1", 1, 0644, from_origin(ORIGIN_NONE, "r"), NULL)->path,
      ==, "/run/pid");
  g_assert_cmpint(tree_find(tree, "/usr/lib/x")->origin, ==, ORIGIN_NONE);
  g_assert_cmpint(tree_find(tree, "/usr/lib/x")->reason.kind, ==, REASON_HOLDS);
  g_assert_cmpstr(tree_find(tree, "/usr/lib/x")->reason.by, ==, "/usr/lib/x/y");
  g_assert_cmpuint(tree_find(tree, "/run")->mode, ==, 0755);
  tree_add_symlink(tree, "/usr/lib/x/link", "../x/./y", from_origin(ORIGIN_NONE, "r"), NULL);
  g_assert_true(tree_resolve(tree, "/lib/x/link") == tree_find(tree, "/usr/lib/x/y"));
  g_assert_true(tree_resolve(tree, "/../lib//x/../x/y") == tree_find(tree, "/usr/lib/x/y"));
  g_assert_null(tree_resolve(tree, "/lib/loop"));
  g_assert_null(tree_resolve(tree, "/nothing"));
  g_assert_true(tree_remove(tree, "/usr/lib/x"));
  g_assert_null(tree_find(tree, "/usr/lib/x/y"));
  g_assert_null(tree_find(tree, "/usr/lib/x/link"));
  g_assert_nonnull(tree_find(tree, "/usr/lib/loop"));
  g_assert_false(tree_remove(tree, "/usr/lib/x"));
}

static void
test_replacing(void) {
  g_autoptr(Tree) tree = tree_new();
  tree_add_data(tree, "/etc/a", "old", -1, 0644, from_package("one", "r"), NULL);
  tree_add_data(tree, "/etc/a", "newer", -1, 0600, from_package("two", "r"), NULL);
  g_assert_cmpuint(tree_count(tree, TREE_FILE), ==, 1);
  g_assert_cmpuint(tree_bytes(tree), ==, 5);
  g_assert_cmpstr(tree_find(tree, "/etc/a")->package, ==, "two");
  tree_add_dir(tree, "/etc", 0700, from_origin(ORIGIN_NONE, "a folder keeps what is in it"), NULL);
  g_assert_nonnull(tree_find(tree, "/etc/a"));
  tree_add_data(tree, "/etc/a/b", "1", 1, 0644,
                from_origin(ORIGIN_NONE, "a file gives way to a folder"), NULL);
  g_assert_cmpint(tree_find(tree, "/etc/a")->type, ==, TREE_DIR);
  tree_add_symlink(tree, "/etc", "x",
                   from_origin(ORIGIN_NONE, "a folder that goes takes along what is in it"), NULL);
  g_assert_cmpuint(tree_entries(tree)->len, ==, 1);
}

static void
test_sorted(Fixture *fixture, gconstpointer data) {
  (void)data;
  g_autoptr(Tree) tree = sample_tree(fixture);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 1; i < entries->len; i++) {
    const TreeEntry *before = entries->pdata[i - 1], *entry = entries->pdata[i];
    g_autofree char *folder = g_path_get_dirname(entry->path);
    g_assert_cmpstr(before->path, <, entry->path);
    g_assert_true(strcmp(folder, "/") == 0 || tree_find(tree, folder)->type == TREE_DIR);
  }
}

static void
test_too_large_for_cpio(Fixture *fixture, gconstpointer data) {
  (void)data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Tree) tree = tree_new();
  g_autofree char *source = in_folder(fixture, "sparse"), *path = in_folder(fixture, "image");
  int fd = open(source, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint(ftruncate(fd, G_GINT64_CONSTANT(1) << 32), ==, 0);
  close(fd);
  tree_add_file(tree, "/big", source, 0644, from_origin(ORIGIN_NONE, "r"), &error);
  g_assert_no_error(error);
  g_assert_false(tree_write_cpio(tree, path, NULL, EPOCH, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "/big: 4294967296 bytes"));
  g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void
test_failures_leave_nothing(Fixture *fixture, gconstpointer data) {
  (void)data;
  g_autoptr(Tree) tree = sample_tree(fixture);
  g_autofree char *source = in_folder(fixture, "source"), *out = in_folder(fixture, "out");
  g_autofree char *path = g_build_filename(out, "image", NULL);
  static const char *const filter[] = {"false", NULL};
  g_autoptr(GError) shrunk = NULL, failed = NULL;

  dir_make(out, NULL);
  g_assert_false(tree_write_cpio(tree, path, filter, EPOCH, &failed));
  g_assert_error(failed, TINYX_ERROR, TINYX_ERROR_CHILD);
  file_write(source, "123", 3, 0644, NULL);
  g_assert_false(tree_write_cpio(tree, path, NULL, EPOCH, &shrunk));
  g_assert_nonnull(strstr(shrunk->message, "size changed"));
  g_autoptr(GError) squashfs = NULL, tar = NULL;
  g_assert_false(tree_write_tar(tree, path, EPOCH, &tar));
  g_assert_false(tree_write_squashfs(tree, path, EPOCH, &squashfs));
  g_autoptr(GDir) dir = g_dir_open(out, 0, NULL);
  g_assert_cmpstr(g_dir_read_name(dir), ==, NULL);
}

static void
test_unwritable(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Tree) tree = tree_new();
  tree_add_data(tree, "/a", "x", 1, 0644, from_origin(ORIGIN_NONE, "r"), NULL);
  /* A folder in which nobody, root included, can make a file. */
  g_assert_false(tree_write_cpio(tree, "/proc/image", NULL, EPOCH, &error));
  g_assert_nonnull(error);
}

/* A file of 100 kB with two names and one like it, which is another file; one source twice. */
static Tree *
tree_with_names(const Fixture *fixture) {
  g_autofree char *one = in_folder(fixture, "one"), *two = in_folder(fixture, "two"),
                  *other = in_folder(fixture, "other"), *bytes = g_strnfill(100000, 'x');
  Tree *tree = tree_new();
  TreeFrom from = from_origin(ORIGIN_RECIPE, "r");
  g_assert_true(file_write(one, bytes, 100000, 0644, NULL));
  g_assert_cmpint(link(one, two), ==, 0);
  g_assert_true(file_write(other, bytes, 100000, 0644, NULL));
  tree_add_file(tree, "/srv/one", one, 0644, from, NULL);
  tree_add_file(tree, "/srv/other", other, 0644, from, NULL);
  tree_add_file(tree, "/srv/same-source", one, 0644, from, NULL);
  tree_add_file(tree, "/srv/two", two, 0644, from, NULL);
  return tree;
}

/* Inode numbers of the four files below FOLDER, as "1 2 3 1". */
static char *
inodes_text(const char *folder) {
  static const char *const names[] = {"one", "other", "same-source", "two"};
  guint64 inodes[4];
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < 4; i++) {
    g_autofree char *path = g_build_filename(folder, "srv", names[i], NULL);
    guint first = 0;
    struct stat info;
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmpint(info.st_size, ==, 100000);
    inodes[i] = info.st_ino;
    while (inodes[first] != info.st_ino)
      first++;
    g_string_append_printf(text, "%u", first);
  }
  return g_string_free(text, FALSE);
}

/* A file with several names is once in each form, and one file when it is unpacked; one that only
 * looks the same is not. */
static void
test_names(Fixture *fixture, gconstpointer data) {
  (void)data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Tree) tree = tree_with_names(fixture);
  g_autofree char *cpio = in_folder(fixture, "a.cpio"), *tar = in_folder(fixture, "a.tar"),
                  *squashfs = in_folder(fixture, "a.squashfs");
  g_autofree char *before = tree_hash(tree, &error);
  g_assert_true(tree_write_cpio(tree, cpio, NULL, EPOCH, &error));
  g_assert_true(tree_write_tar(tree, tar, EPOCH, &error));
  g_assert_true(tree_write_squashfs(tree, squashfs, EPOCH, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(tree_bytes(tree), ==, 300000);
  g_assert_cmpint(file_size(cpio), <, 302000);
  const char *const unpackers[][8] = {
      {"sh", "-c", "mkdir 1 && cd 1 && cpio -idm --quiet <../a.cpio", NULL},
      {"sh", "-c", "mkdir 2 && bsdtar -xf a.cpio -C 2", NULL},
      {"sh", "-c", "mkdir 3 && tar -xf a.tar -C 3", NULL},
      {"unsquashfs", "-q", "-n", "-d", "4", "a.squashfs", NULL}};
  for (guint i = 0; i < G_N_ELEMENTS(unpackers); i++) {
    g_autofree char *said = run_captured(unpackers[i], fixture->folder);
    g_autofree char *number = g_strdup_printf("%u", i + 1);
    g_autofree char *unpacked = in_folder(fixture, number);
    g_autofree char *inodes = inodes_text(unpacked);
    g_assert_cmpstr(inodes, ==, "0120");
  }
  tree_find(tree, "/srv/two")->mode = 0600; /* cannot be the same file */
  g_autofree char *after = tree_hash(tree, &error);
  g_assert_cmpuint(tree_bytes(tree), ==, 400000);
  g_assert_cmpstr(before, !=, after);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tree/links-and-parents", test_links_and_parents);
  g_test_add_func("/tree/replacing", test_replacing);
  g_test_add_func("/tree/unwritable", test_unwritable);
#define FIXTURE_TEST(name, function) g_test_add(name, Fixture, NULL, set_up, function, tear_down)
  FIXTURE_TEST("/tree/sorted", test_sorted);
  FIXTURE_TEST("/tree/cpio-oracles", test_cpio_oracles);
  FIXTURE_TEST("/tree/tar-oracle", test_tar_oracle);
  FIXTURE_TEST("/tree/squashfs-oracle", test_squashfs_oracle);
  FIXTURE_TEST("/tree/names", test_names);
  FIXTURE_TEST("/tree/same-bytes", test_same_bytes);
  FIXTURE_TEST("/tree/too-large-for-cpio", test_too_large_for_cpio);
  FIXTURE_TEST("/tree/failures-leave-nothing", test_failures_leave_nothing);
  return g_test_run();
}
