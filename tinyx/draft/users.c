#include "draft/users.h"

#include "draft/find.h"

#include <string.h>

#define FIRST_ID 900 /* of the system's range (Debian Policy, 9.2.2), where few packages' are */
#define LAST_ID 999

static gboolean
has_line(const char *text, const char *name) {
  g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
  gsize length = strlen(name);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strncmp(lines[i], name, length) == 0 && lines[i][length] == ':')
      return TRUE;
  return FALSE;
}

static gboolean
is_number(const char *name) {
  return name[strspn(name, "0123456789")] == '\0';
}

/* The file as the draft has it by now; g_free. */
static char *
current_text(const Draft *draft, const Tree *installed, const char *path) {
  const char *text = g_hash_table_lookup(draft->files, path);
  return text != NULL ? g_strdup(text) : find_text(installed, path);
}

static unsigned
free_id(const char *passwd, const char *group) {
  for (unsigned id = FIRST_ID; id < LAST_ID; id++) {
    g_autofree char *field = g_strdup_printf(":x:%u:", id);
    if (strstr(passwd, field) == NULL && strstr(group, field) == NULL)
      return id;
  }
  return LAST_ID;
}

/* The number of the group NAME in TEXT, or OTHER. */
static unsigned
group_id(const char *text, const char *name, unsigned other) {
  g_autofree char *line = g_strdup_printf("\n%s:x:", name);
  g_autofree char *lines = g_strconcat("\n", text, NULL);
  const char *at = strstr(lines, line);
  return at != NULL ? (unsigned)g_ascii_strtoull(at + strlen(line), NULL, 10) : other;
}

static void
add_group_line(Draft *draft, const char *text, const char *name, unsigned id) {
  g_hash_table_replace(draft->files, g_strdup("/etc/group"),
                       g_strdup_printf("%s%s:x:%u:\n", text, name, id));
}

void
users_add_group(Draft *draft, const Tree *installed, const char *name) {
  g_autofree char *passwd = current_text(draft, installed, "/etc/passwd");
  g_autofree char *group = current_text(draft, installed, "/etc/group");
  if (passwd == NULL || group == NULL || is_number(name) || has_line(group, name))
    return;
  add_group_line(draft, group, name, free_id(passwd, group));
  g_ptr_array_add(draft->notes, g_strdup_printf("the group %s is made by no package; it is in "
                                                "files/etc/group",
                                                name));
}

void
users_add(Draft *draft, const Tree *installed, const char *name) {
  g_autofree char *passwd = current_text(draft, installed, "/etc/passwd");
  g_autofree char *group = current_text(draft, installed, "/etc/group");
  if (passwd == NULL || group == NULL || is_number(name) || has_line(passwd, name))
    return;
  unsigned id = free_id(passwd, group), gid = group_id(group, name, id);
  g_hash_table_replace(
      draft->files, g_strdup("/etc/passwd"),
      g_strdup_printf("%s%s:x:%u:%u:%s:/:/usr/sbin/nologin\n", passwd, name, id, gid, name));
  if (!has_line(group, name))
    add_group_line(draft, group, name, id);
  g_ptr_array_add(draft->notes, g_strdup_printf("the user %s is made by no package; it is in "
                                                "files/etc/passwd",
                                                name));
}
