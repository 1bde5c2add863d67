/* qmp-line.c - reads one line of QEMU's machine protocol. */
#include "xen/qmp-line.h"

#include "base/json.h"

void
qmp_line_clear(QmpLine *said) {
  g_clear_pointer(&said->text, g_free);
}

gboolean
qmp_line_parse(const char *line, QmpLine *said, GError **error) {
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonNode *root = json_parse_root(parser, line, -1, error);
  JsonObject *object = json_object_of(root);
  const char *text = NULL;
  *said = (QmpLine){.kind = QMP_OTHER};
  if (root == NULL)
    return FALSE;
  if (object == NULL)
    return TRUE;
  if (json_object_has_member(object, "event")) {
    said->kind = QMP_EVENT;
    text = json_get_string(object, "event");
  } else if (json_object_has_member(object, "error")) {
    said->kind = QMP_FAILED;
    text = json_get_string(json_get_object(object, "error"), "desc");
  } else if (json_object_has_member(object, "return")) {
    said->kind = QMP_DONE;
    text = json_get_string(json_get_object(object, "return"), "status");
  }
  said->text = g_strdup(text);
  return TRUE;
}
