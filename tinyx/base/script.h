/* script.h - the simple commands of a shell script, without running it. */
#ifndef TINYX_BASE_SCRIPT_H
#define TINYX_BASE_SCRIPT_H

#include <glib.h>

#define SCRIPT_MAX 262144 /* bytes: a longer text is no start script, and not read */

/* WORDS (NULL-terminated, at least one) is a simple command that begins in LINE (from 1). Quotes
 * are gone; "$name" stays as it is written, and "$(...)" and `...` are "$" (what is in them is a
 * command of its own). Redirections, here documents, comments, assignments before the command and
 * words of the shell's grammar ("if", "do", "!") are left out. */
typedef void ScriptCommandFunc(char *const *words, guint line, gpointer data);

/* Calls FUNC for each command in TEXT. Any text will do: what is no shell's is read as far as it
 * makes sense. */
void script_commands(const char *text, ScriptCommandFunc *func, gpointer data);

/* The name of the program that runs TEXT by its "#!" line, without its folder ("sh", "bash";
 * of "/usr/bin/env NAME" it is NAME); NULL: there is no such line. g_free. */
char *script_interpreter(const char *text);
/* TRUE for a name that is a shell's: sh, dash, ash, bash. */
gboolean script_is_shell(const char *interpreter);

#endif
