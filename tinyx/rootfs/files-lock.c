/* files-lock.c - recipes/NAME/files.lock: its text, and what it takes out of an image. */
#include "rootfs/files-lock.h"
#include "base/files.h"
#include "base/number.h"

#include "base/place.h"

#include <string.h>

#define FIRST "# tinyx files lock 2"
/* The older format did not mark lines of a trace; they are read as if a person had written them. */
#define FIRST_OLDER "# tinyx files lock 1"
#define GAP "  " /* between a path and why */
#define WORDS "# "

/* The reasons of lines that a trace adds, and the word before the program that used the file. */
static const struct {
  TreeReasonKind kind;
  const char *mark;
} traced[] = {{REASON_OPENED, "opened-by "}, {REASON_LOOKED_FOR, "looked-for-by "}};

static void
line_free(gpointer data) {
  FilesLine *line = data;
  g_free(line->path);
  tree_reason_clear(&line->reason);
  g_free(line);
}

FilesLock *
files_lock_new(const char *file, const char *application) {
  FilesLock *lock = g_new0(FilesLock, 1);
  lock->file = g_strdup(file);
  lock->application = g_strdup(application);
  lock->notes = g_ptr_array_new_with_free_func(g_free);
  lock->facts = facts_new();
  lock->lines = g_ptr_array_new_with_free_func(line_free);
  return lock;
}

void
files_lock_free(FilesLock *lock) {
  if (lock == NULL)
    return;
  g_free(lock->file);
  g_free(lock->application);
  g_ptr_array_unref(lock->notes);
  facts_free(lock->facts);
  g_ptr_array_unref(lock->lines);
  g_free(lock);
}

static gboolean
fail(GError **error, const char *file, guint line, const char *expected) {
  place_set_error(error, file, line, "expected %s", expected);
  return FALSE;
}

static gboolean
numbers_take(const char *text, guint64 *first, guint64 *second) {
  if (!number_take(&text, 10, G_MAXUINT64, first))
    return FALSE;
  if (second == NULL)
    return *text == '\0';
  return *text == ' ' && number_parse(text + 1, G_MAXUINT64, second);
}

/* "net:multicast /usr/bin/app" */
static gboolean
take_fact(FilesLock *lock, const char *text) {
  g_auto(GStrv) words = g_strsplit(text, " ", 2);
  return g_strv_length(words) == 2 && words[1][0] == '/' &&
         facts_add_traced(lock->facts, words[0], words[1]);
}

/* "# KEY: TEXT". What is not known is an error: a word in it would be lost with the next run. */
static gboolean
take_header(FilesLock *lock, const char *line) {
  const char *colon = strchr(line, ':');
  guint64 count;
  if (colon == NULL)
    return FALSE;
  g_autofree char *key = g_strndup(line + 1, (gsize)(colon - line - 1));
  g_autofree char *text = g_strstrip(g_strdup(colon + 1));
  g_strstrip(key);
  if (strcmp(key, "application") == 0) {
    g_free(lock->application);
    lock->application = g_steal_pointer(&text);
    return TRUE;
  }
  if (strcmp(key, "note") == 0) {
    g_ptr_array_add(lock->notes, g_steal_pointer(&text));
    return TRUE;
  }
  if (strcmp(key, "shows") == 0)
    return take_fact(lock, text);
  if (strcmp(key, "opened") == 0) {
    gboolean good = numbers_take(text, &count, NULL) && count <= G_MAXUINT;
    lock->opened = good ? (guint)count : 0;
    return good;
  }
  if (strcmp(key, "unopened") == 0) {
    gboolean good = numbers_take(text, &count, &lock->unopened_bytes) && count <= G_MAXUINT;
    lock->unopened = good ? (guint)count : 0;
    return good;
  }
  if (strcmp(key, "untried") == 0) {
    gboolean good = numbers_take(text, &count, NULL) && count <= G_MAXUINT;
    lock->untried = good ? (guint)count : 0;
    return good;
  }
  return FALSE;
}

/* TEXT stands behind a path. Returns the kind of reason that it begins with, and where the words
 * behind its mark begin in *WORDS; REASON_NONE where it is no reason. */
static TreeReasonKind
why_kind(const char *text, const char **words) {
  *words = text + strlen(WORDS);
  if (g_str_has_prefix(text, WORDS))
    return REASON_LOCK;
  for (guint i = 0; i < G_N_ELEMENTS(traced); i++) {
    *words = text + strlen(traced[i].mark);
    if (g_str_has_prefix(text, traced[i].mark) && **words == '/')
      return traced[i].kind;
  }
  return REASON_NONE;
}

