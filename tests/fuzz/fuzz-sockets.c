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
  return 0;
}
