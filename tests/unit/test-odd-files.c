/* test-odd-files.c - broken and foreign ELF files, pipes and sockets in what a recipe brings. */
#include "base/files.h"
#include "base/proc.h"
#include "deps/closure.h"
#include "rootfs/holes.h"
#include "rootfs/import.h"
#include "rootfs/recipe-files.h"
#include "rootfs/runnable.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* This program's first SIZE bytes (0: all) at PATH, for MACHINE (0: as it is). */
static void
elf_write(const char *path, gsize size, guint8 machine) {
  g_autofree char *bytes = NULL;
  gsize all;
  g_assert_true(g_file_get_contents("/proc/self/exe", &bytes, &all, NULL));
  if (machine != 0)
    bytes[18] = (char)machine; /* e_machine, whose second byte is 0 */
  g_assert_true(file_write(path, bytes, size != 0 ? size : all, 0755, NULL));
}

static char *
scratch(void) {
  g_autoptr(GError) error = NULL;
  char *folder = g_dir_make_tmp("odd-XXXXXX", &error);
  g_assert_no_error(error);
  return folder;
}

static void
test_closure(void) {
  g_autofree char *root = scratch(), *cut = g_build_filename(root, "cut", NULL);
  const char *const names[] = {"/cut", NULL};
  ClosureInput input = {.root = root, .names = names};
  g_auto(Closure) strict = {0}, lenient = {0};
  g_autoptr(GError) error = NULL;
  elf_write(cut, 100, 0);
  g_assert_false(closure_compute(&input, &strict, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_clear_error(&error);
  input.pass_over = TRUE;
  g_assert_true(closure_compute(&input, &lenient, &error));
  g_assert_cmpuint(lenient.files->len, ==, 1);
  g_assert_cmpuint(lenient.notes->len, ==, 1);
  g_assert_true(g_str_has_prefix(lenient.notes->pdata[0], "/cut: truncated"));
  unlink(cut);
  rmdir(root);
}

/* What is said of TREE's program at PATH; NULL: it can be started. g_free. */
static char *
said_of(Tree *tree, const char *path) {
  g_autoptr(GError) error = NULL;
  if (runnable_check(tree, tree_find(tree, path), "r:1: command", &error))
    return NULL;
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  return g_strdup(error->message);
}

/* A program, and a script's interpreter, must be for the machine, and whole. */
static void
test_runnable(void) {
  static const char script[] = "#!/cut\n";
  g_autofree char *root = scratch();
  g_autofree char *cut = g_build_filename(root, "cut", NULL),
                  *arm = g_build_filename(root, "arm", NULL),
                  *good = g_build_filename(root, "good", NULL),
                  *text = g_build_filename(root, "text", NULL);
  g_autoptr(Tree) tree = tree_new();
  TreeFrom from = from_origin(ORIGIN_RECIPE, "a test");
  elf_write(cut, 100, 0);
  elf_write(arm, 0, 183);
  elf_write(good, 0, 0);
  g_assert_true(file_write(text, script, strlen(script), 0755, NULL));
  tree_add_file(tree, "/cut", cut, 0755, from, NULL);
  tree_add_file(tree, "/arm", arm, 0755, from, NULL);
  tree_add_file(tree, "/good", good, 0755, from, NULL);
  tree_add_file(tree, "/text", text, 0755, from, NULL);
  g_autofree char *of_cut = said_of(tree, "/cut"), *of_arm = said_of(tree, "/arm"),
                  *of_good = said_of(tree, "/good"), *of_text = said_of(tree, "/text");
  g_assert_nonnull(strstr(of_cut, "r:1: command: /cut cannot be started"));
  g_assert_nonnull(strstr(of_arm, "/arm is for aarch64, 64-bit; expected a program for x86-64"));
  g_assert_null(of_good);
  g_assert_nonnull(strstr(of_text, "/cut cannot be started"));
  unlink(cut);
  unlink(arm);
  unlink(good);
  unlink(text);
  rmdir(root);
}

static void
socket_make(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  g_strlcpy(address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  close(fd);
}

/* A pipe is one in the image; a socket is noted and left out. */
static void
test_special(void) {
  g_autofree char *folder = scratch(), *files = g_build_filename(folder, "files", NULL);
  g_autofree char *pipe = g_build_filename(files, "a pipe", NULL),
                  *sock = g_build_filename(files, "sock", NULL);
  Recipe recipe = {.folder = folder, .files = (char *[]){NULL}};
  g_autoptr(Tree) tree = tree_new(), installed = tree_new();
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GError) error = NULL;
  g_assert_cmpint(g_mkdir(files, 0755), ==, 0);
  g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
  socket_make(sock);
  g_assert_true(recipe_files_add(tree, &recipe, folder, installed, notes, NULL, &error));
  g_assert_no_error(error);
  g_assert_cmpint(tree_find(tree, "/a pipe")->type, ==, TREE_FIFO);
  g_assert_cmpuint(tree_find(tree, "/a pipe")->mode, ==, 0600);
  g_assert_null(tree_find(tree, "/sock"));
  g_assert_cmpuint(notes->len, ==, 1);
  g_assert_true(g_str_has_suffix(notes->pdata[0], "sock: a socket; it is not in the image"));
  unlink(pipe);
  unlink(sock);
  rmdir(files);
  rmdir(folder);
}

/* What a maintainer script made is in the installation as it was, a pipe too. */
static void
test_import(void) {
  g_autofree char *folder = scratch(), *pipe = g_build_filename(folder, "in/pipe", NULL),
                  *in = g_build_filename(folder, "in", NULL),
                  *out = g_build_filename(folder, "out", NULL),
                  *tar = g_build_filename(folder, "a.tar", NULL);
  g_autoptr(GHashTable) fresh = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;
  g_assert_cmpint(g_mkdir(in, 0755), ==, 0);
  g_assert_cmpint(g_mkdir(out, 0755), ==, 0);
  g_assert_cmpint(mkfifo(pipe, 0620), ==, 0);
  g_assert_cmpint(chmod(pipe, 0620), ==, 0);
  g_assert_true(proc_call(60, NULL, &error, "tar", "-cf", tar, "-C", in, ".", NULL));
  g_autoptr(Tree) tree = import_tar(tar, out, fresh, &error);
  g_assert_no_error(error);
  g_assert_cmpint(tree_find(tree, "/pipe")->type, ==, TREE_FIFO);
  g_assert_cmpuint(tree_find(tree, "/pipe")->mode, ==, 0620);
  g_assert_true(dir_remove(folder, NULL));
}

/* Two holes of 2 MB and 3 MB around a byte are told; data that is all there is not. */
static void
test_holes(void) {
  g_autofree char *folder = scratch(), *sparse = g_build_filename(folder, "sparse", NULL),
                  *whole = g_build_filename(folder, "whole", NULL), *bytes = g_malloc0(3 << 20);
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  FILE *file = fopen(sparse, "w");
  g_assert_nonnull(file);
  g_assert_cmpint(fseek(file, 2 << 20, SEEK_SET), ==, 0);
  g_assert_cmpint(fputc('x', file), ==, 'x');
  g_assert_cmpint(fflush(file), ==, 0);
  g_assert_cmpint(ftruncate(fileno(file), 5 << 20), ==, 0);
  fclose(file);
  g_assert_true(file_write(whole, bytes, 3 << 20, 0644, NULL));
  tree_add_file(tree, "/srv/sparse", sparse, 0644, from_origin(ORIGIN_RECIPE, "a test"), NULL);
  tree_add_file(tree, "/srv/whole", whole, 0644, from_origin(ORIGIN_RECIPE, "a test"), NULL);
  holes_note(tree, notes);
  g_assert_cmpuint(notes->len, ==, 1);
  g_assert_true(g_str_has_prefix(notes->pdata[0], "/srv/sparse: 4 MB of it are holes"));
  unlink(sparse);
  unlink(whole);
  rmdir(folder);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/odd-files/closure", test_closure);
  g_test_add_func("/odd-files/runnable", test_runnable);
  g_test_add_func("/odd-files/special", test_special);
  g_test_add_func("/odd-files/import", test_import);
  g_test_add_func("/odd-files/holes", test_holes);
  return g_test_run();
}
