/* evidence.c - reads programs and configuration files of the plan for facts. */
#include "rootfs/evidence.h"
#include "base/files.h"

#include "base/split.h"
#include "facts/program.h"
#include "facts/text.h"
#include "rootfs/absent-rules.h"
#include "rootfs/glue-private.h"
#include "rootfs/rights.h"
#include "rootfs/rootfs.h"
#include "rootfs/wanted-files.h"

#include <string.h>

#define TEXT_MOST (1 << 20) /* bytes; what is larger is data */

/* The imports that mounts and rights are decided on. g_hash_table_unref; the strings are the
 * rules'. */
static GHashTable *
import_names(const MountRules *mounts, const RightsRules *confine) {
  GHashTable *const sets[] = {mount_rules_wanted(mounts)->import_names,
                              rights_rules_imports(confine)};
  GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < G_N_ELEMENTS(sets); i++) {
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, sets[i]);
    while (g_hash_table_iter_next(&iter, &name, NULL))
      g_hash_table_add(names, name);
  }
  return names;
}

/* A module of Python, Perl, PHP or Ruby, which a program reads and nobody starts. */
static gboolean
is_module(const char *path) {
  static const char *const ends[] = {".py", ".pm", ".pl", ".php", ".rb"};
  for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
    if (g_str_has_suffix(path, ends[i]))
      return TRUE;
  return FALSE;
}

/* Modules show who sends messages to /dev/log; of paths they name too much that nobody opens. */
static gboolean
read_modules(Tree *tree, const MountRules *mounts, Facts *facts, GError **error) {
  g_autoptr(GPtrArray) strings = mount_rules_strings(mounts, "log");
  const FactsWanted wanted = {.strings = strings, .ignored = mount_rules_wanted(mounts)->ignored};
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type == TREE_FILE && entry->source != NULL && entry->size <= TEXT_MOST &&
        is_module(entry->path) &&
        !facts_read_program(facts, entry->path, entry->source, TRUE, &wanted, error))
      return FALSE;
  }
  return TRUE;
}

/* Strings and imports decide on mounts, imports on what an application keeps of root's rights, too.
 */
static gboolean
read_programs(Tree *tree, const MountRules *mounts, const RightsRules *confine,
              const WantedFiles *files, const AbsentRules *absent, Facts *facts, GError **error) {
  g_autoptr(GHashTable) names = import_names(mounts, confine);
  g_autoptr(GPtrArray) strings = g_ptr_array_new();
  FactsWanted both = *mount_rules_wanted(mounts);
  g_ptr_array_extend(strings, both.strings, NULL, NULL);
  g_ptr_array_extend(strings, (GPtrArray *)wanted_files_strings(files), NULL, NULL);
  absent_rules_wanted(absent, names, strings);
  both.strings = strings;
  both.calls = absent->calls;
  const FactsWanted *wanted = &both;
  both.import_names = names;
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type == TREE_FILE && entry->source != NULL &&
        !facts_read_program(facts, entry->path, entry->source, (entry->mode & 0111) != 0, wanted,
                            error))
      return FALSE;
  }
  return TRUE;
}

/* The folder of /etc that PATH is below: "/etc/nginx/" for "/etc/nginx/sites-enabled/default". NULL
 * for a file in /etc itself. g_free. */
static char *
own_folder(const char *path) {
  const char *name = path + strlen("/etc/");
  const char *slash = g_str_has_prefix(path, "/etc/") ? strchr(name, '/') : NULL;
  return slash != NULL ? g_strndup(path, (gsize)(slash + 1 - path)) : NULL;
}

static gboolean
is_recipes(const TreeEntry *entry) {
  return entry->origin == ORIGIN_RECIPE;
}

/* The folders of /etc in which the recipe has a file. */
static GHashTable *
recipes_folders(Tree *tree) {
  GHashTable *folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    char *folder = is_recipes(entry) && entry->type != TREE_DIR ? own_folder(entry->path) : NULL;
    if (folder != NULL)
      g_hash_table_add(folders, folder);
  }
  return folders;
}

