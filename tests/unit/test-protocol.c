/* test-protocol.c - docs/guest-protocol.md, the tables that both programs are compiled from, and
 * the scripts of the glue say the same. */
#include "agent/protocol.h"
#include "base/files.h"
#include "guest/console.h"

#include <stdlib.h>
#include <string.h>

/* Where the program was built; NULL: the sources are not there. */
static char *
page(void) {
  g_autofree char *docs = data_path("docs/guest-protocol.md");
  char *text = NULL;
  g_file_get_contents(docs, &text, NULL, NULL);
  return text;
}

/* The first cells of the table rows after HEAD, each without its back quotes. g_strfreev. */
static char **
rows_after(const char *text, const char *head) {
  g_autoptr(GStrvBuilder) rows = g_strv_builder_new();
  const char *at = strstr(text, head);
  g_assert_nonnull(at);
  at = strstr(at, "|---|");
  g_assert_nonnull(at);
  g_auto(GStrv) lines = g_strsplit(at, "\n", -1);
  for (int i = 1; lines[i] != NULL && lines[i][0] == '|'; i++) {
    g_auto(GStrv) parts = g_strsplit(lines[i], "`", 3);
    g_assert_cmpuint(g_strv_length(parts), ==, 3);
    g_strv_builder_add(rows, parts[1]);
  }
  return g_strv_builder_end(rows);
}

static void
compare(const char *head, const AgentWord *words, guint count) {
  g_autofree char *text = page();
  if (text == NULL) {
    g_test_skip("the documents are not here");
    return;
  }
  g_auto(GStrv) rows = rows_after(text, head);
  g_assert_cmpuint(g_strv_length(rows), ==, count);
  for (guint i = 0; i < count; i++) {
    g_autofree char *row = g_strconcat(words[i].word, words[i].arguments[0] != '\0' ? " " : "",
                                       words[i].arguments, NULL);
    if (!g_strv_contains((const char *const *)rows, row))
      g_error("%s: not on the page", row);
  }
}

static void
test_requests(void) {
  compare("Requests (", agent_requests, AGENT_REQUESTS);
}

static void
test_answers(void) {
  compare("Answers:", agent_answers, AGENT_ANSWERS);
}

/* SCRIPT's lines that go to the console, with what stands in ${…:+…} as if it were there. */
static char **
said_by(const char *script) {
  g_autoptr(GRegex) optional = g_regex_new("\\$\\{\\w+:\\+([^}]*)\\}", 0, 0, NULL);
  g_autoptr(GRegex) echo = g_regex_new("(?:echo|put_text\\() ?\"(tinyx: [^\"\\\\]*)", 0, 0, NULL);
  g_autoptr(GStrvBuilder) lines = g_strv_builder_new();
  g_autofree char *relative = g_strconcat("rootfs/glue/", script, NULL);
  g_autofree char *path = data_path(relative), *text = NULL, *plain = NULL;
  g_autoptr(GMatchInfo) match = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL))
    return g_strv_builder_end(lines);
  plain = g_regex_replace(optional, text, -1, 0, "\\1", 0, NULL);
  for (g_regex_match(echo, plain, 0, &match); g_match_info_matches(match);
       g_match_info_next(match, NULL)) {
    g_autofree char *line = g_match_info_fetch(match, 1);
    g_strv_builder_add(lines, line);
  }
  return g_strv_builder_end(lines);
}

static gboolean
is_line(const char *line, const GlueLine *glue) {
  return g_str_has_prefix(line, glue->before) &&
         strstr(line + strlen(glue->before), glue->after) != NULL;
}

