/* hostile.c - in a guest: tries whatever is not its test's, and says on its console what answered.
 *
 * usage: hostile ADDRESS:PORT...   root, in the background; waits for the test first
 *
 * "hostile: ADDRESS:PORT WORD": connected, refused (somebody is there) or silent; "own" is the
 * host's end of the guest's network, where nobody but the test is. CONTROL at the host's end of its
 * network is the test itself, so that "silent" is known to mean something. Each target gets a
 * datagram from sources that are not this guest's, too: nobody may hear it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONTROL 7070
#define HEARD 7777 /* where listeners of the test wait for what must not come */
#define PATIENCE 90
#define CONNECT_MS 2000

static const char *const sources[] = {"127.0.0.1", "10.0.2.2", "10.0.2.15", "192.0.2.1"};

static struct sockaddr_in
address_of(uint32_t address, int port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = address};
}

/* The host's end of the guest's network: it is the lower of two. */
static uint32_t
gateway(void) {
  struct ifreq request = {.ifr_name = "eth0"};
  struct sockaddr_in address = {0};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (ioctl(fd, SIOCGIFADDR, &request) == 0)
    memcpy(&address, &request.ifr_addr, sizeof address);
  close(fd);
  return htonl(ntohl(address.sin_addr.s_addr) - 1);
}

static const char *
knock(uint32_t address, int port) {
  struct sockaddr_in to = address_of(address, port);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), problem = 0;
  struct pollfd wait = {.fd = fd, .events = POLLOUT};
  socklen_t size = sizeof problem;
  if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)
    problem = errno;
  else if (poll(&wait, 1, CONNECT_MS) <= 0)
    problem = ETIMEDOUT;
  else
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
  if (problem == 0 && write(fd, "hostile\n", 8) < 0)
    problem = errno;
  close(fd);
  return problem == 0 ? "connected" : problem == ECONNREFUSED ? "refused" : "silent";
}

/* An IPv4 and a UDP header (RFC 791, 768), without the checksum of the latter; the kernel fills in
 * that of the former. */
static void
send_as(uint32_t from, uint32_t to, int port) {
  static const char text[] = "hostile\n";
  uint8_t packet[28 + sizeof text] = {0x45, 0, 0, sizeof packet, 0, 1, 0, 0, 64, IPPROTO_UDP};
  struct sockaddr_in address = address_of(to, 0);
  uint16_t source = htons(53), target = htons((uint16_t)port), length = htons(8 + sizeof text);
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  memcpy(packet + 12, &from, 4);
  memcpy(packet + 16, &to, 4);
  memcpy(packet + 20, &source, 2);
  memcpy(packet + 22, &target, 2);
  memcpy(packet + 24, &length, 2);
  memcpy(packet + 28, text, sizeof text);
  if (fd < 0 ||
      sendto(fd, packet, sizeof packet, 0, (struct sockaddr *)&address, sizeof address) < 0)
    printf("hostile: spoofing: %s\n", strerror(errno));
  close(fd);
}

/* NAME NULL: the address itself. */
static void
attack(const char *name, uint32_t address, int port) {
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &address, text, sizeof text);
  printf("hostile: %s:%d %s\n", name != NULL ? name : text, port, knock(address, port));
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
    send_as(inet_addr(sources[i]), address, HEARD);
}

/* The test listens once the application answers. */
static void
wait_for_test(uint32_t host) {
  for (int i = 0; i < PATIENCE; i++) {
    if (strcmp(knock(host, CONTROL), "connected") == 0) {
      puts("hostile: control connected");
      return;
    }
    sleep(1);
  }
  puts("hostile: control silent");
}

int
main(int argc, char **argv) {
  if (fork() != 0)
    return 0;
  setsid();
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, NULL, _IOLBF, 0);
  uint32_t host = gateway();
  wait_for_test(host);
  attack("own", host, 22);
  attack("own", host, HEARD);
  for (int i = 1; i < argc; i++) {
    char *colon = strchr(argv[i], ':');
    if (colon == NULL)
      continue;
    *colon = '\0';
    attack(NULL, inet_addr(argv[i]), atoi(colon + 1));
  }
  /* What a terminal would obey. */
  fputs("hostile: \033]52;c;ZXZpbA==\007\033[2;5r\233\342\200\256 console\n", stdout);
  puts("hostile: done");
  return 0;
}
