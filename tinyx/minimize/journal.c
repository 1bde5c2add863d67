/* journal.c - what was tried, as lines of JSON. */
#include "minimize/journal.h"

#include "base/files.h"
#include "base/json.h"
#include "base/msg.h"
#include "base/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FORMAT 1

static const char *const verdict_names[VERDICTS] = {"pass", "fail", "unresolved"};

struct Journal {
  char *path;
  char *input, *title;
  GPtrArray *entries;
  guint old;  /* entries that were there */
  gsize good; /* bytes of the file that hold whole lines */
  int fd;     /* -1: only read */
};

JournalEntry *
journal_entry_new(const char *kind, const char *key) {
  JournalEntry *entry = g_new0(JournalEntry, 1);
  entry->kind = g_strdup(kind);
  entry->key = g_strdup(key);
  entry->change = g_new0(char *, 1);
  entry->more = g_new0(char *, 1);
  entry->console = g_new0(char *, 1);
  return entry;
}

void
journal_entry_free(JournalEntry *entry) {
  if (entry == NULL)
    return;
  g_free(entry->kind);
  g_free(entry->key);
  g_strfreev(entry->change);
  g_strfreev(entry->more);
  g_free(entry->why);
  g_strfreev(entry->console);
  g_free(entry);
}

static void
entry_free(gpointer entry) {
  journal_entry_free(entry);
}

static Journal *
journal_new(const char *path) {
  Journal *journal = g_new0(Journal, 1);
  journal->path = g_strdup(path);
  journal->entries = g_ptr_array_new_with_free_func(entry_free);
  journal->fd = -1;
  return journal;
}

void
journal_close(Journal *journal) {
  if (journal == NULL)
    return;
  if (journal->fd >= 0)
    close(journal->fd);
  g_ptr_array_unref(journal->entries);
  g_free(journal->path);
  g_free(journal->input);
  g_free(journal->title);
  g_free(journal);
}

/* Writing */

static void
put_strings(JsonBuilder *json, const char *name, char *const *values) {
  if (values[0] != NULL)
    json_put_strings(json, name, (const char *const *)values);
}

static void
put_number(JsonBuilder *json, const char *name, gint64 value) {
  if (value != 0)
    json_put_int(json, name, value);
}

static void
put_seconds(JsonBuilder *json, const char *name, double value) {
  if (value > 0)
    json_put_rounded(json, name, value, 100);
}

static char *
entry_line(const JournalEntry *entry) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  put_number(json, "trial", entry->number);
  json_put_string(json, "kind", entry->kind);
  json_put_string(json, "key", entry->key);
  json_put_string(json, "verdict", verdict_names[entry->verdict]);
  put_strings(json, "change", entry->change);
  put_strings(json, "more", entry->more);
  if (entry->why != NULL)
    json_put_string(json, "why", entry->why);
  put_number(json, "boots", entry->boots);
  put_seconds(json, "build-seconds", entry->build_seconds);
  put_seconds(json, "boot-seconds", entry->boot_seconds);
  put_number(json, "bytes", entry->bytes);
  put_number(json, "compiled", entry->compiled);
  put_number(json, "cached", entry->cached);
  put_number(json, "memory", entry->memory);
  put_strings(json, "console", entry->console);
  json_builder_end_object(json);
  return json_line(json);
}

static char *
header_line(const Journal *journal) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  put_number(json, "tinyx-journal", FORMAT);
  json_put_string(json, "title", journal->title);
  json_put_string(json, "input", journal->input);
  json_builder_end_object(json);
  return json_line(json);
}

static gboolean
append(Journal *journal, const char *line, GError **error) {
  gsize size = strlen(line), done = 0;
  while (done < size) {
    ssize_t wrote = write(journal->fd, line + done, size - done);
    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote <= 0)
      break;
    done += (gsize)wrote;
  }
  if (done == size && fdatasync(journal->fd) == 0) {
    journal->good += size;
    return TRUE;
  }
  file_failed(journal->path, error);
  /* A line that is only partly written is removed again. */
  if (ftruncate(journal->fd, (off_t)journal->good) != 0)
    msg_warn("%s: a line that was cut off stays; the next run drops it", journal->path);
  return FALSE;
}

gboolean
journal_add(Journal *journal, JournalEntry *entry, GError **error) {
  g_autofree char *line = NULL;
  entry->number = journal->entries->len + 1;
  line = entry_line(entry);
  if (!append(journal, line, error)) {
    journal_entry_free(entry);
    return FALSE;
  }
  g_ptr_array_add(journal->entries, entry);
  return TRUE;
}

/* Reading */