/* Whether the application reads the configuration at ENTRY. Below sites-available/ and the like a
 * file is read only where another folder has a link to it, which counts by itself. Where the recipe
 * brings a file of its own, it is the recipe that decides which of the package's files beside it
 * are read, so these show nothing. (Debian's default site of nginx has "listen [::]:80";
 * recipes/nginx has a nginx.conf that does not include it, and a kernel without IPv6.) Includes in
 * the recipe's file are not followed; a recipe that includes such a file says with=ipv6. */
static gboolean
is_in_use(const TreeEntry *entry, GHashTable *folders) {
  g_autofree char *folder = own_folder(entry->path);
  if (!text_is_configuration(entry->path) || strstr(entry->path, "-available/") != NULL)
    return FALSE;
  return is_recipes(entry) || folder == NULL || !g_hash_table_contains(folders, folder);
}

/* The absolute paths in the recipe's commands. g_hash_table_unref. */
static GHashTable *
named_paths(const Recipe *recipe) {
  GHashTable *paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < recipe->runs->len; i++) {
    const RecipeRun *run = recipe->runs->pdata[i];
    g_auto(GStrv) words = split_words(run->command, " =:,'\"");
    for (char **word = words; *word != NULL; word++)
      if (**word == '/')
        g_hash_table_add(paths, g_strdup(*word));
  }
  return paths;
}

static void
read_configuration(const TreeEntry *entry, const char *path, const TextRules *rules, Facts *facts) {
  g_autofree char *text = NULL;
  gsize size = 0;
  if (entry->size > TEXT_MOST)
    return;
  if (entry->source != NULL)
    file_read(entry->source, TEXT_MOST, &text, &size, NULL);
  else if (entry->data != NULL)
    text = g_strndup(g_bytes_get_data(entry->data, NULL), size = g_bytes_get_size(entry->data));
  if (text != NULL && memchr(text, '\0', size) == NULL && !g_str_has_prefix(text, "#!"))
    facts_read_text(facts, rules, text, path);
}

/* For a link its own path decides, not that of its target: sites-enabled/x is in use, and leads to
 * sites-available/x. */
static void
read_configurations(Tree *tree, const Recipe *recipe, const TextRules *rules, Facts *facts) {
  g_autoptr(GHashTable) folders = recipes_folders(tree), named = named_paths(recipe);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    const TreeEntry *file = entry->type == TREE_SYMLINK ? tree_resolve(tree, entry->path) : entry;
    if (file != NULL && file->type == TREE_FILE &&
        (g_hash_table_contains(named, entry->path) || is_in_use(entry, folders)))
      read_configuration(file, entry->path, rules, facts);
  }
}

static void
read_recipe(const Recipe *recipe, const TextRules *rules, Facts *facts) {
  for (guint i = 0; i < recipe->runs->len; i++) {
    const RecipeRun *run = recipe->runs->pdata[i];
    facts_read_text(facts, rules, run->command, NULL);
    if (run->before != NULL)
      facts_read_text(facts, rules, run->before, NULL);
    for (char **variable = run->environment; variable != NULL && *variable != NULL; variable++)
      facts_read_text(facts, rules, *variable, NULL);
  }
  if (recipe->ready_udp > 0)
    facts_read_udp(facts, rules, recipe->ready_udp);
}

gboolean
evidence_collect(Tree *tree, const Recipe *recipe, Facts *facts, GError **error) {
  g_autoptr(MountRules) mounts = mount_rules_load(error);
  g_autoptr(TextRules) texts = mounts != NULL ? text_rules_load(error) : NULL;
  g_autoptr(RightsRules) confine = texts != NULL ? rights_rules_load(error) : NULL;
  g_autoptr(WantedFiles) files = confine != NULL ? wanted_files_load(error) : NULL;
  g_autoptr(AbsentRules) absent = files != NULL ? absent_rules_load(error) : NULL;
  if (absent == NULL || !read_programs(tree, mounts, confine, files, absent, facts, error) ||
      !read_modules(tree, mounts, facts, error)) {
    g_prefix_error(error, "evidence: ");
    return FALSE;
  }
  read_configurations(tree, recipe, texts, facts);
  read_recipe(recipe, texts, facts);
  wanted_files_note(files, tree, facts);
  return TRUE;
}

void
evidence_add_packages(const GPtrArray *packages, Facts *facts) {
  for (guint i = 0; i < packages->len; i++)
    facts_add(facts, FACTS_FROM_PACKAGES, ((RootfsPackage *)packages->pdata[i])->name, NULL);
}
