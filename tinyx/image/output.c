/* output.c - the folder of an image: written beside its place, then moved in. */
#include "image/output.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct Output {
  char *folder;
  char *work;       /* folder/.new-XXXXXX */
  GPtrArray *names; /* char*: the new files */
  GPtrArray *paths; /* char*: where they are, the same order */
  CacheLock *lock;
  gboolean made; /* the folder was not there */
};

/* What a run that was killed has left behind. Only under the lock of FOLDER. */
static void
remove_leftovers(const char *folder) {
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    if (g_str_has_prefix(name, ".new-"))
      dir_remove(path, NULL);
  }
}

Output *
output_open(const char *folder, GError **error) {
  g_autofree char *key = sha256_of_strings(folder, NULL);
  g_autoptr(Output) output = g_new0(Output, 1);
  output->folder = g_strdup(folder);
  output->names = g_ptr_array_new_with_free_func(g_free);
  output->paths = g_ptr_array_new_with_free_func(g_free);
  output->lock = cache_lock("output", key, error);
  output->made = !g_file_test(folder, G_FILE_TEST_EXISTS);
  if (output->lock == NULL || !dir_make(folder, error))
    return NULL;
  remove_leftovers(folder);
  output->work = g_build_filename(folder, ".new-XXXXXX", NULL);
  if (g_mkdtemp_full(output->work, 0700) == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot write: %s", folder,
                g_strerror(errno));
    g_clear_pointer(&output->work, g_free);
    return NULL;
  }
  return g_steal_pointer(&output);
}

void
output_prefix_error(const char *given, GError **error) {
  g_autoptr(GError) why = NULL;
  if (error == NULL || !g_error_matches(*error, TINYX_ERROR, TINYX_ERROR_FAILED))
    return;
  why = g_steal_pointer(error);
  if (given != NULL)
    tinyx_fail(error, TINYX_ERROR_INPUT,
               "--output %s: %s; expected a folder that can be made and written to", given,
               why->message);
  else
    tinyx_fail(error, TINYX_ERROR_INPUT,
               "%s; expected a current folder in which out/ can be made, or --output DIR",
               why->message);
}

void
output_free(Output *output) {
  if (output == NULL)
    return;
  if (output->work != NULL)
    dir_remove(output->work, NULL);
  if (output->made)
    rmdir(output->folder); /* nothing came of it: no empty folder stays */
  cache_unlock(output->lock);
  g_ptr_array_unref(output->names);
  g_ptr_array_unref(output->paths);
  g_free(output->work);
  g_free(output->folder);
  g_free(output);
}

const char *
output_new(Output *output, const char *name) {
  char *path = g_build_filename(output->work, name, NULL);
  g_ptr_array_add(output->names, g_strdup(name));
  g_ptr_array_add(output->paths, path);
  return path;
}

gboolean
output_copy(Output *output, const char *name, const char *from, GError **error) {
  return file_copy(from, output_new(output, name), 0644, error);
}

gboolean
output_write(Output *output, const char *name, const char *text, unsigned mode, GError **error) {
  return file_write(output_new(output, name), text, strlen(text), mode, error);
}

gboolean
output_text(Output *output, const char *name, const char *text, GError **error) {
  return output_write(output, name, text, 0644, error);
}

gboolean
output_describe(Output *output, JsonBuilder *report, GError **error) {
  json_begin_object(report, "outputs");
  for (guint i = 0; i < output->names->len; i++) {
    g_autofree char *hash = file_sha256(output->paths->pdata[i], error);
    if (hash == NULL)
      return FALSE;
    json_begin_object(report, output->names->pdata[i]);
    json_put_int(report, "bytes", file_size(output->paths->pdata[i]));
    json_put_string(report, "sha256", hash);
    json_builder_end_object(report);
  }
  json_builder_end_object(report);
  return TRUE;
}

static gboolean
move_in(const char *from, const char *folder, const char *name, GError **error) {
  g_autofree char *to = g_build_filename(folder, name, NULL);
  if (rename(from, to) == 0)
    return TRUE;
  return file_failed(to, error);
}

/* Files of the image that was here before, for another platform or in another format, which the new
 * one has not: a launch file of the old one would start the new one's kernel wrongly. */
static gboolean
remove_earlier(const Output *output, const char *report, GError **error) {
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *outputs = json_get_object(json_load(parser, report, NULL), "outputs");
  g_autoptr(GList) names = outputs != NULL ? json_object_get_members(outputs) : NULL;
  for (GList *n = names; n != NULL; n = n->next) {
    const char *name = n->data;
    g_autofree char *path = g_build_filename(output->folder, name, NULL);
    if (strchr(name, '/') != NULL || !g_file_test(path, G_FILE_TEST_IS_REGULAR) ||
        g_ptr_array_find_with_equal_func(output->names, name, g_str_equal, NULL))
      continue;
    if (unlink(path) != 0)
      return file_failed(path, error);
  }
  return TRUE;
}

gboolean
output_commit(Output *output, const char *report, const char *const *stale, GError **error) {
  g_autofree char *old = g_build_filename(output->folder, OUTPUT_REPORT, NULL);
  /* Without a report the folder is unfinished: no later run takes a mixture for a result. */
  if (!output_text(output, OUTPUT_REPORT, report, error) || !remove_earlier(output, old, error) ||
      !dir_remove(old, error))
    return FALSE;
  for (guint i = 0; stale[i] != NULL; i++) {
    g_autofree char *path = g_build_filename(output->folder, stale[i], NULL);
    if (!dir_remove(path, error))
      return FALSE;
  }
  for (guint i = 0; i < output->names->len; i++)
    if (!move_in(output->paths->pdata[i], output->folder, output->names->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
file_as_listed(const char *folder, const char *name, JsonObject *entry) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *hash = NULL;
  if (entry == NULL ||
      file_size(path) != json_object_get_int_member_with_default(entry, "bytes", -1))
    return FALSE;
  hash = file_sha256(path, NULL);
  return g_strcmp0(hash, json_get_string(entry, "sha256")) == 0;
}

JsonParser *
output_unchanged(const char *folder, const char *key) {
  g_autofree char *path = g_build_filename(folder, OUTPUT_REPORT, NULL);
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autoptr(GList) names = NULL;
  JsonObject *root = json_load(parser, path, NULL);
  JsonObject *outputs = json_get_object(root, "outputs");
  if (outputs == NULL || g_strcmp0(json_get_string(root, "key"), key) != 0)
    return NULL;
  names = json_object_get_members(outputs);
  for (GList *n = names; n != NULL; n = n->next)
    if (!file_as_listed(folder, n->data, json_get_object(outputs, n->data)))
      return NULL;
  return names != NULL ? g_steal_pointer(&parser) : NULL;
}
