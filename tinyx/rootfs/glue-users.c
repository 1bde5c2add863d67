/* glue-users.c - the image's own users and groups: /etc/passwd and /etc/group in the tree, never
 * the machine's. */
#include "base/files.h"
#include "rootfs/glue-private.h"

#include <string.h>

char *
tree_text(Tree *tree, const char *path, gsize *size) {
  const TreeEntry *entry = tree_resolve(tree, path);
  char *text = NULL;
  gsize length = 0;
  if (entry == NULL || entry->type != TREE_FILE)
    return NULL;
  if (entry->source == NULL) {
    const char *bytes = g_bytes_get_data(entry->data, &length);
    text = g_malloc(length + 1);
    memcpy(text, bytes != NULL ? bytes : "", length);
    text[length] = '\0';
  } else if (!file_read(entry->source, TREE_TEXT_MAX, &text, &length, NULL)) {
    return NULL;
  }
  if (size != NULL)
    *size = length;
  return text;
}

/* The fields of NAME's line in FILE (passwd(5), group(5)), or NULL. */
static char **
line_of(Tree *tree, const char *file, const char *name, guint fields) {
  g_autofree char *text = tree_text(tree, file, NULL);
  g_auto(GStrv) lines = text != NULL ? g_strsplit(text, "\n", -1) : NULL;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    g_auto(GStrv) parts = g_strsplit(lines[i], ":", -1);
    if (g_strv_length(parts) >= fields && strcmp(parts[0], name) == 0)
      return g_steal_pointer(&parts);
  }
  return NULL;
}

static gboolean
parse_id(const char *text, unsigned *id) {
  guint64 value;
  if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32 - 1, &value, NULL))
    return FALSE;
  *id = (unsigned)value;
  return TRUE;
}

gboolean
glue_user(Tree *tree, const char *name, GlueUser *user) {
  g_auto(GStrv) parts = line_of(tree, "/etc/passwd", name, 6);
  *user = (GlueUser){0};
  if (parts == NULL) {
    if (!parse_id(name, &user->uid))
      return FALSE;
    user->gid = user->uid;
    user->name = g_strdup(name);
    return TRUE;
  }
  if (!parse_id(parts[2], &user->uid) || !parse_id(parts[3], &user->gid))
    return FALSE;
  user->name = g_strdup(name);
  user->home = g_strdup(parts[5]);
  return TRUE;
}

gboolean
glue_group(Tree *tree, const char *name, unsigned *gid) {
  g_auto(GStrv) parts = line_of(tree, "/etc/group", name, 3);
  return parse_id(parts != NULL ? parts[2] : name, gid);
}

static gboolean
has_member(const char *members, const char *name) {
  g_auto(GStrv) names = g_strsplit(members, ",", -1);
  return g_strv_contains((const char *const *)names, name);
}

void
glue_user_groups(Tree *tree, const GlueUser *user, GString *text) {
  g_autofree char *groups = tree_text(tree, "/etc/group", NULL);
  g_auto(GStrv) lines = groups != NULL ? g_strsplit(groups, "\n", -1) : NULL;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    g_auto(GStrv) fields = g_strsplit(lines[i], ":", -1);
    unsigned gid;
    if (g_strv_length(fields) >= 4 && has_member(fields[3], user->name) &&
        parse_id(fields[2], &gid) && gid != user->gid)
      g_string_append_printf(text, ",%u", gid);
  }
}

void
glue_user_clear(GlueUser *user) {
  g_clear_pointer(&user->name, g_free);
  g_clear_pointer(&user->home, g_free);
}

/* TRUE if the image has PAM's module for accounts of the system. */
static gboolean
has_pam_unix(Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++)
    if (g_str_has_suffix(((const TreeEntry *)entries->pdata[i])->path, "/security/pam_unix.so"))
      return TRUE;
  return FALSE;
}

/* shadow(5) of all users in PASSWD: no password fits, and no account is too old. g_free. */
static char *
shadow_text(const char *passwd) {
  g_auto(GStrv) lines = g_strsplit(passwd, "\n", -1);
  GString *text = g_string_new(NULL);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *colon = strchr(lines[i], ':');
    if (colon != NULL && colon != lines[i])
      g_string_append_printf(text, "%.*s:*:::::::\n", (int)(colon - lines[i]), lines[i]);
  }
  return g_string_free(text, FALSE);
}

/* PASSWD, where root's shell is the image's own if the installation's is not in it: a login would
 * be refused. NULL: it is as it should be. g_free. */
static char *
with_root_shell(Tree *tree, const char *passwd) {
  g_auto(GStrv) lines = g_strsplit(passwd, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *shell = strrchr(lines[i], ':');
    if (!g_str_has_prefix(lines[i], "root:") || shell == NULL || shell[1] != '/' ||
        tree_resolve(tree, shell + 1) != NULL)
      continue;
    char *line = g_strdup_printf("%.*s:/bin/sh", (int)(shell - lines[i]), lines[i]);
    g_free(lines[i]);
    lines[i] = line;
    return g_strjoinv("\n", lines);
  }
  return NULL;
}

static gboolean
fix_root_shell(Tree *tree, const char *passwd, GError **error) {
  g_autofree char *text = with_root_shell(tree, passwd);
  const TreeEntry *old = tree_find(tree, "/etc/passwd");
  if (text == NULL || old == NULL || old->origin == ORIGIN_RECIPE)
    return TRUE;
  return tree_add_data(tree, "/etc/passwd", text, -1, 0644,
                       from_origin(ORIGIN_GLUE, "users; root's shell is one that the image has"),
                       error) != NULL;
}

gboolean
glue_add_logins(Tree *tree, GError **error) {
  g_autofree char *passwd = tree_text(tree, "/etc/passwd", NULL);
  unsigned gid = 0;
  if (passwd == NULL || !has_pam_unix(tree))
    return TRUE;
  if (!fix_root_shell(tree, passwd, error))
    return FALSE;
  if (tree_find(tree, "/etc/shadow") != NULL)
    return TRUE;
  g_autofree char *text = shadow_text(passwd);
  TreeEntry *entry = tree_add_data(
      tree, "/etc/shadow", text, -1, 0640,
      from_origin(ORIGIN_GLUE, "PAM refuses accounts that are not in it; no password fits"), error);
  if (entry != NULL && glue_group(tree, "shadow", &gid))
    entry->gid = gid;
  return entry != NULL;
}
