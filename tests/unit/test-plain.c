/* test-plain.c - the one printer: nothing foreign commands a terminal, hides, or makes lines. */
#include "base/plain.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

static void
check_line(const char *text, const char *expected) {
  g_autofree char *line = plain_line(text);
  g_assert_cmpstr(line, ==, expected);
}

static void
test_line(void) {
  check_line("", "");
  check_line("plain ASCII, ~", "plain ASCII, ~");
  check_line("caf\u00e9 \u65e5\u672c \u2026 \U0001f600",
             "caf\u00e9 \u65e5\u672c \u2026 \U0001f600");
  check_line("a\tb", "a\tb");
  check_line("a\nb\r\n", "a\\x0ab\\x0d\\x0a");
  check_line("\033]52;c;eA==\a", "\\x1b]52;c;eA==\\x07");
  check_line("\033[2J\033[3;5r\b\177", "\\x1b[2J\\x1b[3;5r\\x08\\x7f");
  check_line("\xc2\x9b"
             "31m\xc2\x85",
             "\\xc2\\x9b31m\\xc2\\x85");                           /* C1 as UTF-8 */
  check_line("\x9b\x31\xff\xc3", "\\x9b1\\xff\\xc3");              /* and alone, and cut */
  check_line("\xc0\xaf\xed\xa0\x80", "\\xc0\\xaf\\xed\\xa0\\x80"); /* overlong; a surrogate */
  check_line("user\u202egnp.exe\u2066\u200f",
             "user\\xe2\\x80\\xaegnp.exe\\xe2\\x81\\xa6\\xe2\\x80\\x8f");
  check_line("\u2028\u2029\ufeff\u200b\u00ad",
             "\\xe2\\x80\\xa8\\xe2\\x80\\xa9\\xef\\xbb\\xbf\\xe2\\x80\\x8b\\xc2\\xad");
  check_line("\ue000\U000e0041", "\\xee\\x80\\x80\\xf3\\xa0\\x81\\x81");
}

static void
test_lines(void) {
  g_autofree char *one = plain_lines("first\r\nsecond\n\033third\n", "> ");
  g_autofree char *whole = plain_text("a\n\nb\033\n\n");
  g_autofree char *forged = plain_lines("name\ntinyx: error: forged\rtinyx: over", "  ");
  g_assert_cmpstr(one, ==, "first\n> second\n> \\x1bthird");
  g_assert_cmpstr(whole, ==, "a\n\nb\\x1b\n\n");
  g_assert_cmpstr(forged, ==, "name\n  tinyx: error: forged\\x0dtinyx: over");
}

#define CHECK_FORMAT(expected, ...)                                                                \
  do {                                                                                             \
    g_autofree char *text = plain_format(__VA_ARGS__);                                             \
    g_assert_cmpstr(text, ==, expected);                                                           \
  } while (0)

static void
test_format(void) {
  CHECK_FORMAT("a\nb: x\\x0ay\n", "a\nb: %s\n", "x\ny");
  CHECK_FORMAT("[x    ][    x][  ]", "[%-5s][%5s][%*s]", "x", "x", 2, "");
  CHECK_FORMAT("[x  ]", "[%-*s]", 3, "x");
  CHECK_FORMAT("[\\x1b  ]", "[%-6s]", "\033");
  CHECK_FORMAT("abc|ab|", "%.3s|%.*s|", "abcdef", 2, "abcdef");
  CHECK_FORMAT("\\xc3", "%.1s", "\u00e9"); /* cut in a character */
  CHECK_FORMAT("-1 4294967295 ff 0755 +3", "%d %u %x %04o %+i", -1, 0xffffffffu, 255, 0755, 3);
  CHECK_FORMAT("-9000000000 18446744073709551615 c",
               "%" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %c", (gint64)-9000000000, G_MAXUINT64,
               'c');
  CHECK_FORMAT("7 8 9", "%zu %ld %lld", (gsize)7, 8L, 9LL);
  CHECK_FORMAT("1.50   2.2 3e+00 100 %", "%.2f %5.1f %.0e %g %%", 1.5, 2.25, 3.0, 100.0);
  CHECK_FORMAT("\\x1b", "%c", '\033');
  CHECK_FORMAT("3 x 2.5 y 4", "%d %s %.1f %s %u", 3, "x", 2.5, "y", 4u);
}

/* Every text of bytes comes out as something that is all seen, twice the same. */
static void
test_any_bytes(void) {
  g_autoptr(GRand) random = g_rand_new_with_seed(17);
  for (int i = 0; i < 20000; i++) {
    char text[13];
    gsize length = (gsize)g_rand_int_range(random, 0, 12);
    for (gsize j = 0; j < length; j++)
      text[j] = (char)g_rand_int_range(random, 1, 256);
    text[length] = '\0';
    g_autofree char *line = plain_line(text), *again = plain_line(line);
    g_assert_true(g_utf8_validate(line, -1, NULL));
    g_assert_cmpstr(line, ==, again);
    for (const char *c = line; *c != '\0'; c++)
      g_assert_true((guchar)*c >= 0x20 || *c == '\t');
  }
}

/* JSON has an escape of its own, and reads back what was written. */
static void
test_json(void) {
  static const char foreign[] = "\033]0;x\a\177 \xc2\x9b \u202e \u2028 \U000e0041 \u00e9\n";
  g_autoptr(JsonBuilder) json = json_builder_new();
  g_autoptr(JsonParser) parser = json_parser_new();
  json_builder_begin_object(json);
  json_put_string(json, "name", foreign);
  json_builder_end_object(json);
  g_autofree char *text = json_line(json), *plain = plain_text(text);
  g_assert_cmpstr(text, ==, plain);
  g_assert_null(strstr(text, "\\x"));
  g_assert_nonnull(strstr(text, "\\u202e"));
  g_assert_cmpstr(json_get_string(json_parse(parser, text, -1), "name"), ==, foreign);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/plain/line", test_line);
  g_test_add_func("/plain/lines", test_lines);
  g_test_add_func("/plain/format", test_format);
  g_test_add_func("/plain/any-bytes", test_any_bytes);
  g_test_add_func("/plain/json", test_json);
  return g_test_run();
}
