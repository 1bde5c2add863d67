/* logs.c - `tinyx logs`: what a domain in the background has said on its console. */
#include "domain/domain.h"

#include "base/files.h"
#include "base/plain.h"
#include "base/proc.h"
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_SECONDS 0.3
#define BYTES_MOST (16U << 20) /* of a file; a keeper writes half of it */

static const char description[] =
    "Shows what a domain that `tinyx run -d` has started said on its console, to its end where it\n"
    "has ended; control characters are shown as \\xNN. Of a long one the newest 8 to 16 MB are "
    "kept.";

/* What is shown of a file that grows. */
typedef struct {
  int fd;        /* -1: not open */
  GString *line; /* not yet whole */
} Tail;

static void
show_text(const char *text) {
  g_autofree char *lines = plain_lines(text, "");
  g_autofree char *whole = g_strconcat(lines, "\n", NULL);
  plain_show(whole);
}

/* The last COUNT lines of TEXT (0: all). */
static const char *
last_lines(const char *text, int count) {
  const char *at = text + strlen(text);
  if (count <= 0)
    return text;
  if (at > text && at[-1] == '\n')
    at--;
  while (at > text && (at[-1] != '\n' || --count > 0))
    at--;
  return at;
}

/* A console may say anything; its carriage returns are a terminal's. */
static void
append(GString *text, const char *bytes, gsize size) {
  for (gsize i = 0; i < size; i++)
    if (bytes[i] != '\r')
      g_string_append_c(text, bytes[i] != '\0' ? bytes[i] : '?');
}

static gboolean
read_all(const Domain *domain, GString *all, GError **error) {
  static const char *const names[] = {DOMAIN_CONSOLE_OLD, DOMAIN_CONSOLE};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *path = domain_path(domain, names[i]), *text = NULL;
    gsize size;
    if (!file_read_if_there(path, BYTES_MOST, &text, &size, error))
      return FALSE;
    if (text != NULL)
      append(all, text, size);
  }
  return TRUE;
}

static int
show_all(const Domain *domain, const char *file, int lines) {
  g_autoptr(GString) all = g_string_new(NULL);
  GError *error = NULL;
  if (file != NULL) {
    g_autofree char *path = domain_path(domain, file), *text = NULL;
    if (!file_read_if_there(path, BYTES_MOST, &text, NULL, &error))
      return cmd_fail(error);
    g_string_append(all, text != NULL ? text : "");
  } else if (!read_all(domain, all, &error)) {
    return cmd_fail(error);
  }
  if (all->len > 0)
    show_text(last_lines(all->str, lines));
  return 0;
}

/* ---- as it grows ------------------------------------------------------- */

/* Whole lines, and what has stood unfinished since the last look (ALL). */
static void
tail_show(Tail *tail, gboolean all) {
  const char *end = strrchr(tail->line->str, '\n');
  gsize size = all ? tail->line->len : end != NULL ? (gsize)(end + 1 - tail->line->str) : 0;
  if (size == 0)
    return;
  g_autofree char *text = g_strndup(tail->line->str, size);
  show_text(text);
  g_string_erase(tail->line, 0, (gssize)size);
}

/* TRUE if something came. */
static gboolean
tail_read(Tail *tail) {
  char bytes[65536];
  ssize_t got = tail->fd >= 0 ? read(tail->fd, bytes, sizeof bytes) : 0;
  append(tail->line, bytes, (gsize)MAX(got, 0));
  return got > 0;
}

/* The file that has the name now, where it is another one than before. */
static void
tail_follow(Tail *tail, const char *path) {
  struct stat open_one, named;
  if (tail->fd >= 0 && (stat(path, &named) != 0 || fstat(tail->fd, &open_one) != 0 ||
                        (open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev)))
    return;
  if (tail->fd >= 0)
    close(tail->fd);
  tail->fd = open(path, O_RDONLY | O_CLOEXEC);
}

static gboolean
still_runs(const char *name) {
  g_autoptr(Domain) domain = domain_load(name, NULL);
  DomainState state = domain != NULL ? domain_state(domain) : DOMAIN_ENDED;
  return state == DOMAIN_RUNS || state == DOMAIN_STARTS;
}

static void
tail_begin(Tail *tail, const Domain *domain, int lines) {
  g_autofree char *path = domain_path(domain, DOMAIN_CONSOLE);
  tail_follow(tail, path);
  while (tail_read(tail))
    ;
  g_string_erase(tail->line, 0, last_lines(tail->line->str, lines) - tail->line->str);
}

static int
follow(const Domain *domain, int lines) {
  Tail tail = {.fd = -1, .line = g_string_new(NULL)};
  g_autofree char *path = domain_path(domain, DOMAIN_CONSOLE);
  gboolean runs = TRUE;
  tail_begin(&tail, domain, lines);
  while (runs && !proc_interrupted()) {
    runs = still_runs(domain->name); /* before the look: what came until then is shown */
    while (tail_read(&tail))
      ;
    tail_show(&tail, !runs);
    tail_follow(&tail, path);
    if (runs)
      proc_sleep(LOOK_SECONDS);
  }
  if (tail.fd >= 0)
    close(tail.fd);
  g_string_free(tail.line, TRUE);
  return 0; /* Ctrl-C is how one leaves it */
}

int
cmd_logs(int argc, char **argv) {
  gboolean follows = FALSE, messages = FALSE;
  int lines = 0;
  g_autoptr(Domain) domain = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"follow", 'f', 0, G_OPTION_ARG_NONE, &follows,
       "Go on with what comes, until the domain ends (Ctrl-C leaves it running)", NULL},
      {"lines", 'n', 0, G_OPTION_ARG_INT, &lines, "Only the last so many lines", "NUMBER"},
      {"messages", 0, 0, G_OPTION_ARG_NONE, &messages,
       "What its keeper said, instead: warnings, why it ended", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "DOMAIN", description, entries);
  if (status >= 0)
    return status;
  if (argc != 2)
    return cmd_usage("logs", "expected one domain, got %d", argc - 1);
  if (lines < 0 || (follows && messages))
    return cmd_usage("logs", lines < 0 ? "--lines: expected a number from 1"
                                       : "--follow is for the console, not for --messages");
  domain = domain_load(argv[1], &error);
  if (domain == NULL)
    return cmd_fail(error);
  return follows ? follow(domain, lines)
                 : show_all(domain, messages ? DOMAIN_MESSAGES : NULL, lines);
}
