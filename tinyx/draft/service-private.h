/* The parts of draft/service.h: a directive's meaning each. */
#ifndef TINYX_DRAFT_SERVICE_PRIVATE_H
#define TINYX_DRAFT_SERVICE_PRIVATE_H

#include "draft/service.h"
#include "draft/words.h"

#define SERVICE "Service" /* the unit's section */

/* A boolean of systemd.syntax(7); FALSE for NULL. */
gboolean service_is_true(const char *value);
/* The words of ENTRY's value; NULL with its place in ERROR. g_strfreev. */
char **service_words(const UnitEntry *entry, const WordsContext *context, GError **error);

/* Notes what is told; INPUT for what is refused. */
gboolean service_check_directives(Service *service, const Unit *unit, GError **error);
/* Puts the variables into CONTEXT and SERVICE. */
gboolean service_read_environment(Service *service, const Unit *unit, const Tree *installed,
                                  WordsContext *context, GError **error);
/* The command, its program, and what comes before it. */
gboolean service_read_commands(Service *service, const Unit *unit, const Tree *installed,
                               const WordsContext *context, GError **error);

#endif
