/* source-facts.c - what the object cache knows of each source file, kept beside the objects. */
#include "kernel/source-facts.h"

#include "base/files.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PREFIX "CONFIG_"
#define MODULE "_MODULE"
#define SETTLED 2 /* seconds after which a file's times tell a change */

void
source_facts_free(SourceFacts *facts) {
  if (facts == NULL)
    return;
  g_free(facts->sha256);
  g_free(facts->stamp);
  g_strfreev(facts->symbols);
  g_free(facts);
}

char *
source_stamp(const char *path) {
  struct stat info;
  time_t now = time(NULL);
  if (stat(path, &info) != 0)
    return NULL;
  if (info.st_mtim.tv_sec + SETTLED > now || info.st_ctim.tv_sec + SETTLED > now)
    return g_strdup("-");
  return g_strdup_printf("%lld.%llu.%lld.%ld.%lld.%ld", (long long)info.st_size,
                         (unsigned long long)info.st_ino, (long long)info.st_mtim.tv_sec,
                         info.st_mtim.tv_nsec, (long long)info.st_ctim.tv_sec,
                         info.st_ctim.tv_nsec);
}

static gboolean
is_name(char letter) {
  return g_ascii_isalnum(letter) || letter == '_';
}

char **
source_symbols(const char *text) {
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, NULL);
  GPtrArray *symbols = g_ptr_array_new();
  for (const char *at = text; (at = strstr(at, PREFIX)) != NULL;) {
    const char *begin = at, *end = at + strlen(PREFIX);
    while (is_name(*end))
      end++;
    at = end;
    if (begin > text && is_name(begin[-1]))
      continue;
    g_autofree char *symbol = g_strndup(begin, (gsize)(end - begin));
    if (g_str_has_suffix(symbol, MODULE))
      symbol[strlen(symbol) - strlen(MODULE)] = '\0';
    if (strlen(symbol) <= strlen(PREFIX) || g_hash_table_contains(seen, symbol))
      continue;
    g_hash_table_add(seen, symbol);
    g_ptr_array_add(symbols, g_steal_pointer(&symbol));
  }
  g_ptr_array_add(symbols, NULL);
  return (char **)g_ptr_array_free(symbols, FALSE);
}

/* Words that let something else than the text and the symbols decide about the object. */
static gboolean
is_volatile(const char *text) {
  static const char *const words[] = {"__DATE__", "__TIME__", "__TIMESTAMP__", "incbin",
                                      "__has_include"};
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (strstr(text, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* CACHE/files/xx/yyyy: "PATH\nSTAMP\nSHA256\n[!]\nSYMBOL\n...". */
static char *
note_path(const char *cache, const char *path) {
  g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_MD5, path, -1);
  return g_strdup_printf("%s/files/%.2s/%s", cache, hash, hash + 2);
}

static SourceFacts *
note_read(const char *note, const char *path, const char *stamp) {
  g_autofree char *text = NULL;
  if (!file_read(note, FILE_OWN_MAX, &text, NULL, NULL))
    return NULL;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  /* The last line is empty: the file is whole. */
  if (g_strv_length(lines) < 5 || strcmp(lines[0], path) != 0 || strcmp(lines[1], stamp) != 0 ||
      lines[g_strv_length(lines) - 1][0] != '\0')
    return NULL;
  SourceFacts *facts = g_new0(SourceFacts, 1);
  facts->stamp = g_strdup(stamp);
  facts->sha256 = g_strdup(lines[2]);
  facts->volatile_text = lines[3][0] == '!';
  guint count = g_strv_length(lines) - 5;
  facts->symbols = g_new0(char *, count + 1);
  for (guint i = 0; i < count; i++)
    facts->symbols[i] = g_strdup(lines[4 + i]);
  return facts;
}

static void
note_write(const char *note, const char *path, const SourceFacts *facts) {
  g_autofree char *symbols = g_strjoinv("\n", facts->symbols);
  g_autofree char *folder = g_path_get_dirname(note);
  g_autofree char *text =
      g_strdup_printf("%s\n%s\n%s\n%s\n%s%s", path, facts->stamp, facts->sha256,
                      facts->volatile_text ? "!" : "", symbols, symbols[0] != '\0' ? "\n" : "");
  if (g_mkdir_with_parents(folder, 0755) == 0)
    file_write(note, text, strlen(text), 0644, NULL);
}

SourceFacts *
source_facts(const char *cache, const char *path) {
  g_autofree char *stamp = source_stamp(path);
  g_autofree char *note = NULL, *text = NULL, *after = NULL, *absolute = NULL;
  gsize size;
  SourceFacts *facts;
  if (stamp == NULL)
    return NULL;
  absolute = path_absolute(path);
  note = note_path(cache, absolute);
  if (stamp[0] != '-' && (facts = note_read(note, absolute, stamp)) != NULL)
    return facts;
  if (!file_read(path, FILE_OWN_MAX, &text, &size, NULL))
    return NULL;
  after = source_stamp(path);
  facts = g_new0(SourceFacts, 1);
  facts->stamp = g_strdup(g_strcmp0(stamp, after) == 0 ? stamp : "-");
  facts->sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, size);
  facts->symbols = source_symbols(text);
  facts->volatile_text = is_volatile(text);
  if (facts->stamp[0] != '-')
    note_write(note, absolute, facts);
  return facts;
}
