/* fuzz-sockets.c - any bytes as a table of sockets (/proc/net/tcp): tinyx/draft/sockets.c. */
#include "draft/sockets.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *text = g_strndup((const char *)data, size);
  g_autoptr(GArray) listeners = g_array_new(FALSE, TRUE, sizeof(Listener));
  sockets_parse(text, FALSE, listeners);
  sockets_parse(text, TRUE, listeners);
  for (guint i = 0; i < listeners->len; i++) {
    int port = g_array_index(listeners, Listener, i).port;
    if (port <= 0 || port > 65535)
      g_error("port %d", port);
  }
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  sockets_parse_unix(text, paths);
  for (guint i = 0; i < paths->len; i++)
    if (*(char *)paths->pdata[i] != '/')
      g_error("path %s", (char *)paths->pdata[i]);
  return 0;
}
