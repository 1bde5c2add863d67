/* users.c - users and groups that systemd would make at boot, as files of the draft. */
#include "draft/users.h"

#include "base/number.h"

#include "draft/find.h"
#include "draft/sysusers.h"

#include <string.h>

/* Numbers for the system (Debian Policy, 9.2.2), of which few packages use any. */
#define FIRST_ID 900
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

/* The file PATH as the draft has it by now, or else as it is installed; g_free. */
static char *
current_text(const Draft *draft, const Tree *installed, const char *path) {
  const char *text = g_hash_table_lookup(draft->files, path);
  return text != NULL ? g_strdup(text) : find_text(installed, path);
}

static gboolean
is_free(const char *passwd, const char *group, gint64 id) {
  g_autofree char *field = g_strdup_printf(":x:%" G_GINT64_FORMAT ":", id);
  return strstr(passwd, field) == NULL && strstr(group, field) == NULL;
}

/* The number WANTED (-1: any) if neither a user nor a group has it, else one that is free. */
static gint64
free_id(const char *passwd, const char *group, gint64 wanted) {
  if (wanted >= 0 && is_free(passwd, group, wanted))
    return wanted;
  for (gint64 id = FIRST_ID; id < LAST_ID; id++)
    if (is_free(passwd, group, id))
      return id;
  return LAST_ID;
}

/* What follows "NAME:x:" in TEXT, that of group(5); NULL: there is no such group. */
static const char *
group_line(const char *text, const char *name) {
  g_autofree char *start = g_strdup_printf("%s:x:", name);
  for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
    at += *at == '\n';
    if (g_str_has_prefix(at, start))
      return at + strlen(start);
  }
  return NULL;
}

static void
note(Draft *draft, const char *kind, const SysusersEntry *wanted, const char *file) {
  g_ptr_array_add(draft->notes,
                  wanted->origin != NULL
                      ? g_strdup_printf("the %s %s of %s is made by no package; it is in files%s",
                                        kind, wanted->name, wanted->origin, file)
                      : g_strdup_printf("the %s %s is made by no package; it is in files%s", kind,
                                        wanted->name, file));
}

static void
add_group_line(Draft *draft, const char *text, const char *name, gint64 id) {
  g_hash_table_replace(draft->files, g_strdup("/etc/group"),
                       g_strdup_printf("%s%s:x:%" G_GINT64_FORMAT ":\n", text, name, id));
}

static void
add_group(Draft *draft, const Tree *installed, const SysusersEntry *wanted) {
  g_autofree char *passwd = current_text(draft, installed, "/etc/passwd");
  g_autofree char *group = current_text(draft, installed, "/etc/group");
  if (passwd == NULL || group == NULL || recipe_is_number(wanted->name) ||
      has_line(group, wanted->name))
    return;
  add_group_line(draft, group, wanted->name, free_id(passwd, group, wanted->id));
  note(draft, "group", wanted, "/etc/group");
}

/* The number of the group that the user WANTED is to have. A group that is missing is added. */
static gint64
group_of(Draft *draft, const Tree *installed, const SysusersEntry *wanted, gint64 id) {
  const char *name = wanted->group != NULL ? wanted->group : wanted->name;
  guint64 number;
  if (number_parse(name, G_MAXUINT32, &number))
    return (gint64)number;
  if (wanted->group != NULL) {
    const SysusersEntry other = {.name = wanted->group, .id = -1, .origin = wanted->origin};
    add_group(draft, installed, &other);
  }
  g_autofree char *text = current_text(draft, installed, "/etc/group");
  const char *line = group_line(text, name);
  if (line != NULL && number_take(&line, 10, G_MAXUINT32, &number))
    return (gint64)number;
  add_group_line(draft, text, name, id);
  return id;
}

static void
add_user(Draft *draft, const Tree *installed, const SysusersEntry *wanted) {
  g_autofree char *passwd = current_text(draft, installed, "/etc/passwd");
  g_autofree char *group = current_text(draft, installed, "/etc/group");
  if (passwd == NULL || group == NULL || recipe_is_number(wanted->name) ||
      has_line(passwd, wanted->name))
    return;
  gint64 id = free_id(passwd, group, wanted->id);
  gint64 gid = group_of(draft, installed, wanted, id);
  g_hash_table_replace(
      draft->files, g_strdup("/etc/passwd"),
      g_strdup_printf("%s%s:x:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT ":%s:%s:%s\n", passwd,
                      wanted->name, id, gid, wanted->gecos != NULL ? wanted->gecos : wanted->name,
                      wanted->home != NULL ? wanted->home : "/",
                      wanted->shell != NULL ? wanted->shell : "/usr/sbin/nologin"));
  note(draft, "user", wanted, "/etc/passwd");
}

/* Adds the user of WANTED to the members of its group. */
static void
add_member(Draft *draft, const Tree *installed, const SysusersEntry *wanted) {
  const SysusersEntry user = {.name = wanted->name, .id = -1, .origin = wanted->origin};
  const SysusersEntry whole = {.name = wanted->group, .id = -1, .origin = wanted->origin};
  add_user(draft, installed, &user);
  add_group(draft, installed, &whole);
  g_autofree char *text = current_text(draft, installed, "/etc/group");
  const char *line = text != NULL ? group_line(text, wanted->group) : NULL;
  const char *members = line != NULL ? strchr(line, ':') : NULL;
  if (members == NULL)
    return;
  members++;
  gsize length = strcspn(members, "\n");
  g_autofree char *list = g_strndup(members, length);
  g_auto(GStrv) names = g_strsplit(list, ",", -1);
  if (g_strv_contains((const char *const *)names, wanted->name))
    return;
  g_hash_table_replace(draft->files, g_strdup("/etc/group"),
                       g_strdup_printf("%.*s%s%s%s", (int)(members + length - text), text,
                                       length > 0 ? "," : "", wanted->name, members + length));
  g_ptr_array_add(draft->notes,
                  g_strdup_printf("%s is made a member of %s by no package (%s); it is in "
                                  "files/etc/group",
                                  wanted->name, wanted->group, wanted->origin));
}

void
users_add_sysusers(Draft *draft, const Tree *installed) {
  static const struct {
    char type;
    void (*add)(Draft *, const Tree *, const SysusersEntry *);
  } rounds[] = {{'g', add_group}, {'u', add_user}, {'m', add_member}};
  /* Groups first, as systemd-sysusers(8) does: users belong to them. */
  g_autoptr(GPtrArray) entries = sysusers_read((Tree *)installed, draft->notes);
  for (guint i = 0; i < G_N_ELEMENTS(rounds); i++)
    for (guint j = 0; j < entries->len; j++) {
      const SysusersEntry *entry = entries->pdata[j];
      if (entry->type == rounds[i].type)
        rounds[i].add(draft, installed, entry);
    }
}

void
users_add_group(Draft *draft, const Tree *installed, const char *name) {
  const SysusersEntry wanted = {.name = (char *)name, .id = -1};
  add_group(draft, installed, &wanted);
}

void
users_add_member(Draft *draft, const Tree *installed, const char *user, const char *group,
                 const char *origin) {
  const SysusersEntry wanted = {
      .name = (char *)user, .group = (char *)group, .id = -1, .origin = (char *)origin};
  add_member(draft, installed, &wanted);
}

void
users_add(Draft *draft, const Tree *installed, const char *name, const char *home) {
  const SysusersEntry wanted = {.name = (char *)name, .id = -1, .home = (char *)home};
  add_user(draft, installed, &wanted);
}
