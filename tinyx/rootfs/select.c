/* select.c - which files of an installation go into the image. */
#include "rootfs/select.h"
#include "base/files.h"

#include "base/strings.h"

#include "deps/closure.h"
#include "deps/packages.h"
#include "deps/suspects.h"
#include "rootfs/install.h"
#include "rootfs/loader-environment.h"
#include "rootfs/needed.h"

#include <stdio.h>
#include <string.h>

/* A folder below one of these is state that a program may expect, even where it is empty. */
static const char *const state_folders[] = {"/var", "/srv", "/home", "/opt"};
/* Where the dynamic loader looks without /etc/ld.so.cache (ld.so(8)). */
static const char *const default_folders[] = {"/usr/lib/x86_64-linux-gnu", "/usr/lib", "/lib",
                                              "/lib64", "/usr/lib64"};
/* The links that merge /bin, … into /usr: programs ask for /bin/sh and
 * /lib64/ld-linux-x86-64.so.2. */
static const char *const merged_links[] = {"/bin", "/sbin", "/lib", "/lib64"};

typedef struct {
  const SelectInput *input;
  Tree *tree;
  GPtrArray *notes;
  GHashTable *kept;    /* package -> PackageDep* */
  GHashTable *taken;   /* path -> TreeReason*: goes in */
  GHashTable *code_of; /* packages that have programs or libraries */
  GHashTable *used;    /* those of them of which the closure takes one */
  GPtrArray *roots;    /* paths whose closure is wanted */
  GPtrArray *pruned;   /* paths in /etc of named packages that rootfs/prune takes */
} Select;

static void
select_clear(Select *select) {
  g_hash_table_unref(select->kept);
  g_hash_table_unref(select->taken);
  g_hash_table_unref(select->code_of);
  g_hash_table_unref(select->used);
  g_ptr_array_unref(select->roots);
  g_ptr_array_unref(select->pruned);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Select, select_clear)

static void
select_init(Select *select) {
  select->kept = g_hash_table_new(g_str_hash, g_str_equal);
  select->taken =
      g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)tree_reason_free);
  select->code_of = g_hash_table_new(g_str_hash, g_str_equal);
  select->used = g_hash_table_new(g_str_hash, g_str_equal);
  select->roots = g_ptr_array_new();
  select->pruned = g_ptr_array_new();
  for (guint i = 0; i < select->input->packages->len; i++) {
    PackageDep *package = select->input->packages->pdata[i];
    g_hash_table_insert(select->kept, package->name, package);
  }
}

/* A program or a library: an ELF file, or a script; a link counts as what it leads to. */
static gboolean
is_code(const Tree *installed, const TreeEntry *entry) {
  if (entry->type == TREE_SYMLINK)
    entry = tree_resolve(installed, entry->path);
  if (entry == NULL || entry->type != TREE_FILE)
    return FALSE;
  char start[4] = "";
  FILE *file = file_open(entry->source, G_MAXUINT64, NULL);
  gsize size = file != NULL ? fread(start, 1, sizeof start, file) : 0;
  if (file != NULL)
    fclose(file);
  if (size == 4 && memcmp(start, "\177ELF", 4) == 0)
    return TRUE;
  return size >= 2 && memcmp(start, "#!", 2) == 0 && (entry->mode & 0111) != 0;
}

static gboolean
is_named(const PackageDep *package) {
  return package->asked_by == NULL;
}

static void
take_by(Select *select, const TreeEntry *entry, TreeReasonKind kind, const char *by,
        const char *detail) {
  g_hash_table_replace(select->taken, entry->path, tree_reason_new(kind, by, detail));
}

static void
take(Select *select, const TreeEntry *entry, TreeReasonKind kind) {
  take_by(select, entry, kind, NULL, NULL);
}

/* TRUE for /bin and the like. dpkg takes them for folders that many packages share, but they are
 * links that base-files makes. */
