/* shrunk.h - a file that becomes shorter while tinyx has it mapped. */
#ifndef TINYX_BASE_SHRUNK_H
#define TINYX_BASE_SHRUNK_H

/* Files are mapped to be read (file_map); what was cut off meanwhile, or cannot be read from a
 * broken disk, is SIGBUS (mmap(2)). From now on that is a message which names the file, and exit
 * status 1. Nothing is cleaned up, as after SIGKILL: the next tinyx does it. */
void shrunk_catch(void);

#endif
