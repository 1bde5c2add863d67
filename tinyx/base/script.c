/* script.c - the simple commands of a shell script, without running it. */
#include "base/script.h"

#include <string.h>

#define DEPTH 24 /* how deep commands may be in commands: $(a $(b)) */

typedef struct {
  const char *at;
  guint line;
  int depth;
  ScriptCommandFunc *func;
  gpointer data;
  GPtrArray *documents; /* char*: the ends of the here documents of this line */
} Script;

/* One list of commands: a script, or what "$(" and ")" enclose. */
typedef struct {
  GPtrArray *words; /* char*: of the command so far */
  guint line;       /* where it begins */
  int parentheses;  /* that are open */
  int cases;        /* "case" without its "esac" */
  gboolean pattern; /* what comes is a pattern of "case", up to its ")" */
} List;

static void read_list(Script *script, char end);

static gboolean
is_grammar(const char *word) {
  static const char *const words[] = {"if", "then", "else", "elif", "while", "until", "do",
                                      "!",  "{",    "time", "fi",   "done",  "}",     NULL};
  return g_strv_contains(words, word);
}

static gboolean
is_assignment(const char *word) {
  gsize length = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
  return length > 0 && !g_ascii_isdigit(word[0]) &&
         (word[length] == '=' || g_str_has_prefix(word + length, "+="));
}

/* The command of LIST is complete. */
static void
end_command(Script *script, List *list) {
  guint first = 0;
  while (first < list->words->len &&
         (is_grammar(list->words->pdata[first]) || is_assignment(list->words->pdata[first])))
    first++;
  if (first < list->words->len) {
    const char *name = list->words->pdata[first];
    gboolean in_case = g_str_equal(name, "case"), out = g_str_equal(name, "esac");
    list->cases += in_case;
    list->pattern |= in_case;
    list->cases -= out && list->cases > 0;
    g_ptr_array_add(list->words, NULL);
    if (!in_case && !out)
      script->func((char *const *)list->words->pdata + first, list->line, script->data);
  }
  g_ptr_array_set_size(list->words, 0);
}

static void
skip_to(Script *script, char end) {
  while (*script->at != '\0' && *script->at != end)
    script->line += *script->at++ == '\n';
}

/* Behind "$((" or "((": to its "))". */
static void
skip_arithmetic(Script *script) {
  int open = 2;
  for (; *script->at != '\0' && open > 0; script->at++) {
    open += (*script->at == '(') - (*script->at == ')');
    script->line += *script->at == '\n';
  }
}

/* At "$": a command in it is read, and a variable goes to WORD. */
static void
read_dollar(Script *script, GString *word) {
  g_string_append_c(word, *script->at++);
  if (g_str_has_prefix(script->at, "((")) {
    script->at += 2;
    skip_arithmetic(script);
  } else if (*script->at == '(') {
    script->at++;
    read_list(script, ')');
  } else if (*script->at == '{') {
    for (int open = 0; *script->at != '\0';) {
      if (script->at[0] == '$' && script->at[1] == '(') {
        read_dollar(script, word);
        continue;
      }
      open += (*script->at == '{') - (*script->at == '}');
      script->line += *script->at == '\n';
      g_string_append_c(word, *script->at++);
      if (open == 0)
        break;
    }
  }
}

static void
read_backquoted(Script *script, GString *word) {
  script->at++;
  g_string_append_c(word, '$');
  read_list(script, '`');
}

/* At a double quote: to the one that closes it. */
static void
read_quoted(Script *script, GString *word) {
  for (script->at++; *script->at != '\0' && *script->at != '"';) {
    if (script->at[0] == '\\' && script->at[1] != '\0') {
      script->at++;
      script->line += *script->at == '\n';
      g_string_append_c(word, *script->at++);
    } else if (*script->at == '$') {
      read_dollar(script, word);
    } else if (*script->at == '`') {
      read_backquoted(script, word);
    } else {
      script->line += *script->at == '\n';
      g_string_append_c(word, *script->at++);
    }
  }
  script->at += *script->at == '"';
}

/* One piece of a word, where quotes may begin or end. */
static void
read_piece(Script *script, GString *word) {
  char c = *script->at;
  if (c == '\\') {
    script->at++;
    script->line += *script->at == '\n';
    if (*script->at != '\0' && *script->at++ != '\n')
      g_string_append_c(word, script->at[-1]);
  } else if (c == '\'') {
    const char *begin = ++script->at;
    skip_to(script, '\'');
    g_string_append_len(word, begin, script->at - begin);
    script->at += *script->at == '\'';
  } else if (c == '"') {
    read_quoted(script, word);
  } else if (c == '$') {
    read_dollar(script, word);
  } else {
    g_string_append_c(word, c);
    script->at++;
  }
}

/* The word at the script's place, up to a blank or an operator; END ends it, too. g_free. */
static char *
read_word(Script *script, char end) {
  GString *word = g_string_new(NULL);
  while (*script->at != '\0' && strchr(" \t\r\n;&|()<>", *script->at) == NULL &&
         *script->at != end) {
    if (*script->at == '`')
      read_backquoted(script, word);
    else
      read_piece(script, word);
  }
  return g_string_free(word, FALSE);
}