static gboolean
is_merged_link(const TreeEntry *entry) {
  for (guint i = 0; i < G_N_ELEMENTS(merged_links); i++)
    if (entry->type == TREE_SYMLINK && strcmp(entry->path, merged_links[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_below(const char *path, const char *folder) {
  gsize length = strlen(folder);
  return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static gboolean
is_state(const char *path) {
  for (guint i = 0; i < G_N_ELEMENTS(state_folders); i++)
    if (is_below(path, state_folders[i]))
      return TRUE;
  return FALSE;
}

/* FOLLOWING is the entry after a folder in the sorted list of all. */
static gboolean
is_empty(const TreeEntry *folder, const TreeEntry *following) {
  return following == NULL || !is_below(following->path, folder->path);
}

/* TRUE if a folder is kept for its own sake: it is empty (something will be put into it), holds
 * state, or has an owner other than root. Any other folder is there if something in it is. */
static gboolean
is_wanted_folder(const TreeEntry *folder, const TreeEntry *following) {
  return is_empty(folder, following) || is_state(folder->path) || folder->uid != 0 ||
         folder->gid != 0;
}

static void
consider_owned(Select *select, const TreeEntry *entry, const PackageDep *package) {
  gboolean code = is_code(select->input->installed, entry);
  if (is_named(package)) {
    take_by(select, entry, REASON_NAMED, package->name, NULL);
    if (code)
      g_ptr_array_add(select->roots, entry->path);
    return;
  }
  if (code) {
    g_hash_table_add(select->code_of, package->name);
    return;
  }
  take_by(select, entry, REASON_DATA, package->name, package->reason);
}

/* What a package that the recipe names has in /etc, and rootfs/prune takes, is counted: it may be
 * what the application is set up by. */
static gboolean
is_pruned(Select *select, const TreeEntry *entry) {
  const char *const *named = (const char *const *)select->input->recipe->packages;
  if (patterns_match(select->input->prune, entry->path, named) == NULL)
    return FALSE;
  const PackageDep *package =
      entry->package != NULL ? g_hash_table_lookup(select->kept, entry->package) : NULL;
  if (package != NULL && is_named(package) && entry->type == TREE_FILE &&
      g_str_has_prefix(entry->path, "/etc/"))
    g_ptr_array_add(select->pruned, entry->path);
  return TRUE;
}

/* One line, so that nobody has to find out in the guest. */
static void
pruned_note(Select *select) {
  g_autoptr(GString) paths = g_string_new(NULL);
  for (guint i = 0; i < select->pruned->len; i++) {
    const char *path = select->pruned->pdata[i];
    if (g_hash_table_contains(select->taken, path))
      continue;
    g_string_append_printf(paths, "%s%s", paths->len > 0 ? ", " : "", path);
  }
  if (paths->len > 0)
    g_ptr_array_add(select->notes,
                    g_strdup_printf("left out by rootfs/prune, though of packages that the recipe "
                                    "names; include= brings them: %s",
                                    paths->str));
}

static void
consider(Select *select, const TreeEntry *entry, const TreeEntry *following) {
  const char *const *excluded = (const char *const *)select->input->recipe->exclude;
  if (!installation_is_new(entry) || pattern_find(excluded, entry->path) != NULL ||
      is_pruned(select, entry))
    return;
  if (entry->type == TREE_DIR && !is_wanted_folder(entry, following))
    return;
  if (entry->package != NULL) {
    const PackageDep *package = g_hash_table_lookup(select->kept, entry->package);
    if (package != NULL)
      consider_owned(select, entry, package);
    return;
  }
  take(select, entry, REASON_SCRIPT);
  if (is_code(select->input->installed, entry))
    g_ptr_array_add(select->roots, entry->path);
}

static void
consider_all(Select *select) {
  const GPtrArray *entries = tree_entries(select->input->installed);
  for (guint i = 0; i < entries->len; i++)
    consider(select, entries->pdata[i], i + 1 < entries->len ? entries->pdata[i + 1] : NULL);
}

gboolean
include_matches(const Tree *installed, const char *pattern) {
  const GPtrArray *entries = tree_entries((Tree *)installed);
  for (guint i = 0; i < entries->len; i++)
    if (pattern_matches(pattern, ((const TreeEntry *)entries->pdata[i])->path))
      return TRUE;
  return tree_resolve(installed, pattern) != NULL;
}

/* include=: each pattern must match something; what it matches is taken, pruned or not. */
static gboolean
include_all(Select *select, GError **error) {
  const Recipe *recipe = select->input->recipe;
  const GPtrArray *entries = tree_entries(select->input->installed);
  for (char **pattern = recipe->include; pattern != NULL && *pattern != NULL; pattern++) {
    guint found = 0;
    for (guint i = 0; i < entries->len; i++) {
      const TreeEntry *entry = entries->pdata[i];
      if (!pattern_matches(*pattern, entry->path))
        continue;
      found++;
      take(select, entry, REASON_INCLUDE);
      if (is_code(select->input->installed, entry))
        g_ptr_array_add(select->roots, entry->path);
    }
    const TreeEntry *other = found == 0 ? tree_resolve(select->input->installed, *pattern) : NULL;
    if (other != NULL) { /* "/bin/x", which is "/usr/bin/x" here */
      take(select, other, REASON_INCLUDE);
      g_ptr_array_add(select->roots, other->path);
    } else if (found == 0) {
      g_autofree char *place = recipe_place(recipe, "image", "include");
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s: %s matches nothing in the installed packages", place, *pattern);
      return FALSE;
    }
  }
  return TRUE;
}

/* Takes what a traced test opened. A file that is not in the packages any more is only noted, for
 * packages change. */
static void
lock_take(Select *select) {
  const FilesLock *lock = select->input->lock;
  for (guint i = 0; lock != NULL && i < lock->lines->len; i++) {
    const FilesLine *line = lock->lines->pdata[i];
    if (line->mark != FILES_ADD)
      continue;
    const TreeEntry *entry = tree_find(select->input->installed, line->path);
    if (entry == NULL) {
      g_ptr_array_add(select->notes,
                      g_strdup_printf("%s: %s is not in the installed packages any more; "
                                      "build --trace finds what is opened now",
                                      lock->file, line->path));
      continue;
    }
    take_by(select, entry, line->reason.kind, line->reason.by, line->reason.detail);
    if (is_code(select->input->installed, entry))
      g_ptr_array_add(select->roots, entry->path);
  }
}

/* Takes a program that the recipe runs, if the installation has it: it may be BusyBox's or the
 * recipe's own. */
static void
program_take(Select *select, const char *name, TreeReasonKind kind) {
  g_autofree char *path = tree_find_program(select->input->installed, name);
  if (path == NULL)
    return;
  const TreeEntry *entry = tree_resolve(select->input->installed, path);
  take(select, entry, kind);
  g_ptr_array_add(select->roots, entry->path);
}

/* Takes a file that the command names by its absolute path, as a configuration, pruned or not. */
static void
argument_take(Select *select, const char *word) {
  const char *path = strchr(word, '/');
  const TreeEntry *entry = path != NULL && (path == word || path[-1] == '=' || path[-1] == ':')
                               ? tree_resolve(select->input->installed, path)
                               : NULL;
  if (entry != NULL && entry->type == TREE_FILE &&
      !g_hash_table_contains(select->taken, entry->path)) {
    take(select, entry, REASON_COMMAND);
    g_ptr_array_add(select->roots, entry->path);
  }
}

/* Takes the files that variables name, as LD_PRELOAD does, with what they need. */
static void
environment_take(Select *select, const RecipeRun *run) {
  for (char **variable = run->environment; variable != NULL && *variable != NULL; variable++) {
    const char *value = strchr(*variable, '=');
    g_auto(GStrv) words = g_strsplit_set(value != NULL ? value + 1 : "", " :,", -1);
    for (char **word = words; *word != NULL; word++)
      if (**word == '/')
        argument_take(select, *word);
  }
}

/* Takes what LINES, before= or stop=, name by absolute paths. */
static void
lines_take(Select *select, const char *lines, TreeReasonKind kind) {
  g_auto(GStrv) words = g_strsplit_set(lines != NULL ? lines : "", " \t\n;&|(){}<>\"'=", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] == '/')
      program_take(select, words[i], kind);
}

/* Takes the programs of the commands and the files that they name, and those of before= and stop=.
 */
static void
commands_take(Select *select) {
  const GPtrArray *runs = select->input->recipe->runs;
  for (guint i = 0; i < runs->len; i++) {
    const RecipeRun *run = runs->pdata[i];
    g_auto(GStrv) words = NULL;
    if (g_shell_parse_argv(run->command, NULL, &words, NULL))
      program_take(select, words[0], REASON_COMMAND);
    for (guint j = 1; words != NULL && words[0] != NULL && words[j] != NULL; j++)
      argument_take(select, words[j]);
    environment_take(select, run);
    lines_take(select, run->before, REASON_BEFORE);
    lines_take(select, run->stop, REASON_STOP);
  }
}

static void
links_and_users_take(Select *select) {
  static const char *const users[] = {"/etc/passwd", "/etc/group"};
  for (guint i = 0; i < G_N_ELEMENTS(merged_links); i++) {
    const TreeEntry *entry = tree_find(select->input->installed, merged_links[i]);
    if (entry != NULL && entry->type == TREE_SYMLINK)
      take(select, entry, REASON_MERGED);
  }
  for (guint i = 0; i < G_N_ELEMENTS(users); i++) {
    const TreeEntry *entry = tree_find(select->input->installed, users[i]);
    if (entry != NULL)
      take(select, entry, REASON_USERS);
  }
}

static TreeEntry *
entry_add(Select *select, const TreeEntry *entry, const TreeReason *reason, GError **error) {
  const char *package = is_merged_link(entry) ? "base-files" : entry->package;
  return tree_add_copy(select->tree, entry, from_reason(entry->origin, package, reason), error);
}

static gboolean
is_default_folder(const char *path) {
  g_autofree char *folder = g_path_get_dirname(path);
  for (guint i = 0; i < G_N_ELEMENTS(default_folders); i++)
    if (strcmp(folder, default_folders[i]) == 0)
      return TRUE;
  return strstr(folder, "/glibc-hwcaps/") != NULL;
}

/* Takes one file of the closure, with the closure's reason, unless it is taken already. */
static void
closure_take(Select *select, const DepFile *file) {
  const Tree *installed = select->input->installed;
  const char *const *excluded = (const char *const *)select->input->recipe->exclude;
  const TreeEntry *entry = tree_find(installed, file->path);
  if (entry == NULL)
    return;
  /* A file that include= names itself is taken even where exclude= matches it. */
  if (file->needed_by != NULL && pattern_find(excluded, file->path) != NULL) {
    g_ptr_array_add(select->notes, g_strdup_printf("%s: excluded by the recipe, though %s needs it",
                                                   file->path, file->needed_by));
    return;
  }
  if (entry->package != NULL)
    g_hash_table_add(select->used, entry->package);
  if (file->needed_by != NULL && !g_hash_table_contains(select->taken, entry->path)) {
    TreeFrom from = needed_from(file, entry->origin, entry->package);
    take_by(select, entry, from.kind, from.by, from.detail);
  }
  const TreeEntry *index = tree_find(installed, "/etc/ld.so.cache");
  if (file->kind == DEP_NEEDED && index != NULL && !is_default_folder(file->path))
    take_by(select, index, REASON_LOADER, file->path, NULL);
}

static void
strings_append(GPtrArray *to, const GPtrArray *from) {
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add(to, g_strdup(from->pdata[i]));
}

static gboolean
closure_take_all(Select *select, GError **error) {
  g_auto(Closure) closure = {0};
  if (select->roots->len == 0)
    return TRUE;
  g_ptr_array_add(select->roots, NULL);
  g_auto(LoaderEnvironment) environment = loader_environment(select->input->recipe);
  ClosureInput input = {.root = select->input->root,
                        .ld_library_path = environment.ld_library_path,
                        .path_of_some = environment.differs,
                        .preload = environment.preload,
                        .preload_elsewhere = environment.has_files,
                        .names = (const char *const *)select->roots->pdata,
                        .rules = select->input->rules,
                        .pass_over = TRUE};
  if (!closure_compute(&input, &closure, error))
    return FALSE;
  for (guint i = 0; i < closure.files->len; i++)
    closure_take(select, closure.files->pdata[i]);
  strings_append(select->notes, closure.missing);
  strings_append(select->notes, closure.notes);
  if (select->input->suspects != NULL)
    suspects_append(select->input->suspects, closure.suspects);
  return TRUE;
}

/* TRUE for data of a package that has programs or libraries, none of which is used. */
static gboolean
is_idle_data(gpointer path, gpointer value, gpointer data) {
  const TreeReason *reason = value;
  const Select *select = data;
  const TreeEntry *entry = tree_find(select->input->installed, path);
  return entry->package != NULL && reason->kind == REASON_DATA &&
         g_hash_table_contains(select->code_of, entry->package) &&
         !g_hash_table_contains(select->used, entry->package);
}

/* Takes the targets of the links that are taken. */
static void
targets_take(Select *select) {
  g_autoptr(GPtrArray) targets = g_ptr_array_new();
  GHashTableIter iter;
  gpointer path;
  g_hash_table_iter_init(&iter, select->taken);
  while (g_hash_table_iter_next(&iter, &path, NULL)) {
    const TreeEntry *link = tree_find(select->input->installed, path);
    const TreeEntry *target =
        link->type == TREE_SYMLINK ? tree_resolve(select->input->installed, path) : NULL;
    if (target != NULL && target->type == TREE_FILE)
      g_ptr_array_add(targets, target->path);
  }
  for (guint i = 0; i < targets->len; i++) {
    const TreeEntry *target = tree_find(select->input->installed, targets->pdata[i]);
    if (!g_hash_table_contains(select->taken, target->path))
      take(select, target, REASON_TARGET);
  }
}

/* Gives folders that were added only as parents the mode and owner that they have in the
 * installation. */
static void
folders_adjust(Select *select) {
  const GPtrArray *entries = tree_entries(select->tree);
  for (guint i = 0; i < entries->len; i++) {
    TreeEntry *entry = entries->pdata[i];
    const TreeEntry *from = tree_find(select->input->installed, entry->path);
    if (entry->type != TREE_DIR || from == NULL || from->type != TREE_DIR)
      continue;
    entry->mode = from->mode;
    entry->uid = from->uid;
    entry->gid = from->gid;
    /* Of the packages that share a folder, only one that has files in the image says anything. */
    if (entry->package == NULL && from->package != NULL &&
        g_hash_table_contains(select->kept, from->package)) {
      entry->package = g_strdup(from->package);
      entry->origin = from->origin;
    }
  }
}

static gboolean
taken_add(Select *select, GError **error) {
  const GPtrArray *entries = tree_entries(select->input->installed);
  /* Links are added first, for a path below a link would make a folder in its place. */
  for (int links = 1; links >= 0; links--)
    for (guint i = 0; i < entries->len; i++) {
      const TreeEntry *entry = entries->pdata[i];
      const TreeReason *reason = g_hash_table_lookup(select->taken, entry->path);
      if (reason == NULL || (entry->type == TREE_SYMLINK) != links)
        continue;
      if (entry->type == TREE_FILE && !installation_check(entry, error))
        return FALSE;
      if (entry_add(select, entry, reason, error) == NULL)
        return FALSE;
    }
  folders_adjust(select);
  return TRUE;
}

gboolean
select_files(const SelectInput *input, Tree *tree, GPtrArray *notes, GError **error) {
  g_auto(Select) select = {.input = input, .tree = tree, .notes = notes};
  select_init(&select);
  consider_all(&select);
  links_and_users_take(&select);
  commands_take(&select);
  lock_take(&select);
  if (!include_all(&select, error) || !closure_take_all(&select, error))
    return FALSE;
  g_hash_table_foreach_remove(select.taken, is_idle_data, &select);
  targets_take(&select);
  pruned_note(&select);
  strings_sort(notes);
  return taken_add(&select, error);
}
