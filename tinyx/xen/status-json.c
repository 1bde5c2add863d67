/* status-json.c - what `tinyx host status` says, as JSON. */
#include "xen/status-json.h"

#include "base/json.h"
#include "base/split.h"

#include <stdio.h>
#include <string.h>

/* "2 web (32 MB) db (96 MB)": what xl lists, dom0 aside. */
static void
put_domains(JsonBuilder *json, const char *value) {
  g_auto(GStrv) words = split_words(value, " ");
  json_begin_array(json, "domains");
  for (guint i = 1; words[0] != NULL && words[i] != NULL; i++) {
    if (words[i + 1] == NULL || words[i + 1][0] != '(')
      continue;
    json_builder_begin_object(json);
    json_put_string(json, "name", words[i]);
    json_put_int(json, "memory_mb", g_ascii_strtoll(words[i + 1] + 1, NULL, 10));
    json_builder_end_object(json);
    i += words[i + 2] != NULL ? 2 : 1;
  }
  json_builder_end_array(json);
}

/* "900 MB, 800 MB free". */
static void
put_memory(JsonBuilder *json, const char *value) {
  int total, left;
  if (sscanf(value, "%d MB, %d MB free", &total, &left) == 2) {
    json_put_int(json, "memory_mb", total);
    json_put_int(json, "free_mb", left);
  }
}

static void
put_line(JsonBuilder *json, const char *key, const char *value) {
  if (strcmp(key, "domains") == 0)
    put_domains(json, value);
  else if (strcmp(key, "memory") == 0)
    put_memory(json, value);
  else
    json_put_string(json, strcmp(key, "Xen") == 0 ? "xen" : key, value);
}

char *
host_status_json(const char *text) {
  static const char *const keys[] = {"kind",    "state", "Xen",   "memory", "domains",
                                     "address", "ssh",   "enter", NULL};
  g_autoptr(JsonBuilder) json = json_builder_new();
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  gboolean any = FALSE;
  json_builder_begin_object(json);
  json_begin_array(json, "hosts");
  for (guint i = 0; lines[i] != NULL; i++) {
    char *colon = strchr(lines[i], ':');
    if (colon == NULL)
      continue;
    *colon = '\0';
    if (!g_strv_contains(keys, lines[i]))
      continue;
    gboolean begins = strcmp(lines[i], keys[0]) == 0;
    if (begins && any)
      json_builder_end_object(json);
    if (begins)
      json_builder_begin_object(json);
    any = any || begins;
    if (any)
      put_line(json, lines[i], g_strstrip(colon + 1));
  }
  if (any)
    json_builder_end_object(json);
  json_builder_end_array(json);
  json_builder_end_object(json);
  return json_lines(json);
}
