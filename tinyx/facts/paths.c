/* paths.c - finds the absolute paths in a file's bytes. */
#include "facts/paths.h"

#include <string.h>

static gboolean
is_of_path(char byte) {
  return g_ascii_isalnum(byte) || strchr("._+-@/", byte) != NULL;
}

/* What makes a '/' behind it the middle of a longer word: "%s/x", "$dir/x", "http://x". */
static gboolean
is_of_word(char byte) {
  return byte != '\0' && (is_of_path(byte) || strchr("%$}:)*?&~\\", byte) != NULL);
}

/* The end of the conversion that begins with the '%' at AT, behind its letter; AT where it is none.
 */
static gsize
conversion_end(const char *bytes, gsize size, gsize at) {
  gsize end = at + 1;
  while (end < size && (g_ascii_isdigit(bytes[end]) || strchr("-+.*lhzj", bytes[end]) != NULL) &&
         bytes[end] != '\0')
    end++;
  return end < size && bytes[end] != '\0' && strchr("diouxXcsp", bytes[end]) != NULL ? end + 1 : at;
}

/* The path that begins at AT goes to PATH, with one '/' for several. Where it ends. */
static gsize
take_path(const char *bytes, gsize size, gsize at, GString *path) {
  g_string_truncate(path, 0);
  while (at < size && bytes[at] != '\0') {
    gsize end = bytes[at] == '%' ? conversion_end(bytes, size, at) : at;
    if (end > at)
      g_string_append_c(path, '*');
    else if (!is_of_path(bytes[at]))
      break;
    else if (bytes[end++] != '/' || path->len == 0 || path->str[path->len - 1] != '/')
      g_string_append_c(path, bytes[at]);
    at = end;
  }
  while (path->len > 1 && strchr("/.", path->str[path->len - 1]) != NULL)
    g_string_truncate(path, path->len - 1);
  return at;
}

/* Text goes on behind a path, or ends. In code, where compilers put short strings into
 * instructions, other bytes come. */
static gboolean
is_of_text(char byte) {
  return byte == '\0' || g_ascii_isprint(byte) || g_ascii_isspace(byte);
}

/* The first byte of the line behind AT. */
static gsize
next_line(const char *bytes, gsize size, gsize at) {
  const char *end = memchr(bytes + at, '\n', size - at);
  return end != NULL ? (gsize)(end - bytes) + 1 : size;
}

static gboolean
is_comment(const char *bytes, gsize size, gsize line) {
  while (line < size && (bytes[line] == ' ' || bytes[line] == '\t'))
    line++;
  return line < size && bytes[line] == '#';
}

static void
find_in(const char *bytes, gsize first, gsize size, PathsTake take, gpointer data, GString *path) {
  for (gsize at = first; at < size;) {
    const char *slash = memchr(bytes + at, '/', size - at);
    if (slash == NULL)
      return;
    at = (gsize)(slash - bytes);
    gboolean inside = at > first && is_of_word(bytes[at - 1]);
    at = take_path(bytes, size, at, path);
    gboolean text = at == size || is_of_text(bytes[at]);
    if (!inside && text && path->len > 1 && path->len <= PATHS_LONGEST)
      take(data, path->str);
  }
}

void
paths_find(const char *bytes, gsize size, gboolean comments, PathsTake take, gpointer data) {
  g_autoptr(GString) path = g_string_new(NULL);
  if (!comments) {
    find_in(bytes, 0, size, take, data, path);
    return;
  }
  for (gsize line = 0; line < size;) {
    gsize end = next_line(bytes, size, line);
    if (!is_comment(bytes, size, line))
      find_in(bytes, line, end, take, data, path);
    line = end;
  }
}
