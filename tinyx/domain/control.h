/* control.h - the socket on which a keeper is asked to have a command run in its guest.
 *
 * It is in the record's folder, which is its owner's alone. The one who asks sends the command's
 * line for a shell; the answer is lines: "o TEXT" (printed), "s STATUS" (the end), "e WHY".
 * The guest gets it on its console, and answers there: rootfs/glue/exec has those words.
 */
#ifndef TINYX_DOMAIN_CONTROL_H
#define TINYX_DOMAIN_CONTROL_H

#include "domain/domain.h"
#include "guest/guest.h"

/* What the kernel's line discipline takes as one line (N_TTY_BUF_SIZE), less the words before. */
#define CONTROL_LINE_MOST 4000

typedef struct Control Control;

Control *control_open(const Domain *domain, GError **error);
/* A socket that is connected to the one of DOMAIN's keeper, or -1. */
int control_connect(const Domain *domain, GError **error);
/* Takes new questions, and hands them to GUEST. Does not wait. */
void control_serve(Control *control, Guest *guest);
/* What the guest's console says; CONTROL may be NULL. */
void control_take_console(Control *control, const char *bytes, gsize size);
void control_close(Control *control); /* NULL is fine */

#endif
