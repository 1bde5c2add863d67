/* strace-line.c - parses one line of strace. */
#include "trace/strace-line.h"

#include <string.h>

void
strace_call_free(StraceCall *call) {
  if (call == NULL)
    return;
  g_free(call->name);
  g_ptr_array_unref(call->args);
  g_free(call->result);
  g_free(call);
}

/* Behind the quote that ends the string which begins at AT. */
static const char *
skip_string(const char *at) {
  for (at++; *at != '\0' && *at != '"'; at++)
    if (*at == '\\' && at[1] != '\0')
      at++;
  return *at == '"' ? at + 1 : at;
}

/* What -y adds, "<...>": it may hold anything but an unescaped '>'. A shift ("1<<3") is none. */
static const char *
skip_annotation(const char *at) {
  const char *end = at[1] != '<' ? strchr(at, '>') : NULL;
  return end != NULL ? end + 1 : at + 1 + (at[1] == '<');
}

/* The end of the argument at AT: the comma or the parenthesis that closes the call, or the end. */
static const char *
skip_arg(const char *at) {
  int depth = 0;
  while (*at != '\0') {
    if (*at == '"') {
      at = skip_string(at);
      continue;
    }
    if (*at == '<') {
      at = skip_annotation(at);
      continue;
    }
    if (strchr("([{", *at) != NULL)
      depth++;
    else if (depth == 0 && (*at == ',' || *at == ')'))
      return at;
    else if (strchr(")]}", *at) != NULL)
      depth--;
    at++;
  }
  return at;
}

static gboolean
is_name(const char *text, gsize length) {
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum(text[i]) && text[i] != '_')
      return FALSE;
  return length > 0;
}

static void
add_arg(GPtrArray *args, const char *from, const char *to) {
  char *arg = g_strndup(from, (gsize)(to - from));
  g_ptr_array_add(args, g_strstrip(arg));
}

StraceCall *
strace_call_parse(const char *text) {
  gsize length = strcspn(text, "(");
  if (text[length] != '(' || !is_name(text, length))
    return NULL;
  StraceCall *call = g_new0(StraceCall, 1);
  call->name = g_strndup(text, length);
  call->args = g_ptr_array_new_with_free_func(g_free);
  const char *at = text + length + 1;
  for (;;) {
    const char *end = skip_arg(at);
    if (end > at || call->args->len > 0)
      add_arg(call->args, at, end);
    at = end;
    if (*at != ',')
      break;
    at++;
  }
  if (*at == ')') {
    at++;
    at += strspn(at, " \t");
    if (g_str_has_prefix(at, "= "))
      call->result = g_strdup(at + 2);
  }
  return call;
}

const char *
strace_call_arg(const StraceCall *call, guint index) {
  return index < call->args->len ? call->args->pdata[index] : "";
}

gboolean
strace_call_succeeded(const StraceCall *call) {
  return call->result != NULL && g_ascii_isdigit(call->result[0]);
}

/* The bytes between FROM and TO, in which strace writes some as C does. A NUL ends a path. */
static char *
unescape(const char *from, const char *to) {
  static const char letters[] = "tnvfr", meant[] = "\t\n\v\f\r";
  GString *text = g_string_new(NULL);
  while (from < to) {
    const char *letter;
    if (*from != '\\' || from + 1 >= to) {
      g_string_append_c(text, *from++);
      continue;
    }
    from++;
    if (*from >= '0' && *from <= '7') {
      int value = 0;
      for (int i = 0; i < 3 && from < to && *from >= '0' && *from <= '7'; i++)
        value = value * 8 + (*from++ - '0');
      if ((value & 0xff) == 0)
        break;
      g_string_append_c(text, (char)value);
      continue;
    }
    letter = strchr(letters, *from);
    g_string_append_c(text, letter != NULL ? meant[letter - letters] : *from);
    from++;
  }
  return g_string_free(text, FALSE);
}

char *
strace_string(const char *arg) {
  const char *end = arg[0] == '"' ? skip_string(arg) : arg;
  return end > arg + 1 && end[-1] == '"' ? unescape(arg + 1, end - 1) : NULL;
}

char *
strace_fd_path(const char *arg) {
  const char *begin = strchr(arg, '<');
  const char *end = begin != NULL ? strchr(begin, '>') : NULL;
  gsize length = strcspn(arg, "<");
  if (end == NULL || begin[1] != '/' || !is_name(arg, length))
    return NULL;
  return unescape(begin + 1, end);
}
