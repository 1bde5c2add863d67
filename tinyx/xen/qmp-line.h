/* qmp-line.h - one line of QEMU's machine protocol (qemu docs/interop/qmp-spec.txt): a JSON object.
 */
#ifndef TINYX_XEN_QMP_LINE_H
#define TINYX_XEN_QMP_LINE_H

#include "base/error.h"

typedef enum {
  QMP_OTHER, /* the greeting, and what is no object */
  QMP_EVENT,
  QMP_DONE,
  QMP_FAILED,
} QmpLineKind;

typedef struct {
  QmpLineKind kind;
  /* An event's name, the member "status" of what a command returned, or why it failed; NULL: it
   * does not say. */
  char *text;
} QmpLine;

/* INPUT where LINE is no JSON. A member of another type than the protocol's counts as one that is
 * not there. */
gboolean qmp_line_parse(const char *line, QmpLine *said, GError **error);
void qmp_line_clear(QmpLine *said);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(QmpLine, qmp_line_clear)

#endif
