/* keys.c - the table of the keys of recipe.conf. */
#include "recipe/keys.h"

#include "recipe/checks.h"

#include <stddef.h>
#include <string.h>

#define MOST_MEMORY (1 << 20)  /* MB */
#define MOST_SECONDS (1 << 20) /* of a test */
#define MOST_PORT 65535

#define OF_RECIPE(field) .offset = offsetof(Recipe, field)
#define OF_RUN(field) .offset = offsetof(RecipeRun, field)

/* clang-format off */
static const RecipeKey table[] = {
    {"recipe", "description", RECIPE_KEY_STRING, OF_RECIPE(description), .required = TRUE},
    {"recipe", "packages", RECIPE_KEY_LIST, OF_RECIPE(packages)},
    {"recipe", "files", RECIPE_KEY_PAIRS, OF_RECIPE(files), .check = recipe_check_file},
    {"run", "command", RECIPE_KEY_STRING, OF_RUN(command), .required = TRUE,
     .check = recipe_check_command},
    {"run", "before", RECIPE_KEY_STRING, OF_RUN(before)},
    {"run", "user", RECIPE_KEY_STRING, OF_RUN(user)},
    {"run", "group", RECIPE_KEY_STRING, OF_RUN(group)},
    {"run", "capabilities", RECIPE_KEY_LIST, OF_RUN(capabilities),
     .check = recipe_check_capability},
    {"run", "directory", RECIPE_KEY_STRING, OF_RUN(directory), .check = recipe_check_path,
     .standard = "/"},
    {"run", "environment", RECIPE_KEY_QUOTED, OF_RUN(environment),
     .check = recipe_check_assignment},
    {"run", "on-exit", RECIPE_KEY_ON_EXIT, OF_RUN(on_exit), .standard = "respawn"},
    {"run", "forks", RECIPE_KEY_YES_NO, OF_RUN(forks)},
    {"run", "pid-file", RECIPE_KEY_STRING, OF_RUN(pid_file), .check = recipe_check_path},
    {"run", "stop", RECIPE_KEY_STRING, OF_RUN(stop)},
    {"run", "stop-signal", RECIPE_KEY_STRING, OF_RUN(stop_signal), .check = recipe_check_signal},
    {"run", "stop-seconds", RECIPE_KEY_NUMBER, OF_RUN(stop_seconds), .least = 1,
     .most = RECIPE_STOP_SECONDS},
    {"run", "stop-main", RECIPE_KEY_YES_NO, OF_RUN(stop_main)},
    {"image", "include", RECIPE_KEY_LIST, OF_RECIPE(include), .check = recipe_check_path},
    {"image", "exclude", RECIPE_KEY_LIST, OF_RECIPE(exclude), .check = recipe_check_path},
    {"image", "allow-secret", RECIPE_KEY_LIST, OF_RECIPE(allow_secret),
     .check = recipe_check_path},
    {"image", "writable", RECIPE_KEY_LIST, OF_RECIPE(writable), .check = recipe_check_path},
    {"image", "applets", RECIPE_KEY_LIST, OF_RECIPE(applets)},
    {"image", "mounts", RECIPE_KEY_LIST, OF_RECIPE(mounts), .check = recipe_check_mount},
    {"image", "format", RECIPE_KEY_STRING, OF_RECIPE(format), .check = recipe_check_format},
    {"image", "port", RECIPE_KEY_NUMBER, OF_RECIPE(port), .least = 1, .most = MOST_PORT},
    {"image", "vifs", RECIPE_KEY_NUMBER, OF_RECIPE(vifs), .least = 0, .most = RECIPE_VIFS_MAX,
     .standard = "1"},
    {"image", "memory", RECIPE_KEY_NUMBER, OF_RECIPE(memory), .least = 1, .most = MOST_MEMORY,
     .standard = "32"},
    {"kernel", "options", RECIPE_KEY_SYMBOLS, OF_RECIPE(options), .check = recipe_check_option},
    {"kernel", "candidates", RECIPE_KEY_SYMBOLS, OF_RECIPE(candidates),
     .check = recipe_check_candidate},
    {"kernel", "with", RECIPE_KEY_LIST, OF_RECIPE(with)},
    {"kernel", "without", RECIPE_KEY_LIST, OF_RECIPE(without)},
    {"test", "script", RECIPE_KEY_FILE, OF_RECIPE(test_script)},
    {"test", "at-boot", RECIPE_KEY_FILE, OF_RECIPE(test_at_boot)},
    {"test", "programs", RECIPE_KEY_LIST, OF_RECIPE(test_programs), .check = recipe_check_path},
    {"test", "packages", RECIPE_KEY_LIST, OF_RECIPE(test_packages)},
    {"test", "ready", RECIPE_KEY_NUMBER, OF_RECIPE(ready_port), .least = 1, .most = MOST_PORT},
    {"test", "ready-udp", RECIPE_KEY_NUMBER, OF_RECIPE(ready_udp), .least = 1, .most = MOST_PORT},
    {"test", "timeout", RECIPE_KEY_NUMBER, OF_RECIPE(test_timeout), .least = 1,
     .most = MOST_SECONDS, .standard = G_STRINGIFY(RECIPE_TIMEOUT)},
    {"test", "ends", RECIPE_KEY_YES_NO, OF_RECIPE(ends)},
    {"test", "weak", RECIPE_KEY_YES_NO, OF_RECIPE(weak_test)},
};
/* clang-format on */

const RecipeKey *
recipe_keys(guint *count) {
  *count = G_N_ELEMENTS(table);
  return table;
}

gboolean
recipe_key_of_run(const RecipeKey *key) {
  return strcmp(key->section, RECIPE_SECTION_RUN) == 0;
}

/* The section of the table that has the keys of SECTION: "run" for "run NAME". */
static const char *
section_in_table(const char *section) {
  return g_str_has_prefix(section, RECIPE_SECTION_RUN_NAMED) ? RECIPE_SECTION_RUN : section;
}

const RecipeKey *
recipe_key_find(const char *section, const char *name) {
  section = section_in_table(section);
  for (guint i = 0; i < G_N_ELEMENTS(table); i++)
    if (strcmp(table[i].section, section) == 0 && strcmp(table[i].name, name) == 0)
      return &table[i];
  return NULL;
}

/* NAME of [run NAME] becomes part of a file's name, and of a message. */
static gboolean
run_name_valid(const char *name) {
  gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
  return length > 0 && name[length] == '\0';
}

gboolean
recipe_section_valid(const char *section) {
  if (g_str_has_prefix(section, RECIPE_SECTION_RUN_NAMED))
    return run_name_valid(section + strlen(RECIPE_SECTION_RUN_NAMED));
  for (guint i = 0; i < G_N_ELEMENTS(table); i++)
    if (strcmp(table[i].section, section) == 0)
      return TRUE;
  return FALSE;
}

char *
recipe_keys_expected(const char *section) {
  GString *text = g_string_new("expected one of:");
  const char *last = "";
  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    const RecipeKey *key = &table[i];
    if (section == NULL && strcmp(key->section, last) != 0)
      g_string_append_printf(text, recipe_key_of_run(key) ? " [%s] [run NAME]" : " [%s]",
                             key->section);
    else if (section != NULL && strcmp(key->section, section_in_table(section)) == 0)
      g_string_append_printf(text, " %s", key->name);
    last = key->section;
  }
  return g_string_free(text, FALSE);
}