/* The end of the path that TEXT begins with; NULL where no reason follows it. */
static const char *
path_end(const char *text, TreeReasonKind *kind, const char **words) {
  for (const char *gap = strstr(text, GAP); gap != NULL; gap = strstr(gap + 1, GAP))
    if ((*kind = why_kind(gap + strlen(GAP), words)) != REASON_NONE)
      return gap;
  return NULL;
}

/* "+ PATH  # reason", "+ PATH  opened-by PROGRAM" */
static gboolean
take_line(FilesLock *lock, const char *line) {
  TreeReasonKind kind;
  const char *words, *end;
  if (line[0] == '\0' || strchr("+-=", line[0]) == NULL || line[1] != ' ' || line[2] != '/' ||
      (end = path_end(line, &kind, &words)) == NULL)
    return FALSE;
  g_autofree char *path = g_strndup(line + 2, (gsize)(end - line - 2));
  g_autofree char *text = g_strstrip(g_strdup(words));
  if (text[0] == '\0' || files_lock_find(lock, path) != NULL)
    return FALSE;
  return files_lock_add(lock, (FilesMark)line[0], path, kind, text);
}

FilesLock *
files_lock_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(FilesLock) lock = files_lock_new(file, NULL);
  if (!g_utf8_validate(text, (gssize)size, NULL)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: expected UTF-8 text", file);
    return NULL;
  }
  g_autofree char *copy = g_strndup(text, size);
  g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
  if (lines[0] == NULL || (strcmp(lines[0], FIRST) != 0 && strcmp(lines[0], FIRST_OLDER) != 0)) {
    fail(error, file, 1, "\"" FIRST "\"");
    return NULL;
  }
  for (guint i = 1; lines[i] != NULL; i++) {
    const char *line = lines[i];
    if (line[0] == '#' ? !take_header(lock, line) : line[0] != '\0' && !take_line(lock, line)) {
      fail(error, file, i + 1,
           line[0] == '#' ? "\"# KEY: TEXT\" with application, opened, unopened, untried, shows or "
                            "note"
                          : "\"+ PATH  # reason\" (or -, or =) or \"+ PATH  opened-by PROGRAM\" "
                            "(or looked-for-by), each path once");
      return NULL;
    }
  }
  if (lock->application == NULL) {
    fail(error, file, 1, "the line application after it");
    return NULL;
  }
  return g_steal_pointer(&lock);
}

FilesLock *
files_lock_load(const char *path, GError **error) {
  g_autofree char *text = NULL;
  gsize size;
  return file_read(path, FILES_LOCK_BYTES_MAX, &text, &size, error)
             ? files_lock_parse(text, size, path, error)
             : NULL;
}

static int
compare_lines(gconstpointer a, gconstpointer b) {
  return strcmp((*(FilesLine *const *)a)->path, (*(FilesLine *const *)b)->path);
}

static const char *
why_mark(TreeReasonKind kind) {
  for (guint i = 0; i < G_N_ELEMENTS(traced); i++)
    if (traced[i].kind == kind)
      return traced[i].mark;
  return WORDS;
}

char *
files_lock_text(const FilesLock *lock) {
  GString *text = g_string_new(FIRST "\n");
  g_ptr_array_sort(lock->lines, compare_lines);
  g_string_append_printf(text, "# application: %s\n# opened: %u\n", lock->application,
                         lock->opened);
  g_string_append_printf(text, "# unopened: %u %" G_GUINT64_FORMAT "\n", lock->unopened,
                         lock->unopened_bytes);
  if (lock->untried > 0)
    g_string_append_printf(text, "# untried: %u\n", lock->untried);
  for (guint i = 0; i < lock->notes->len; i++)
    g_string_append_printf(text, "# note: %s\n", (char *)lock->notes->pdata[i]);
  for (guint i = 0; i < facts_list(lock->facts)->len; i++) {
    const Fact *fact = facts_list(lock->facts)->pdata[i];
    g_autofree char *name = fact_name(fact);
    g_string_append_printf(text, "# shows: %s %s\n", name, fact->file);
  }
  for (guint i = 0; i < lock->lines->len; i++) {
    const FilesLine *line = lock->lines->pdata[i];
    g_string_append_printf(text, "%c %s" GAP "%s%s\n", line->mark, line->path,
                           why_mark(line->reason.kind),
                           line->reason.by != NULL ? line->reason.by : line->reason.detail);
  }
  return g_string_free(text, FALSE);
}

const FilesLine *
files_lock_find(const FilesLock *lock, const char *path) {
  for (guint i = 0; i < lock->lines->len; i++) {
    const FilesLine *line = lock->lines->pdata[i];
    if (strcmp(line->path, path) == 0)
      return line;
  }
  return NULL;
}

