/* own-entries.c - what of a person's program goes into the image, and which packages it takes. */
#include "draft/own-private.h"

#include "base/files.h"
#include "base/folder.h"
#include "base/proc.h"
#include "base/split.h"
#include "base/strings.h"
#include "deps/elf.h"
#include "deps/packages.h"

#include <string.h>

#define TEXT_MOST (1024 * 1024) /* bytes of a list of Python packages */
#define QUERY_DEADLINE 60

/* ---- the files --------------------------------------------------------- */

/* A folder with a recipe of its own is another image's; one with images is what tinyx built. */
static gboolean
has_recipe(const char *folder, const char *name) {
  g_autofree char *path = g_build_filename(folder, name, "recipe.conf", NULL);
  g_autofree char *images = g_build_filename(name, "*", "manifest.txt", NULL);
  g_autoptr(GPtrArray) found = own_match(folder, images);
  return found->len > 0 || g_file_test(path, G_FILE_TEST_EXISTS);
}

/* The first part of PATH: "venv" of "venv/pyvenv.cfg". g_free. */
static char *
first_part(const char *path) {
  return g_strndup(path, strcspn(path, "/"));
}

static void
note_hidden(OwnProgram *own) {
  g_autoptr(GPtrArray) names = folder_names(own->folder, NULL, NULL);
  g_autoptr(GPtrArray) hidden = strings_new();
  for (guint i = 0; names != NULL && i < names->len; i++) {
    const char *name = names->pdata[i];
    if (name[0] == '.' && !strings_contain(own->entries, name))
      g_ptr_array_add(hidden, g_strdup(name));
  }
  g_autofree char *words = strings_join(hidden, " ");
  if (hidden->len > 0)
    g_ptr_array_add(own->notes,
                    g_strdup_printf("left out, since their names begin with a dot: %s; files= "
                                    "takes what is named",
                                    words));
}

gboolean
own_add_entries(OwnProgram *own, const OwnKind *kind, const char *main, const char *evidence) {
  static const char *const all[] = {"*", NULL};
  const char *const *take = kind->take != NULL ? (const char *const *)kind->take : all;
  g_autofree char *proof = first_part(evidence);
  if (!own->in_place || (kind->compiled && kind->take == NULL)) {
    g_ptr_array_add(own->entries, g_strdup(main));
    return TRUE;
  }
  for (; *take != NULL; take++) {
    g_autoptr(GPtrArray) found = own_match(own->folder, *take);
    for (guint i = 0; i < found->len; i++)
      if (strcmp(found->pdata[i], "__pycache__") != 0 && !has_recipe(own->folder, found->pdata[i]))
        strings_add_once(own->entries, found->pdata[i]);
  }
  /* Of a folder that compilers fill, the program alone. */
  if (kind->take != NULL)
    strings_add_once(own->entries, main);
  else
    strings_add_once(own->entries, proof);
  strings_sort(own->entries);
  note_hidden(own);
  return TRUE;
}

/* ---- packages of libraries ---------------------------------------------- */

/* The name of a library that is looked for: nothing that a pattern of dpkg would take. */
static gboolean
is_plain(const char *soname) {
  return soname[0] != '\0' &&
         soname[strspn(soname, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._+-")] == '\0';
}

/* The package of this machine that has the library SONAME; NULL: none. g_free. */
static char *
package_of_library(const char *soname) {
  g_autofree char *pattern = g_strdup_printf("*/x86_64-linux-gnu/%s", soname);
  const char *const argv[] = {"dpkg-query", "-S", pattern, NULL};
  g_auto(ProcResult) result = {0};
  ProcSpec spec = {
      .argv = argv, .deadline = QUERY_DEADLINE, .flags = PROC_CAPTURE | PROC_ANY_STATUS};
  if (!is_plain(soname) || !proc_run(&spec, &result, NULL) || result.status != 0)
    return NULL;
  return g_strndup(result.out, strcspn(result.out, ":,\n")); /* "libssl3:amd64: /usr/lib/..." */
}

static void
add_libraries(OwnProgram *own, const char *main) {
  g_autofree char *path = g_build_filename(own->folder, main, NULL);
  g_autoptr(ElfInfo) elf = elf_read(path, 0, NULL);
  for (guint i = 0; elf != NULL && elf->needed[i] != NULL; i++) {
    g_autofree char *package = package_of_library(elf->needed[i]);
    if (package != NULL)
      strings_add_once(own->packages, package);
    else
      g_ptr_array_add(own->notes,
                      g_strdup_printf("%s needs %s, which no package of this machine has; add its "
                                      "package to packages=, or the file to files=",
                                      main, elf->needed[i]));
  }
}

/* ---- packages of Python -------------------------------------------------- */

/* The Debian package of the Python package NAME: "python3-" and its name, as Debian's policy for
 * Python has it (3.3, module package names). g_free. */
static char *
debian_name(const char *name) {
  g_autofree char *lower = g_ascii_strdown(name, -1);
  return g_strconcat("python3-", g_strdelimit(lower, "_.", '-'), NULL);
}

static gboolean
add_python_line(OwnProgram *own, const char *file, guint number, const char *line, GError **error) {
  gsize length =
      strspn(line, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-"); /* PEP 508: what comes then
                                                                      are versions, extras */
  g_autofree char *name = g_strndup(line, length);
  g_autofree char *package = debian_name(name);
  const char *const names[] = {package, NULL};
  g_autoptr(GError) why = NULL;
  g_autoptr(GPtrArray) closure = NULL;
  if (length > 0 && line[0] != '-')
    closure = package_closure(names, NULL, NULL, &why);
  if (closure != NULL) {
    strings_add_once(own->packages, package);
    return TRUE;
  }
  if (g_error_matches(why, TINYX_ERROR, TINYX_ERROR_INTERRUPTED)) {
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
  }
  return tinyx_fail(
      error, TINYX_ERROR_INPUT,
      "%s/%s:%u: '%s' is no package of Debian's (%s); expected a virtual environment: "
      "(cd %s && python3 -m venv venv && venv/bin/pip install -r %s)",
      own->folder, file, number, line, package, own->folder, file);
}

/* Without a virtual environment Debian's packages are taken, whatever versions FILE asks for. */
static gboolean
add_python_packages(OwnProgram *own, const char *file, GError **error) {
  g_autofree char *path = g_build_filename(own->folder, file, NULL);
  g_autofree char *text = NULL;
  guint before = own->packages->len;
  if (!own->in_place)
    return TRUE;
  if (!file_read_if_there(path, TEXT_MOST, &text, NULL, error))
    return FALSE;
  g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *comment = strchr(lines[i], '#');
    if (comment != NULL)
      *comment = '\0';
    if (g_strstrip(lines[i])[0] != '\0' && !add_python_line(own, file, i + 1, lines[i], error))
      return FALSE;
  }
  if (own->packages->len > before)
    g_ptr_array_add(own->notes, g_strdup_printf("Debian's versions of what %s names; a virtual "
                                                "environment in the folder is taken instead",
                                                file));
  return TRUE;
}

gboolean
own_add_packages(OwnProgram *own, const OwnKind *kind, const char *main, GError **error) {
  if (kind->compiled)
    add_libraries(own, main);
  return kind->python_names == NULL || add_python_packages(own, kind->python_names, error);
}
