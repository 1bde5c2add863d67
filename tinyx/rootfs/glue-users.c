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
