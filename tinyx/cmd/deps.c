/* deps.c - `tinyx deps`: what files or packages need. */
#include "base/files.h"
#include "base/msg.h"
#include "cmd/cmd.h"
#include "cmd/deps-show.h"
#include "deps/suspects.h"

#include <string.h>

typedef struct {
  gboolean tree, json, loader, packages, files;
  char *root, *rules;
} Options;

static void
options_clear(Options *options) {
  g_free(options->root);
  g_free(options->rules);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static const char description[] =
    "Shows what each FILE (anything with a '/') or Debian PACKAGE needs in order to run, a line\n"
    "each with size and reason. Files: loader, libraries, interpreters of scripts, symlinks on\n"
    "the way, and what rootfs/runtime.rules says is opened at run time. Packages: what they\n"
    "depend on, without recommends, minus rootfs/blacklist, plus rootfs/whitelist.\n"
    "Then the suspects: what cannot be followed (dlopen with a computed name, folders of plugins,\n"
    "modules of interpreters); tinyx build --trace finds what is really opened. Nothing is "
    "executed.";

/* The paths as they are in the root: a relative one is taken from here only where the root is "/".
 */
static char **
paths_in_root(const char *root, char **arguments) {
  GPtrArray *paths = g_ptr_array_new();
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add(paths,
                    strcmp(root, "/") == 0 ? path_absolute(arguments[i]) : g_strdup(arguments[i]));
  g_ptr_array_add(paths, NULL);
  return (char **)g_ptr_array_free(paths, FALSE);
}

/* Right, and perhaps dear: said with the way out. */
static gboolean
note_nss(const ClosureInput *input, Closure *closure, GError **error) {
  g_autofree char *note = NULL;
  if (input->static_only)
    return TRUE;
  if ((note = closure_nss_note(input, closure, error)) == NULL)
    return FALSE;
  if (note[0] != '\0')
    g_ptr_array_add(closure->notes, g_steal_pointer(&note));
  return TRUE;
}

static int
deps_of_files(const Options *options, char **arguments) {
  GError *error = NULL;
  const char *root = options->root != NULL ? options->root : "/";
  g_auto(GStrv) paths = paths_in_root(root, arguments);
  ClosureInput input = {.root = root,
                        .names = (const char *const *)paths,
                        .rules = options->rules,
                        .static_only = options->loader};
  g_auto(Closure) closure = {0};
  if (!closure_compute(&input, &closure, &error) || !note_nss(&input, &closure, &error))
    return cmd_fail(error);
  if (options->json)
    deps_show_files_json(&closure);
  else if (options->tree)
    deps_show_files_tree(&closure);
  else
    deps_show_files(&closure);
  for (guint i = 0; i < closure.notes->len; i++)
    msg_info("%s", (char *)closure.notes->pdata[i]);
  for (guint i = 0; i < closure.suspects->len; i++) {
    const Suspect *suspect = closure.suspects->pdata[i];
    msg_info("suspect (%s): %s: %s", suspect_kind_name(suspect->kind), suspect->path,
             suspect->text);
  }
  for (guint i = 0; i < closure.missing->len; i++)
    msg_warn("%s", (char *)closure.missing->pdata[i]);
  return closure.missing->len == 0 ? 0 : 1;
}

static int
deps_of_packages(const Options *options, char **names) {
  GError *error = NULL;
  g_autoptr(GPtrArray) packages = package_closure((const char *const *)names, NULL, NULL, &error);
  if (packages == NULL)
    return cmd_fail(error);
  if (options->json)
    deps_show_packages_json(packages);
  else if (options->tree)
    deps_show_packages_tree(packages);
  else
    deps_show_packages(packages);
  return 0;
}

/* What the arguments are: all files, or all packages. */
static int
deps_dispatch(const Options *options, char **arguments) {
  guint paths = 0, count = g_strv_length(arguments);
  for (guint i = 0; i < count; i++)
    paths += strchr(arguments[i], '/') != NULL;
  gboolean files = options->files || (paths == count && !options->packages);
  if (!options->files && paths != 0 && paths != count)
    return cmd_usage("deps", "files (with a '/') and packages cannot be mixed; ask for one kind");
  if (options->packages && paths != 0)
    return cmd_usage("deps", "%s is a path, no package", arguments[0]);
  if (!files && (options->root != NULL || options->loader || options->rules != NULL))
    return cmd_usage("deps", "--root, --rules and --loader go with files, not with packages%s",
                     options->packages ? "" : " (a file has a '/': ./NAME)");
  return files ? deps_of_files(options, arguments) : deps_of_packages(options, arguments);
}

int
cmd_deps(int argc, char **argv) {
  g_auto(Options) options = {0};
  const GOptionEntry entries[] = {
      {"tree", 't', 0, G_OPTION_ARG_NONE, &options.tree, "Show who needs what, indented", NULL},
      {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json, "Print JSON", NULL},
      {"root", 0, 0, G_OPTION_ARG_FILENAME, &options.root,
       "Look for everything in DIR instead of /", "DIR"},
      {"rules", 0, 0, G_OPTION_ARG_FILENAME, &options.rules,
       "Run-time rules instead of rootfs/runtime.rules", "FILE"},
      {"loader", 'l', 0, G_OPTION_ARG_NONE, &options.loader,
       "Only what the loader itself maps, as ldd shows it", NULL},
      {"packages", 'p', 0, G_OPTION_ARG_NONE, &options.packages, "The arguments are packages",
       NULL},
      {"files", 'f', 0, G_OPTION_ARG_NONE, &options.files,
       "The arguments are files, also without a '/'", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "FILE|PACKAGE...", description, entries);
  if (status >= 0)
    return status;
  if (argc < 2)
    return cmd_usage("deps", "no file or package given");
  if (options.tree && options.json)
    return cmd_usage("deps", "--tree and --json exclude each other");
  if (options.files && options.packages)
    return cmd_usage("deps", "--files and --packages exclude each other");
  return deps_dispatch(&options, argv + 1);
}
