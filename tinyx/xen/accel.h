/* accel.h - by what QEMU runs Xen's virtual CPUs: KVM where that can, else TCG, which emulates.
 */
#ifndef TINYX_XEN_ACCEL_H
#define TINYX_XEN_ACCEL_H

#include "base/error.h"

/* "kvm" where a virtual CPU executes by it what Xen does (tried, once per boot of this machine),
 * else "tcg". */
const char *machine_accelerator(void);
/* KVM passed that probe, but Xen does not come up: "tcg" from now on, until this machine boots
 * again. */
void machine_refuse_kvm(void);

/* The probe itself: TRUE if QEMU with ACCELERATOR ("kvm", "tcg") executes it to its end, which
 * takes a fifth of a second. CHILD, TIMEOUT or HOST: what happened instead. */
gboolean accelerator_try(const char *accelerator, GError **error);

#endif
