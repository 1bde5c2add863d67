/* owner.c - whose a thing on disk is: host, boot, process. */
#include "base/owner.h"
#include "base/files.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define SMALL_MAX 65536 /* bytes of such a file */

enum { HOST, BOOT, SPACE, PID, PARTS };

/* What a small file of the system says; "" where there is none. g_free. */
static char *
read_small(const char *path) {
  char *text = NULL;
  return file_read(path, SMALL_MAX, &text, NULL, NULL) ? g_strstrip(text) : g_strdup("");
}

/* Eight digits that stand for TEXT. g_free. */
static char *
digits_of(const char *text) {
  g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
  return g_strndup(hash, 8);
}

/* "pid:[4026531836]" is 4026531836; 0 where it cannot be read. */
static guint64
process_space(void) {
  g_autofree char *link = g_file_read_link("/proc/self/ns/pid", NULL);
  const char *number = link != NULL ? strchr(link, '[') : NULL;
  return number != NULL ? g_ascii_strtoull(number + 1, NULL, 10) : 0;
}

static gboolean
has_machine_id(void) {
  g_autofree char *id = read_small("/etc/machine-id");
  return id[0] != '\0';
}

static char *
owner_of_process(int pid) {
  g_autofree char *machine = read_small("/etc/machine-id");
  g_autofree char *names = g_strdup_printf("%s %s", g_get_host_name(), machine);
  g_autofree char *boot_id = read_small("/proc/sys/kernel/random/boot_id");
  g_autofree char *host = digits_of(names), *boot = digits_of(boot_id);
  return g_strdup_printf("%s.%s.%" G_GUINT64_FORMAT ".%d", host, boot, process_space(), pid);
}

char *
owner_self(void) {
  return owner_of_process((int)getpid());
}

/* The PARTS of OWNER, or NULL. g_strfreev. */
static char **
parse(const char *owner) {
  g_auto(GStrv) parts = g_strsplit(owner, ".", -1);
  if (g_strv_length(parts) != PARTS)
    return NULL;
  if (strspn(parts[PID], "0123456789") != strlen(parts[PID]) ||
      g_ascii_strtoull(parts[PID], NULL, 10) == 0)
    return NULL;
  return g_steal_pointer(&parts);
}

OwnerState
owner_state(const char *text) {
  g_autofree char *here = owner_self();
  g_auto(GStrv) owner = parse(text), self = parse(here);
  if (owner == NULL || strcmp(owner[HOST], self[HOST]) != 0)
    return OWNER_UNKNOWN;
  /* Without a machine's id there may be another one of the same name. */
  if (strcmp(owner[BOOT], self[BOOT]) != 0)
    return has_machine_id() ? OWNER_GONE : OWNER_UNKNOWN;
  if (strcmp(owner[SPACE], self[SPACE]) != 0)
    return OWNER_UNKNOWN;
  pid_t pid = (pid_t)g_ascii_strtoull(owner[PID], NULL, 10);
  return kill(pid, 0) != 0 && errno == ESRCH ? OWNER_GONE : OWNER_ALIVE;
}

char *
owner_line_of_process(int pid) {
  g_autofree char *owner = owner_of_process(pid);
  return g_strdup_printf("%s %s", owner, g_get_host_name());
}

char *
owner_line(void) {
  return owner_line_of_process((int)getpid());
}

OwnerState
owner_line_state(const char *line) {
  g_auto(GStrv) words = g_strsplit(line, " ", 2);
  return words[0] != NULL ? owner_state(words[0]) : OWNER_UNKNOWN;
}

char *
owner_line_words(const char *line) {
  g_autofree char *here = owner_self();
  g_auto(GStrv) words = g_strsplit(line, " ", 2), self = parse(here);
  g_auto(GStrv) owner = words[0] != NULL && words[1] != NULL ? parse(words[0]) : NULL;
  if (owner == NULL)
    return NULL;
  gboolean ours = strcmp(owner[HOST], self[HOST]) == 0;
  return g_strdup_printf("process %s%s%s", owner[PID], ours ? "" : " on ", ours ? "" : words[1]);
}
