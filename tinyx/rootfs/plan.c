/* plan.c - from a recipe to the plan of its root file system. */
#include "base/files.h"
#include "base/folder.h"
#include "base/msg.h"
#include "deps/apt.h"
#include "deps/suspects.h"
#include "rootfs/application.h"
#include "rootfs/busybox-private.h"
#include "rootfs/busybox.h"
#include "rootfs/evidence.h"
#include "rootfs/given.h"
#include "rootfs/glue.h"
#include "rootfs/holes.h"
#include "rootfs/recipe-notes.h"
#include "rootfs/rights.h"
#include "rootfs/rootfs.h"
#include "rootfs/runnable.h"
#include "rootfs/scripts.h"

#include <string.h>

static void
package_free(gpointer data) {
  RootfsPackage *package = data;
  g_free(package->name);
  g_free(package->version);
  g_free(package->reason);
  g_free(package);
}

static RootfsPackage *
package_get(GPtrArray *packages, GHashTable *by_name, const char *name, GHashTable *versions,
            GHashTable *reasons) {
  RootfsPackage *package = g_hash_table_lookup(by_name, name);
  if (package != NULL)
    return package;
  const char *version = g_hash_table_lookup(versions, name);
  const char *reason = g_hash_table_lookup(reasons, name);
  package = g_new0(RootfsPackage, 1);
  package->name = g_strdup(name);
  package->version = g_strdup(version != NULL ? version : "");
  package->reason = g_strdup(reason != NULL ? reason : "tinyx");
  g_ptr_array_add(packages, package);
  g_hash_table_insert(by_name, package->name, package);
  return package;
}

static int
package_compare(gconstpointer a, gconstpointer b) {
  const RootfsPackage *const *left = a;
  const RootfsPackage *const *right = b;
  return strcmp((*left)->name, (*right)->name);
}

/* The packages that have files in TREE. Folders do not count, for many packages share them. */
static GPtrArray *
packages_of(Tree *tree, GHashTable *versions, GHashTable *reasons) {
  GPtrArray *packages = g_ptr_array_new_with_free_func(package_free);
  g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    const char *owner = tree_entry_owner(entry);
    if (owner == NULL || entry->type == TREE_DIR)
      continue;
    RootfsPackage *package = package_get(packages, by_name, owner, versions, reasons);
    package->files++;
    package->bytes += entry->size;
  }
  g_ptr_array_sort(packages, package_compare);
  return packages;
}

guint
rootfs_package_count(const GPtrArray *packages) {
  guint count = 0;
  for (guint i = 0; i < packages->len; i++) {
    const RootfsPackage *package = packages->pdata[i];
    count += package->bytes > 0 && strcmp(package->reason, "tinyx") != 0;
  }
  return count;
}

/* PROGRAM by its path, or by its name in the folders of PATH; NULL: it is not in TREE. */
static const TreeEntry *
find_program(const Tree *tree, const char *program) {
  g_autofree char *path = program[0] == '/' ? g_strdup(program) : tree_find_program(tree, program);
  return path != NULL ? tree_resolve(tree, path) : NULL;
}

/* A word that the shell itself understands: BusyBox' ash, with rootfs/busybox.config. */
static gboolean
is_shells_own(const char *word) {
  static const char *const own[] = {
      ".",        ":",        "[",    "alias", "break",  "case",   "cd",    "command",
      "continue", "echo",     "eval", "exec",  "exit",   "export", "false", "for",
      "if",       "local",    "pwd",  "read",  "return", "set",    "shift", "test",
      "trap",     "true",     "type", "umask", "ulimit", "unset",  "until", "wait",
      "while",    "readonly", "{",    "!",     "(",      "then",   "else",  "elif",
      "fi",       "do",       "done", "esac",  "}",      NULL};
  return g_strv_contains(own, word);
}

/* Warns where the first word of a line of before= is no program of the image. It is no error, for
 * only the shell knows what a line means. */
static void
before_check(const Recipe *recipe, const RecipeRun *run, const Tree *tree) {
  g_auto(GStrv) lines = g_strsplit(run->before != NULL ? run->before : "", "\n", -1);
  g_autofree char *place = recipe_run_place(recipe, run, "before");
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = g_strstrip(lines[i]);
    g_autofree char *word = g_strndup(line, strcspn(line, " \t;&|"));
    if (word[0] == '\0' || strpbrk(word, "$\"'`=()<>*?[#\\") != NULL || is_shells_own(word) ||
        find_program(tree, word) != NULL)
      continue;
    msg_warn("%s: %s is not in the image: none of the recipe's packages, its files/ or BusyBox's "
             "applets has it",
             place, word);
  }
}

/* The program that the recipe runs must be in the image. Without this check a guest would try to
 * start it again and again. */
static gboolean
run_check(const Recipe *recipe, const RecipeRun *run, const Tree *tree, GError **error) {
  g_auto(GStrv) words = NULL;
  g_autofree char *place = recipe_run_place(recipe, run, "command");
  if (!g_shell_parse_argv(run->command, NULL, &words, error))
    return FALSE;
  const TreeEntry *program = find_program(tree, words[0]);
  before_check(recipe, run, tree);
  if (program != NULL && (program->type != TREE_FILE || (program->mode & 0111) == 0)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: %s is no program: %s; expected a file with mode 0755 or the like", place,
                words[0], program->type == TREE_FILE ? "nobody may execute it" : "it is no file");
    return FALSE;
  }
  if (program != NULL)
    return runnable_check(tree, program, place, error);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: %s is not in the image: none of the recipe's packages, its files/ or BusyBox's "
              "applets has it",
              place, words[0]);
  return FALSE;
}

