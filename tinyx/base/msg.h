/* msg.h - what tinyx says to a person: messages and progress, all on stderr.
 *
 * Whatever the arguments hold, the terminal gets what plain.h makes of it; lines of a message after
 * its first are indented. Standard output is for results only (plain_print). The level is the one
 * global that changes; main() sets it once.
 */
#ifndef TINYX_BASE_MSG_H
#define TINYX_BASE_MSG_H

#include <glib.h>

typedef enum { MSG_QUIET = -1, MSG_NORMAL = 0, MSG_VERBOSE = 1 } MsgLevel;

void msg_set_level(MsgLevel level);

/* "tinyx: warning: …" and "tinyx: error: …"; shown at every level. */
void msg_warn(const char *format, ...) G_GNUC_PRINTF(1, 2);
void msg_error(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* A line for everyone (MSG_NORMAL), or only with -v (MSG_VERBOSE). */
void msg_info(const char *format, ...) G_GNUC_PRINTF(1, 2);
void msg_verbose(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Lines without "tinyx: " before them: help after a usage error, an empty line. */
void msg_text(const char *text);

/* Stages of long work. On a terminal one line is rewritten in place with the
 * detail and the seconds so far, and left standing with the total at the end;
 * elsewhere a plain line at the begin, at most one in half a minute, and one at the end. One stage
 * at a time may be open; a nested begin only updates the detail of the outer one. */
void msg_stage_begin(const char *title);
/* What the open stage is doing now ("142 objects"); may be called often, is
 * shown at most ten times a second on a terminal, elsewhere in a line each half minute. */
void msg_stage_detail(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Ends the open stage. RESULT (may be NULL) is what came out: "1.6 MB" or
 * "from the cache". Returns the seconds that the stage took. */
double msg_stage_end(const char *result);
/* Seconds since the open stage began. */
double msg_stage_seconds(void);
/* Ends the open stage, if any, as failed; for error paths. */
void msg_stage_abort(void);

#endif
