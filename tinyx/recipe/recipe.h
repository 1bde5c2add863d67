/* recipe.h - what a recipe says: tinyx-recipe(5).
 *
 * A recipe is a folder with a key file "recipe.conf" (GKeyFile syntax), its
 * test script and, if it wants, a folder "files/" that is copied into the image.
 * Its keys, and how each is checked, are the table in recipe/keys.c.
 */
#ifndef TINYX_RECIPE_RECIPE_H
#define TINYX_RECIPE_RECIPE_H

#include "base/error.h"

#define RECIPE_VIFS_MAX 8
#define RECIPE_BYTES_MAX (1U << 20)   /* of recipe.conf */
#define RECIPE_SCRIPT_MAX (16U << 20) /* bytes of the test's script */

#define RECIPE_STOP_SECONDS 90 /* that an application has to end, at most: systemd's default */
#define RECIPE_TIMEOUT 60      /* seconds of a test, where a recipe does not say */

typedef enum { RECIPE_RESPAWN, RECIPE_POWEROFF, RECIPE_REBOOT } RecipeOnExit;

/* One application of the image; init starts it, and starts it again when it ends. */
typedef struct {
  char *name;    /* NAME of [run NAME]; "" for [run] */
  char *command; /* command line, split by the shell's quoting rules; never empty */
  char *before;  /* lines that root's shell runs before each start; NULL: none */
  char *user;    /* NULL: root */
  char *group;   /* NULL: the user's own */
  char **
      capabilities; /* what it keeps of root's rights: capabilities.h; NULL or empty: by evidence */
  char *directory;  /* working directory; "/" */
  char **environment; /* NAME=VALUE */
  RecipeOnExit on_exit;
  gboolean forks;     /* the command ends once the daemon runs (systemd's Type=forking) */
  char *stop;         /* shell commands at shutdown, or NULL */
  char *stop_signal;  /* "QUIT"; NULL: TERM */
  int stop_seconds;   /* that it has to end; 0: RECIPE_STOP_SECONDS */
  gboolean stop_main; /* the signal is for its first process; the others get it once that is gone */
  char *pid_file;     /* where such a daemon notes its process; NULL: found by its program's name */
} RecipeRun;

typedef struct {
  char *name;        /* the folder's name */
  char *folder;      /* absolute */
  char *file;        /* folder/recipe.conf */
  char *given;       /* the word by which it was loaded: "nginx", "./web"; NULL: it was not */
  GHashTable *lines; /* key_lines_scan() of FILE; NULL: it was not read from a file */

  char *description;
  char **packages; /* Debian packages to install; may be empty with files/ */
  char **files;    /* "PATH" or "PATH:TARGET": files and folders of this machine that go in */

  GPtrArray *runs; /* RecipeRun*: [run] first, then [run NAME] in their order; at least one */

  char **include; /* absolute paths or globs (in the installation) to add, with their closure */
  char **exclude; /* absolute paths or globs to leave out */
  char **allow_secret; /* absolute paths of files with a secret that may go in */
  char **writable;     /* folders that the application writes to (tmpfs over squashfs) */
  char **applets;      /* BusyBox applets beyond those of the glue */
  char **mounts;       /* of proc, sys, dev, devpts, shm, run, tmp; empty: decided by evidence */
  char *format;        /* of the root file system: cpio, cpio.gz, squashfs; NULL: cpio */
  int port;            /* TCP port that `tinyx run` forwards; 0: none */
  int vifs;            /* network interfaces: eth0, eth1, ...; 0: no network at all */
  int memory;          /* MB that the guest is given */

  char **options;    /* kernel: "SYMBOL=y" "SYMBOL=n" "SYMBOL=value" */
  char **candidates; /* what `tinyx minimize` tries: "SYMBOL" "SYMBOL=value"; empty: everything */
  char **with;       /* features asked for by name: kconfig-heuristics/features */
  char **without;    /* features whose evidence does not count */

  char *test_script;    /* absolute path of the script; NULL: no test */
  char *test_at_boot;   /* absolute path of a folder: files that each guest of a test gets when it
                           boots, and that are not in the image; NULL: none */
  char **test_programs; /* programs whose closure goes beside it */
  char **test_packages; /* the Debian packages that they come from */
  int ready_port;       /* the TCP port that means "up"; 0: none (then the test itself retries) */
  int ready_udp;        /* the UDP port that means "up" once the guest has it; 0: none */
  int test_timeout;     /* seconds */
  gboolean ends;        /* the application ends in the test, and the guest must power off */
  gboolean weak_test;   /* it was drafted, and says little */
} Recipe;

