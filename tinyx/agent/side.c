/* side.c - a test's commands in the network of one of its sides.
 *
 * A test has no right to change its network. For each side there is a process with the test's
 * rights in that side's network, and a socket /test/side-NUMBER; "side NUMBER COMMAND..." hands it
 * the command and its own standard streams, and waits.
 */
#include "agent/agent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "side"
#define STREAMS 3
#define WORDS_ROOM 65536 /* bytes of a command's words and environment */
#define WORDS_MOST 1024
#define WAITING_MOST 16 /* clients that are not yet served */

extern char **environ;

static struct sockaddr_un
address_of(int number) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "/test/side-%d", number);
  return address;
}

/* ---- who serves -------------------------------------------------------------------------------
 */

int
side_listen(int number) {
  struct sockaddr_un address = address_of(number);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unlink(address.sun_path);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(fd, WAITING_MOST) != 0)
    return -1;
  /* Whoever asks is another user than who made it. */
  return chmod(address.sun_path, 0777) == 0 ? fd : -1;
}

/* A command, as it came: how many words it has, the words, its environment, each with a NUL at its
 * end; and the client's streams. */
typedef struct {
  char bytes[WORDS_ROOM];
  size_t size;
  int streams[STREAMS];
} Command;

static bool
take_streams(struct msghdr *message, int streams[STREAMS]) {
  struct cmsghdr *head = CMSG_FIRSTHDR(message);
  if (head == NULL || head->cmsg_type != SCM_RIGHTS ||
      head->cmsg_len != CMSG_LEN(STREAMS * sizeof(int)))
    return false;
  memcpy(streams, CMSG_DATA(head), STREAMS * sizeof(int));
  return true;
}

/* The streams come with the first bytes; the client closes its direction behind the last ones. */
static bool
command_read(int fd, Command *command) {
  char room[CMSG_SPACE(STREAMS * sizeof(int))];
  struct iovec part = {command->bytes, sizeof command->bytes};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  if (got <= 0 || !take_streams(&message, command->streams))
    return false;
  command->size = (size_t)got;
  while ((got = read(fd, command->bytes + command->size, sizeof command->bytes - command->size)) >
         0)
    command->size += (size_t)got;
  return got == 0 && command->size < sizeof command->bytes && command->size > 0 &&
         command->bytes[command->size - 1] == '\0';
}

static void __attribute__((noreturn)) command_exec(Command *command) {
  char *words[WORDS_MOST + 2] = {NULL}, *environment[WORDS_MOST + 1] = {NULL};
  char *at = command->bytes, *end = command->bytes + command->size;
  long count = strtol(at, NULL, 10), have = 0, set = 0;
  for (at += strlen(at) + 1; at < end; at += strlen(at) + 1)
    if (have < count && have < WORDS_MOST)
      words[have++] = at;
    else if (have >= count && set < WORDS_MOST)
      environment[set++] = at;
  for (int i = 0; i < STREAMS; i++)
    dup2(command->streams[i], i);
  environ = environment;
  if (have > 0)
    execvp(words[0], words);
  fprintf(stderr, NAME ": %s: %s\n", have > 0 ? words[0] : "no command", strerror(errno));
  _exit(127);
}

/* For one client: its command's status goes to it. Where the client ends before, so does what it
 * has asked for. */
static void __attribute__((noreturn)) client_serve(int fd) {
  static Command command;
  struct pollfd gone = {.fd = fd}; /* whether it has hung up, and nothing else */
  int status = 0;
  pid_t pid;
  if (!command_read(fd, &command))
    _exit(1);
  pid = fork();
  if (pid == 0) {
    setsid();
    command_exec(&command);
  }
  for (int i = 0; i < STREAMS; i++)
    close(command.streams[i]);
  while (pid > 0 && waitpid(pid, &status, WNOHANG) == 0)
    if (poll(&gone, 1, 20) > 0 && (gone.revents & (POLLHUP | POLLERR)) != 0) {
      kill(-pid, SIGKILL);
      _exit(1);
    }
  status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  _exit(write(fd, &status, sizeof status) == sizeof status ? 0 : 1);
}

void
side_serve(int listening) {
  signal(SIGCHLD, SIG_IGN); /* nobody waits for those that serve a client */
  for (;;) {
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    pid_t pid;
    if (fd < 0 && errno != EINTR)
      _exit(1);
    if (fd < 0)
      continue;
    pid = fork();
    if (pid == 0) {
      close(listening);
      signal(SIGCHLD, SIG_DFL);
      client_serve(fd);
    }
    close(fd);
  }
}

/* ---- who asks ---------------------------------------------------------------------------------
 */

bool
side_program(const char *name) {
  const char *slash = strrchr(name, '/');
  return strcmp(slash != NULL ? slash + 1 : name, NAME) == 0;
}

static bool
add_words(char bytes[WORDS_ROOM], size_t *size, char **words) {
  for (; *words != NULL; words++) {
    size_t length = strlen(*words) + 1;
    if (length > WORDS_ROOM - 1 - *size)
      return false;
    memcpy(bytes + *size, *words, length);
    *size += length;
  }
  return true;
}

static bool
command_send(int fd, const char *bytes, size_t size) {
  static const int streams[STREAMS] = {0, 1, 2};
  char room[CMSG_SPACE(sizeof streams)] = {0};
  struct iovec part = {(void *)bytes, size};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  ssize_t sent;
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof streams);
  memcpy(CMSG_DATA(head), streams, sizeof streams);
  sent = sendmsg(fd, &message, MSG_NOSIGNAL);
  while (sent >= 0 && (size_t)sent < size) {
    ssize_t more = write(fd, bytes + sent, size - (size_t)sent);
    sent = more < 0 ? -1 : sent + more;
  }
  return sent >= 0 && shutdown(fd, SHUT_WR) == 0;
}

int
side_main(int argc, char **argv) {
  static char bytes[WORDS_ROOM];
  struct sockaddr_un address = address_of(argc > 1 ? atoi(argv[1]) : -1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
  size_t size = (size_t)snprintf(bytes, sizeof bytes, "%d", argc - 2) + 1;
  if (argc < 3 || !add_words(bytes, &size, argv + 2) || !add_words(bytes, &size, environ)) {
    fprintf(stderr, "usage: " NAME " NUMBER COMMAND...\n");
    return 2;
  }
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
      !command_send(fd, bytes, size) || read(fd, &status, sizeof status) != sizeof status) {
    fprintf(stderr, NAME ": %s: %s\n", address.sun_path, strerror(errno));
    return 125;
  }
  return status;
}
