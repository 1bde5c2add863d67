/* console.h - what a guest says on its console, as rootfs/glue writes it. */
#ifndef TINYX_GUEST_CONSOLE_H
#define TINYX_GUEST_CONSOLE_H

#include <glib.h>

/* The line to a guest that asks it to shut down (rootfs/glue/console). */
#define CONSOLE_SHUTDOWN "tinyx: shutdown"
/* Begins the line that has a command run, "NUMBER COMMAND" behind it; what begins the lines that
 * answer ("NUMBER: TEXT"), and stands behind the number in the last one, before the exit status
 * (rootfs/glue/exec). */
#define CONSOLE_EXEC "tinyx: do "
#define CONSOLE_EXECUTED "tinyx: did "
#define CONSOLE_EXEC_ENDED " ended with status "

typedef enum {
#define GLUE_LINE(name, before, after, script) GLUE_##name,
#include "guest/glue-lines.def"
#undef GLUE_LINE
  GLUE_LINES
} GlueLineKind;

typedef struct {
  const char *before; /* begins the line */
  const char *after;  /* stands later in it */
  const char *script; /* the file in rootfs/glue/ that writes it */
} GlueLine;

extern const GlueLine glue_lines[GLUE_LINES];

/* From the line "tinyx: meminfo MemTotal=… MemFree=… MemAvailable=…" of a guest's console: the
 * value of FIELD in kB, or -1. The last such line counts. */
gint64 console_meminfo(const char *console, const char *field);
/* The glue's last line is there: a shutdown has come that far. */
gboolean console_says_meminfo(const char *console);
/* Something in the guest has the UDP port PORT. */
gboolean console_says_udp(const char *console, int port);
/* How often init has started an application of the guest, at most. */
int console_starts(const char *console);
/* The first exit status other than 0 with which an application ended; 0: there is none. */
int console_bad_status(const char *console);
/* TRUE where the kernel said that its memory did not do: for its files, or for what runs. */
gboolean console_wants_memory(const char *console);
/* What the kernel said when it panicked; NULL: it did not. g_free. */
char *console_panic(const char *console);

#endif
