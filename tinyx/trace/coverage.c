/* coverage.c - what a traced test opened, compared with what the image has. */
#include "trace/coverage.h"
#include "base/elffile.h"
#include "base/files.h"

#include "base/plain.h"

#include "deps/content.h"
#include "deps/elf.h"
#include "rootfs/files-lock.h"
#include "trace/strace.h"

#include <string.h>

#define LINKS 40       /* as the kernel has it: ELOOP */
#define INTERPRETERS 4 /* a script of a script: BINPRM_MAX_RECURSION */

typedef struct {
  Tree *plan, *installed;
  const Patterns *skip;
  GHashTable *used;  /* path of the plan -> UseKind */
  GHashTable *added; /* path -> CoverageAdded */
} Finder;

/* Where a path leads in a root that has the image's files over those of the installation. */
typedef struct {
  char *path;             /* of the entry, or of what would be there */
  const TreeEntry *entry; /* NULL: there is none */
  GPtrArray *links;       /* char*: links on the way */
} Way;

static void
way_clear(Way *way) {
  g_free(way->path);
  g_clear_pointer(&way->links, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Way, way_clear)

static const TreeEntry *
lookup(const Finder *finder, const char *path) {
  const TreeEntry *entry = tree_find(finder->plan, path);
  return entry != NULL ? entry : tree_find(finder->installed, path);
}

static void
push_names(GQueue *names, const char *path) {
  g_auto(GStrv) parts = g_strsplit(path, "/", -1);
  for (guint i = g_strv_length(parts); i > 0; i--)
    if (parts[i - 1][0] != '\0' && strcmp(parts[i - 1], ".") != 0)
      g_queue_push_head(names, g_strdup(parts[i - 1]));
}

static void
go_up(GString *at) {
  const char *slash = strrchr(at->str, '/');
  g_string_truncate(at, slash != NULL ? (gsize)(slash - at->str) : 0);
}

static void
way_find(const Finder *finder, const char *path, Way *way) {
  g_autoptr(GString) at = g_string_new(NULL); /* "" is the root */
  g_autoptr(GQueue) names = g_queue_new();
  char *name;
  way->links = g_ptr_array_new_with_free_func(g_free);
  way->entry = NULL;
  push_names(names, path);
  while ((name = g_queue_pop_head(names)) != NULL) {
    g_autofree char *part = name;
    if (strcmp(part, "..") == 0) {
      go_up(at);
      way->entry = at->len > 0 ? lookup(finder, at->str) : NULL;
      continue;
    }
    g_string_append_printf(at, "/%s", part);
    way->entry = lookup(finder, at->str);
    if (way->entry == NULL || way->entry->type != TREE_SYMLINK)
      continue;
    g_ptr_array_add(way->links, g_strdup(at->str));
    if (way->links->len > LINKS)
      break;
    if (way->entry->target[0] == '/')
      g_string_truncate(at, 0);
    else
      go_up(at);
    push_names(names, way->entry->target);
  }
  g_queue_clear_full(names, g_free);
  way->path = g_strdup(at->len > 0 ? at->str : "/");
}

static gboolean
is_skipped(const Finder *finder, const char *path) {
  return strcmp(path, "/") == 0 || patterns_match(finder->skip, path, NULL) != NULL;
}

static void
added_free(gpointer data) {
  CoverageAdded *added = data;
  g_free(added->path);
  tree_reason_clear(&added->reason);
  g_free(added);
}

static void
unopened_free(gpointer data) {
  CoverageUnopened *unopened = data;
  g_free(unopened->path);
  g_free(unopened->package);
  tree_reason_clear(&unopened->reason);
  g_free(unopened);
}

static void
add(Finder *finder, const TreeEntry *entry, TreeReasonKind kind, const char *program) {
  if (g_hash_table_contains(finder->added, entry->path))
    return;
  CoverageAdded *added = g_new0(CoverageAdded, 1);
  added->path = g_strdup(entry->path);
  tree_reason_set(&added->reason, kind, program, NULL);
  added->size = entry->type == TREE_FILE ? entry->size : 0;
  g_hash_table_insert(finder->added, added->path, added);
}

/* Notes that the entry at PATH was used as KIND says. One that the image lacks is to be added if it
 * was opened, or is a folder. */
static void
use_entry(Finder *finder, const char *path, UseKind kind, const char *program) {
  const TreeEntry *entry = tree_find(finder->plan, path);
  if (entry != NULL) {
    gpointer old = g_hash_table_lookup(finder->used, entry->path);
    if (old == NULL || GPOINTER_TO_INT(old) - 1 < (int)kind)
      g_hash_table_insert(finder->used, entry->path, GINT_TO_POINTER((int)kind + 1));
    return;
  }
  entry = tree_find(finder->installed, path);
  if (entry == NULL)
    return;
  if (kind >= USE_OPEN && (entry->type == TREE_FILE || entry->type == TREE_SYMLINK))
    add(finder, entry, REASON_OPENED, program);
  else if (entry->type == TREE_DIR)
    add(finder, entry, kind == USE_LOOK ? REASON_LOOKED_FOR : REASON_OPENED, program);
}

/* The interpreter of the program ENTRY, which the kernel opens, and so no trace shows: PT_INTERP,
 * or what stands behind "#!". NULL: it has none. g_free. */
static char *
interpreter_of(const TreeEntry *entry) {
  if (entry->type != TREE_FILE || entry->source == NULL)
    return NULL;
  g_autoptr(ElfInfo) elf = elf_read(entry->source, 0, NULL);
  if (elf != NULL)
    return g_strdup(elf->interp);
  g_autoptr(GMappedFile) file = file_map(entry->source, ELF_BYTES_MAX, NULL);
  g_auto(GStrv) words =
      file != NULL && g_mapped_file_get_contents(file) != NULL
          ? content_script_line(g_mapped_file_get_contents(file), g_mapped_file_get_length(file))
          : NULL;
  return words != NULL && words[0][0] == '/' ? g_strdup(words[0]) : NULL;
}

static void
use_path(Finder *finder, const char *path, UseKind kind, const char *program, int depth) {
  g_auto(Way) way = {0};
  way_find(finder, path, &way);
  if (is_skipped(finder, path) || is_skipped(finder, way.path) || way.links->len > LINKS)
    return;
  for (guint i = 0; i < way.links->len; i++)
    if (!is_skipped(finder, way.links->pdata[i]))
      use_entry(finder, way.links->pdata[i], kind, program);
  if (way.entry == NULL || kind == USE_WRITE) { /* a file that was made needs its folder */
    g_autofree char *folder = g_path_get_dirname(way.path);
    if (strcmp(folder, "/") != 0 && lookup(finder, folder) != NULL)
      use_entry(finder, folder, USE_OPEN, program);
  }
  if (way.entry == NULL)
    return;
  if (kind != USE_WRITE || tree_find(finder->plan, way.path) != NULL)
    use_entry(finder, way.path, kind, program);
  g_autofree char *interpreter =
      kind == USE_EXEC && depth < INTERPRETERS ? interpreter_of(way.entry) : NULL;
  if (interpreter != NULL)
    use_path(finder, interpreter, USE_EXEC, way.path, depth + 1);
}

static int
compare_added(gconstpointer a, gconstpointer b) {
  return strcmp((*(CoverageAdded *const *)a)->path, (*(CoverageAdded *const *)b)->path);
}

static void
take_added(Finder *finder, Coverage *coverage) {
  GHashTableIter iter;
  gpointer added;
  g_hash_table_iter_init(&iter, finder->added);
  while (g_hash_table_iter_next(&iter, NULL, &added)) {
    const TreeEntry *entry = tree_find(finder->installed, ((CoverageAdded *)added)->path);
    coverage->opened += entry->type == TREE_FILE;
    g_ptr_array_add(coverage->added, added);
    g_hash_table_iter_steal(&iter);
  }
  g_ptr_array_sort(coverage->added, compare_added);
}

static void
take_unopened(Finder *finder, Coverage *coverage) {
  const GPtrArray *entries = tree_entries(finder->plan);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    int kind = GPOINTER_TO_INT(g_hash_table_lookup(finder->used, entry->path)) - 1;
    if (files_lock_is_kept(entry))
      continue;
    if (kind > USE_LOOK) {
      coverage->opened++;
      continue;
    }
    CoverageUnopened *unopened = g_new0(CoverageUnopened, 1);
    unopened->path = g_strdup(entry->path);
    unopened->package = g_strdup(entry->package);
    tree_reason_set(&unopened->reason, entry->reason.kind, entry->reason.by, entry->reason.detail);
    unopened->size = entry->size;
    unopened->looked_at = kind == USE_LOOK;
    coverage->unopened_bytes += entry->size;
    g_ptr_array_add(coverage->unopened, unopened);
  }
}

