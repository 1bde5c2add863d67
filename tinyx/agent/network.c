/* network.c - free networks, tap devices, and the sides on which guests are. */
#include "agent/agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIDES_MAX 1024
#define NO_DEVICE "-" /* of a side without a guest's */

/* Of the network namespaces, by number; -1: none (any more). */
static int sides[SIDES_MAX];
static int side_count;
static char problem[256];

static const char *
wrong(const char *what) {
  snprintf(problem, sizeof problem, "%s: %s", what, strerror(errno));
  return problem;
}

/* ---- free networks --------------------------------------------------------------------------- */

/* NETWORK is three octets: "10.77.3". */
static bool
network_used(const struct ifaddrs *own, const char *network) {
  size_t length = strlen(network);
  for (; own != NULL; own = own->ifa_next) {
    char text[INET_ADDRSTRLEN];
    const struct sockaddr_in *address = (const struct sockaddr_in *)(const void *)own->ifa_addr;
    if (address == NULL || address->sin_family != AF_INET)
      continue;
    inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
    if (strncmp(text, network, length) == 0 && text[length] == '.')
      return true;
  }
  return false;
}

static bool
was_chosen(const Buffer *chosen, const char *network) {
  size_t length = strlen(network);
  for (const char *at = chosen->bytes; at != NULL && at < chosen->bytes + chosen->size;
       at += strlen(at) + 1)
    if (strlen(at) == length && memcmp(at, network, length) == 0)
      return true;
  return false;
}

const char *
networks_choose(int count, char *candidates, Buffer *chosen) {
  struct ifaddrs *own = NULL;
  char *rest = candidates, *network;
  if (getifaddrs(&own) != 0)
    return wrong("the addresses of this machine");
  while (count > 0 && (network = strsep(&rest, " ")) != NULL) {
    if (network[0] == '\0' || network_used(own, network) || was_chosen(chosen, network))
      continue;
    buffer_add(chosen, network, strlen(network) + 1);
    count--;
  }
  freeifaddrs(own);
  for (size_t i = 0; i + 1 < chosen->size; i++)
    if (chosen->bytes[i] == '\0')
      chosen->bytes[i] = ' ';
  return count > 0 ? "not enough of the networks are free" : NULL;
}

/* ---- devices --------------------------------------------------------------------------------- */

static bool
name_valid(const char *device) {
  return device[0] != '\0' && strlen(device) < IFNAMSIZ;
}

static void
set_address(struct sockaddr *place, in_addr_t address) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};
  memcpy(place, &in, sizeof in);
}

static bool
device_up(int fd, const char *device) {
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
  if (ioctl(fd, SIOCGIFFLAGS, &request) != 0)
    return false;
  request.ifr_flags |= IFF_UP;
  return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}

/* ADDRESS in a network of four: the guest has the other one. */
static bool
device_address(int fd, const char *device, const char *address) {
  struct ifreq request = {0};
  in_addr_t value;
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
  if (inet_pton(AF_INET, address, &value) != 1) {
    errno = EINVAL;
    return false;
  }
  set_address(&request.ifr_addr, value);
  if (ioctl(fd, SIOCSIFADDR, &request) != 0)
    return false;
  set_address(&request.ifr_netmask, htonl(0xfffffffc));
  return ioctl(fd, SIOCSIFNETMASK, &request) == 0;
}

/* The guest's hardware address: no packet waits for ARP. Without this it only takes longer. */
static void
device_neighbour(int fd, const char *device, const char *peer, const char *mac) {
  struct arpreq request = {.arp_flags = ATF_PERM | ATF_COM};
  unsigned byte[6];
  in_addr_t value;
  if (inet_pton(AF_INET, peer, &value) != 1 || sscanf(mac, "%x:%x:%x:%x:%x:%x", &byte[0], &byte[1],
                                                      &byte[2], &byte[3], &byte[4], &byte[5]) != 6)
    return;
  set_address(&request.arp_pa, value);
  request.arp_ha.sa_family = ARPHRD_ETHER;
  for (int i = 0; i < 6; i++)
    request.arp_ha.sa_data[i] = (char)byte[i];
  snprintf(request.arp_dev, sizeof request.arp_dev, "%s", device);
  ioctl(fd, SIOCSARP, &request);
}

static bool
default_route(int fd, const char *peer) {
  struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
  in_addr_t value;
  if (inet_pton(AF_INET, peer, &value) != 1)
    return false;
  set_address(&route.rt_dst, 0);
  set_address(&route.rt_genmask, 0);
  set_address(&route.rt_gateway, value);
  return ioctl(fd, SIOCADDRT, &route) == 0;
}

/* It stays without a process that holds it, as long as its network namespace. */
static bool
tap_create(const char *device) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  bool made;
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
  made = fd >= 0 && ioctl(fd, TUNSETIFF, &request) == 0 && ioctl(fd, TUNSETPERSIST, 1) == 0;
  if (fd >= 0) {
    int kept = errno;
    close(fd);
    errno = kept;
  }
  return made;
}

const char *
tap_make(const char *device, const char *address, const char *peer, const char *mac) {
  int fd;
  const char *why = NULL;
  if (!name_valid(device))
    return "no name of a device";
  if (!tap_create(device))
    return wrong("/dev/net/tun");
  fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (!device_up(fd, device) || !device_address(fd, device, address))
    why = wrong(device);
  else
    device_neighbour(fd, device, peer, mac);
  close(fd);
  return why;
}

