/* initscript.h - what a System V init script starts, read from its call of start-stop-daemon(8) or
 * of LSB's start_daemon, else from the variables of Debian's skeleton. */
#ifndef TINYX_DRAFT_INITSCRIPT_H
#define TINYX_DRAFT_INITSCRIPT_H

#include "draft/service.h"

/* The service that TEXT, the script PATH of the INSTALLED files, starts; NULL where that cannot be
 * read from it. */
Service *service_from_init_script(const char *path, const char *text, const Tree *installed);

#endif
