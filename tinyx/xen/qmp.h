/* qmp.h - QEMU's machine protocol, as little of it as a boot and a snapshot need
 * (qemu docs/interop/qmp-spec.txt).
 */
#ifndef TINYX_XEN_QMP_H
#define TINYX_XEN_QMP_H

#include "base/proc.h"

typedef struct Qmp Qmp;

/* Connects to the socket FOLDER/NAME (any length of path) and negotiates. Waits for it to appear
 * for up to DEADLINE seconds, and as long as QEMU lives (NULL: it is not our child). */
Qmp *qmp_connect(const char *folder, const char *name, Proc *qemu, double deadline, GError **error);
void qmp_free(Qmp *qmp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Qmp, qmp_free)

/* Executes COMMAND with ARGUMENTS (a JSON object, or NULL). STATUS (may be NULL) gets the member
 * "status" of what it returns, or NULL; g_free. */
gboolean qmp_execute(Qmp *qmp, const char *command, const char *arguments, char **status,
                     GError **error);

/* Hands a copy of FD to QEMU, as NAME: "fd:NAME" in a later command. */
gboolean qmp_give(Qmp *qmp, const char *name, int fd, GError **error);

/* TRUE unless QEMU has stopped its virtual CPUs for good; then HOST, with QEMU's word for why
 * ("internal-error": KVM cannot execute an instruction; "shutdown"; …). Does not wait: it reads the
 * events that have come, and asks for the status only after one that tells of a stop, and the
 * first time (what came before we were connected is not told). */
gboolean qmp_runs(Qmp *qmp, GError **error);

/* Asks COMMAND ("query-status", "query-migrate") until its status is WANTED. Fails at once where it
 * is FAILED (may be NULL). */
gboolean qmp_wait_status(Qmp *qmp, const char *command, const char *wanted, const char *failed,
                         double deadline, GError **error);

#endif