static void
test_looked_for(void) {
  g_autofree char *text = page();
  g_auto(GStrv) rows = text != NULL ? rows_after(text, "## What the guest says") : NULL;
  for (int i = 0; i < GLUE_LINES; i++) {
    g_auto(GStrv) lines = said_by(glue_lines[i].script);
    gboolean said = FALSE, told = rows == NULL;
    for (int j = 0; lines[j] != NULL; j++)
      said = said || is_line(lines[j], &glue_lines[i]);
    for (int j = 0; rows != NULL && rows[j] != NULL; j++)
      told = told || is_line(rows[j], &glue_lines[i]);
    if (!said || !told)
      g_error("'%s…%s': %s", glue_lines[i].before, glue_lines[i].after,
              said ? "not on the page" : "its script does not say it");
  }
}

/* The row as an expression: what is in capitals, or a script's variable, may be anything. */
static gboolean
row_has(const char *row, const char *line) {
  g_autoptr(GRegex) capitals = g_regex_new("\\b[A-Z]{2,}\\b", 0, 0, NULL);
  g_autoptr(GRegex) variables = g_regex_new("\\$(\\w+|\\{[^}]*\\}|\\(\\(.*?\\)\\))", 0, 0, NULL);
  g_autofree char *filled = g_regex_replace(variables, line, -1, 0, "V", 0, NULL);
  g_autofree char *plain = g_regex_escape_string(row, -1);
  g_autofree char *middle = g_regex_replace(capitals, plain, -1, 0, ".+", 0, NULL);
  g_autofree char *whole = g_strdup_printf("^%s", middle);
  return g_regex_match_simple(whole, filled, 0, 0);
}

/* Each line that the glue says is on the page. */
static void
test_said(void) {
  g_autofree char *text = page(), *folder = data_path("rootfs/glue");
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;
  guint count = 0;
  if (text == NULL) {
    g_test_skip("the documents are not here");
    return;
  }
  g_auto(GStrv) rows = rows_after(text, "## What the guest says");
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_auto(GStrv) lines = said_by(name);
    for (int i = 0; lines[i] != NULL; i++, count++) {
      gboolean told = g_str_has_suffix(name, ".c"); /* it begins a line of another script's form */
      for (int j = 0; rows[j] != NULL && !told; j++)
        told = row_has(rows[j], lines[i]);
      if (!told)
        g_error("%s says '%s': not on the page", name, lines[i]);
    }
  }
  g_assert_cmpuint(count, >=, GLUE_LINES);
}

/* What a guest is told, where nothing else can. */
static void
test_told(void) {
  g_autofree char *text = page(), *path = data_path("rootfs/glue/console"), *script = NULL;
  g_assert_true(g_file_get_contents(path, &script, NULL, NULL));
  g_assert_nonnull(strstr(script, "'" CONSOLE_SHUTDOWN "')"));
  if (text != NULL)
    g_assert_nonnull(strstr(text, "`" CONSOLE_SHUTDOWN "`"));
}

static void
test_console(void) {
  static const char console[] =
      "boot\r\ntinyx: a starting\r\ntinyx: b starting\r\n tinyx: b starting\r\n"
      "tinyx: b starting\r\ntinyx: UDP port 530 is open\r\n"
      "tinyx: c ended with status 0\ntinyx: d ended with status 12\r\n";
  g_autofree char *panic = console_panic("x\nKernel panic - not syncing: why\r\ny\n");
  g_assert_cmpint(console_starts(console), ==, 2);
  g_assert_cmpint(console_starts(""), ==, 0);
  g_assert_true(console_says_udp(console, 530));
  g_assert_false(console_says_udp(console, 53));
  g_assert_cmpint(console_bad_status(console), ==, 12);
  g_assert_cmpint(console_bad_status("tinyx: c ended\n"), ==, 0);
  g_assert_false(console_says_meminfo(console));
  g_assert_cmpstr(panic, ==, "not syncing: why");
  g_assert_null(console_panic(console));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/protocol/requests", test_requests);
  g_test_add_func("/protocol/answers", test_answers);
  g_test_add_func("/protocol/looked-for", test_looked_for);
  g_test_add_func("/protocol/said", test_said);
  g_test_add_func("/protocol/told", test_told);
  g_test_add_func("/protocol/console", test_console);
  return g_test_run();
}
