/* specifiers.c - the values of systemd.unit(5)'s specifiers, as far as they are known. */
#include "draft/specifiers.h"

#include "base/strings.h"
#include "draft/find.h"

#include <string.h>

#define MARK '\001' /* the specifier's letter follows */
#define NEW_ID "hexdump -n 16 -v -e '1/1 \"%02x\"' /dev/random"
#define BOOT_ID "/run/tinyx-boot-id"

/* What the running guest says. */
typedef struct {
  char c;
  const char *command; /* prints it */
  const char *applets; /* with spaces between them: what COMMAND and BEFORE need */
  const char *before;  /* must have run; NULL: nothing */
} Live;

static const Live live[] = {
    {'H', "uname -n", "uname", NULL},
    {'l', "uname -n | cut -d. -f1", "cut uname", NULL},
    {'q', "uname -n | cut -d. -f1", "cut uname", NULL}, /* no image has a pretty name */
    {'v', "uname -r", "uname", NULL},
    {'m', "cat /etc/machine-id", "cat hexdump",
     "[ -s /etc/machine-id ] || " NEW_ID " >/etc/machine-id"},
    /* The kernel's own, which sd_id128_get_boot(3) reads, where there is a procfs. */
    {'b', "cat " BOOT_ID, "cat hexdump tr",
     "[ -s " BOOT_ID " ] || tr -d '\\n-' </proc/sys/kernel/random/boot_id >" BOOT_ID " || " NEW_ID
     " >" BOOT_ID},
};

static const Live *
find_live(char c) {
  for (guint i = 0; i < G_N_ELEMENTS(live); i++)
    if (live[i].c == c)
      return &live[i];
  return NULL;
}

/* ---- parts of the unit's name ------------------------------------------ */

static char *
instance_of(const char *unit) {
  const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');
  return at != NULL && dot > at ? g_strndup(at + 1, (gsize)(dot - at - 1)) : g_strdup("");
}

static char *
prefix_of(const char *unit) {
  return g_strndup(unit, strcspn(unit, strchr(unit, '@') != NULL ? "@" : "."));
}

/* The part of the prefix after its last '-'; g_free. */
static char *
last_of_prefix(const char *unit) {
  g_autofree char *prefix = prefix_of(unit);
  const char *dash = strrchr(prefix, '-');
  return g_strdup(dash != NULL ? dash + 1 : prefix);
}

gboolean
specifiers_put_number(GString *word, const char *at, gsize digits, guint base) {
  gunichar value = 0;
  for (gsize i = 0; i < digits; i++) {
    int digit = g_ascii_xdigit_value(at[i]);
    if (digit < 0 || (guint)digit >= base)
      return FALSE;
    value = value * base + (guint)digit;
  }
  if (value == 0 || value == MARK || (digits <= 3 ? value > 0xff : !g_unichar_validate(value)))
    return FALSE;
  if (digits <= 3)
    g_string_append_c(word, (char)value);
  else
    g_string_append_unichar(word, value);
  return TRUE;
}

/* Undoes systemd.unit(5), "STRING ESCAPING FOR INCLUSION IN UNIT NAMES". Takes NAME; g_free. */
static char *
unescaped(char *name) {
  g_autofree char *taken = name;
  g_autoptr(GString) text = g_string_new(NULL);
  for (const char *c = taken; *c != '\0'; c++)
    if (g_str_has_prefix(c, "\\x") && specifiers_put_number(text, c + 2, 2, 16))
      c += 3;
    else
      g_string_append_c(text, *c == '-' ? '/' : *c);
  return g_string_free(g_steal_pointer(&text), FALSE);
}

/* The instance, else the prefix, unescaped, as a path. */
static char *
path_of(const char *unit) {
  char *instance = instance_of(unit);
  g_autofree char *name = unescaped(instance[0] != '\0' ? g_strdup(instance) : prefix_of(unit));
  g_free(instance);
  return name[0] == '/' ? g_strdup(name) : g_strconcat("/", name, NULL);
}

static char *
name_part(char c, const WordsContext *context) {
  switch (c) {
  case 'n':
    return g_strdup(context->unit);
  case 'N':
    return g_strndup(context->unit, strcspn(context->unit, "."));
  case 'p':
    return prefix_of(context->unit);
  case 'P':
    return unescaped(prefix_of(context->unit));
  case 'i':
    return instance_of(context->unit);
  case 'I':
    return unescaped(instance_of(context->unit));
  case 'j':
    return last_of_prefix(context->unit);
  case 'J':
    return unescaped(last_of_prefix(context->unit));
  case 'f':
    return path_of(context->unit);
  case 'd':
    return g_strconcat("/run/credentials/", context->unit, NULL);
  case 'y':
    return g_strdup(context->file);
  case 'Y':
    return context->file != NULL ? g_path_get_dirname(context->file) : NULL;
  default:
    return NULL;
  }
}

