/* state.c - the record of an embedded host that was left running, and whether it still runs. */
#include "xen/state.h"

#include "base/files.h"
#include "base/owner.h"
#include "base/process.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define GROUP "host"
#define BYTES_MAX 65536 /* of a record: a few lines */

void
host_state_clear(HostState *state) {
  g_clear_pointer(&state->owner, g_free);
  g_clear_pointer(&state->image, g_free);
  g_clear_pointer(&state->version, g_free);
  g_clear_pointer(&state->accelerator, g_free);
}

gboolean
host_state_parse(const char *text, gsize size, const char *file, HostState *state, GError **error) {
  g_autoptr(GKeyFile) keys = g_key_file_new();
  g_autoptr(GError) problem = NULL;
  memset(state, 0, sizeof *state);
  if (g_key_file_load_from_data(keys, text, size, G_KEY_FILE_NONE, &problem)) {
    state->pid = g_key_file_get_integer(keys, GROUP, "pid", &problem);
    state->started = g_key_file_get_uint64(keys, GROUP, "started", NULL);
    state->owner = g_key_file_get_string(keys, GROUP, "owner", NULL);
    state->since = g_key_file_get_int64(keys, GROUP, "since", NULL);
    state->port = g_key_file_get_integer(keys, GROUP, "port", NULL);
    state->up = g_key_file_get_boolean(keys, GROUP, "up", NULL);
    state->image = g_key_file_get_string(keys, GROUP, "image", NULL);
    state->version = g_key_file_get_string(keys, GROUP, "version", NULL);
    state->accelerator = g_key_file_get_string(keys, GROUP, "accelerator", NULL);
  }
  if (problem == NULL && state->pid > 1 && state->started > 0 && state->port > 0 &&
      state->port < 65536 && state->image != NULL)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT,
              "%s: %s; expected what `tinyx host start` writes", file,
              problem != NULL ? problem->message : "a value is missing or out of range");
  host_state_clear(state);
  return FALSE;
}

gboolean
host_state_read(const char *file, HostState *state, GError **error) {
  g_autofree char *folder = g_path_get_dirname(file);
  g_autofree char *lock = g_build_filename(folder, HOST_STATE_LOCK, NULL);
  g_autofree char *text = NULL;
  gsize size;
  memset(state, 0, sizeof *state);
  if (!file_read_if_there(file, BYTES_MAX, &text, &size, error) || text == NULL)
    return FALSE;
  gboolean good = host_state_parse(text, size, file, state, error);
  state->live = live_file_state(lock);
  if (good && state->owner == NULL) /* of a tinyx that did not write it */
    state->owner = owner_line_of_process(state->pid);
  return good;
}

gboolean
host_state_write(const char *file, const HostState *state, GError **error) {
  g_autoptr(GKeyFile) keys = g_key_file_new();
  g_autofree char *text = NULL;
  gsize length;
  g_key_file_set_integer(keys, GROUP, "pid", state->pid);
  g_key_file_set_uint64(keys, GROUP, "started", state->started);
  g_key_file_set_string(keys, GROUP, "owner", state->owner);
  g_key_file_set_int64(keys, GROUP, "since", state->since);
  g_key_file_set_integer(keys, GROUP, "port", state->port);
  g_key_file_set_boolean(keys, GROUP, "up", state->up);
  g_key_file_set_string(keys, GROUP, "image", state->image);
  g_key_file_set_string(keys, GROUP, "version", state->version != NULL ? state->version : "");
  g_key_file_set_string(keys, GROUP, "accelerator",
                        state->accelerator != NULL ? state->accelerator : "");
  text = g_key_file_to_data(keys, &length, NULL);
  return file_write(file, text, length, 0600, error);
}

gint64
host_state_seconds(const HostState *state) {
  struct timespec boot = {0};
  clock_gettime(CLOCK_BOOTTIME, &boot);
  return (gint64)boot.tv_sec - (gint64)(state->started / (guint64)sysconf(_SC_CLK_TCK));
}

gboolean
host_state_alive(const HostState *state) {
  guint64 started = process_started(state->pid);
  return state->live != LIVE_NO && owner_line_state(state->owner) == OWNER_ALIVE && started != 0 &&
         started == state->started;
}

gboolean
host_state_elsewhere(const HostState *state) {
  if (state->live == LIVE_UNKNOWN)
    return owner_line_state(state->owner) == OWNER_UNKNOWN;
  return state->live == LIVE_YES && !host_state_alive(state);
}
