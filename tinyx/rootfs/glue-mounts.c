/* rootfs/mounts.rules, and what the files of an image say by them. */
#include "base/files.h"
#include "rootfs/glue-private.h"

#include <string.h>

#define DATA "rootfs/mounts.rules"

/* In the order in which they are mounted. */
static const char *const kinds[] = {"dev", "proc", "sys", "devpts", "shm", NULL};

typedef struct {
  char *kind;
  char **strings;
} MountRule;

struct MountRules {
  GPtrArray *rules;   /* MountRule* */
  GPtrArray *excepts; /* GPatternSpec* */
};

static void
rule_free(gpointer data) {
  MountRule *rule = data;
  g_free(rule->kind);
  g_strfreev(rule->strings);
  g_free(rule);
}

static void
pattern_free(gpointer pattern) {
  g_pattern_spec_free(pattern);
}

void
mount_rules_free(MountRules *rules) {
  if (rules == NULL)
    return;
  g_ptr_array_unref(rules->rules);
  g_ptr_array_unref(rules->excepts);
  g_free(rules);
}

/* Splits LINE at the last "  # "; NULL if there is no reason. */
static char *
before_reason(const char *line) {
  const char *mark = g_strrstr(line, "# ");
  if (mark == NULL || mark == line || !g_ascii_isspace(mark[-1]) || mark[2] == '\0')
    return NULL;
  return g_strndup(line, (gsize)(mark - line));
}

static const char *
take_words(MountRules *rules, char **words) {
  if (g_strv_length(words) == 2 && strcmp(words[0], "except") == 0) {
    g_ptr_array_add(rules->excepts, g_pattern_spec_new(words[1]));
    return NULL;
  }
  if (g_strv_length(words) < 4 || strcmp(words[0], "mount") != 0 || strcmp(words[2], "when") != 0)
    return "mount KIND when \"STRING\"... # REASON, or except GLOB # REASON";
  if (!g_strv_contains(kinds, words[1]))
    return "proc, sys, dev, devpts or shm after \"mount\"";
  for (guint i = 3; words[i] != NULL; i++)
    if (words[i][0] == '\0')
      return "strings that are not empty";
  MountRule *rule = g_new0(MountRule, 1);
  rule->kind = g_strdup(words[1]);
  rule->strings = g_strdupv(words + 3);
  g_ptr_array_add(rules->rules, rule);
  return NULL;
}

static gboolean
parse_line(MountRules *rules, const char *line, const char *file, guint number, GError **error) {
  g_autofree char *body = before_reason(line);
  g_auto(GStrv) words = NULL;
  const char *expected = "\"  # REASON\" at the end of the line";
  if (body != NULL)
    expected =
        g_shell_parse_argv(body, NULL, &words, NULL) ? take_words(rules, words) : "balanced quotes";
  if (expected != NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s:%u: bad line \"%s\"; expected %s", file,
                number, line, expected);
  return expected == NULL;
}

MountRules *
mount_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(MountRules) rules = g_new0(MountRules, 1);
  g_autofree char *copy = g_strndup(text, size);
  g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
  rules->rules = g_ptr_array_new_with_free_func(rule_free);
  rules->excepts = g_ptr_array_new_with_free_func(pattern_free);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = g_strstrip(lines[i]);
    if (*line != '\0' && *line != '#' && !parse_line(rules, line, file, i + 1, error))
      return NULL;
  }
  return g_steal_pointer(&rules);
}

static gboolean
is_excepted(const MountRules *rules, const char *path) {
  g_autofree char *name = g_path_get_basename(path);
  for (guint i = 0; i < rules->excepts->len; i++)
    if (g_pattern_spec_match_string(rules->excepts->pdata[i], name))
      return TRUE;
  return FALSE;
}

/* Programs, libraries and scripts; not what merely writes of a path. */
static gboolean
can_speak(const TreeEntry *entry, const char *bytes, gsize size) {
  return (entry->mode & 0111) != 0 || (size >= 4 && memcmp(bytes, "\177ELF", 4) == 0) ||
         (size >= 2 && memcmp(bytes, "#!", 2) == 0);
}

static void
ask_file(const MountRules *rules, const TreeEntry *entry, GHashTable *found) {
  g_autoptr(GMappedFile) map = g_mapped_file_new(entry->source, FALSE, NULL);
  const char *bytes = map != NULL ? g_mapped_file_get_contents(map) : NULL;
  gsize size = map != NULL ? g_mapped_file_get_length(map) : 0;
  if (bytes == NULL || !can_speak(entry, bytes, size))
    return;
  for (guint i = 0; i < rules->rules->len; i++) {
    const MountRule *rule = rules->rules->pdata[i];
    for (guint j = 0; rule->strings[j] != NULL && !g_hash_table_contains(found, rule->kind); j++)
      if (memmem(bytes, size, rule->strings[j], strlen(rule->strings[j])) != NULL)
        g_hash_table_add(found, rule->kind);
  }
}

char **
mount_rules_match(const MountRules *rules, Tree *tree) {
  g_autoptr(GHashTable) found = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GStrvBuilder) words = g_strv_builder_new();
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type == TREE_FILE && entry->source != NULL && !is_excepted(rules, entry->path) &&
        g_strcmp0(entry->package, "busybox") != 0 && g_strcmp0(entry->package, "glue") != 0)
      ask_file(rules, entry, found);
  }
  for (guint i = 0; kinds[i] != NULL; i++)
    if (g_hash_table_contains(found, kinds[i]))
      g_strv_builder_add(words, kinds[i]);
  return g_strv_builder_end(words);
}

/* What a recipe names, in the order of mounting; "run" and "tmp" are folders to glue_writable. */
static char **
named_mounts(const Recipe *recipe) {
  g_autoptr(GStrvBuilder) words = g_strv_builder_new();
  for (guint i = 0; kinds[i] != NULL; i++)
    if (g_strv_contains((const char *const *)recipe->mounts, kinds[i]))
      g_strv_builder_add(words, kinds[i]);
  return g_strv_builder_end(words);
}

/* pidof looks there for the daemon that left no note, rc for a UDP port. */
static gboolean
needs_proc(const Recipe *recipe) {
  if (recipe->ready_udp > 0)
    return TRUE;
  for (guint i = 0; i < recipe->runs->len; i++) {
    const RecipeRun *run = recipe->runs->pdata[i];
    if (run->forks && run->pid_file == NULL)
      return TRUE;
  }
  return FALSE;
}

char **
glue_mounts(Tree *tree, const Recipe *recipe, GError **error) {
  if (recipe->mounts != NULL && recipe->mounts[0] != NULL)
    return named_mounts(recipe);
  g_autofree char *path = data_path(DATA);
  g_autofree char *text = NULL;
  gsize size = 0;
  if (!g_file_get_contents(path, &text, &size, error))
    return NULL;
  g_autoptr(MountRules) rules = mount_rules_parse(text, size, DATA, error);
  if (rules == NULL)
    return NULL;
  g_auto(GStrv) words = mount_rules_match(rules, tree);
  g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
  if (needs_proc(recipe) && !g_strv_contains((const char *const *)words, "proc"))
    g_strv_builder_add(kept, "proc");
  /* On evidence alone a folder does for shm: the initramfs is memory, and in a squashfs image it
   * is one of the writable folders. */
  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp(words[i], "shm") != 0)
      g_strv_builder_add(kept, words[i]);
  return g_strv_builder_end(kept);
}