static gboolean
can_be_written(const char *path) {
  TreeReasonKind kind;
  const char *words;
  return path[0] == '/' && strchr(path, '\n') == NULL && g_utf8_validate(path, -1, NULL) &&
         !g_ascii_isspace(path[strlen(path) - 1]) && path_end(path, &kind, &words) == NULL;
}

gboolean
files_lock_add(FilesLock *lock, FilesMark mark, const char *path, TreeReasonKind kind,
               const char *words) {
  FilesLine *line = (FilesLine *)files_lock_find(lock, path);
  gboolean by_trace = kind == REASON_OPENED || kind == REASON_LOOKED_FOR;
  if (!can_be_written(path) || (by_trace && (mark != FILES_ADD || !can_be_written(words))))
    return FALSE;
  if (line == NULL) {
    line = g_new0(FilesLine, 1);
    line->path = g_strdup(path);
    g_ptr_array_add(lock->lines, line);
  }
  line->mark = mark;
  tree_reason_set(&line->reason, kind, by_trace ? words : NULL, by_trace ? NULL : words);
  return TRUE;
}

guint
files_lock_count(const FilesLock *lock, FilesMark mark) {
  guint count = 0;
  for (guint i = 0; i < lock->lines->len; i++)
    count += ((const FilesLine *)lock->lines->pdata[i])->mark == mark;
  return count;
}

gboolean
files_lock_is_kept(const TreeEntry *entry) {
  static const char *const users[] = {"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"};
  if (entry->type != TREE_FILE || entry->origin == ORIGIN_BUSYBOX || entry->origin == ORIGIN_GLUE ||
      entry->origin == ORIGIN_RECIPE)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(users); i++)
    if (strcmp(entry->path, users[i]) == 0)
      return TRUE;
  return entry->reason.kind == REASON_INCLUDE;
}

/* The paths of the links that lead to one of PATHS. */
static GPtrArray *
links_to(Tree *tree, GHashTable *paths) {
  GPtrArray *links = g_ptr_array_new_with_free_func(g_free);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    const TreeEntry *target = entry->type == TREE_SYMLINK ? tree_resolve(tree, entry->path) : NULL;
    if (target != NULL && g_hash_table_contains(paths, target->path))
      g_ptr_array_add(links, g_strdup(entry->path));
  }
  return links;
}

static gboolean
is_empty_folder(Tree *tree, const char *path) {
  const GPtrArray *entries = tree_entries(tree);
  gsize length = strlen(path);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (strncmp(entry->path, path, length) == 0 && entry->path[length] == '/')
      return FALSE;
  }
  return TRUE;
}

/* Removes PATH, and the folders above it that are empty now and were only there to hold something.
 */
static void
remove_with_folders(Tree *tree, const char *path) {
  g_autofree char *folder = g_path_get_dirname(path);
  tree_remove(tree, path);
  for (;;) {
    const TreeEntry *entry = tree_find(tree, folder);
    if (entry == NULL || entry->type != TREE_DIR || entry->reason.kind != REASON_HOLDS ||
        !is_empty_folder(tree, folder))
      return;
    tree_remove(tree, folder);
    char *above = g_path_get_dirname(folder);
    g_free(folder);
    folder = above;
  }
}

void
files_lock_drop(const FilesLock *lock, Tree *tree, GPtrArray *notes, guint *files, guint64 *bytes) {
  g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
  *files = 0;
  *bytes = 0;
  for (guint i = 0; i < lock->lines->len; i++) {
    const FilesLine *line = lock->lines->pdata[i];
    const TreeEntry *entry = line->mark == FILES_DROP ? tree_find(tree, line->path) : NULL;
    if (entry == NULL)
      continue;
    if (files_lock_is_kept(entry)) {
      g_autofree char *why = tree_entry_why(entry);
      g_ptr_array_add(notes,
                      g_strdup_printf("%s: %s is not dropped: %s", lock->file, line->path, why));
      continue;
    }
    g_hash_table_add(paths, line->path);
    *files += 1;
    *bytes += entry->size;
  }
  if (*files == 0)
    return;
  g_autoptr(GPtrArray) links = links_to(tree, paths);
  GHashTableIter iter;
  gpointer path;
  for (guint i = 0; i < links->len; i++)
    remove_with_folders(tree, links->pdata[i]);
  g_hash_table_iter_init(&iter, paths);
  while (g_hash_table_iter_next(&iter, &path, NULL))
    remove_with_folders(tree, path);
}
