/* dlopen.c - parses the JSON of the ELF note .note.dlopen. */
#include "deps/dlopen.h"

#include "base/json.h"

#include <string.h>

static void
note_free(gpointer data) {
  DlopenNote *note = data;
  g_strfreev(note->sonames);
  g_free(note->feature);
  g_free(note);
}

/* The names that are not empty. */
static char **
member_sonames(JsonObject *object) {
  g_auto(GStrv) all = json_get_strings(object, "soname");
  g_autoptr(GStrvBuilder) names = g_strv_builder_new();
  for (guint i = 0; all[i] != NULL; i++)
    if (all[i][0] != '\0')
      g_strv_builder_add(names, all[i]);
  return g_strv_builder_end(names);
}

static DlopenNote *
parse_entry(JsonNode *node) {
  JsonObject *object = json_object_of(node);
  g_auto(GStrv) sonames = member_sonames(object);
  if (sonames[0] == NULL)
    return NULL;
  const char *priority = json_get_string(object, "priority");
  DlopenNote *note = g_new0(DlopenNote, 1);
  note->sonames = g_steal_pointer(&sonames);
  note->feature = g_strdup(json_get_string(object, "feature"));
  /* The specification's default is "recommended". */
  note->priority = g_strcmp0(priority, "required") == 0    ? DLOPEN_REQUIRED
                   : g_strcmp0(priority, "suggested") == 0 ? DLOPEN_SUGGESTED
                                                           : DLOPEN_RECOMMENDED;
  return note;
}

GPtrArray *
dlopen_parse(const char *json, GError **error) {
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(note_free);
  g_autoptr(JsonParser) parser = json_parser_new_immutable();
  g_autoptr(GError) why = NULL;
  JsonNode *root =
      strlen(json) <= DLOPEN_BYTES_MAX ? json_parse_root(parser, json, -1, &why) : NULL;
  if (root == NULL || !JSON_NODE_HOLDS_ARRAY(root)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, ".note.dlopen: %s; expected a JSON array",
                why != NULL ? why->message
                            : "longer than " G_STRINGIFY(DLOPEN_BYTES_MAX) " bytes, or no array");
    return NULL;
  }
  JsonArray *array = json_node_get_array(root);
  guint names = 0;
  for (guint i = 0; i < json_array_get_length(array); i++) {
    DlopenNote *note = parse_entry(json_array_get_element(array, i));
    if (note == NULL) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  ".note.dlopen: entry %u has no names; expected an object with \"soname\"", i);
      return NULL;
    }
    g_ptr_array_add(notes, note);
    names += g_strv_length(note->sonames);
    if (names > DLOPEN_NAMES_MAX) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, ".note.dlopen: more than %d names",
                  DLOPEN_NAMES_MAX);
      return NULL;
    }
  }
  return g_steal_pointer(&notes);
}
