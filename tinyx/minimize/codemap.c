/* codemap.c - which code is where in a kernel, and which of it ran. */
#include "minimize/codemap.h"

#include "base/elffile.h"
#include "base/files.h"
#include "base/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A piece of an object in the kernel, as ld's map lists it. */
typedef struct {
  guint64 start, end;
  const char *object;
} Piece;

struct Codemap {
  GStringChunk *strings;
  GArray *symbols; /* CodeSymbol */
  GArray *pieces;  /* Piece */
  guint64 low, high;
};

void
codemap_free(Codemap *map) {
  if (map == NULL)
    return;
  g_string_chunk_free(map->strings);
  g_array_unref(map->symbols);
  g_array_unref(map->pieces);
  g_free(map);
}

/* "./fs/eventpoll.o" is fs/eventpoll.o, "lib/lib.a(sort.o)" is lib/sort.o. */
static const char *
object_name(Codemap *map, const char *text) {
  g_autofree char *name = g_strdup(g_str_has_prefix(text, "./") ? text + 2 : text);
  char *open = strchr(name, '(');
  if (open != NULL) {
    g_autofree char *member = g_strndup(open + 1, strcspn(open + 1, ")"));
    g_autofree char *folder = NULL;
    *open = '\0';
    folder = g_path_get_dirname(name);
    g_free(name);
    name = strchr(member, '/') != NULL ? g_steal_pointer(&member)
                                       : g_build_filename(folder, member, NULL);
  }
  return g_str_has_suffix(name, ".o") ? g_string_chunk_insert_const(map->strings, name) : NULL;
}

/* One line of ld's map: " .text  0xADDRESS  0xSIZE  OBJECT"; after a long section name the rest
 * stands on a line of its own. Everything else is skipped. */
static void
take_piece(Codemap *map, const char *line) {
  g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
  const char *found[4];
  guint count = 0;
  Piece piece = {0};
  for (guint i = 0; words[i] != NULL && count < 4; i++)
    if (words[i][0] != '\0' && !(count == 0 && words[i][0] == '.'))
      found[count++] = words[i];
  if (count != 3 || !g_str_has_prefix(found[0], "0x") || !g_str_has_prefix(found[1], "0x"))
    return;
  piece.start = g_ascii_strtoull(found[0], NULL, 16);
  piece.end = piece.start + g_ascii_strtoull(found[1], NULL, 16);
  piece.object = object_name(map, found[2]);
  /* Sections that are not loaded (debug information) are listed at address 0. */
  if (piece.object != NULL && piece.end > piece.start && piece.start >> 63 != 0)
    g_array_append_val(map->pieces, piece);
}

static int
compare_pieces(gconstpointer a, gconstpointer b) {
  const Piece *first = a, *second = b;
  return first->start < second->start ? -1 : first->start > second->start;
}

static const Piece *
piece_at(const Codemap *map, guint64 address) {
  guint low = 0, high = map->pieces->len;
  while (low < high) {
    guint middle = (low + high) / 2;
    const Piece *piece = &g_array_index(map->pieces, Piece, middle);
    if (address < piece->start)
      high = middle;
    else if (address >= piece->end)
      low = middle + 1;
    else
      return piece;
  }
  return NULL;
}

static int
compare_symbols(gconstpointer a, gconstpointer b) {
  const CodeSymbol *first = a, *second = b;
  if (first->address != second->address)
    return first->address < second->address ? -1 : 1;
  return strcmp(first->name, second->name);
}

/* "ADDRESS TYPE NAME"; nm's types: t, T code; w, W weak, here always code. */
static gboolean
take_symbol(Codemap *map, const char *line) {
  char *end;
  guint64 address = g_ascii_strtoull(line, &end, 16);
  CodeSymbol symbol = {.address = address};
  if (end == line || *end != ' ' || end[1] == '\0' || end[2] != ' ' || end[3] == '\0')
    return FALSE;
  symbol.name = g_string_chunk_insert_const(map->strings, end + 3);
  symbol.code = strchr("tTwW", end[1]) != NULL;
  if (strchr("aA", end[1]) == NULL && address >> 63 != 0)
    g_array_append_val(map->symbols, symbol);
  return TRUE;
}

static guint64
address_of(const Codemap *map, const char *name) {
  const CodeSymbol *symbol = codemap_find(map, name);
  return symbol != NULL ? symbol->address : 0;
}

/* Fills in the size and the object of every symbol, and whether its code is freed after the boot
 * (.init.text). */
