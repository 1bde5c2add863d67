/* dlopen.c - parses the JSON of the ELF note .note.dlopen. */
#include "deps/dlopen.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void
note_free(gpointer data) {
  DlopenNote *note = data;
  g_strfreev(note->sonames);
  g_free(note->feature);
  g_free(note);
}

static const char *
member_string(JsonObject *object, const char *name) {
  JsonNode *node = json_object_get_member(object, name);
  return node != NULL && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
}

static char **
member_sonames(JsonObject *object) {
  JsonNode *node = json_object_get_member(object, "soname");
  GPtrArray *names = g_ptr_array_new();
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
    JsonNode *element = json_array_get_element(array, i);
    const char *text = JSON_NODE_HOLDS_VALUE(element) ? json_node_get_string(element) : NULL;
    if (text != NULL && text[0] != '\0')
      g_ptr_array_add(names, g_strdup(text));
  }
  g_ptr_array_add(names, NULL);
  return (char **)g_ptr_array_free(names, FALSE);
}

static DlopenNote *
parse_entry(JsonNode *node) {
  if (!JSON_NODE_HOLDS_OBJECT(node))
    return NULL;
  JsonObject *object = json_node_get_object(node);
  g_auto(GStrv) sonames = member_sonames(object);
  if (sonames[0] == NULL)
    return NULL;
  const char *priority = member_string(object, "priority");
  DlopenNote *note = g_new0(DlopenNote, 1);
  note->sonames = g_steal_pointer(&sonames);
  note->feature = g_strdup(member_string(object, "feature"));
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
  gboolean good = json_parser_load_from_data(parser, json, -1, &why);
  JsonNode *root = good ? json_parser_get_root(parser) : NULL;
  if (root == NULL || !JSON_NODE_HOLDS_ARRAY(root)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, ".note.dlopen: %s; expected a JSON array",
                why != NULL ? why->message : "something else");
    return NULL;
  }
  JsonArray *array = json_node_get_array(root);
  for (guint i = 0; i < json_array_get_length(array); i++) {
    DlopenNote *note = parse_entry(json_array_get_element(array, i));
    if (note == NULL) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  ".note.dlopen: entry %u has no names; expected an object with \"soname\"", i);
      return NULL;
    }
    g_ptr_array_add(notes, note);
  }
  return g_steal_pointer(&notes);
}
