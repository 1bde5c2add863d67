/* bytecode.c - times that compiled modules hold of their sources.
 *
 * Format: PEP 552. Four bytes of magic, four of flags (0: by time), then time and size of the
 * source, all little-endian. Names: PEP 3147, "__pycache__/NAME.TAG.pyc".
 */
#include "rootfs/bytecode.h"

#include "base/files.h"

#include <stdio.h>
#include <string.h>

#define FOLDER "/__pycache__"
#define HEADER_BYTES 16
#define FLAGS_AT 4
#define TIME_AT 8
#define SIZE_AT 12

static guint32
word_at(const guint8 *bytes, gsize at) {
  guint32 word;
  memcpy(&word, bytes + at, sizeof word);
  return GUINT32_FROM_LE(word);
}

static gboolean
header_read(const TreeEntry *module, guint8 *header) {
  FILE *file = file_open(module->source, G_MAXUINT64, NULL);
  gsize size = file != NULL ? fread(header, 1, HEADER_BYTES, file) : 0;
  if (file != NULL)
    fclose(file);
  return size == HEADER_BYTES;
}

/* The source in TREE of the compiled MODULE; NULL if it is none, or has no source there. */
static TreeEntry *
source_of(const Tree *tree, const TreeEntry *module) {
  g_autofree char *folder = g_path_get_dirname(module->path);
  g_autofree char *name = g_path_get_basename(module->path);
  if (!g_str_has_suffix(folder, FOLDER) || !g_str_has_suffix(name, ".pyc"))
    return NULL;
  folder[strlen(folder) - strlen(FOLDER)] = '\0';
  name[strcspn(name, ".")] = '\0';
  g_autofree char *path = g_strconcat(folder, "/", name, ".py", NULL);
  TreeEntry *source = tree_resolve(tree, path);
  return source != NULL && source->type == TREE_FILE ? source : NULL;
}

void
bytecode_times(Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *module = entries->pdata[i];
    guint8 header[HEADER_BYTES];
    TreeEntry *source =
        module->type == TREE_FILE && module->source != NULL ? source_of(tree, module) : NULL;
    if (source != NULL && header_read(module, header) && word_at(header, FLAGS_AT) == 0 &&
        word_at(header, SIZE_AT) == (guint32)source->size)
      source->mtime = word_at(header, TIME_AT);
  }
}
