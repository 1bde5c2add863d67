/* rdnss: name servers and domains of IPv6 router advertisements go to /run/resolv.conf. Linked
 * statically with musl.
 *
 * The kernel takes addresses, routes and the MTU of an advertisement, checks the whole, and hands
 * the options for others to who listens on rtnetlink (RTNLGRP_ND_USEROPT): RDNSS and DNSSL of RFC
 * 8106. Goes to the background once it listens, before any interface is up, so that none is missed.
 * What is new goes behind what DHCP or ip= have brought. Servers that an advertisement takes back
 * (lifetime 0) are not added; those that are there stay. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef FILE_NAME /* a test has another */
#define FILE_NAME "/run/resolv.conf"
#endif
#define TEXT_MOST 4096 /* bytes of that file */
#define LINE_MOST 320  /* "nameserver ADDRESS%INTERFACE", "search DOMAIN" */

/* Of linux/netlink.h, linux/rtnetlink.h and linux/icmpv6.h, which musl has not. */
#define NETLINK_ROUTE 0
#define GROUP_USEROPT (1U << 19) /* RTNLGRP_ND_USEROPT */
#define NEW_USEROPT 68           /* RTM_NEWNDUSEROPT */
#define ADVERTISEMENT 134
#define OPTION_RDNSS 25
#define OPTION_DNSSL 31

struct netlink_address {
  unsigned short family, pad;
  unsigned pid, groups;
};

struct message { /* struct nlmsghdr, struct nduseroptmsg */
  unsigned length;
  unsigned short type, flags;
  unsigned sequence, pid;
  unsigned char family, pad;
  unsigned short options;
  int interface;
  unsigned char icmp_type, icmp_code;
  unsigned short pad2;
  unsigned pad3;
};

/* Adds LINE to the file, unless it is there. */
static void
add_line(const char *line, size_t length) {
  static char text[TEXT_MOST + 1];
  int file = open(FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  ssize_t size = file >= 0 ? read(file, text, TEXT_MOST) : -1;
  size_t at = 0;

  if (size < 0 || (size_t)size + length > TEXT_MOST) {
    if (file >= 0)
      close(file);
    return;
  }
  text[size] = '\0';
  while (at < (size_t)size && strncmp(text + at, line, length) != 0)
    at += strcspn(text + at, "\n") + 1;
  if (at >= (size_t)size)
    (void)!write(file, line, length);
  close(file);
}

/* ADDRESS as eight groups at the end of LINE; inet_ntop(3) would be half of this program. */
static size_t
put_address(const unsigned char *address, char *line, size_t length) {
  static const char digits[] = "0123456789abcdef";

  for (int i = 0; i < 16; i += 2) {
    unsigned group = (unsigned)address[i] << 8 | address[i + 1];
    int shift = 12;

    if (i > 0)
      line[length++] = ':';
    while (shift > 0 && group >> shift == 0)
      shift -= 4;
    for (; shift >= 0; shift -= 4)
      line[length++] = digits[group >> shift & 15];
  }
  return length;
}

static void
add_server(const unsigned char *address, int interface) {
  char line[LINE_MOST] = "nameserver ";
  size_t length = put_address(address, line, strlen(line));

  if (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) { /* fe80::/10 says nothing by itself */
    line[length++] = '%';
    if (if_indextoname((unsigned)interface, line + length) == NULL)
      return;
    length = strlen(line);
  }
  line[length++] = '\n';
  add_line(line, length);
}

/* A character of a domain's name; others would end the line, or mean something in it. */
static int
is_plain(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

/* The name at AT, labels of RFC 1035, as ".a.b" at the end of LINE, LENGTH bytes of it; where the
 * next one begins, or NULL: it is none, or there is no more. */
static const unsigned char *
take_domain(const unsigned char *at, const unsigned char *end, char *line, size_t *length) {
  size_t begin = *length;

  while (at < end && *at != 0) {
    unsigned label = *at++;

    if (label > 63 || label > (size_t)(end - at) || *length + label + 2 > LINE_MOST)
      return NULL;
    if (*length > begin)
      line[(*length)++] = '.';
    for (; label > 0; label--, at++) {
      if (!is_plain(*at))
        return NULL;
      line[(*length)++] = (char)*at;
    }
  }
  return at<end && * length> begin ? at + 1 : NULL;
}

/* All domains of an option as one line: a resolver takes the last one that it finds. */
static void
add_domains(const unsigned char *at, const unsigned char *end) {
  char line[LINE_MOST] = "search";
  size_t length = strlen(line), good = length;

  while (at != NULL) {
    if (length + 2 > LINE_MOST)
      break;
    line[length++] = ' ';
    at = take_domain(at, end, line, &length);
    if (at != NULL)
      good = length;
  }
  if (good == strlen("search") || good + 1 > LINE_MOST)
    return;
  line[good++] = '\n';
  add_line(line, good);
}

/* An option: type, length in units of 8 bytes, two bytes of nothing, four of its lifetime. */
static void
take_option(const unsigned char *option, size_t size, int interface) {
  const unsigned char *at = option + 8, *end = option + size;
  int gone = (option[4] | option[5] | option[6] | option[7]) == 0;

  if (gone)
    return;
  if (option[0] == OPTION_DNSSL)
    add_domains(at, end);
  for (; option[0] == OPTION_RDNSS && end - at >= 16; at += 16)
    add_server(at, interface);
}

static void
take_message(const unsigned char *bytes, size_t size) {
  const struct message *head = (const void *)bytes;

  if (size < sizeof *head || head->length > size || head->type != NEW_USEROPT ||
      head->icmp_type != ADVERTISEMENT || head->options > size - sizeof *head)
    return;
  const unsigned char *at = bytes + sizeof *head, *end = at + head->options;
  while (end - at >= 8) {
    size_t length = at[1] * 8U;

    if (length < 8 || length > (size_t)(end - at))
      return;
    take_option(at, length, head->interface);
    at += length;
  }
}

int
main(void) {
  static unsigned char bytes[8192] __attribute__((aligned(8)));
  const struct netlink_address all = {.family = AF_NETLINK, .groups = GROUP_USEROPT};
  struct netlink_address from;
  int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

  if (netlink < 0 || bind(netlink, (const void *)&all, sizeof all) != 0)
    return 1; /* a kernel without IPv6 has no advertisements either */
  if (fork() != 0)
    return 0;
  for (;;) {
    socklen_t length = sizeof from;
    ssize_t size = recvfrom(netlink, bytes, sizeof bytes, 0, (void *)&from, &length);

    if (size < 0 && errno != EINTR && errno != ENOBUFS)
      return 1;
    if (size > 0 && from.pid == 0) /* of the kernel; others may send here, too */
      take_message(bytes, (size_t)size);
  }
}
