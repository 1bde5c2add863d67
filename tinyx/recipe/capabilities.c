/* capabilities.c - the names of capabilities(7), and masks of them. */
#include "recipe/capabilities.h"

#include <string.h>

#define PREFIX "cap_"

/* In the order of include/uapi/linux/capability.h: the place is the number. */
static const char *const names[] = {"chown",
                                    "dac_override",
                                    "dac_read_search",
                                    "fowner",
                                    "fsetid",
                                    "kill",
                                    "setgid",
                                    "setuid",
                                    "setpcap",
                                    "linux_immutable",
                                    "net_bind_service",
                                    "net_broadcast",
                                    "net_admin",
                                    "net_raw",
                                    "ipc_lock",
                                    "ipc_owner",
                                    "sys_module",
                                    "sys_rawio",
                                    "sys_chroot",
                                    "sys_ptrace",
                                    "sys_pacct",
                                    "sys_admin",
                                    "sys_boot",
                                    "sys_nice",
                                    "sys_resource",
                                    "sys_time",
                                    "sys_tty_config",
                                    "mknod",
                                    "lease",
                                    "audit_write",
                                    "audit_control",
                                    "setfcap",
                                    "mac_override",
                                    "mac_admin",
                                    "syslog",
                                    "wake_alarm",
                                    "block_suspend",
                                    "audit_read",
                                    "perfmon",
                                    "bpf",
                                    "checkpoint_restore"};

#define ALL ((G_GUINT64_CONSTANT(1) << G_N_ELEMENTS(names)) - 1)

const char *
capability_name(const char *word) {
  gsize skip = g_ascii_strncasecmp(word, PREFIX, strlen(PREFIX)) == 0 ? strlen(PREFIX) : 0;
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if (g_ascii_strcasecmp(word + skip, names[i]) == 0)
      return names[i];
  return NULL;
}

gboolean
capability_valid(const char *word) {
  return strcmp(word, CAPABILITIES_ALL) == 0 || strcmp(word, CAPABILITIES_NONE) == 0 ||
         capability_name(word) != NULL;
}

guint64
capabilities_mask(const char *const *words) {
  guint64 mask = 0;
  for (guint i = 0; words != NULL && words[i] != NULL; i++) {
    const char *name = capability_name(words[i]);
    if (strcmp(words[i], CAPABILITIES_ALL) == 0)
      mask |= ALL;
    for (guint k = 0; name != NULL && k < G_N_ELEMENTS(names); k++)
      if (names[k] == name)
        mask |= G_GUINT64_CONSTANT(1) << k;
  }
  return mask;
}

char *
capabilities_text(guint64 mask) {
  if (mask == 0 || mask == ALL)
    return g_strdup(mask == 0 ? CAPABILITIES_NONE : CAPABILITIES_ALL);
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if ((mask >> i & 1) != 0)
      g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", names[i]);
  return g_string_free(text, FALSE);
}

guint
capabilities_known(void) {
  return G_N_ELEMENTS(names);
}

guint
capabilities_count(guint64 mask) {
  guint count = 0;
  for (; mask != 0; mask &= mask - 1)
    count++;
  return count;
}
