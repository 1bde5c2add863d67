/* spec.c - parses the value of --host. */
#include "xen/spec.h"

#include <string.h>

void
xen_host_spec_clear(XenHostSpec *spec) {
  g_clear_pointer(&spec->user, g_free);
  g_clear_pointer(&spec->machine, g_free);
  spec->port = 0;
}

gboolean
xen_host_is_dom0(void) {
  g_autofree char *text = NULL;
  return g_file_get_contents("/proc/xen/capabilities", &text, NULL, NULL) &&
         strstr(text, "control_d") != NULL;
}

static gboolean
spec_error(const char *text, const char *what, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "--host '%s': %s; expected embedded, local or ssh://user@machine[:port]", text, what);
  return FALSE;
}

/* A leading '-' would be an option to ssh(1), and the rest would be lost on its way there. */
static gboolean
word_is_safe(const char *word) {
  if (word[0] == '\0' || word[0] == '-')
    return FALSE;
  for (const char *c = word; *c != '\0'; c++)
    if (!g_ascii_isalnum(*c) && strchr("._-:%+", *c) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
parse_port(const char *digits, int *port) {
  guint64 value;
  if (!g_ascii_string_to_unsigned(digits, 10, 1, 65535, &value, NULL))
    return FALSE;
  *port = (int)value;
  return TRUE;
}

/* REST is what follows "ssh://". */
static gboolean
parse_ssh(const char *text, const char *rest, XenHostSpec *spec, GError **error) {
  g_autofree char *bare = g_strndup(rest, strlen(rest) - (g_str_has_suffix(rest, "/") ? 1 : 0));
  const char *at = strrchr(bare, '@');
  const char *host = at != NULL ? at + 1 : bare;
  const char *end;
  const char *tail;
  if (host[0] == '[') { /* an IPv6 address */
    host++;
    end = strchr(host, ']');
    if (end == NULL)
      return spec_error(text, "no ']' after the address", error);
    tail = end + 1;
  } else {
    end = tail = host + strcspn(host, ":/");
  }
  if (at != NULL)
    spec->user = g_strndup(bare, (gsize)(at - bare));
  spec->machine = g_strndup(host, (gsize)(end - host));
  spec->kind = XEN_HOST_SSH;
  if (spec->user != NULL && !word_is_safe(spec->user))
    return spec_error(text, "no valid user name", error);
  if (!word_is_safe(spec->machine))
    return spec_error(text, "no valid machine name", error);
  if (tail[0] == '\0')
    return TRUE;
  if (tail[0] != ':' || !parse_port(tail + 1, &spec->port))
    return spec_error(text, "no valid port (1 to 65535) after the machine", error);
  return TRUE;
}

gboolean
xen_host_spec_parse(const char *text, XenHostSpec *spec, GError **error) {
  memset(spec, 0, sizeof *spec);
  if (text == NULL || text[0] == '\0') {
    spec->kind = xen_host_is_dom0() ? XEN_HOST_LOCAL : XEN_HOST_EMBEDDED;
    return TRUE;
  }
  if (g_str_equal(text, "embedded"))
    return TRUE;
  if (g_str_equal(text, "local")) {
    spec->kind = XEN_HOST_LOCAL;
    return TRUE;
  }
  if (!g_str_has_prefix(text, "ssh://"))
    return spec_error(text, "not a kind of host that tinyx knows", error);
  if (parse_ssh(text, text + strlen("ssh://"), spec, error))
    return TRUE;
  xen_host_spec_clear(spec);
  return FALSE;
}