static void
complete(Codemap *map) {
  guint64 init_low = address_of(map, "_sinittext"), init_high = address_of(map, "_einittext");
  guint64 next = 0;
  map->low = address_of(map, "_text");
  map->high = MAX(address_of(map, "_etext"), init_high);
  for (guint i = map->symbols->len; i > 0; i--) {
    CodeSymbol *symbol = &g_array_index(map->symbols, CodeSymbol, i - 1);
    const Piece *piece = piece_at(map, symbol->address);
    guint64 end = piece != NULL ? piece->end : next;
    if (i < map->symbols->len && symbol[1].address > symbol->address)
      next = symbol[1].address;
    if (next > symbol->address && next < end)
      end = next;
    symbol->size = end > symbol->address ? end - symbol->address : 0;
    symbol->object = piece != NULL ? piece->object : NULL;
    symbol->init = symbol->address >= init_low && symbol->address < init_high;
  }
}

Codemap *
codemap_parse(const char *system_map, const char *link_map, const char *file, GError **error) {
  g_autoptr(Codemap) map = g_new0(Codemap, 1);
  g_auto(GStrv) lines = g_strsplit(system_map, "\n", -1);
  g_auto(GStrv) parts = g_strsplit(link_map, "\n", -1);
  map->strings = g_string_chunk_new(65536);
  map->symbols = g_array_new(FALSE, FALSE, sizeof(CodeSymbol));
  map->pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0' && !take_symbol(map, lines[i])) {
      place_set_error_code(error, TINYX_ERROR_CORRUPT, file, i + 1,
                           "\"%.60s\"; expected ADDRESS TYPE NAME, as nm prints it", lines[i]);
      return NULL;
    }
  for (guint i = 0; parts[i] != NULL; i++)
    take_piece(map, parts[i]);
  g_array_sort(map->pieces, compare_pieces);
  g_array_sort(map->symbols, compare_symbols);
  complete(map);
  if (map->high <= map->low) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT,
                "%s: no _text and _etext; expected the symbols of a kernel", file);
    return NULL;
  }
  return g_steal_pointer(&map);
}

Codemap *
codemap_load(const char *folder, GError **error) {
  g_autofree char *system_path = g_build_filename(folder, "System.map", NULL);
  g_autofree char *link_path = g_build_filename(folder, "vmlinux.map", NULL);
  g_autofree char *system_map = NULL, *link_map = NULL;
  if (!file_read(system_path, FILE_OWN_MAX, &system_map, NULL, error) ||
      !file_read(link_path, FILE_OWN_MAX, &link_map, NULL, error))
    return NULL;
  return codemap_parse(system_map, link_map, system_path, error);
}

const CodeSymbol *
codemap_symbols(const Codemap *map, guint *count) {
  *count = map->symbols->len;
  return (const CodeSymbol *)map->symbols->data;
}

const CodeSymbol *
codemap_find(const Codemap *map, const char *name) {
  for (guint i = 0; i < map->symbols->len; i++) {
    const CodeSymbol *symbol = &g_array_index(map->symbols, CodeSymbol, i);
    if (strcmp(symbol->name, name) == 0)
      return symbol;
  }
  return NULL;
}

void
codemap_range(const Codemap *map, guint64 *low, guint64 *high) {
  *low = map->low;
  *high = map->high;
}

/* Marks the last symbol that begins at or before ADDRESS, and all with the same address. */
void
codemap_mark(Codemap *map, guint64 address) {
  guint low = 0, high = map->symbols->len;
  while (low < high) {
    guint middle = (low + high) / 2;
    if (g_array_index(map->symbols, CodeSymbol, middle).address <= address)
      low = middle + 1;
    else
      high = middle;
  }
  for (guint i = low; i > 0; i--) {
    CodeSymbol *symbol = &g_array_index(map->symbols, CodeSymbol, i - 1);
    if (symbol->address != g_array_index(map->symbols, CodeSymbol, low - 1).address)
      break;
    symbol->ran = symbol->code;
  }
}

gboolean
codemap_read_trace(Codemap *map, const char *path, guint *instructions, GError **error) {
  FILE *stream = file_open(path, ELF_BYTES_MAX, error);
  char *line = NULL;
  size_t room = 0;
  *instructions = 0;
  if (stream == NULL)
    return FALSE;
  while (getline(&line, &room, stream) > 0) {
    guint64 address;
    if (line[0] != '0' || line[1] != 'x')
      continue;
    address = g_ascii_strtoull(line, NULL, 16);
    if (address < map->low || address >= map->high)
      continue;
    codemap_mark(map, address);
    ++*instructions;
  }
  free(line);
  fclose(stream);
  if (*instructions > 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
              "%s: the trace names no instruction of the kernel; expected some between "
              "0x%" G_GINT64_MODIFIER "x and 0x%" G_GINT64_MODIFIER "x",
              path, map->low, map->high);
  return FALSE;
}
