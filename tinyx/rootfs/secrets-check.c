/* secrets-check.c - reads every file of a plan, and finds secrets that nobody has allowed. */
#include "rootfs/secrets.h"

#include "base/strings.h"
#include "rootfs/secret-scan.h"

#include <string.h>

typedef struct {
  Secrets *secrets;
  const Recipe *recipe;
  GPtrArray *paths; /* char*: files with a secret that nobody allowed */
  GPtrArray *words; /* char*: what is in each of them */
} Check;

static gboolean
is_users_file(const char *path) {
  static const char *const files[] = {"/etc/passwd",  "/etc/shadow",  "/etc/gshadow",
                                      "/etc/passwd-", "/etc/shadow-", "/etc/gshadow-"};
  for (guint i = 0; i < G_N_ELEMENTS(files); i++)
    if (strcmp(path, files[i]) == 0)
      return TRUE;
  return FALSE;
}

/* Byte code, which a maintainer script makes of a package's files when it is installed. */
static gboolean
is_bytecode(const TreeEntry *entry) {
  return entry->origin == ORIGIN_SCRIPT && strstr(entry->path, "/__pycache__/") != NULL;
}

/* TRUE for bytes that a package brought, and that are no setting of this machine: programs and
 * libraries, which may have keys for their own tests in them, and what the rules know, as it is or
 * compiled. Whoever can download the package has them. */
static gboolean
is_known(const Check *check, const TreeEntry *entry, const char *bytes, gsize size) {
  if (is_bytecode(entry))
    return secret_rules_known(check->secrets->rules, entry->path);
  if (entry->package == NULL || entry->state != STATE_INSTALLED)
    return FALSE;
  return (size >= 4 && memcmp(bytes, "\177ELF", 4) == 0) ||
         secret_rules_known(check->secrets->rules, entry->path);
}

/* What the SIZE bytes of ENTRY are, if they are a secret; NULL: none. g_free. */
static char *
secret_words(const Check *check, const TreeEntry *entry, const char *bytes, gsize size) {
  const SecretRule *rule = secret_rules_find(check->secrets->rules, entry->path, NULL);
  const char *kind = NULL;
  guint line = 0;
  if (rule != NULL && rule->action != SECRET_EMPTY && entry->origin != ORIGIN_GLUE)
    return g_strdup_printf("%s (rootfs/secrets.rules: %s)", rule->reason, rule->pattern);
  if (is_users_file(entry->path))
    kind = secret_scan_users(bytes, size, &line);
  if (kind == NULL && !is_known(check, entry, bytes, size))
    kind = secret_scan(bytes, size, &line);
  return kind != NULL ? g_strdup_printf("%s in line %u", kind, line) : NULL;
}

static gboolean
check_bytes(Check *check, const TreeEntry *entry, const char *bytes, gsize size) {
  g_autofree char *words = secret_words(check, entry, bytes, size);
  if (words == NULL)
    return TRUE;
  if (check->recipe->allow_secret != NULL &&
      g_strv_contains((const char *const *)check->recipe->allow_secret, entry->path)) {
    g_ptr_array_add(check->secrets->allowed, g_strdup(entry->path));
    return TRUE;
  }
  g_ptr_array_add(check->paths, g_strdup(entry->path));
  g_ptr_array_add(check->words, g_steal_pointer(&words));
  return TRUE;
}

static gboolean
check_entry(Check *check, const TreeEntry *entry, GError **error) {
  if (entry->type != TREE_FILE || entry->size == 0 || entry->origin == ORIGIN_BUSYBOX)
    return TRUE;
  if (entry->source == NULL)
    return check_bytes(check, entry, g_bytes_get_data(entry->data, NULL),
                       g_bytes_get_size(entry->data));
  g_autoptr(GMappedFile) file = g_mapped_file_new(entry->source, FALSE, error);
  if (file == NULL)
    return FALSE;
  gsize size = g_mapped_file_get_length(file);
  return size == 0 || check_bytes(check, entry, g_mapped_file_get_contents(file), size);
}

/* Lines of allow-secret= that let nothing in are said: what they were for is not there any more. */
static void
note_idle(const Check *check, GPtrArray *notes) {
  char **paths = check->recipe->allow_secret;
  for (; paths != NULL && *paths != NULL; paths++) {
    if (strings_contain(check->secrets->allowed, *paths))
      continue;
    g_autofree char *place = recipe_place(check->recipe, "image", "allow-secret");
    g_ptr_array_add(notes, g_strdup_printf("%s: %s is no file of the image with a secret in it",
                                           place, *paths));
  }
}

/* What is wrong, and the whole line of the recipe that would allow it. */
static void
fail(const Check *check, GError **error) {
  g_autofree char *place = recipe_line_place(check->recipe, "image", "allow-secret");
  g_autofree char *paths = strings_join(check->paths, " ");
  g_autofree char *before = check->recipe->allow_secret != NULL
                                ? g_strjoinv(" ", check->recipe->allow_secret)
                                : g_strdup("");
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < check->paths->len; i++)
    g_string_append_printf(text, "%s%s has %s", i > 0 ? "; " : "", (char *)check->paths->pdata[i],
                           (char *)check->words->pdata[i]);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: %s: every domain of the image would have the same, and whoever has the image "
              "knows it; expected it at boot (tinyx run --at-boot), or left out (exclude=), or, to "
              "allow it, in [image] the line\nallow-secret=%s%s%s",
              place, text->str, before, *before != '\0' ? " " : "", paths);
}

gboolean
secrets_check(Secrets *secrets, Tree *tree, const Recipe *recipe, GPtrArray *notes,
              GError **error) {
  g_autoptr(GPtrArray) paths = strings_new(), words = strings_new();
  Check check = {.secrets = secrets, .recipe = recipe, .paths = paths, .words = words};
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++)
    if (!check_entry(&check, entries->pdata[i], error))
      return FALSE;
  if (paths->len > 0) {
    fail(&check, error);
    return FALSE;
  }
  note_idle(&check, notes);
  return TRUE;
}

static gboolean
is_unknown(const SecretRules *rules, const TreeEntry *entry, const Tree *installed) {
  if (entry->type != TREE_FILE || entry->source == NULL || entry->size == 0 ||
      entry->package != NULL || entry->origin != ORIGIN_SCRIPT ||
      secret_rules_find(rules, entry->path, installed) != NULL)
    return FALSE;
  g_autoptr(GMappedFile) file = g_mapped_file_new(entry->source, FALSE, NULL);
  return file != NULL && g_mapped_file_get_length(file) > 0 &&
         secret_scan(g_mapped_file_get_contents(file), g_mapped_file_get_length(file), NULL) !=
             NULL;
}

GPtrArray *
secrets_unknown(const Tree *installed, GError **error) {
  g_autoptr(SecretRules) rules = secret_rules_load(error);
  if (rules == NULL)
    return NULL;
  GPtrArray *paths = strings_new();
  const GPtrArray *entries = tree_entries((Tree *)installed);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (is_unknown(rules, entry, installed))
      g_ptr_array_add(paths, g_strdup(entry->path));
  }
  return paths;
}
