/* secrets.c - takes secrets out of the plan, and has the first boot make them. */
#include "rootfs/secrets.h"

#include "base/strings.h"
#include "deps/closure.h"
#include "rootfs/needed.h"
#include "rootfs/patterns.h"

#include <string.h>

static void
made_free(gpointer data) {
  SecretMade *made = data;
  g_free(made->path);
  g_free(made->command);
  g_free(made->reason);
  g_free(made);
}

Secrets *
secrets_new(GError **error) {
  SecretRules *rules = secret_rules_load(error);
  if (rules == NULL)
    return NULL;
  Secrets *secrets = g_new0(Secrets, 1);
  secrets->rules = rules;
  secrets->made = g_ptr_array_new_with_free_func(made_free);
  secrets->omitted = strings_new();
  secrets->allowed = strings_new();
  secrets->applets = strings_new();
  return secrets;
}

void
secrets_free(Secrets *secrets) {
  if (secrets == NULL)
    return;
  secret_rules_free(secrets->rules);
  g_ptr_array_unref(secrets->made);
  g_ptr_array_unref(secrets->omitted);
  g_ptr_array_unref(secrets->allowed);
  g_ptr_array_unref(secrets->applets);
  g_free(secrets);
}

/* ---- what goes --------------------------------------------------------- */

/* One secret of an installation, and what its rule says. */
typedef struct {
  const TreeEntry *entry; /* the installation's */
  const SecretRule *rule;
  gboolean in_plan; /* the image would have had it */
  gboolean named;   /* something in the image names its path */
} Found;

static gboolean
is_allowed(const Recipe *recipe, const char *path) {
  return recipe->allow_secret != NULL &&
         g_strv_contains((const char *const *)recipe->allow_secret, path);
}

/* The secrets that the installation has and the recipe neither brings itself nor allows. */
static GArray *
find_all(const Secrets *secrets, const Tree *tree, const Recipe *recipe, const Tree *installed) {
  GArray *all = g_array_new(FALSE, TRUE, sizeof(Found));
  const GPtrArray *entries = tree_entries((Tree *)installed);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    const SecretRule *rule = entry->type == TREE_FILE || entry->type == TREE_SYMLINK
                                 ? secret_rules_find(secrets->rules, entry->path, installed)
                                 : NULL;
    const TreeEntry *planned = tree_find(tree, entry->path);
    /* A link has nothing in it: it may well lead to what the first boot makes. */
    if (rule == NULL || (entry->type == TREE_SYMLINK && rule->action != SECRET_OMIT) ||
        is_allowed(recipe, entry->path) || (planned != NULL && planned->origin == ORIGIN_RECIPE))
      continue;
    Found found = {.entry = entry, .rule = rule, .in_plan = planned != NULL};
    g_array_append_val(all, found);
  }
  return all;
}

static gboolean
has_text(const TreeEntry *entry, const char *text) {
  if (entry->type == TREE_SYMLINK)
    return strcmp(entry->target, text) == 0;
  if (entry->type != TREE_FILE || entry->size == 0)
    return FALSE;
  if (entry->source == NULL)
    return memmem(g_bytes_get_data(entry->data, NULL), entry->size, text, strlen(text)) != NULL;
  g_autoptr(GMappedFile) file = g_mapped_file_new(entry->source, FALSE, NULL);
  return file != NULL && g_mapped_file_get_length(file) > 0 &&
         memmem(g_mapped_file_get_contents(file), g_mapped_file_get_length(file), text,
                strlen(text)) != NULL;
}

/* Marks those of ALL of which a file of TREE has the path, or to which a link leads. */
static void
find_named(Tree *tree, GArray *all) {
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < all->len; i++) {
    Found *found = &g_array_index(all, Found, i);
    for (guint j = 0;
         found->rule->action == SECRET_MAKE && !found->in_plan && j < entries->len && !found->named;
         j++)
      found->named = has_text(entries->pdata[j], found->entry->path);
  }
}

/* ---- what makes it ----------------------------------------------------- */

/* Adds PROGRAM of the installation, which makes PATH, with all that it needs. */
static gboolean
program_add(Tree *tree, const char *program, const char *path, const char *root,
            const Tree *installed, GPtrArray *notes, GError **error) {
  const char *const names[] = {program, NULL};
  ClosureInput input = {.root = root, .names = names};
  g_auto(Closure) closure = {0};
  if (!closure_compute(&input, &closure, error)) {
    g_prefix_error(error, "%s, which makes %s at the first boot: ", program, path);
    return FALSE;
  }
  for (int links = 1; links >= 0; links--)
    for (guint i = 0; i < closure.files->len; i++) {
      const DepFile *file = closure.files->pdata[i];
      const TreeEntry *entry = tree_find(installed, file->path);
      if ((file->link != NULL) != links || entry == NULL || tree_find(tree, file->path) != NULL)
        continue;
      TreeFrom from = needed_from(file, entry->origin, entry->package);
      if (file->needed_by == NULL)
        from = (TreeFrom){.origin = entry->origin,
                          .package = entry->package,
                          .kind = REASON_FIRST_BOOT,
                          .by = path};
      if (tree_add_copy(tree, entry, from, error) == NULL)
        return FALSE;
    }
  for (guint i = 0; i < closure.missing->len; i++)
    g_ptr_array_add(notes, g_strdup(closure.missing->pdata[i]));
  return TRUE;
}

