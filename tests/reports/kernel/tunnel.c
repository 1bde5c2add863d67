/* tunnel.c - a tunnel, as daemons of virtual private networks make it. */
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>

int
main(void) {
  struct ifreq request = {.ifr_flags = IFF_TUN};
  int tunnel = open("/dev/net/tun", O_RDWR);
  strcpy(request.ifr_name, "tun0");
  return tunnel < 0 || ioctl(tunnel, TUNSETIFF, &request) != 0;
}
