/* dotconfig.c - the reader of .config files, and what can be asked of one. */
#include "base/dotconfig.h"
#include "base/files.h"
#include "base/number.h"
#include "base/place.h"

#include "base/split.h"

#include <string.h>

#define PREFIX "CONFIG_"
#define NOT_SET " is not set"

struct DotConfig {
  GPtrArray *names;   /* char*, in the order of the file; ends with NULL */
  GHashTable *values; /* name (of names) -> value */
};

gboolean
config_name_valid(const char *name) {
  if (*name == '\0')
    return FALSE;
  for (; *name != '\0'; name++)
    if (!g_ascii_isalnum(*name) && *name != '_')
      return FALSE;
  return TRUE;
}

/* Kconfig's integers and hexadecimal numbers (sym_string_valid in scripts/kconfig/symbol.c). */
static gboolean
is_number(const char *value, gint64 *number) {
  gboolean hex = g_str_has_prefix(value, "0x") || g_str_has_prefix(value, "0X");
  gboolean below = !hex && *value == '-';
  guint64 size;
  if (!number_parse_base(value + (hex ? 2 : below), hex ? 16 : 10, hex ? G_MAXUINT64 : G_MAXINT64,
                         &size))
    return FALSE;
  *number = below ? -(gint64)size : (gint64)size;
  return TRUE;
}

/* make and a shell read a configuration, too (include/config/auto.conf): these begin a command in
 * them, or end a line. */
static gboolean
is_active(char c) {
  return c == '$' || c == '`' || g_ascii_iscntrl(c);
}

static gboolean
is_string(const char *value) {
  gsize length = strlen(value);
  if (length < 2 || value[0] != '"' || value[length - 1] != '"')
    return FALSE;
  for (gsize i = 1; i + 1 < length; i++) {
    if (value[i] == '"' || is_active(value[i]))
      return FALSE;
    if (value[i] == '\\' && ++i + 1 >= length)
      return FALSE;
  }
  return TRUE;
}

const char *
config_value_check(const char *value) {
  gint64 number;
  if (g_str_equal(value, "y") || g_str_equal(value, "n"))
    return NULL;
  if (g_str_equal(value, "m"))
    return "y or n: images have no modules";
  if (is_number(value, &number) || is_string(value))
    return NULL;
  for (const char *c = value; *c != '\0'; c++)
    if (is_active(*c))
      return "no $, no ` and no control character: the kernel's build would run what they begin";
  return "y, n, a number or a \"string\"";
}

gboolean
config_value_equal(const char *asked, const char *got) {
  gint64 a, b;
  if (is_number(asked, &a) && is_number(got, &b))
    return a == b;
  return g_str_equal(asked, got);
}

static DotConfig *
config_new(void) {
  DotConfig *config = g_new0(DotConfig, 1);
  config->names = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(config->names, NULL);
  config->values = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  return config;
}

void
config_free(DotConfig *config) {
  if (config == NULL)
    return;
  g_hash_table_unref(config->values);
  g_ptr_array_unref(config->names);
  g_free(config);
}

const char *
config_value(const DotConfig *config, const char *name) {
  const char *value = g_hash_table_lookup(config->values, name);
  return value != NULL ? value : "n";
}

gboolean
config_is_yes(const DotConfig *config, const char *name) {
  return g_str_equal(config_value(config, name), "y");
}

gboolean
config_has(const DotConfig *config, const char *name) {
  return g_hash_table_contains(config->values, name);
}

const char *const *
config_names(const DotConfig *config) {
  return (const char *const *)config->names->pdata;
}

guint
config_count_yes(const DotConfig *config) {
  guint count = 0;
  for (const char *const *name = config_names(config); *name != NULL; name++)
    count += config_is_yes(config, *name);
  return count;
}

void
config_set(DotConfig *config, const char *name, const char *value) {
  gpointer key;
  if (!g_hash_table_lookup_extended(config->values, name, &key, NULL)) {
    key = g_strdup(name);
    g_ptr_array_insert(config->names, (int)config->names->len - 1, key);
  }
  g_hash_table_insert(config->values, key, g_strdup(value));
}

void
config_append_line(GString *text, const char *name, const char *value) {
  if (g_str_equal(value, "n"))
    g_string_append_printf(text, "# " PREFIX "%s" NOT_SET "\n", name);
  else
    g_string_append_printf(text, PREFIX "%s=%s\n", name, value);
}

char *
config_text(const DotConfig *config) {
  GString *text = g_string_new(NULL);
  for (const char *const *name = config_names(config); *name != NULL; name++)
    config_append_line(text, *name, config_value(config, *name));
  return g_string_free(text, FALSE);
}

/* One line of a .config: "CONFIG_A=value" or "# CONFIG_A is not set"; other comments say nothing.
 */
static gboolean
config_line(DotConfig *config, const char *line, const char *file, guint number, GError **error) {
  if (g_str_has_prefix(line, "# " PREFIX) && g_str_has_suffix(line, NOT_SET)) {
    const char *name = line + strlen("# " PREFIX);
    g_autofree char *copy = g_strndup(name, strlen(name) - strlen(NOT_SET));
    if (config_name_valid(copy)) {
      config_set(config, copy, "n");
      return TRUE;
    }
  }
  if (*line == '\0' || *line == '#')
    return TRUE;
  const char *equals = strchr(line, '=');
  if (!g_str_has_prefix(line, PREFIX) || equals == NULL) {
    place_set_error(error, file, number,
                    "\"%s\" sets no symbol; expected CONFIG_NAME=VALUE or # CONFIG_NAME is not "
                    "set",
                    line);
    return FALSE;
  }
  g_autofree char *name = g_strndup(line + strlen(PREFIX), (gsize)(equals - line) - strlen(PREFIX));
  const char *expected = NULL;
  if (!config_name_valid(name))
    expected = "a name of letters, digits and '_'";
  else if (!g_str_equal(equals + 1, "m") && equals[1] != '\0')
    expected = config_value_check(equals + 1);
  if (expected != NULL) {
    place_set_error(error, file, number, "bad setting \"%s\"; expected %s", line, expected);
    return FALSE;
  }
  config_set(config, name, equals + 1);
  return TRUE;
}

DotConfig *
config_parse(const char *text, gsize size, const char *file, GError **error) {
  g_auto(GStrv) lines = split_lines(text, size, file, error);
  if (lines == NULL)
    return NULL;
  g_autoptr(DotConfig) config = config_new();
  for (guint i = 0; lines[i] != NULL; i++)
    if (!config_line(config, g_strchomp(lines[i]), file, i + 1, error))
      return NULL;
  return g_steal_pointer(&config);
}

DotConfig *
config_load(const char *path, GError **error) {
  g_autofree char *text = NULL;
  gsize size;
  g_autoptr(GError) local = NULL;
  if (file_read(path, CONFIG_BYTES_MAX, &text, &size, &local))
    return config_parse(text, size, path, error);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s", local->message);
  return NULL;
}
