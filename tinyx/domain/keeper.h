/* keeper.h - the tinyx that stays behind a domain in the background, and what it is asked there. */
#ifndef TINYX_DOMAIN_KEEPER_H
#define TINYX_DOMAIN_KEEPER_H

#include "domain/domain.h"
#include "guest/guest.h"

/* Runs a guest as HOW says, to its end. */
typedef gboolean (*KeeperWork)(const GuestRun *how, gpointer data, GError **error);

/* Detaches a child that does WORK, and comes back once its guest runs: what the child says until
 * then goes to our standard error, afterwards to DOMAIN's messages. HOW has the port, if any. Fills
 * what DOMAIN's record has of the guest. Returns the exit status: 0, or the child's. */
int domain_keep(Domain *domain, const GuestRun *how, KeeperWork work, gpointer data);

/* Has COMMAND (its words) run in the guest of DOMAIN by the shell of its image; each line that it
 * prints goes to ON_LINE. *STATUS is its exit status. INPUT where its image does not take any, with
 * what brings that, or the words cannot be passed on; GUEST where the guest ends before. */
gboolean domain_exec(const Domain *domain, char *const *command, void (*on_line)(const char *line),
                     int *status, GError **error);

#endif
