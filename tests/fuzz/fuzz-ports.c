/* fuzz-ports.c - any bytes as rootfs/ports.rules, and as the command or the configuration in which
 * ports and addresses are looked for: tinyx/draft/ports.c. */
#include "draft/ports.h"

#include "fuzz.h"

static const char known_rules[] = "argument (?:^|\\s)--?port[= ](\\d+)\n"
                                  "line ^\\s*(?:listen|port)\\s*=?\\s*(\\d+)\n"
                                  "loopback \\b(127\\.0\\.0\\.1|localhost)\\b\n"
                                  "default ^\\s*#?\\s*bind\\s+(127\\.0\\.0\\.1)\n";

static void
expect_port(int port) {
  if (port < 0 || port > 65535)
    g_error("port %d", port);
}

static void
apply(const PortRules *rules, const char *text) {
  int line = 0;
  expect_port(ports_in_command(rules, text));
  expect_port(ports_in_text(rules, text, FALSE, &line));
  expect_port(ports_in_text(rules, text, TRUE, NULL));
  for (int boldness = PORTS_PLAIN; boldness <= PORTS_BOLDEST; boldness++) {
    g_autofree char *opened = ports_open_up(rules, text, (PortsBoldness)boldness, &line);
    if (opened != NULL && line < 1)
      g_error("line %d", line);
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_autoptr(PortRules) rules = port_rules_parse(copy, size, "fuzz", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  g_autoptr(PortRules) known = port_rules_parse(known_rules, strlen(known_rules), "known", NULL);
  apply(known, text);
  if (rules != NULL)
    apply(rules, "bind 127.0.0.1\nport 80\n#bind 127.0.0.1\n--port=80");
  return 0;
}
