/* plain.c - text for people, in which nothing commands a terminal. */
#include "base/plain.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static gboolean
character_seen(gunichar character) {
  switch (g_unichar_type(character)) {
  case G_UNICODE_CONTROL:
  case G_UNICODE_FORMAT:
  case G_UNICODE_LINE_SEPARATOR:
  case G_UNICODE_PARAGRAPH_SEPARATOR:
  case G_UNICODE_PRIVATE_USE:
  case G_UNICODE_SURROGATE:
  case G_UNICODE_UNASSIGNED:
    return FALSE;
  default:
    return TRUE;
  }
}

gsize
plain_next(const char *text, gboolean *seen) {
  guchar first = (guchar)text[0];
  gunichar character;
  *seen = first >= 0x20 && first < 0x7f;
  if (first == '\0')
    return 0;
  if (first < 0x80)
    return 1;
  character = g_utf8_get_char_validated(text, -1);
  if (character == (gunichar)-1 || character == (gunichar)-2)
    return 1;
  *seen = character_seen(character);
  return (gsize)(g_utf8_next_char(text) - text);
}

static void
append_bytes(GString *out, const char *bytes, gsize count) {
  for (gsize i = 0; i < count; i++)
    g_string_append_printf(out, "\\x%02x", (guchar)bytes[i]);
}

/* INDENT NULL: one line. */
static void
append_plain(GString *out, const char *text, const char *indent) {
  gboolean seen;
  gsize length;
  for (; (length = plain_next(text, &seen)) > 0; text += length) {
    gboolean ends = text[0] == '\r' && (text[1] == '\n' || text[1] == '\0');
    if (seen || text[0] == '\t')
      g_string_append_len(out, text, (gssize)length);
    else if (indent != NULL && text[0] == '\n') {
      if (text[1] != '\0')
        g_string_append_printf(out, "\n%s", indent);
    } else if (indent == NULL || !ends)
      append_bytes(out, text, length);
  }
}

char *
plain_line(const char *text) {
  GString *out = g_string_new(NULL);
  append_plain(out, text, NULL);
  return g_string_free(out, FALSE);
}

char *
plain_lines(const char *text, const char *indent) {
  GString *out = g_string_new(NULL);
  append_plain(out, text, indent);
  return g_string_free(out, FALSE);
}

char *
plain_text(const char *text) {
  gsize length = strlen(text);
  g_autofree char *lines = plain_lines(text, "");
  return g_strconcat(lines, length > 0 && text[length - 1] == '\n' ? "\n" : NULL, NULL);
}

/* ---- formats ----------------------------------------------------------- */

/* The arguments; a struct, because a va_list that is passed on by itself is no longer ours. */
typedef struct {
  va_list list;
} Arguments;

/* The conversion at FORMAT, which begins with '%', with what each '*' stands for: "%-*s" becomes
 * "%-12s". LONGS counts 'l'; 'z' and 'j' are as 'l' here. Returns where it ends. */
static const char *
read_conversion(const char *format, Arguments *arguments, GString *text, int *longs) {
  g_string_assign(text, "%");
  *longs = 0;
  for (format++; *format != '\0' && strchr("-+ #0123456789.*hlzjt", *format) != NULL; format++) {
    if (*format == '*')
      g_string_append_printf(text, "%d", va_arg(arguments->list, int));
    else if (strchr("hlzjt", *format) == NULL)
      g_string_append_c(text, *format);
    else if (*format != 'h')
      (*longs)++;
  }
  return format;
}

static void
append_argument(GString *out, GString *conversion, char kind, int longs, Arguments *arguments) {
  if (kind == 's') {
    const char *value = va_arg(arguments->list, const char *);
    g_autofree char *line = NULL;
    const char *point = strchr(conversion->str, '.');
    /* Of a cut string the bytes that are not shown may be anybody's. */
    g_autofree char *cut = value != NULL && point != NULL
                               ? g_strndup(value, (gsize)g_ascii_strtoull(point + 1, NULL, 10))
                               : g_strdup(value != NULL ? value : "(null)");
    line = plain_line(cut);
    if (point != NULL)
      g_string_truncate(conversion, (gsize)(point - conversion->str));
    g_string_append_c(conversion, 's');
    g_string_append_printf(out, conversion->str, line);
  } else if (strchr("fFgGeE", kind) != NULL) {
    g_string_append_c(conversion, kind);
    g_string_append_printf(out, conversion->str, va_arg(arguments->list, double));
  } else if (kind == 'c') {
    const char value[2] = {(char)va_arg(arguments->list, int), '\0'};
    append_plain(out, value, NULL);
  } else {
    gboolean is_signed = kind == 'd' || kind == 'i';
    g_string_append_printf(conversion, "j%c", kind);
    if (is_signed)
      g_string_append_printf(out, conversion->str,
                             longs > 0 ? (intmax_t)va_arg(arguments->list, long)
                                       : (intmax_t)va_arg(arguments->list, int));
    else
      g_string_append_printf(out, conversion->str,
                             longs > 0 ? (uintmax_t)va_arg(arguments->list, unsigned long)
                                       : (uintmax_t)va_arg(arguments->list, unsigned));
  }
}

G_STATIC_ASSERT(sizeof(long) == sizeof(long long)); /* so 'l' and 'll' are read alike */

static char *plain_vformat(const char *format, va_list args) G_GNUC_PRINTF(1, 0);

static char *
plain_vformat(const char *format, va_list args) {
  GString *out = g_string_new(NULL);
  g_autoptr(GString) conversion = g_string_new(NULL);
  Arguments arguments;
  va_copy(arguments.list, args);
  while (*format != '\0') {
    gsize plain = strcspn(format, "%");
    int longs;
    g_string_append_len(out, format, (gssize)plain);
    format += plain;
    if (*format == '\0')
      break;
    if (format[1] == '%') {
      g_string_append_c(out, '%');
      format += 2;
      continue;
    }
    format = read_conversion(format, &arguments, conversion, &longs);
    if (*format == '\0' || strchr("diuxXocsfFgGeE", *format) == NULL)
      g_error("plain_format: '%s' is no conversion that it knows", conversion->str);
    append_argument(out, conversion, *format++, longs, &arguments);
  }
  va_end(arguments.list);
  return g_string_free(out, FALSE);
}

char *
plain_format(const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = plain_vformat(format, args);
  va_end(args);
  return text;
}

void
plain_append(GString *text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_autofree char *more = plain_vformat(format, args);
  va_end(args);
  g_string_append(text, more);
}

/* ---- standard output --------------------------------------------------- */

/* A failure stays in ferror(), which main() asks at the end. */
void
plain_print(const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_autofree char *text = plain_vformat(format, args);
  va_end(args);
  fputs(text, stdout);
}

void
plain_show(const char *text) {
  g_autofree char *plain = plain_text(text);
  fputs(plain, stdout);
}
