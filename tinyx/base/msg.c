/* msg.c - messages and progress for a person, on standard error. All of it goes through plain.h. */
#include "base/msg.h"

#include "base/plain.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of a message of several lines, before each that follows. */
#define INDENT "  "
#define DETAIL_MOST 60 /* characters */
#define LOG_EVERY (30 * G_USEC_PER_SEC)

static struct {
  MsgLevel level;
  int depth;   /* nested msg_stage_begin calls */
  char *title; /* of the open stage */
  char *detail;
  gint64 begun;       /* microseconds, monotonic */
  gint64 last_shown;  /* the same */
  gboolean on_screen; /* the stage's line stands on the terminal, unfinished */
} state;

void
msg_set_level(MsgLevel level) {
  state.level = level;
}

static gboolean
msg_on_terminal(void) {
  /* With -v other lines come in between, so the line is not rewritten. */
  return state.level == MSG_NORMAL && isatty(STDERR_FILENO) &&
         g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

static void
stage_line_clear(void) {
  if (state.on_screen)
    fputs("\r\033[K", stderr);
  state.on_screen = FALSE;
}

static void
msg_print(const char *kind, const char *format, va_list args) {
  g_autofree char *text = g_strdup_vprintf(format, args);
  g_autofree char *plain = plain_lines(text, INDENT);
  stage_line_clear();
  fprintf(stderr, "tinyx: %s%s\n", kind, plain);
  fflush(stderr);
}

#define MSG_FUNCTION(name, kind, least)                                                            \
  void name(const char *format, ...) {                                                             \
    va_list args;                                                                                  \
    if (state.level < (least))                                                                     \
      return;                                                                                      \
    va_start(args, format);                                                                        \
    msg_print(kind, format, args);                                                                 \
    va_end(args);                                                                                  \
  }

MSG_FUNCTION(msg_warn, "warning: ", MSG_QUIET)
MSG_FUNCTION(msg_error, "error: ", MSG_QUIET)
MSG_FUNCTION(msg_info, "", MSG_NORMAL)
MSG_FUNCTION(msg_verbose, "", MSG_VERBOSE)

void
msg_text(const char *text) {
  g_autofree char *plain = plain_lines(text, "");
  stage_line_clear();
  fprintf(stderr, "%s\n", plain);
  fflush(stderr);
}

double
msg_stage_seconds(void) {
  return (double)(g_get_monotonic_time() - state.begun) / G_USEC_PER_SEC;
}

/* For who reads a log, or waits for one. */
static void
stage_log(gint64 now) {
  if (state.level < MSG_NORMAL || now - MAX(state.last_shown, state.begun) < LOG_EVERY)
    return;
  state.last_shown = now;
  fprintf(stderr, "  %-28s %6.0f s  %s\n", state.title, msg_stage_seconds(),
          state.detail != NULL ? state.detail : "");
  fflush(stderr);
}

static void
stage_show(void) {
  gint64 now = g_get_monotonic_time();
  if (!msg_on_terminal())
    stage_log(now);
  if (!msg_on_terminal() || (state.last_shown != 0 && now - state.last_shown < G_USEC_PER_SEC / 10))
    return;
  state.last_shown = now;
  fprintf(stderr, "\r\033[K  %-28s %6.1f s  %s", state.title, msg_stage_seconds(),
          state.detail != NULL ? state.detail : "");
  fflush(stderr);
  state.on_screen = TRUE;
}

void
msg_stage_begin(const char *title) {
  if (state.depth++ > 0) {
    msg_stage_detail("%s", title);
    return;
  }
  g_free(state.title);
  state.title = plain_line(title);
  g_clear_pointer(&state.detail, g_free);
  state.begun = g_get_monotonic_time();
  state.last_shown = 0;
  if (msg_on_terminal())
    stage_show();
  else if (state.level >= MSG_NORMAL)
    fprintf(stderr, "  %s ...\n", state.title);
}

static char *
detail_text(const char *format, va_list args) {
  g_autofree char *text = g_strdup_vprintf(format, args);
  g_autofree char *plain = plain_line(text);
  glong most = MIN(g_utf8_strlen(plain, -1), DETAIL_MOST);
  return g_utf8_substring(plain, 0, most);
}

void
msg_stage_detail(const char *format, ...) {
  va_list args;
  if (state.depth == 0)
    return;
  va_start(args, format);
  g_free(state.detail);
  state.detail = detail_text(format, args);
  va_end(args);
  stage_show();
}

static void
stage_close(const char *result) {
  g_autofree char *plain = plain_line(result != NULL ? result : "");
  stage_line_clear();
  if (state.level >= MSG_NORMAL)
    fprintf(stderr, "  %-28s %6.1f s  %s\n", state.title, msg_stage_seconds(), plain);
  fflush(stderr);
}

double
msg_stage_end(const char *result) {
  double seconds = msg_stage_seconds();
  if (state.depth > 0 && --state.depth == 0)
    stage_close(result);
  return seconds;
}

void
msg_stage_abort(void) {
  if (state.depth > 0)
    stage_close("failed");
  state.depth = 0;
}
