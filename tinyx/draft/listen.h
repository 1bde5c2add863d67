/* listen.h - the port on which a service listens: from its command, its configuration, its socket
 * unit, its name. */
#ifndef TINYX_DRAFT_LISTEN_H
#define TINYX_DRAFT_LISTEN_H

#include "draft/draft.h"
#include "draft/ports.h"
#include "draft/service.h"
#include "facts/text.h"

/* Files that may say on which port SERVICE listens (TreeEntry*): those that its command names, then
 * those below /etc that DRAFT's packages brought. g_ptr_array_unref. */
GPtrArray *listen_files(const Draft *draft, const Service *service, Tree *installed);
/* The name of the daemon's program: where the command starts a shell, that of the program which the
 * shell starts by "exec". g_free. */
char *listen_program(const Service *service);
/* The TCP port of SERVICE; 0: none is found. *FROM (g_free) says where it stands; FACTS gets what
 * its command, socket unit and configuration show of the network, by TEXTS (facts/text.h). */
int listen_port(const Draft *draft, const Service *service, Tree *installed, const PortRules *rules,
                const TextRules *texts, Facts *facts, char **from);
/* The UDP port that rootfs/ports.known has for SERVICE; 0: none. */
int listen_known_udp(const Draft *draft, const Service *service);

#endif
