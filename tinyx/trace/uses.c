/* uses.c - lists of uses: merged, written, read. */
#include "trace/strace.h"

#include "base/error.h"
#include "base/place.h"

#include <string.h>

static const char *const kind_names[] = {[USE_SHOW] = "show",
                                         [USE_LOOK] = "look",
                                         [USE_WRITE] = "write",
                                         [USE_OPEN] = "open",
                                         [USE_EXEC] = "exec"};

const char *
use_kind_name(UseKind kind) {
  return kind_names[kind];
}

static int
compare_uses(gconstpointer a, gconstpointer b) {
  return strcmp((*(Use *const *)a)->path, (*(Use *const *)b)->path);
}

static Use *
use_copy(const Use *use) {
  Use *copy = g_new0(Use, 1);
  copy->path = g_strdup(use->path);
  copy->kind = use->kind;
  copy->program = g_strdup(use->program);
  return copy;
}

void
uses_merge(GPtrArray *uses, const GPtrArray *other) {
  g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < uses->len; i++)
    g_hash_table_insert(known, ((Use *)uses->pdata[i])->path, uses->pdata[i]);
  for (guint i = 0; i < other->len; i++) {
    const Use *use = other->pdata[i];
    Use *old = g_hash_table_lookup(known, use->path);
    if (old == NULL) {
      Use *fresh = use_copy(use);
      g_ptr_array_add(uses, fresh);
      g_hash_table_insert(known, fresh->path, fresh);
    } else if (use->kind > old->kind) {
      g_free(old->program);
      old->program = g_strdup(use->program);
      old->kind = use->kind;
    }
  }
  g_ptr_array_sort(uses, compare_uses);
}

/* A name with a tab or a newline could not be read back; no package has such a name. */
static gboolean
is_plain(const Use *use) {
  return strpbrk(use->path, "\t\n") == NULL && strpbrk(use->program, "\t\n") == NULL;
}

char *
uses_text(const GPtrArray *uses) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < uses->len; i++) {
    const Use *use = uses->pdata[i];
    if (is_plain(use))
      g_string_append_printf(text, "%s\t%s\t%s\n", kind_names[use->kind], use->path, use->program);
  }
  return g_string_free(text, FALSE);
}

static Use *
use_parse(char *const *words) {
  if (g_strv_length((char **)words) != 3 || words[1][0] == '\0' || words[2][0] != '/')
    return NULL;
  for (guint kind = 0; kind < G_N_ELEMENTS(kind_names); kind++)
    if (strcmp(words[0], kind_names[kind]) == 0 && (words[1][0] == '/') == (kind != USE_SHOW)) {
      Use *use = g_new0(Use, 1);
      use->path = g_strdup(words[1]);
      use->kind = (UseKind)kind;
      use->program = g_strdup(words[2]);
      return use;
    }
  return NULL;
}

GPtrArray *
uses_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(GPtrArray) uses = g_ptr_array_new_with_free_func((GDestroyNotify)use_free);
  g_autofree char *copy = g_strndup(size > 0 ? text : "", size);
  g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto(GStrv) words = g_strsplit(lines[i], "\t", -1);
    Use *use = use_parse(words);
    if (lines[i][0] == '\0' || lines[i][0] == '#')
      continue;
    if (use == NULL) {
      place_set_error(error, file, i + 1,
                      "expected \"look, write, open or exec<tab>PATH<tab>PROGRAM\", or "
                      "\"show<tab>FACT<tab>PROGRAM\"");
      return NULL;
    }
    g_ptr_array_add(uses, use);
  }
  return g_steal_pointer(&uses);
}
