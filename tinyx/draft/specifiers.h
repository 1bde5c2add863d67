/* specifiers.h - the specifiers of systemd.unit(5), "%n" and the like.
 *
 * Most have a value when the image is made. That of others only the running guest knows (its host
 * name, the ids of the machine and of this boot, its kernel): a word with one of them has a mark in
 * its place, and becomes a word of a shell, which asks the guest.
 */
#ifndef TINYX_DRAFT_SPECIFIERS_H
#define TINYX_DRAFT_SPECIFIERS_H

#include "draft/words.h"

/* TEXT with the values of its specifiers, or marks where CONTEXT takes these. INPUT for a specifier
 * that systemd does not know, and for one of the running guest elsewhere. g_free. */
char *specifiers_resolve(const char *text, const WordsContext *context, GError **error);

/* TRUE if WORD has a mark. */
gboolean specifiers_is_live(const char *word);
/* WORD as one word for a shell, which puts the guest's values for its marks; g_free. */
char *specifiers_shell_word(const char *word);
/* What the shell's word needs: BusyBox applets go to APPLETS, commands that must run before it to
 * LINES (char*, owned; each once). */
void specifiers_needs(const char *word, GPtrArray *applets, GPtrArray *lines);

/* Undoes the "\xNN", "\NNN", "\uNNNN" and "\UNNNNNNNN" of systemd: adds to WORD the character whose
 * number the DIGITS at AT are. FALSE where they are no such digits. */
gboolean specifiers_put_number(GString *word, const char *at, gsize digits, guint base);

#endif
