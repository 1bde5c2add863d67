/* sums.c - the lists of what a finished folder holds: see sums.h. */
#include "base/sums.h"

#include "base/files.h"
#include "base/folder.h"
#include "base/strings.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUMS "entry.sum"
#define STAMPS "entry.stamps"
#define SUM_LENGTH 64 /* hexadecimal digits of a SHA-256 */
#define SYNC_EACH 64  /* paths; for more, one syncfs(2) is cheaper, whoever else writes */

/* What is known of one path. */
typedef struct {
  char *shape; /* type, mode, size; of a link the hash of its target */
  char *stamp; /* "" but for regular files */
} Record;

static void
record_free(gpointer data) {
  Record *record = data;
  g_free(record->shape);
  g_free(record->stamp);
  g_free(record);
}

/* PATH as a field of a line; g_strcompress() is the way back. */
static char *
path_field(const char *path) {
  GString *field = g_string_new(NULL);
  for (; *path != '\0'; path++) {
    if (*path == '\\' || *path == '\n' || *path == '\t')
      g_string_append_printf(field, "\\%03o", (unsigned char)*path);
    else
      g_string_append_c(field, *path);
  }
  return g_string_free(field, FALSE);
}

/* The record of PATH as it is now, or NULL. */
static Record *
record_now(const char *path) {
  struct stat info;
  Record *record;
  if (lstat(path, &info) != 0)
    return NULL;
  record = g_new0(Record, 1);
  record->stamp = g_strdup("");
  if (S_ISLNK(info.st_mode)) {
    g_autofree char *target = g_file_read_link(path, NULL);
    g_autofree char *hash = sha256_of_strings(target != NULL ? target : "", NULL);
    record->shape = g_strdup_printf("l %s", hash);
  } else if (S_ISREG(info.st_mode)) {
    g_free(record->stamp);
    record->shape = g_strdup_printf("f %o %" G_GINT64_FORMAT, (unsigned)info.st_mode & 07777,
                                    (gint64)info.st_size);
    record->stamp =
        g_strdup_printf("%" G_GINT64_FORMAT ".%09ld %" G_GINT64_FORMAT ".%09ld %" G_GUINT64_FORMAT,
                        (gint64)info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                        (gint64)info.st_ctim.tv_sec, info.st_ctim.tv_nsec, (guint64)info.st_ino);
  } else {
    record->shape = g_strdup_printf("%s %o", S_ISDIR(info.st_mode) ? "d" : "other",
                                    (unsigned)info.st_mode & 07777);
  }
  return record;
}

/* The lists, and names that they have for a moment while they are written. */
static gboolean
is_list(const char *path) {
  return g_str_has_prefix(path, "/" SUMS) || g_str_has_prefix(path, "/" STAMPS);
}

/* Path (as a field, without the slash before it) -> Record of all that FOLDER has now. */
static GHashTable *
records_now(const char *folder, GError **error) {
  g_autoptr(GPtrArray) paths = folder_paths(folder, error);
  g_autoptr(GHashTable) records =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, record_free);
  for (guint i = 0; paths != NULL && i < paths->len; i++) {
    const char *path = paths->pdata[i];
    g_autofree char *full = g_strconcat(folder, path, NULL);
    Record *record = is_list(path) ? NULL : record_now(full);
    if (record != NULL)
      g_hash_table_insert(records, path_field(path + 1), record);
  }
  return paths != NULL ? g_steal_pointer(&records) : NULL;
}

/* The keys of TABLE, sorted: the same folder has the same lists. */
static GPtrArray *
sorted_keys(GHashTable *table) {
  GPtrArray *keys = strings_new();
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init(&iter, table);
  while (g_hash_table_iter_next(&iter, &key, NULL))
    g_ptr_array_add(keys, g_strdup(key));
  strings_sort(keys);
  return keys;
}

static gboolean
write_list(const char *folder, const char *name, const GString *text, GError **error) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  return file_write(path, text->str, text->len, 0644, error);
}

static gboolean
write_stamps(const char *folder, GHashTable *records, GError **error) {
  g_autoptr(GPtrArray) paths = sorted_keys(records);
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < paths->len; i++) {
    const Record *record = g_hash_table_lookup(records, paths->pdata[i]);
    g_string_append_printf(text, "%s\t%s\t%s\n", (char *)paths->pdata[i], record->shape,
                           record->stamp);
  }
  return write_list(folder, STAMPS, text, error);
}

/* The SHA-256 of the file of which PATH is the field. */
static char *
hash_of(const char *folder, const char *path, GError **error) {
  g_autofree char *name = g_strcompress(path);
  g_autofree char *full = g_build_filename(folder, name, NULL);
  return file_sha256(full, error);
}

static gboolean
write_sums(const char *folder, GHashTable *records, GError **error) {
  g_autoptr(GPtrArray) paths = sorted_keys(records);
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < paths->len; i++) {
    const Record *record = g_hash_table_lookup(records, paths->pdata[i]);
    if (record->shape[0] != 'f')
      continue;
    g_autofree char *hash = hash_of(folder, paths->pdata[i], error);
    if (hash == NULL)
      return FALSE;
    g_string_append_printf(text, "%s %s %s\n", hash, strrchr(record->shape, ' ') + 1,
                           (char *)paths->pdata[i]);
  }
  return write_list(folder, SUMS, text, error);
}