static gboolean
commands_check(const Recipe *recipe, const Tree *tree, GError **error) {
  for (guint i = 0; i < recipe->runs->len; i++)
    if (!run_check(recipe, recipe->runs->pdata[i], tree, error))
      return FALSE;
  return TRUE;
}

static gboolean
plan_fill(RootfsPlan *plan, const Recipe *recipe, const Platform *platform, RootfsFormat format,
          const FilesLock *lock, gboolean sockets, GError **error) {
  g_autoptr(GHashTable) versions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) reasons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  plan->secrets = secrets_new(error);
  if (plan->secrets == NULL || !application_add(recipe, lock, plan, versions, reasons, error))
    return FALSE;
  plan->facts = facts_new();
  if (!evidence_collect(plan->tree, recipe, plan->facts, error))
    return FALSE;
  if (lock != NULL)
    facts_add_all(plan->facts, lock->facts);
  if (!glue_decide_log(recipe, sockets, plan->facts, &plan->log_lost, error))
    return FALSE;
  g_auto(GStrv) applets = glue_applets(recipe, format, plan->secrets, plan->facts, error);
  g_autoptr(GPtrArray) options = busybox_options_new();
  if (applets == NULL ||
      !scripts_read(plan->tree, recipe, (const char *const *)applets, options, plan->notes, error))
    return FALSE;
  if (!busybox_add(plan->tree, (const char *const *)applets, options, error)) {
    /* The applets of the glue's scripts exist, so the unknown one is the recipe's. */
    recipe_prefix_error(recipe, "image", "applets", error);
    return FALSE;
  }
  if (!glue_add(plan->tree, recipe, platform, format, plan->secrets, plan->facts, error) ||
      !commands_check(recipe, plan->tree, error) ||
      !secrets_check(plan->secrets, plan->tree, recipe, plan->notes, error))
    return FALSE;
  runnable_warn(plan->tree, plan->facts);
  g_autoptr(RightsRules) rights = rights_rules_load(error);
  if (rights == NULL)
    return FALSE;
  recipe_note_shell(recipe, plan->notes);
  rights_note(rights, plan->tree, recipe, plan->notes);
  if (!rootfs_format_is_disk(format))
    holes_note(plan->tree, plan->notes);
  plan->packages = packages_of(plan->tree, versions, reasons);
  rootfs_format_facts(format, plan->tree, plan->facts);
  evidence_add_packages(plan->packages, plan->facts);
  return TRUE;
}

RootfsPlan *
rootfs_plan(const Recipe *recipe, const Platform *platform, RootfsFormat format,
            const FilesLock *lock, gboolean sockets, GError **error) {
  g_autoptr(RootfsPlan) plan = g_new0(RootfsPlan, 1);
  plan->tree = tree_new();
  plan->notes = g_ptr_array_new_with_free_func(g_free);
  plan->suspects = g_ptr_array_new_with_free_func((GDestroyNotify)suspect_free);
  plan->key = rootfs_input_key(recipe, platform, format, error);
  if (plan->key == NULL || !plan_fill(plan, recipe, platform, format, lock, sockets, error))
    return NULL;
  return g_steal_pointer(&plan);
}

void
rootfs_plan_free(RootfsPlan *plan) {
  if (plan == NULL)
    return;
  g_clear_pointer(&plan->tree, tree_free);
  g_clear_pointer(&plan->packages, g_ptr_array_unref);
  g_clear_pointer(&plan->notes, g_ptr_array_unref);
  g_clear_pointer(&plan->suspects, g_ptr_array_unref);
  g_clear_pointer(&plan->names, g_ptr_array_unref);
  secrets_free(plan->secrets);
  facts_free(plan->facts);
  g_free(plan->key);
  g_free(plan->log_lost);
  g_free(plan);
}

char *
rootfs_input_key(const Recipe *recipe, const Platform *platform, RootfsFormat format,
                 GError **error) {
  g_autofree char *data = data_path("rootfs");
  g_autofree char *script = data_path("scripts/overlay-install");
  g_autofree char *ignored = data_path("kconfig-heuristics/no-evidence");
  /* What the recipe names is looked at before anything is fetched. */
  g_autoptr(GPtrArray) given = given_list(recipe, error);
  g_autofree char *given_sum = given != NULL ? given_hash(given, error) : NULL;
  g_autofree char *index = given_sum != NULL ? apt_index_key(error) : NULL;
  g_autofree char *recipe_hash = index != NULL ? folder_hash(recipe->folder, error) : NULL;
  g_autofree char *data_hash = recipe_hash != NULL ? folder_hash(data, error) : NULL;
  g_autofree char *script_hash = data_hash != NULL ? file_sha256(script, error) : NULL;
  g_autofree char *ignored_hash = script_hash != NULL ? file_sha256(ignored, error) : NULL;
  if (ignored_hash == NULL)
    return NULL;
  return sha256_of_strings("rootfs 1", TINYX_VERSION, platform->name, rootfs_format_name(format),
                           recipe->name, index, recipe_hash, data_hash, script_hash, ignored_hash,
                           given_sum, NULL);
}
