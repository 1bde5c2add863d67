/* lock.c - reads and writes kernel-PLATFORM.lock. */
#include "kernel/lock.h"

#include "base/files.h"
#include "base/place.h"
#include "kernel/fragment.h"
#include "kernel/string-rules.h"

#include <stdlib.h>
#include <string.h>

#define FIRST "# tinyx kernel lock 1"

static void
request_free(gpointer request) {
  symbol_request_free(request);
}

Lock *
lock_new(const char *file) {
  Lock *lock = g_new0(Lock, 1);
  lock->file = g_strdup(file);
  lock->rules = g_new0(char *, 1);
  lock->named = g_new0(char *, 1);
  lock->notes = g_ptr_array_new_with_free_func(g_free);
  lock->requests = g_ptr_array_new_with_free_func(request_free);
  return lock;
}

void
lock_free(Lock *lock) {
  if (lock == NULL)
    return;
  g_free(lock->file);
  g_free(lock->application);
  g_free(lock->platform);
  g_free(lock->version);
  g_strfreev(lock->rules);
  g_strfreev(lock->named);
  g_ptr_array_unref(lock->notes);
  g_ptr_array_unref(lock->requests);
  g_free(lock);
}

static char **
split_words(const char *text) {
  g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
  g_autoptr(GPtrArray) list = g_ptr_array_new();
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_ptr_array_add(list, g_strdup(words[i]));
  g_ptr_array_add(list, NULL);
  return (char **)g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

static void
set_text(char **place, const char *text) {
  g_free(*place);
  *place = g_strdup(text);
}

static gboolean
take_number(const char *text, gint64 *number) {
  guint64 value = 0;
  gboolean good = g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &value, NULL);
  *number = (gint64)value;
  return good;
}

/* "# KEY: TEXT". What is not known is an error: a word in it would be lost with the next run. */
static gboolean
take_header(Lock *lock, const char *line) {
  const char *colon = strchr(line, ':');
  g_autofree char *key = colon != NULL ? g_strndup(line + 1, (gsize)(colon - line - 1)) : NULL;
  g_autofree char *text = colon != NULL ? g_strstrip(g_strdup(colon + 1)) : NULL;
  if (key == NULL)
    return FALSE;
  g_strstrip(key);
  if (strcmp(key, "application") == 0)
    set_text(&lock->application, text);
  else if (strcmp(key, "platform") == 0)
    set_text(&lock->platform, text);
  else if (strcmp(key, "linux") == 0)
    set_text(&lock->version, text);
  else if (strcmp(key, "bzimage") == 0)
    return take_number(text, &lock->bzimage);
  else if (strcmp(key, "least-memory") == 0) {
    gint64 number;
    if (!take_number(text, &number))
      return FALSE;
    lock->least_memory = (int)number;
  } else if (strcmp(key, "note") == 0)
    g_ptr_array_add(lock->notes, g_strdup(text));
  else if (strcmp(key, "rules") == 0) {
    g_strfreev(lock->rules);
    lock->rules = split_words(text);
  } else if (strcmp(key, "named") == 0) {
    g_strfreev(lock->named);
    lock->named = split_words(text);
  } else
    return FALSE;
  return TRUE;
}

static gboolean
fail(GError **error, const char *file, guint line, const char *expected) {
  place_set_error(error, file, line, "expected %s", expected);
  return FALSE;
}

/* The header, up to the first line that is no comment. */
static gboolean
take_headers(Lock *lock, char *const *lines, GError **error) {
  if (lines[0] == NULL || strcmp(lines[0], FIRST) != 0)
    return fail(error, lock->file, 1, "\"" FIRST "\"");
  for (guint i = 1; lines[i] != NULL; i++)
    if (lines[i][0] == '#' && !take_header(lock, lines[i]))
      return fail(error, lock->file, i + 1,
                  "\"# KEY: TEXT\" with application, platform, linux, rules, named, bzimage or "
                  "least-memory "
                  "(numbers), or note");
  if (lock->application == NULL || lock->platform == NULL || lock->version == NULL)
    return fail(error, lock->file, 1, "the lines application, platform and linux after it");
  return TRUE;
}

/* A lock is for one platform: "on PLATFORM: " before a reason is for fragments. */
static gboolean
check_requests(const GPtrArray *requests, GError **error) {
  for (guint i = 0; i < requests->len; i++) {
    const SymbolRequest *request = requests->pdata[i];
    if (request->only_on == NULL)
      continue;
    g_set_error(
        error, TINYX_ERROR, TINYX_ERROR_INPUT,
        "%s: CONFIG_%s is for some platforms only; expected a reason without \"on PLATFORM: "
        "\", since a lock is for one",
        request->origin, request->symbol);
    return FALSE;
  }
  return TRUE;
}

Lock *
lock_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(Lock) lock = lock_new(file);
  g_autoptr(GPtrArray) requests = fragment_parse(text, size, file, error);
  g_autofree char *copy = g_strndup(text, size);
  g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
  if (requests == NULL || !check_requests(requests, error) || !take_headers(lock, lines, error))
    return NULL;
  g_ptr_array_unref(lock->requests);
  lock->requests = g_steal_pointer(&requests);
  return g_steal_pointer(&lock);
}

Lock *
lock_load(const char *path, GError **error) {
  g_autofree char *text = NULL;
  gsize size;
  if (!file_read(path, LOCK_BYTES_MAX, &text, &size, error))
    return NULL;
  g_autoptr(Lock) lock = lock_parse(text, size, path, error);
  return lock != NULL && string_rules_check(lock->requests, error) ? g_steal_pointer(&lock) : NULL;
}

char *
lock_text(const Lock *lock) {
  GString *text = g_string_new(FIRST "\n");
  g_autofree char *rules = g_strjoinv(" ", lock->rules);
  g_string_append_printf(text, "# application: %s\n# platform: %s\n# linux: %s\n# rules: %s\n",
                         lock->application, lock->platform, lock->version, rules);
  g_string_append_printf(text, "# bzimage: %" G_GINT64_FORMAT "\n", lock->bzimage);
  if (lock->least_memory > 0)
    g_string_append_printf(text, "# least-memory: %d\n", lock->least_memory);
  if (lock->named[0] != NULL) {
    g_autofree char *named = g_strjoinv(" ", lock->named);
    g_string_append_printf(text, "# named: %s\n", named);
  }
  for (guint i = 0; i < lock->notes->len; i++)
    g_string_append_printf(text, "# note: %s\n", (char *)lock->notes->pdata[i]);
  for (guint i = 0; i < lock->requests->len; i++) {
    const SymbolRequest *request = lock->requests->pdata[i];
    g_string_append_printf(text, "CONFIG_%s=%s  # %s\n", request->symbol, request->value,
                           request->reason);
  }
  return g_string_free(text, FALSE);
}

gboolean
lock_fits_version(const Lock *lock, const char *version) {
  const char *first = strchr(lock->version, '.');
  gsize series = first != NULL ? (gsize)(first - lock->version) + 1 + strcspn(first + 1, ".")
                               : strlen(lock->version);
  return strncmp(lock->version, version, series) == 0 &&
         (version[series] == '.' || version[series] == '\0');
}