/* ---- the system -------------------------------------------------------- */

/* The value of the field of os-release(5) that the specifier C stands for: "" where the file, or
 * the field, is not there; NULL for any other specifier. g_free. */
static char *
release_field(char c, const Tree *installed) {
  static const struct {
    char c;
    const char *field;
  } fields[] = {{'o', "ID"},       {'w', "VERSION_ID"},    {'W', "VARIANT_ID"},
                {'B', "BUILD_ID"}, {'A', "IMAGE_VERSION"}, {'M', "IMAGE_ID"}};
  for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
    if (fields[i].c != c)
      continue;
    g_autofree char *text = installed != NULL ? find_text(installed, "/etc/os-release") : NULL;
    g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
    for (guint j = 0; lines[j] != NULL; j++) {
      gsize length = strlen(fields[i].field);
      g_auto(GStrv) words = NULL;
      if (strncmp(lines[j], fields[i].field, length) == 0 && lines[j][length] == '=' &&
          g_shell_parse_argv(lines[j] + length + 1, NULL, &words, NULL))
        return g_strdup(words[0]);
    }
    return g_strdup("");
  }
  return NULL;
}

/* %u, %g, %h and %s are those of the manager, which runs as root, whatever User= says. */
static const char *
fixed_value(char c) {
  static const struct {
    char c;
    const char *text;
  } fixed[] = {{'%', "%"},        {'t', "/run"},   {'S', "/var/lib"}, {'C', "/var/cache"},
               {'L', "/var/log"}, {'E', "/etc"},   {'T', "/tmp"},     {'V', "/var/tmp"},
               {'h', "/root"},    {'u', "root"},   {'U', "0"},        {'g', "root"},
               {'G', "0"},        {'a', "x86-64"}, {'s', "/bin/sh"},  {'D', "/usr/share"}};
  for (guint i = 0; i < G_N_ELEMENTS(fixed); i++)
    if (fixed[i].c == c)
      return fixed[i].text;
  return NULL;
}

/* What %C stands for; NULL where systemd does not know it, or only the running guest does. */
static char *
value_of(char c, const WordsContext *context) {
  const char *fixed = fixed_value(c);
  if (fixed != NULL)
    return g_strdup(fixed);
  char *value = name_part(c, context);
  if (value == NULL)
    value = release_field(c, context->installed);
  if (value == NULL && context->takes_live && find_live(c) != NULL)
    value = g_strdup_printf("%c%c", MARK, c);
  return value;
}

char *
specifiers_resolve(const char *text, const WordsContext *context, GError **error) {
  g_autoptr(GString) resolved = g_string_new(NULL);
  for (const char *c = text; *c != '\0'; c++) {
    if (*c != '%' || c[1] == '\0') {
      g_string_append_c(resolved, *c);
      continue;
    }
    g_autofree char *value = value_of(*++c, context);
    if (value == NULL) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%%%c in '%s' is %s", *c, text,
                  find_live(*c) != NULL
                      ? "known to the running guest only; expected it in Exec...= or Environment="
                      : "not known here; expected a specifier of systemd.unit(5)");
      return NULL;
    }
    g_string_append(resolved, value);
  }
  return g_string_free(g_steal_pointer(&resolved), FALSE);
}

/* ---- what the guest says ----------------------------------------------- */

/* The mark at AT; NULL: there is none. */
static const Live *
mark_at(const char *at) {
  return at[0] == MARK ? find_live(at[1]) : NULL;
}

gboolean
specifiers_is_live(const char *word) {
  for (const char *at = word; *at != '\0'; at++)
    if (mark_at(at) != NULL)
      return TRUE;
  return FALSE;
}

char *
specifiers_shell_word(const char *word) {
  GString *text = g_string_new(NULL);
  for (const char *at = word; *at != '\0';) {
    const Live *one = mark_at(at);
    if (one != NULL) {
      g_string_append_printf(text, "\"$(%s)\"", one->command);
      at += 2;
      continue;
    }
    const char *end = at + 1;
    while (*end != '\0' && mark_at(end) == NULL)
      end++;
    g_autofree char *part = g_strndup(at, (gsize)(end - at));
    const char *const one_word[] = {part, NULL};
    g_autofree char *quoted = words_join(one_word);
    g_string_append(text, quoted);
    at = end;
  }
  return g_string_free(text, FALSE);
}

void
specifiers_needs(const char *word, GPtrArray *applets, GPtrArray *lines) {
  for (const char *at = word; *at != '\0'; at++) {
    const Live *one = mark_at(at);
    if (one == NULL)
      continue;
    g_auto(GStrv) names = g_strsplit(one->applets, " ", -1);
    for (guint i = 0; names[i] != NULL; i++)
      strings_add_once(applets, names[i]);
    if (one->before != NULL)
      strings_add_once(lines, one->before);
  }
}
