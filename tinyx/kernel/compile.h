/* compile.h - the compiler's stand-in in kernel builds: "tinyx-cc ccache gcc ...".
 *
 * An object is kept under its compile command, with the hash of every file that was read for it and
 * the value of every CONFIG_ symbol that fixdep (scripts/basic/fixdep.c) finds in those files. It
 * is copied instead of compiled where all of that is the same again, in whatever build folder and
 * configuration. What cannot be kept safely is compiled: a command that writes other files too, an
 * object that names its folder, sources with __DATE__, .incbin and the like, and whatever the
 * compiler warns about.
 */
#ifndef TINYX_KERNEL_COMPILE_H
#define TINYX_KERNEL_COMPILE_H

#include <glib.h>

#define COMPILE_NAME "tinyx-cc" /* argv[0] that makes the program tinyx one */

/* In the environment: the cache's folder; what the compiler is (a change makes every object new);
 * a file that gets a byte for each object, COMPILE_HIT or COMPILE_MISS; or not. */
#define COMPILE_CACHE "TINYX_OBJECTS"
#define COMPILE_ID "TINYX_COMPILER"
#define COMPILE_LOG "TINYX_OBJECTS_LOG"
#define COMPILE_HIT '+'
#define COMPILE_MISS '-'

/* ARGV from 1: the compiler's command. The exit status is the compiler's. */
int compile_main(int argc, char **argv);

/* A command that makes one object and a list of what it read. */
typedef struct {
  const char *object; /* -o */
  const char *list;   /* -Wp,-MMD,FILE */
  const char *source; /* the file that ends with .c or .S */
} CompileCommand;

/* FALSE: ARGV (NULL-terminated) is not such a command, or one with other outputs. */
gboolean compile_parse(char *const *argv, CompileCommand *command);

/* The files in TEXT, a make rule as the compiler writes it ("x.o: a.c \" ...). FALSE: it has an
 * escape that no kernel path needs. g_strfreev. */
char **compile_list_parse(const char *text);

#endif
