/* test-service.c - units as recipes: what is wrong in them is said with its place. */
#include "draft/service.h"

#include <string.h>

static Tree *
small_tree(void) {
  Tree *tree = tree_new();
  tree_add_data(tree, "/usr/sbin/x", "x", -1, 0755, from_package("x", "new"), NULL);
  tree_add_data(tree, "/etc/passwd", "known:x:7:7::/srv/known:/bin/sh\n", -1, 0644,
                from_package("x", "new"), NULL);
  return tree;
}

/* TEXT as /lib/x@i.service. */
static Service *
translate(const char *text, const Tree *tree, GError **error) {
  g_autoptr(Unit) unit = unit_parse(text, strlen(text), "/lib/x@i.service", error);
  return unit != NULL ? service_from_unit(unit, tree, error) : NULL;
}

static void
test_refused(void) {
  static const char *const bad[][2] = {
      {"[Service]\nExecStartPre=/bin/sh -c 'a\\nb'\nExecStart=/usr/sbin/x\n",
       "/lib/x@i.service:2: ExecStartPre: '/bin/sh -c 'a\\nb'' has a line break in a word; "
       "expected "
       "a command of one line"},
      {"[Service]\nExecStart=-\n", "/lib/x@i.service:2: ExecStart: no program; expected one"},
      {"[Service]\nExecStart=/a ; /b 'c\n",
       "/lib/x@i.service:2: ExecStart: '/b 'c' has a quote that does not end"},
      {"[Service]\nEnvironment=A=\"'b\"\nExecStart=/a $A\n",
       "/lib/x@i.service:3: ExecStart: the value of $A: ''b' has a quote that does not end"},
      {"[Service]\nUser=a b\nExecStart=/a\n", "/lib/x@i.service:2: User: 'a b'; expected one word"},
      {"[Service]\nGroup=%Q\nExecStart=/a\n", "/lib/x@i.service:2: Group: %Q in '%Q' is not known "
                                              "here; expected a specifier of "
                                              "systemd.unit(5)"},
      {"[Service]\nUser=u%m\nExecStart=/a\n",
       "/lib/x@i.service:2: User: %m in 'u%m' is known to the running guest only; expected it in "
       "Exec...= or Environment="},
      {"[Service]\nExecStart=/a\nLoadCredential=../k:/etc/k\n",
       "/lib/x@i.service:3: LoadCredential=../k:/etc/k: expected NAME:VALUE, where NAME is no "
       "path"},
      {"[Service]\nExecStart=/a\nSetCredential=k\n",
       "/lib/x@i.service:3: SetCredential=k: expected NAME:VALUE, where NAME is no path"},
      {"[Service]\nExecStart=/a\nLoadCredentialEncrypted=k:/etc/k\n",
       "/lib/x@i.service:3: LoadCredentialEncrypted=k:/etc/k cannot be translated: only the "
       "machine "
       "that encrypted it can read it; expected a service that runs by itself"},
      {"[Service]\nStateDirectory='a\nExecStart=/a\n",
       "/lib/x@i.service:2: StateDirectory: ''a' has a quote that does not end"},
  };
  g_autoptr(Tree) tree = small_tree();
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Service) service = translate(bad[i][0], tree, &error);
    g_assert_null(service);
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_cmpstr(error->message, ==, bad[i][1]);
  }
}

static void
test_accounts(void) {
  static const struct {
    const char *lines, *user, *group, *run_user, *run_group, *directory;
  } cases[] = {{"Group=g", NULL, "g", NULL, "g", "/"},
               {"User=root\nGroup=g\nWorkingDirectory=~", NULL, "g", NULL, "g", "/root"},
               {"User=u\nGroup=u", "u", NULL, "u", NULL, "/"},
               {"User=%p-%i\nGroup=%i", "x-i", "i", "x-i", "i", "/"},
               {"User=u\nGroup=g\nExecStart=\nExecStart=+/usr/sbin/x", "u", "g", NULL, NULL, "/"},
               {"User=u\nExecStart=\nExecStart=!/usr/sbin/x", "u", NULL, NULL, NULL, "/"},
               {"User=u\nExecStart=\nExecStart=!!/usr/sbin/x", "u", NULL, "u", NULL, "/"},
               {"User=known\nWorkingDirectory=~", "known", NULL, "known", NULL, "/srv/known"},
               {"DynamicUser=yes\nUser=d\nGroup=d", "nobody", NULL, "nobody", NULL, "/"}};
  g_autoptr(Tree) tree = small_tree();
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text =
        g_strdup_printf("[Service]\nExecStart=/usr/sbin/x\n%s\n", cases[i].lines);
    g_autoptr(GError) error = NULL;
    g_autoptr(Service) service = translate(text, tree, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(service->user, ==, cases[i].user);
    g_assert_cmpstr(service->group, ==, cases[i].group);
    g_assert_cmpstr(service->run->user, ==, cases[i].run_user);
    g_assert_cmpstr(service->run->group, ==, cases[i].run_group);
    g_assert_cmpstr(service->run->directory, ==, cases[i].directory);
  }
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/service/refused", test_refused);
  g_test_add_func("/service/accounts", test_accounts);
  return g_test_run();
}
