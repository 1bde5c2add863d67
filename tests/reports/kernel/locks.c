/* locks.c - a record lock on a file, as data bases and files of process ids have them. */
#include <fcntl.h>
#include <unistd.h>

int
main(void) {
  struct flock one = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  int file = open("/tmp/x", O_RDWR | O_CREAT, 0644);
  return fcntl(file, F_SETLK, &one) != 0;
}
