/* test-own.c - what a person's own program is taken for, by the files that it has; nothing is run.
 */
#include "base/files.h"
#include "base/strings.h"
#include "draft/own-kinds.h"
#include "draft/own.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- folders of a test ----------------------------------------------------- */

/* A folder NAME with files, as "NAME=TEXT" each; "*NAME" is a copy of this very program. */
static char *
folder_with(const char *top, const char *name, const char *const *files) {
  g_autoptr(GError) error = NULL;
  char *folder = g_build_filename(top, name, NULL);
  g_assert_true(dir_make(folder, &error));
  for (; *files != NULL; files++) {
    g_auto(GStrv) parts = g_strsplit(*files, "=", 2);
    gboolean program = parts[0][0] == '*';
    g_autofree char *path = g_build_filename(folder, parts[0] + program, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_true(dir_make(parent, &error));
    if (program)
      g_assert_true(file_copy("/proc/self/exe", path, 0755, &error));
    else
      g_assert_true(file_write(path, parts[1], strlen(parts[1]), 0644, &error));
    g_assert_no_error(error);
  }
  return folder;
}

static char *
top_folder(void) {
  g_autoptr(GError) error = NULL;
  char *top = g_dir_make_tmp("own-XXXXXX", &error);
  g_assert_no_error(error);
  return top;
}

/* ---- folders --------------------------------------------------------------- */

static void
test_folders(void) {
  static const struct {
    const char *files[6], *kind, *command, *entries;
  } cases[] = {
      {{"index.html=x", "style.css=x", ".env=x"},
       "a web site",
       "/bin/busybox httpd -f -p 8080 -h /srv/shop",
       "index.html style.css"},
      {{"package.json={\"scripts\":{\"start\":\"node --trace-warnings src/a.js --port 1\"}}",
        "src/a.js=x"},
       "Node.js",
       "/usr/bin/node /srv/shop/src/a.js",
       "package.json src"},
      {{"package.json={\"main\":\"lib\"}", "lib.js=x", "server.js=x"},
       "Node.js",
       "/usr/bin/node /srv/shop/lib.js",
       "lib.js package.json server.js"},
      {{"env/pyvenv.cfg=x", "main.py=x", "other.py=x", "requirements.txt=no-such-thing"},
       "Python in a virtual environment",
       "/srv/shop/env/bin/python3 -u /srv/shop/main.py",
       "env main.py other.py requirements.txt"},
      {{".venv/pyvenv.cfg=x", "only.py=x", ".git/config=x"},
       "Python in a virtual environment",
       "/srv/shop/.venv/bin/python3 -u /srv/shop/only.py",
       ".venv only.py"},
      {{"requirements.txt=# none yet\n\n", "app.py=x"},
       "Python",
       "/usr/bin/python3 -u /srv/shop/app.py",
       "app.py requirements.txt"},
      {{"shop-1.0.jar=x", "Shop.java=x"},
       "Java",
       "/usr/bin/java -jar /srv/shop/shop-1.0.jar",
       "shop-1.0.jar"},
      {{"public/index.php=x", "vendor/a.php=x"},
       "PHP",
       "/usr/bin/php -S 0.0.0.0:8080 -t /srv/shop/public",
       "public vendor"},
      {{"go.mod=x", "main.go=x", "*shop", "static/a=x"}, "Go", "/srv/shop/shop", "shop static"},
      {{"Cargo.toml=x", "src/main.rs=x", "*target/release/shop"},
       "Rust",
       "/srv/shop/target/release/shop",
       "target/release/shop"},
      {{"*a b", "notes=x"}, "machine code", "'/srv/shop/a b'", "a b"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *top = top_folder();
    g_autofree char *folder = folder_with(top, "Shop", cases[i].files);
    g_auto(OwnProgram) own = {0};
    own_find(folder, &own, &error);
    g_assert_no_error(error);
    g_autofree char *entries = strings_join(own.entries, " ");
    g_assert_cmpstr(own.kind, ==, cases[i].kind);
    g_assert_cmpstr(own.name, ==, "shop");
    g_assert_cmpstr(own.command, ==, cases[i].command);
    g_assert_cmpstr(entries, ==, cases[i].entries);
    g_assert_true(own.in_place);
    dir_remove(top, NULL);
  }
}

/* What begins with a dot is left out, and said. */
static void
test_hidden(void) {
  static const char *const files[] = {"index.html=x", ".env=SECRET", NULL};
  g_autoptr(GError) error = NULL;
  g_autofree char *top = top_folder();
  g_autofree char *folder = folder_with(top, "a", files);
  g_auto(OwnProgram) own = {0};
  g_assert_true(own_find(folder, &own, &error));
  g_assert_cmpuint(own.notes->len, ==, 1);
  g_assert_nonnull(strstr(own.notes->pdata[0], ".env"));
  dir_remove(top, NULL);
}

/* What tinyx wrote beside a recipe, and another image's folder, are no part of the program. */
static void
test_not_ours(void) {
  static const char *const files[] = {"index.html=x",    "recipe.conf=x",       "test.sh=x",
                                      "kernel-x.lock=x", "other/recipe.conf=x", NULL};
  g_autoptr(GError) error = NULL;
  g_autofree char *top = top_folder();
  g_autofree char *folder = folder_with(top, "a", files);
  g_auto(OwnProgram) own = {0};
  g_assert_true(own_find(folder, &own, &error));
  g_autofree char *entries = strings_join(own.entries, " ");
  g_assert_cmpstr(entries, ==, "index.html");
  dir_remove(top, NULL);
}

static void
test_refused(void) {
  static const struct {
    const char *files[5], *words;
  } cases[] = {
      {{"notes=x"}, "nothing in it says how it is run; expected a program in machine code, or one"},
      {{"package.json={\"main\":\"a.js\",\"dependencies\":{\"b\":\"1\"}}", "a.js=x"},
       "names dependencies, and there is no node_modules; expected it to be made: (cd "},
      {{"package.json={\"main\":\"../../etc/passwd\"}"}, "Node.js, but nothing to start"},
      {{"a.py=x", "b.py=x"}, "several files that could be started: a.py b.py"},
      {{"a.jar=x", "b.jar=x"}, "several files that could be started: a.jar b.jar"},
      {{"go.mod=x", "main.go=x"}, "Go, but nothing to start; expected go build"},
      {{"Cargo.toml=x"}, "expected cargo build --release"},
      {{"*a", "*b"}, "several files that could be started: a b"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *top = top_folder();
    g_autofree char *folder = folder_with(top, "a", cases[i].files);
    g_auto(OwnProgram) own = {0};
    g_assert_false(own_find(folder, &own, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, cases[i].words));
    g_assert_nonnull(strstr(error->message, folder));
    dir_remove(top, NULL);
  }
}

/* A pipe is waited for by who opens it. */
static void
test_pipe(void) {
  static const char *const files[] = {"notes=x", NULL};
  g_autoptr(GError) error = NULL;
  g_autofree char *top = top_folder();
  g_autofree char *folder = folder_with(top, "a", files);
  g_autofree char *pipe = g_build_filename(folder, "package.json", NULL);
  g_auto(OwnProgram) own = {0}, second = {0};
  g_assert_cmpint(mkfifo(pipe, 0644), ==, 0);
  g_assert_false(own_find(folder, &own, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_clear_error(&error);
  g_assert_false(own_find(pipe, &second, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  dir_remove(top, NULL);
}

/* ---- files ----------------------------------------------------------------- */

static void
test_files(void) {
  static const struct {
    const char *file, *name, *kind, *command;
  } cases[] = {
      {"Serve it.py=x", "serve-it", "Python", "/usr/bin/python3 -u '/srv/serve-it/Serve it.py'"},
      {"run=#!/usr/bin/env node\n", "run", "Node.js", "/usr/bin/node /srv/run/run"},
      {"run.py=#!/bin/sh\n", "run", "a shell script", "/bin/sh /srv/run/run.py"},
      {"a.jar=x", "a", "Java", "/usr/bin/java -jar /srv/a/a.jar"},
      {"b.html=x", "b", "a web site", "/bin/busybox httpd -f -p 8080 -h /srv/b"},
      {"*server", "server", "machine code", "/srv/server/server"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    const char *const files[] = {cases[i].file, NULL};
    g_autofree char *top = top_folder();
    g_autofree char *folder = folder_with(top, "a", files);
    g_autofree char *word = g_strndup(cases[i].file, strcspn(cases[i].file, "="));
    g_autofree char *path = g_build_filename(folder, word + (word[0] == '*'), NULL);
    g_auto(OwnProgram) own = {0};
    own_find(path, &own, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(own.name, ==, cases[i].name);
    g_assert_cmpstr(own.kind, ==, cases[i].kind);
    g_assert_cmpstr(own.command, ==, cases[i].command);
    g_assert_cmpuint(own.entries->len, ==, 1);
    g_assert_false(own.in_place);
    dir_remove(top, NULL);
  }
}

static void
test_words(void) {
  g_assert_true(own_is_path("./a"));
  g_assert_true(own_is_path("a/"));
  g_assert_true(own_is_path("."));
  g_assert_true(own_is_path(".."));
  g_assert_false(own_is_path("nginx"));
  g_assert_false(own_is_path("libstdc++6"));
}

/* ---- the kinds ------------------------------------------------------------- */

static void
test_kinds(void) {
  static const struct {
    const char *text, *words;
  } cases[] = {
      {"[a]\nevidence=x\nmain=y\n", "own:1: [a]: no command=; expected one"},
      {"[a]\nevidence=x\ncommand=y\n", "own:1: [a]: no main=; expected one"},
      {"[a]\ncommand=y\nport=0\n", "own:3: port=0: expected a port"},
      {"[a]\ncommand=y\nelf=no\n", "own:3: elf=no: expected yes"},
      {"[a]\ncommand=y\nkernel=all\n", "own:3: kernel=all: expected evidence"},
      {"[a]\ncommand=y\ncolour=red\n", "own:3: "},
      {"command=y\n", "own:1: "},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) kinds =
        own_kinds_parse(cases[i].text, strlen(cases[i].text), "own", &error);
    g_assert_null(kinds);
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, cases[i].words));
  }
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/own/folders", test_folders);
  g_test_add_func("/own/hidden", test_hidden);
  g_test_add_func("/own/not-ours", test_not_ours);
  g_test_add_func("/own/refused", test_refused);
  g_test_add_func("/own/pipe", test_pipe);
  g_test_add_func("/own/files", test_files);
  g_test_add_func("/own/words", test_words);
  g_test_add_func("/own/kinds", test_kinds);
  return g_test_run();
}