/* Loads the recipe NAME: a name in recipes/, or a folder (anything with a '/'). INPUT, for an
 * unknown name with those that are like it, for an unknown, missing or malformed key with file and
 * line. */
Recipe *recipe_load(const char *name, GError **error);
/* Parses TEXT as FILE would hold it (FILE is for messages and the folder); for tests and fuzzing.
 */
Recipe *recipe_parse(const char *text, gsize size, const char *file, GError **error);
/* A recipe called NAME in which every key has its default, which belongs to no file, and runs
 * nothing yet: for the caller to fill. */
Recipe *recipe_new(const char *name);
void recipe_free(Recipe *recipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Recipe, recipe_free)

/* An application with the defaults, called NAME ("" for [run]). It lives as long as somebody has a
 * reference to it; a Recipe has one to each of its runs. */
RecipeRun *recipe_run_new(const char *name);
RecipeRun *recipe_run_ref(RecipeRun *run);
void recipe_run_unref(RecipeRun *run);
/* The name of RUN's section: "run", or "run NAME". g_free. */
char *recipe_run_section(const RecipeRun *run);

/* RECIPE as the text of recipe.conf; recipe_parse() makes the same recipe of it. Values that are
 * the defaults are left out. COMMENTS (may be NULL) has texts (char* -> char*) that go above a key
 * ("SECTION/KEY"), below a section's header ("[SECTION]"), or above everything (""). g_free. */
char *recipe_to_text(const Recipe *recipe, GHashTable *comments);

/* TRUE if NAME can be a recipe's name, which becomes a host name. */
gboolean recipe_name_valid(const char *name);
#define RECIPE_NAME_EXPECTED "a-z 0-9 - + . (first a letter or digit), at most 48 characters"

/* TRUE if what stands before the '=' of ASSIGNMENT, or all of it, can be a variable's name. */
gboolean recipe_variable_valid(const char *assignment);
/* TRUE for a user or group by its number. */
gboolean recipe_is_number(const char *account);

/* The word that names RECIPE in a command which a message tells: quoted for a shell. g_free. */
char *recipe_argument(const Recipe *recipe);

/* Where KEY of [SECTION] stands, for messages: "FILE:LINE: KEY", or "FILE: KEY" where the recipe
 * does not have it. g_free. */
char *recipe_place(const Recipe *recipe, const char *section, const char *key);
/* The same without the key. g_free. */
char *recipe_line_place(const Recipe *recipe, const char *section, const char *key);
/* FIRST:SECOND of a word of files=, without the backslashes before colons and backslashes of their
 * own; *SECOND is NULL where there is no such colon. g_free. */
void recipe_pair_split(const char *word, char **first, char **second);
/* recipe_place() for KEY in RUN's own section. g_free. */
char *recipe_run_place(const Recipe *recipe, const RecipeRun *run, const char *key);
/* Puts recipe_place() before ERROR if it is an INPUT error: the value of KEY led to it. */
void recipe_prefix_error(const Recipe *recipe, const char *section, const char *key,
                         GError **error);

/* What becomes of the guest when an application ends: the first one's on-exit= says it. */
RecipeOnExit recipe_on_exit(const Recipe *recipe);
/* TRUE for an application that powers the guest off at its end and opens no port: a test waits for
 * its end, unless ends= says otherwise. */
gboolean recipe_is_job(const Recipe *recipe);

/* TRUE if others reach the application by a port that RECIPE names. */
gboolean recipe_is_reached(const Recipe *recipe);

/* Names in recipes/, sorted; NULL-terminated; g_strfreev. */
char **recipe_names(GError **error);

#endif