static JournalEntry *
entry_from(JsonObject *object) {
  const char *kind = json_get_string(object, "kind");
  const char *key = json_get_string(object, "key");
  const char *verdict = json_get_string(object, "verdict");
  guint known = 0;
  JournalEntry *entry;
  while (known < VERDICTS && g_strcmp0(verdict, verdict_names[known]) != 0)
    known++;
  if (kind == NULL || key == NULL || known == VERDICTS)
    return NULL;
  entry = journal_entry_new(kind, key);
  g_strfreev(entry->change);
  g_strfreev(entry->more);
  g_strfreev(entry->console);
  entry->verdict = (JournalVerdict)known;
  entry->number = (guint)json_get_number(object, "trial", G_MAXUINT);
  entry->change = json_get_strings(object, "change");
  entry->more = json_get_strings(object, "more");
  entry->console = json_get_strings(object, "console");
  entry->why = g_strdup(json_get_string(object, "why"));
  entry->boots = (guint)json_get_number(object, "boots", G_MAXUINT);
  entry->build_seconds = json_get_number(object, "build-seconds", 1e9);
  entry->boot_seconds = json_get_number(object, "boot-seconds", 1e9);
  entry->bytes = (gint64)json_get_number(object, "bytes", 1e15);
  entry->compiled = (guint)json_get_number(object, "compiled", G_MAXUINT);
  entry->cached = (guint)json_get_number(object, "cached", G_MAXUINT);
  entry->memory = (int)json_get_number(object, "memory", G_MAXINT);
  return entry;
}

/* Reads LINE: the first one says what the journal is about, the others are entries. Returns NULL,
 * or what was expected instead. */
static const char *
take_line(Journal *journal, const char *line, gssize length) {
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *object = NULL;
  JournalEntry *entry;
  if (memchr(line, '\0', (gsize)length) == NULL && g_utf8_validate(line, length, NULL))
    object = json_parse(parser, line, length);
  if (object == NULL)
    return "a JSON object";
  if (journal->input == NULL) {
    journal->input = g_strdup(json_get_string(object, "input"));
    journal->title = g_strdup(json_get_string(object, "title"));
    return json_get_int(object, "tinyx-journal") != FORMAT || journal->input == NULL ||
                   journal->title == NULL
               ? "{\"tinyx-journal\": 1, \"title\": …, \"input\": …}"
               : NULL;
  }
  entry = entry_from(object);
  if (entry == NULL)
    return "kind, key and a verdict (pass, fail, unresolved)";
  g_ptr_array_add(journal->entries, entry);
  return entry->number == journal->entries->len ? NULL : "the next trial's number";
}

static gboolean
take_text(Journal *journal, const char *text, gsize size, GError **error) {
  const char *at = text, *end = text + size;
  for (guint number = 1; at < end; number++) {
    const char *stop = memchr(at, '\n', (gsize)(end - at));
    gboolean whole = stop != NULL && stop > at; /* an empty line says nothing */
    const char *expected = whole ? take_line(journal, at, stop - at) : NULL;
    if (stop == NULL) {
      msg_info("%s:%u: the last line was cut off: dropped", journal->path, number);
      break;
    }
    if (expected != NULL) {
      place_set_error_code(error, TINYX_ERROR_CORRUPT, journal->path, number,
                           "expected %s (without the file a search "
                           "begins anew)",
                           expected);
      return FALSE;
    }
    at = stop + 1;
  }
  journal->good = (gsize)(at - text);
  journal->old = journal->entries->len;
  return TRUE;
}

Journal *
journal_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(Journal) journal = journal_new(file);
  return take_text(journal, text, size, error) ? g_steal_pointer(&journal) : NULL;
}

Journal *
journal_read(const char *path, GError **error) {
  g_autofree char *text = NULL;
  gsize size;
  return file_read(path, JOURNAL_BYTES_MAX, &text, &size, error)
             ? journal_parse(text, size, path, error)
             : NULL;
}

/* Makes the file ready to be added to: a line that was cut off is removed, and a new file gets its
 * first line. */
static gboolean
make_ready(Journal *journal, const char *input, const char *title, GError **error) {
  g_autofree char *line = NULL;
  journal->fd = open(journal->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (journal->fd < 0 || ftruncate(journal->fd, (off_t)journal->good) != 0)
    return file_failed(journal->path, error);
  if (journal->input != NULL && strcmp(journal->input, input) == 0)
    return TRUE;
  if (journal->input != NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: is about other inputs (%s); expected those of now", journal->path,
                journal->title);
    return FALSE;
  }
  journal->input = g_strdup(input);
  journal->title = g_strdup(title);
  line = header_line(journal);
  return append(journal, line, error);
}

Journal *
journal_open(const char *path, const char *input, const char *title, GError **error) {
  g_autofree char *folder = g_path_get_dirname(path);
  g_autoptr(Journal) journal = journal_new(path);
  g_autofree char *text = NULL;
  gsize size = 0;
  if (!dir_make(folder, error))
    return NULL;
  if (!file_read_if_there(path, JOURNAL_BYTES_MAX, &text, &size, error))
    return NULL;
  if (!take_text(journal, text != NULL ? text : "", size, error) ||
      !make_ready(journal, input, title, error))
    return NULL;
  return g_steal_pointer(&journal);
}

const JournalEntry *
journal_find(const Journal *journal, const char *kind, const char *key) {
  for (guint i = journal->entries->len; i > 0; i--) {
    const JournalEntry *entry = journal->entries->pdata[i - 1];
    if ((kind == NULL || strcmp(entry->kind, kind) == 0) && strcmp(entry->key, key) == 0)
      return entry;
  }
  return NULL;
}

const GPtrArray *
journal_entries(const Journal *journal) {
  return journal->entries;
}

const char *
journal_path(const Journal *journal) {
  return journal->path;
}

const char *
journal_title(const Journal *journal) {
  return journal->title;
}

gboolean
journal_is_old(const Journal *journal, guint number) {
  return number <= journal->old;
}
