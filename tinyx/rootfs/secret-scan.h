/* secret-scan.h - whether bytes hold a private key or another secret that is one machine's own.
 *
 * Seen: PEM and OpenSSH keys (RFC 7468; also behind indentation, comment signs and quotes, with
 * CRLF, with "\n" as a string in JSON has it, and as one base64 word, as Kubernetes has it), PGP
 * private key blocks, keys of OpenVPN, PuTTY, age, WireGuard, BIND, Tor, signify, minisign and
 * GnuPG's agent, and files that are one DER key (PKCS#1, PKCS#8, SEC 1). A marker alone is none:
 * what follows must look like a key, for programs hold the markers as strings.
 *
 * Not seen: what is packed or encrypted as a whole (gzip, PKCS#12, Java key stores), DER inside
 * other files, bare numbers and passwords. rootfs/secrets.rules knows some of them by their paths.
 */
#ifndef TINYX_ROOTFS_SECRET_SCAN_H
#define TINYX_ROOTFS_SECRET_SCAN_H

#include <glib.h>

/* What the first secret in the SIZE bytes of DATA is, in words ("an OpenSSH private key"); NULL:
 * none is seen. *LINE (may be NULL) is where it begins, from 1. The time is linear in SIZE. Nothing
 * to free. */
const char *secret_scan(const void *data, gsize size, guint *line);

/* The same for a file of users (passwd(5), shadow(5), gshadow(5)): a password's hash in the second
 * field. */
const char *secret_scan_users(const void *data, gsize size, guint *line);

#endif