/* ---- sides ----------------------------------------------------------------------------------- */

static int
netlink_answer(int fd) {
  char bytes[1024];
  struct nlmsghdr *head = (struct nlmsghdr *)(void *)bytes;
  ssize_t got = recv(fd, bytes, sizeof bytes, 0);
  if (got < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || head->nlmsg_type != NLMSG_ERROR)
    return EIO;
  return -((struct nlmsgerr *)NLMSG_DATA(head))->error;
}

/* rtnetlink(7): RTM_NEWLINK with IFLA_NET_NS_FD. */
static bool
device_move(const char *device, int namespace) {
  struct {
    struct nlmsghdr head;
    struct ifinfomsg info;
    struct rtattr attribute;
    int namespace;
  } message = {.head = {.nlmsg_len = sizeof message,
                        .nlmsg_type = RTM_NEWLINK,
                        .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
               .info = {.ifi_family = AF_UNSPEC, .ifi_index = (int)if_nametoindex(device)},
               .attribute = {.rta_len = RTA_LENGTH(sizeof(int)), .rta_type = IFLA_NET_NS_FD},
               .namespace = namespace};
  int fd, status;
  if (message.info.ifi_index == 0)
    return false;
  fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  status =
      send(fd, &message, sizeof message, 0) == (ssize_t)sizeof message ? netlink_answer(fd) : errno;
  close(fd);
  errno = status;
  return status == 0;
}

static int
namespace_open(void) {
  return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* Of a new one; this process is in its own as before. */
static int
namespace_make(void) {
  int own = namespace_open(), made = -1;
  if (own >= 0 && unshare(CLONE_NEWNET) == 0) {
    made = namespace_open();
    if (setns(own, CLONE_NEWNET) != 0)
      _exit(3); /* nothing that follows would be where it belongs */
  }
  close(own);
  return made;
}

/* In the namespace of which this process is: /proc/sys/net shows that one. It may be read-only, as
 * in some containers; what is lost then is the second lock of a door, see side_make. */
static void
setting_write(const char *device, const char *name, const char *value) {
  char path[128];
  int fd;
  snprintf(path, sizeof path, "/proc/sys/net/%s/%s/%s", name[0] == '6' ? "ipv6/conf" : "ipv4/conf",
           device, name + 2);
  fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write(fd, value, strlen(value)) < 0)
    errno = 0; /* read-only after all */
  close(fd);
}

/* A guest's packets must come from where an answer would go to, are passed on to nobody, and tell
 * this namespace no routes. */
static void
side_close(const char *device) {
  static const char *const settings[][2] = {{"4/rp_filter", "1"},        {"4/forwarding", "0"},
                                            {"4/accept_redirects", "0"}, {"4/arp_ignore", "2"},
                                            {"4/accept_local", "0"},     {"4/route_localnet", "0"},
                                            {"6/disable_ipv6", "1"}};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    setting_write(device, settings[i][0], settings[i][1]);
  setting_write("all", "4/forwarding", "0");
}

/* In the side's namespace. */
static const char *
side_set_up(const char *device, const char *address, const char *peer, const char *mac) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool alone = strcmp(device, NO_DEVICE) == 0;
  const char *why = NULL;
  if (!alone)
    side_close(device);
  if (!device_up(fd, "lo") ||
      (!alone && (!device_up(fd, device) || !device_address(fd, device, address) ||
                  !default_route(fd, peer))))
    why = wrong(device);
  else if (!alone)
    device_neighbour(fd, device, peer, mac);
  close(fd);
  return why;
}

/* DEVICE goes into a namespace of its own, with its address, and a route to all that is beyond the
 * guest: a machine on one side of it. Nothing of this machine is in there, and no other guest's
 * device: what the guest can reach is the test, whatever addresses it makes up. */
const char *
side_make(const char *device, const char *address, const char *peer, const char *mac, int *number) {
  int own, made;
  const char *why;
  if (side_count == SIDES_MAX)
    return "too many sides";
  if (!name_valid(device))
    return "no name of a device";
  made = namespace_make();
  if (made < 0)
    return wrong("a network namespace");
  if (strcmp(device, NO_DEVICE) != 0 && !device_move(device, made)) {
    why = wrong(device);
    close(made);
    return why;
  }
  own = namespace_open();
  if (own < 0 || setns(made, CLONE_NEWNET) != 0)
    why = wrong("its network namespace");
  else
    why = side_set_up(device, address, peer, mac);
  if (own >= 0 && setns(own, CLONE_NEWNET) != 0)
    _exit(3);
  close(own);
  sides[side_count] = made;
  *number = side_count++;
  return why;
}

static int
side_namespace(int number) {
  return number >= 0 && number < side_count ? sides[number] : -1;
}

void
side_drop(int number) {
  if (side_namespace(number) < 0)
    return;
  close(sides[number]);
  sides[number] = -1;
}

bool
side_enter(int number) {
  return number == AGENT_NO_SIDE || setns(side_namespace(number), CLONE_NEWNET) == 0;
}

int
side_socket(int number) {
  int own, fd;
  if (number == AGENT_NO_SIDE)
    return socket(AF_INET, SOCK_STREAM, 0);
  own = namespace_open();
  if (own < 0 || !side_enter(number)) {
    close(own);
    return -1;
  }
  fd = socket(AF_INET, SOCK_STREAM, 0);
  if (setns(own, CLONE_NEWNET) != 0)
    _exit(3);
  close(own);
  return fd;
}
