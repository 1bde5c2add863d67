/* service-private.h - between the files of service.h, of which each translates some directives. */
#ifndef TINYX_DRAFT_SERVICE_PRIVATE_H
#define TINYX_DRAFT_SERVICE_PRIVATE_H

#include "draft/service.h"
#include "draft/words.h"

#define GAMES "/usr/games" /* beside base/program.h: where Debian has games */
#define SERVICE "Service"  /* the unit's section */

/* Adds the note "FILE:LINE: MESSAGE", where FILE:LINE is ENTRY's. */
void service_note(Service *service, const Unit *unit, const UnitEntry *entry, const char *format,
                  ...) G_GNUC_PRINTF(4, 5);
/* Puts "FILE:LINE: KEY: " of ENTRY before the message of ERROR. */
void service_prefix_error(GError **error, const UnitEntry *entry);
/* The command's working directory. Takes FOLDER. */
void service_set_directory(Service *service, char *folder);
/* A boolean of systemd.syntax(7); FALSE for NULL. */
gboolean service_is_true(const char *value);
/* The words of ENTRY's value; NULL with an ERROR that names its place. g_strfreev. */
char **service_words(const UnitEntry *entry, const WordsContext *context, GError **error);

/* LINE as a shell's command that runs it as the unit's user and group; g_free. */
char *service_as_user(Service *service, const char *line);
/* Behind a condition: where it does not hold, the service is not started, and init would start
 * again what ends. */
#define SERVICE_NOT_STARTED                                                                        \
  " || { echo \"tinyx: $name is not started: its condition says no\"; exec sleep 2147483647; }"

/* Adds LINE, a shell's, to what runs before the start. WORDS are the words in it: what their marks
 * (specifiers.h) need runs before it. */
void service_add_line(Service *service, const char *const *words, const char *line);
/* Makes the folder of LoadCredential= and SetCredential= before the start, with what they name, and
 * sets CREDENTIALS_DIRECTORY (service-credentials.c). */
gboolean service_read_credentials(Service *service, const Unit *unit, const Tree *installed,
                                  const WordsContext *context, GError **error);

/* Adds notes on the directives that are left out; INPUT for one that is refused. */
gboolean service_check_directives(Service *service, const Unit *unit, GError **error);
/* Reads the environment of UNIT into CONTEXT and SERVICE. */
gboolean service_read_environment(Service *service, const Unit *unit, const Tree *installed,
                                  WordsContext *context, GError **error);
/* Reads the command of UNIT, its program, and what runs before it, into SERVICE. */
gboolean service_read_commands(Service *service, const Unit *unit, const Tree *installed,
                               const WordsContext *context, GError **error);

/* The commands of ENTRY, an ExecStop=, as lines of stop=; NULL: one of them cannot be translated,
 * or is no program that the start of SERVICE runs, too. g_free. */
char *service_stop_lines(Service *service, const UnitEntry *entry, const Tree *installed,
                         const WordsContext *context);

/* How UNIT is stopped; an ExecStop= that is neither a signal nor a program of its start is a note.
 * Comes after the commands and the environment (service-stop.c). */
void service_read_stop(Service *service, const Unit *unit, const Tree *installed,
                       const WordsContext *context);

/* Nice=, OOMScoreAdjust= and IgnoreSIGPIPE= become lines before the start (service-process.c). */
void service_read_process(Service *service, const Unit *unit);

#endif
