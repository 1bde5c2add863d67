/* error.c - the error domain, and what a command's exit status says of an error. */
#include "base/error.h"

GQuark
tinyx_error_quark(void) {
  return g_quark_from_static_string("tinyx-error-quark");
}

gboolean
tinyx_fail(GError **error, TinyxError code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  g_set_error_literal(error, TINYX_ERROR, code, text);
  return FALSE;
}

void
tinyx_advise(GError **error, TinyxError code, const char *advice) {
  char *text;
  if (error == NULL || !g_error_matches(*error, TINYX_ERROR, (int)code))
    return;
  text = g_strconcat((*error)->message, "; ", advice, NULL);
  g_free((*error)->message);
  (*error)->message = text;
}

int
tinyx_error_exit_status(const GError *error) {
  if (error == NULL)
    return 0;
  if (error->domain != TINYX_ERROR)
    return 1;
  switch (error->code) {
  case TINYX_ERROR_INPUT:
  case TINYX_ERROR_TOOL:
  case TINYX_ERROR_HOST:
    return 2;
  case TINYX_ERROR_INTERRUPTED:
    return 130;
  default:
    return 1;
  }
}