/* The folder of PATH, with the owner and mode that it has in the installation. */
static gboolean
folder_add(Tree *tree, const char *path, const Tree *installed, GError **error) {
  g_autofree char *folder = g_path_get_dirname(path);
  const TreeEntry *entry = tree_resolve(installed, folder);
  TreeFrom from = {.kind = REASON_HOLDS, .by = path};
  return tree_resolve(tree, folder) != NULL || entry == NULL ||
         tree_add_copy(tree, entry, from, error) != NULL;
}

static gboolean
making_add(Secrets *secrets, const Found *found, Tree *tree, const char *root,
           const Tree *installed, GPtrArray *notes, GError **error) {
  const TreeEntry *entry = found->entry;
  const SecretRule *rule = found->rule;
  SecretMade *made = g_new0(SecretMade, 1);
  made->path = g_strdup(entry->path);
  made->command = g_strdup(rule->command);
  made->reason = g_strdup(rule->reason);
  made->uid = entry->uid;
  made->gid = entry->gid;
  made->mode = entry->mode & 0777;
  g_ptr_array_add(secrets->made, made);
  for (char **applet = rule->applets; *applet != NULL; applet++)
    strings_add_once(secrets->applets, *applet);
  if (made->uid != 0 || made->gid != 0)
    strings_add_once(secrets->applets, "chown");
  if (made->mode != 0600)
    strings_add_once(secrets->applets, "chmod");
  for (char **program = rule->programs; *program != NULL; program++)
    if (!program_add(tree, *program, entry->path, root, installed, notes, error))
      return FALSE;
  return folder_add(tree, entry->path, installed, error);
}

static void
empty(Tree *tree, const TreeEntry *entry) {
  TreeEntry *planned = tree_find(tree, entry->path);
  g_clear_pointer(&planned->source, g_free);
  g_clear_pointer(&planned->data, g_bytes_unref);
  g_clear_pointer(&planned->sha256, g_free);
  planned->data = g_bytes_new("", 0);
  planned->size = 0;
  planned->state = planned->package != NULL ? STATE_CHANGED : STATE_NEW;
}

static int
by_rule(gconstpointer a, gconstpointer b) {
  const Found *left = a, *right = b;
  if (left->rule->number != right->rule->number)
    return left->rule->number < right->rule->number ? -1 : 1;
  return strcmp(left->entry->path, right->entry->path);
}

gboolean
secrets_take_out(Secrets *secrets, Tree *tree, const Recipe *recipe, const char *root,
                 const Tree *installed, GPtrArray *notes, GError **error) {
  const char *const *excluded = (const char *const *)recipe->exclude;
  g_autoptr(GArray) all = find_all(secrets, tree, recipe, installed);
  g_array_sort(all, by_rule);
  g_ptr_array_set_size(secrets->made, 0); /* a damaged installation is made again */
  g_ptr_array_set_size(secrets->omitted, 0);
  /* All go before anything is looked for: one secret may name another. */
  for (guint i = 0; i < all->len; i++) {
    const Found *found = &g_array_index(all, Found, i);
    if (found->in_plan && found->rule->action == SECRET_EMPTY)
      empty(tree, found->entry);
    else if (found->in_plan)
      tree_remove(tree, found->entry->path);
  }
  find_named(tree, all);
  for (guint i = 0; i < all->len; i++) {
    const Found *found = &g_array_index(all, Found, i);
    const char *path = found->entry->path;
    gboolean wanted = found->in_plan || (found->named && pattern_find(excluded, path) == NULL);
    if (found->rule->action == SECRET_MAKE && wanted) {
      if (!making_add(secrets, found, tree, root, installed, notes, error))
        return FALSE;
    } else if (found->in_plan && found->rule->action == SECRET_OMIT) {
      g_ptr_array_add(secrets->omitted, g_strdup(path));
    }
  }
  strings_sort(secrets->omitted);
  return TRUE;
}

/* ---- the first boot ---------------------------------------------------- */

/* Its own umask, for what is made is a secret; a file that --at-boot brought is left alone. */
static void
append_making(GString *text, const SecretMade *made) {
  g_autofree char *path = g_shell_quote(made->path);
  g_string_append_printf(text,
                         "path=%s\nif [ ! -s \"$path\" ]; then\n{ %s\n} </dev/null >/dev/null "
                         "2>/run/first || failed\n",
                         path, made->command);
  if (made->uid != 0 || made->gid != 0)
    g_string_append_printf(text, "chown %u:%u \"$path\"\n", made->uid, made->gid);
  if (made->mode != 0600)
    g_string_append_printf(text, "chmod %04o \"$path\"\n", made->mode);
  g_string_append(text, "fi\n");
}

char *
secrets_text(const Secrets *secrets) {
  GString *text = g_string_new(NULL);
  if (secrets->made->len == 0)
    return g_string_free(text, FALSE);
  g_string_append(text, "umask 077\n"
                        "failed() {\n"
                        "echo \"tinyx: $path could not be made at the first boot\"\n"
                        "while read -r line; do echo \"tinyx:   $line\"; done </run/first\n"
                        "}\n");
  for (guint i = 0; i < secrets->made->len; i++)
    append_making(text, secrets->made->pdata[i]);
  return g_string_free(text, FALSE);
}