/* At "<" or ">": the operator and what it names are left out. */
static void
skip_redirection(Script *script, char end) {
  gboolean document = g_str_has_prefix(script->at, "<<") && script->at[2] != '<';
  script->at += strspn(script->at, "<>");
  if (*script->at == '(') { /* <(command) */
    script->at++;
    read_list(script, ')');
    return;
  }
  script->at += strspn(script->at, "&|-");
  script->at += strspn(script->at, " \t");
  char *word = read_word(script, end);
  if (document && word[0] != '\0')
    g_ptr_array_add(script->documents, word);
  else
    g_free(word);
}

/* Behind a newline: the here documents that the line before it began. */
static void
skip_documents(Script *script) {
  for (guint i = 0; i < script->documents->len; i++) {
    const char *mark = script->documents->pdata[i];
    gboolean found = FALSE;
    while (!found && *script->at != '\0') {
      gsize length = strcspn(script->at, "\n");
      g_autofree char *line = g_strndup(script->at, length);
      found = g_str_equal(line + strspn(line, "\t"), mark);
      script->at += length + (script->at[length] == '\n');
      script->line++;
    }
  }
  g_ptr_array_set_size(script->documents, 0);
}

/* At ")": TRUE where it ends the list. */
static gboolean
close_parenthesis(Script *script, List *list, char end) {
  script->at++;
  if (list->pattern) { /* the words before it are what the case is compared with */
    g_ptr_array_set_size(list->words, 0);
    list->pattern = FALSE;
    return FALSE;
  }
  end_command(script, list);
  if (list->parentheses > 0)
    list->parentheses--;
  else
    return end == ')';
  return FALSE;
}

/* At an operator or the end of a line. TRUE where it ends the list. */
static gboolean
read_operator(Script *script, List *list, char end) {
  char c = *script->at;
  if (c == ')')
    return close_parenthesis(script, list, end);
  if (list->pattern && (c == '|' || c == '(')) {
    script->at++;
    return FALSE;
  }
  gboolean next_case = c == ';' && (script->at[1] == ';' || script->at[1] == '&');
  if (c == '(' && script->at[1] == '(' && list->words->len == 0) {
    script->at += 2;
    skip_arithmetic(script);
    return FALSE;
  }
  end_command(script, list);
  list->parentheses += c == '(';
  list->pattern |= next_case && list->cases > 0;
  script->at += next_case ? 2 : 1;
  if (c == '\n') {
    script->line++;
    skip_documents(script);
  }
  return FALSE;
}

static void
add_word(Script *script, List *list, char end) {
  guint line = script->line;
  char *word = read_word(script, end);
  if (list->words->len == 0)
    list->line = line;
  g_ptr_array_add(list->words, word);
  /* "case WORD in" is complete with its "in", whatever comes behind it in the line. */
  if (list->words->len >= 3 && g_str_equal(word, "in") &&
      g_str_equal(list->words->pdata[list->words->len - 3], "case"))
    end_command(script, list);
  else if (list->pattern && g_str_equal(word, "esac")) {
    list->pattern = FALSE;
    end_command(script, list);
  }
}

static void
read_items(Script *script, List *list, char end) {
  while (*script->at != '\0') {
    script->at += strspn(script->at, " \t\r");
    if (g_str_has_prefix(script->at, "\\\n")) { /* the line goes on */
      script->at += 2;
      script->line++;
      continue;
    }
    if (end == '`' && *script->at == '`') {
      script->at++;
      return;
    }
    const char *begin = script->at;
    if (g_str_has_prefix(script->at, "&>"))
      script->at++;
    if (*script->at == '#')
      skip_to(script, '\n');
    else if (*script->at != '\0' && strchr("<>", *script->at) != NULL)
      skip_redirection(script, end);
    else if (*script->at != '\0' && strchr(";&|()\n", *script->at) != NULL) {
      if (read_operator(script, list, end))
        return;
    } else if (*script->at != '\0')
      add_word(script, list, end);
    if (script->at == begin && *script->at != '\0')
      script->at++; /* nothing that a shell would read */
  }
}

/* Reads commands up to END, or to the end of the text. */
static void
read_list(Script *script, char end) {
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
  List list = {.words = words, .line = script->line};
  if (++script->depth <= DEPTH) {
    read_items(script, &list, end);
    end_command(script, &list);
  } else {
    skip_to(script, end);
  }
  script->depth--;
}

void
script_commands(const char *text, ScriptCommandFunc *func, gpointer data) {
  g_autoptr(GPtrArray) documents = g_ptr_array_new_with_free_func(g_free);
  Script script = {.at = text, .line = 1, .func = func, .data = data, .documents = documents};
  if (strnlen(text, SCRIPT_MAX + 1) <= SCRIPT_MAX)
    read_list(&script, '\0');
}

char *
script_interpreter(const char *text) {
  if (!g_str_has_prefix(text, "#!"))
    return NULL;
  g_autofree char *line = g_strndup(text + 2, strcspn(text + 2, "\r\n"));
  g_auto(GStrv) words = g_strsplit_set(g_strstrip(line), " \t", -1);
  if (words[0] == NULL || words[0][0] == '\0')
    return NULL;
  char *name = g_path_get_basename(words[0]);
  for (guint i = 1; g_str_equal(name, "env") && words[i] != NULL; i++)
    if (words[i][0] != '\0' && words[i][0] != '-' && strchr(words[i], '=') == NULL) {
      g_free(name);
      return g_path_get_basename(words[i]);
    }
  return name;
}

gboolean
script_is_shell(const char *interpreter) {
  static const char *const shells[] = {"sh", "dash", "ash", "bash", NULL};
  return interpreter != NULL && g_strv_contains(shells, interpreter);
}