void
coverage_find(Tree *plan, Tree *installed, const Patterns *skip, const GPtrArray *uses,
              Coverage *coverage) {
  Finder finder = {.plan = plan,
                   .installed = installed,
                   .skip = skip,
                   .used = g_hash_table_new(g_str_hash, g_str_equal),
                   .added = g_hash_table_new(g_str_hash, g_str_equal)};
  memset(coverage, 0, sizeof *coverage);
  coverage->added = g_ptr_array_new_with_free_func(added_free);
  coverage->unopened = g_ptr_array_new_with_free_func(unopened_free);
  for (guint i = 0; i < uses->len; i++) {
    const Use *use = uses->pdata[i];
    if (use->kind != USE_SHOW)
      use_path(&finder, use->path, use->kind, use->program, 0);
  }
  take_added(&finder, coverage);
  take_unopened(&finder, coverage);
  g_hash_table_unref(finder.used);
  g_hash_table_unref(finder.added);
}

void
coverage_clear(Coverage *coverage) {
  g_clear_pointer(&coverage->added, g_ptr_array_unref);
  g_clear_pointer(&coverage->unopened, g_ptr_array_unref);
}

char *
coverage_unopened_text(const Coverage *coverage) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < coverage->unopened->len; i++) {
    const CoverageUnopened *unopened = coverage->unopened->pdata[i];
    g_autofree char *why = tree_reason_text(&unopened->reason, TREE_FILE);
    plain_append(text, "%" G_GUINT64_FORMAT "\t%s\t%s\t%s\t%s\n", unopened->size, unopened->path,
                 unopened->package != NULL ? unopened->package : "-",
                 unopened->looked_at ? "looked at" : "-", why != NULL ? why : "-");
  }
  return g_string_free(text, FALSE);
}
