/* qemu-words.h - the command line of the QEMU that a guest runs in, and the files that it names. */
#ifndef TINYX_GUEST_QEMU_WORDS_H
#define TINYX_GUEST_QEMU_WORDS_H

#include "guest/launcher.h"

#define QEMU "qemu-system-x86_64"
/* In guest->folder; QEMU runs there, so that no path of this machine meets its syntax. */
#define KERNEL_LINK "kernel"
#define SECOND_LINK "second"
#define DISK_LINK "disk"
#define PLUGIN_LINK "plugin.so"
#define MONITOR "qmp.sock"
#define PID "pid"         /* of QEMU */
#define COUNTER "counter" /* of tinyx/agent/plugin/count.c */

/* Of a GuestHost. */
typedef struct {
  const char *accelerator; /* "kvm" or "tcg" */
  guint64 trace_low, trace_high;
  char *count_plugin; /* NULL: instructions are not counted */
} QemuHost;

/* A line for a shell that becomes GUEST's QEMU, in the guest's folder; its standard input is what
 * agent_tell() says to the console. HAS_SECOND: there is SECOND_LINK. g_free. */
char *qemu_command_text(const Guest *guest, gboolean has_second);

#endif