static gboolean
sync_path(const char *path, int (*sync)(int), GError **error) {
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return file_failed(path, error);
  gboolean done = sync(fd) == 0 || file_failed(path, error);
  close(fd);
  return done;
}

/* The files of FOLDER and its folders; the lists were written with fsync(2). */
static gboolean
sync_all(const char *folder, GHashTable *records, GError **error) {
  GHashTableIter iter;
  gpointer path, data;
  if (g_hash_table_size(records) > SYNC_EACH)
    return sync_path(folder, syncfs, error);
  g_hash_table_iter_init(&iter, records);
  while (g_hash_table_iter_next(&iter, &path, &data)) {
    const Record *record = data;
    g_autofree char *name = g_strcompress(path);
    g_autofree char *full = g_build_filename(folder, name, NULL);
    if ((record->shape[0] == 'f' || record->shape[0] == 'd') && !sync_path(full, fsync, error))
      return FALSE;
  }
  return sync_path(folder, fsync, error);
}

gboolean
sums_write(const char *folder, GError **error) {
  g_autoptr(GHashTable) records = records_now(folder, error);
  return records != NULL && write_sums(folder, records, error) &&
         write_stamps(folder, records, error) && sync_all(folder, records, error);
}

/* A line of a list as its three FIELDS; into TABLE. */
typedef void (*TakeFields)(GHashTable *table, char *const *fields);

/* TABLE with what TAKE makes of each line of the list NAME in FOLDER, whose fields SEPARATOR is
 * between; NULL, and TABLE is freed, where there is no such list. */
static GHashTable *
read_list(const char *folder, const char *name, const char *separator, TakeFields take,
          GHashTable *table) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL)) {
    g_hash_table_unref(table);
    return NULL;
  }
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto(GStrv) fields = g_strsplit(lines[i], separator, 3);
    if (g_strv_length(fields) == 3)
      take(table, fields);
  }
  return table;
}

static void
take_sum(GHashTable *sums, char *const *fields) {
  g_hash_table_insert(sums, g_strdup(fields[2]), g_strdup(fields[0]));
}

/* Path -> hash, by entry.sum; NULL where that is missing. */
static GHashTable *
read_sums(const char *folder) {
  return read_list(folder, SUMS, " ", take_sum,
                   g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free));
}

static void
take_stamp(GHashTable *records, char *const *fields) {
  Record *record = g_new0(Record, 1);
  record->shape = g_strdup(fields[1]);
  record->stamp = g_strdup(fields[2]);
  g_hash_table_insert(records, g_strdup(fields[0]), record);
}

/* Path -> Record, by entry.stamps; NULL where that is missing. */
static GHashTable *
read_stamps(const char *folder) {
  return read_list(folder, STAMPS, "\t", take_stamp,
                   g_hash_table_new_full(g_str_hash, g_str_equal, g_free, record_free));
}

static char *
check_content(const char *folder, const char *path, const char *expected) {
  g_autofree char *hash = hash_of(folder, path, NULL);
  if (g_strcmp0(hash, expected) == 0)
    return NULL;
  return g_strdup_printf("%s has other contents than when it was made", path);
}

/* PATH is NOW; it was KNOWN (NULL: nothing is known, and its sum must do). *HASHED: whether it was
 * read, so that its stamp is to be kept. */
static char *
check_path(const char *folder, const char *path, const Record *now, const Record *known,
           GHashTable *sums, gboolean *hashed) {
  const char *sum = g_hash_table_lookup(sums, path);
  gboolean is_file = now->shape[0] == 'f';
  if (known != NULL && strcmp(now->shape, known->shape) != 0)
    return g_strdup_printf("%s has another type, mode or size than when it was made", path);
  if (is_file ? sum == NULL || strlen(sum) != SUM_LENGTH : known == NULL)
    return g_strdup_printf("%s has no sum: it was made by another version of tinyx, or added",
                           path);
  if (known != NULL && strcmp(now->stamp, known->stamp) == 0)
    return NULL;
  *hashed = TRUE;
  return check_content(folder, path, sum);
}

/* Every path of KNOWN must be in NOW. */
static char *
check_missing(GHashTable *known, GHashTable *now) {
  GHashTableIter iter;
  gpointer path;
  g_hash_table_iter_init(&iter, known);
  while (g_hash_table_iter_next(&iter, &path, NULL))
    if (!g_hash_table_contains(now, path))
      return g_strdup_printf("%s is missing", (char *)path);
  return NULL;
}

char *
sums_check(const char *folder) {
  g_autoptr(GHashTable) sums = read_sums(folder), known = read_stamps(folder);
  g_autoptr(GHashTable) now = records_now(folder, NULL);
  GHashTableIter iter;
  gpointer path, record;
  gboolean hashed = FALSE;
  if (sums == NULL)
    return g_strdup(SUMS " is missing");
  if (now == NULL)
    return g_strdup("it cannot be read");
  char *wrong = check_missing(sums, now);
  if (wrong == NULL && known != NULL)
    wrong = check_missing(known, now);
  g_hash_table_iter_init(&iter, now);
  while (wrong == NULL && g_hash_table_iter_next(&iter, &path, &record)) {
    const Record *known_record = known != NULL ? g_hash_table_lookup(known, path) : NULL;
    wrong = check_path(folder, path, record, known_record, sums, &hashed);
  }
  /* A cache that cannot be written to is hashed again each time. */
  if (wrong == NULL && (hashed || known == NULL))
    write_stamps(folder, now, NULL);
  return wrong;
}
