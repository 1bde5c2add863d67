/* own-kinds.c - reads rootfs/own-programs.conf. */
#include "draft/own-kinds.h"

#include "base/keylines.h"
#include "base/number.h"
#include "base/rulelines.h"
#include "base/split.h"

#include <string.h>

#define FILE_NAME "rootfs/own-programs.conf"

typedef enum { LIST, TEXT, PORT, YES, EVIDENCE } KeyType;

static const struct {
  const char *name;
  KeyType type;
  gsize offset;
} keys[] = {
    {"evidence", LIST, offsetof(OwnKind, evidence)},
    {"suffix", LIST, offsetof(OwnKind, suffix)},
    {"interpreter", LIST, offsetof(OwnKind, interpreter)},
    {"elf", YES, offsetof(OwnKind, elf)},
    {"main", LIST, offsetof(OwnKind, main)},
    {"packages", LIST, offsetof(OwnKind, packages)},
    {"python-names", TEXT, offsetof(OwnKind, python_names)},
    {"command", TEXT, offsetof(OwnKind, command)},
    {"port", PORT, offsetof(OwnKind, port)},
    {"environment", LIST, offsetof(OwnKind, environment)},
    {"applets", LIST, offsetof(OwnKind, applets)},
    {"take", LIST, offsetof(OwnKind, take)},
    {"leave", LIST, offsetof(OwnKind, leave)},
    {"needs", LIST, offsetof(OwnKind, needs)},
    {"same", LIST, offsetof(OwnKind, same)},
    {"kernel", EVIDENCE, offsetof(OwnKind, evidence_only)},
    {"make", TEXT, offsetof(OwnKind, make)},
};

static void
kind_free(gpointer data) {
  OwnKind *kind = data;
  for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
    gpointer field = G_STRUCT_MEMBER_P(kind, keys[i].offset);
    if (keys[i].type == LIST)
      g_strfreev(*(char ***)field);
    else if (keys[i].type == TEXT)
      g_free(*(char **)field);
  }
  g_free(kind->name);
  g_free(kind);
}

static gboolean
is_section(const char *section) {
  return section[0] != '\0';
}

static gboolean
is_key(const char *section, const char *key) {
  (void)section; /* all have the same */
  for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
    if (strcmp(keys[i].name, key) == 0)
      return TRUE;
  return FALSE;
}

static char *
expected(const char *section) {
  GString *text = g_string_new(section == NULL ? "expected [NAME]" : "expected one of:");
  for (guint i = 0; section != NULL && i < G_N_ELEMENTS(keys); i++)
    g_string_append_printf(text, " %s", keys[i].name);
  return g_string_free(text, FALSE);
}

static const KeyLinesFormat format = {
    .first = "NAME", .is_section = is_section, .is_key = is_key, .expected = expected};

/* Puts VALUE into the field of KIND that key INDEX has. NULL, or what was expected. */
static const char *
take_value(OwnKind *kind, guint index, const char *value) {
  gpointer field = G_STRUCT_MEMBER_P(kind, keys[index].offset);
  guint64 number;
  switch (keys[index].type) {
  case LIST:
    *(char ***)field = split_words(value, " ");
    return *value != '\0' ? NULL : "words";
  case TEXT:
    *(char **)field = g_strdup(value);
    return *value != '\0' ? NULL : "a text";
  case PORT:
    if (!number_parse(value, 65535, &number) || number == 0)
      return "a port from 1 to 65535";
    *(int *)field = (int)number;
    return NULL;
  case EVIDENCE:
    *(gboolean *)field = TRUE;
    return strcmp(value, "evidence") == 0 ? NULL : "evidence";
  case YES:
    *(gboolean *)field = TRUE;
    return strcmp(value, "yes") == 0 ? NULL : "yes";
  }
  g_assert_not_reached();
}

static OwnKind *
parse_kind(GKeyFile *file, GHashTable *lines, const char *name, const char *path, GError **error) {
  OwnKind *kind = g_new0(OwnKind, 1);
  kind->name = g_strdup(name);
  for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
    g_autofree char *value = g_key_file_get_string(file, name, keys[i].name, NULL);
    const char *wanted = value != NULL ? take_value(kind, i, value) : NULL;
    if (wanted == NULL)
      continue;
    tinyx_fail(error, TINYX_ERROR_INPUT, "%s:%u: %s=%s: expected %s", path,
               key_lines_find(lines, name, keys[i].name), keys[i].name, value, wanted);
    kind_free(kind);
    return NULL;
  }
  gboolean folder = kind->evidence != NULL || kind->elf;
  kind->compiled = g_strcmp0(kind->command, "@MAIN@") == 0;
  if (kind->command != NULL && (!folder || kind->main != NULL))
    return kind;
  g_autofree char *section = g_strdup_printf("[%s]", name);
  tinyx_fail(error, TINYX_ERROR_INPUT, "%s:%u: %s: no %s=; expected one", path,
             GPOINTER_TO_UINT(g_hash_table_lookup(lines, section)), section,
             kind->command == NULL ? "command" : "main");
  kind_free(kind);
  return NULL;
}

GPtrArray *
own_kinds_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(GHashTable) lines = key_lines_scan(&format, text, file, error);
  g_autoptr(GKeyFile) parsed = g_key_file_new();
  if (lines == NULL || !g_key_file_load_from_data(parsed, text, size, G_KEY_FILE_NONE, error))
    return NULL;
  g_autoptr(GPtrArray) kinds = g_ptr_array_new_with_free_func(kind_free);
  g_auto(GStrv) names = g_key_file_get_groups(parsed, NULL);
  for (guint i = 0; names[i] != NULL; i++) {
    OwnKind *kind = parse_kind(parsed, lines, names[i], file, error);
    if (kind == NULL)
      return NULL;
    g_ptr_array_add(kinds, kind);
  }
  return g_steal_pointer(&kinds);
}

GPtrArray *
own_kinds_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(FILE_NAME, &size, error);
  return text != NULL ? own_kinds_parse(text, size, FILE_NAME, error) : NULL;
}
