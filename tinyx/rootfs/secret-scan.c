/* secret-scan.c - finds private keys in bytes, by their markers and by what follows these. */
#include "rootfs/secret-scan.h"

#include <string.h>

/* Fewer characters in base64 are no key: an Ed25519 key of PKCS#8 has 64. */
#define BODY_LEAST 40
/* Of a line, unless it is the last: words of a sentence are shorter. */
#define RUN_LEAST 16
/* Of so many different characters: a body of dots, x or 0 is an example. */
#define BODY_DISTINCT 10
/* Bytes behind a marker that are looked at. A fixed number, so that a file of nothing but markers
 * takes no more than so many steps a marker. */
#define BODY_MOST 2048
#define LABEL_MOST 64
#define WORD_LEAST 43    /* a WireGuard key: 32 bytes in base64, without the '=' */
#define DER_MOST 65536   /* bytes of a file that is one key */
#define BECH32_LENGTH 58 /* of an age key, behind its marker */

/* What is left to read: from AT to END. */
typedef struct {
  const char *at, *end;
} Rest;

static gboolean
is_base64(char c) {
  return g_ascii_isalnum(c) || c == '+' || c == '/';
}

/* Skips SPACES. */
static void
skip(Rest *rest, const char *spaces) {
  while (rest->at < rest->end && *rest->at != '\0' && strchr(spaces, *rest->at) != NULL)
    rest->at++;
}

static gboolean
take(Rest *rest, const char *text) {
  gsize length = strlen(text);
  if ((gsize)(rest->end - rest->at) < length || memcmp(rest->at, text, length) != 0)
    return FALSE;
  rest->at += length;
  return TRUE;
}

/* Skips what stands between the characters of a key: ends of lines, also as a string of JSON or C
 * has them, indentation, quotes, signs of comments and quotations, and a "+" that joins strings. */
static gboolean
take_between(Rest *rest) {
  if (rest->at < rest->end - 1 && rest->at[0] == '\\' && rest->at[1] != '\0' &&
      strchr("nrt\r\n", rest->at[1]) != NULL) {
    rest->at += 2;
    return TRUE;
  }
  gboolean joins = rest->end - rest->at > 1 && rest->at[0] == '+' && g_ascii_isspace(rest->at[1]);
  if (!joins &&
      (rest->at >= rest->end || *rest->at == '\0' || strchr(" \t\r\n\"',;#>|*", *rest->at) == NULL))
    return FALSE;
  rest->at++;
  return TRUE;
}

/* Skips a line "Proc-Type: 4,ENCRYPTED" or "Version: x", which may stand before the key. */
static gboolean
take_header(Rest *rest) {
  const char *at = rest->at;
  while (at < rest->end && (g_ascii_isalnum(*at) || *at == '-'))
    at++;
  if (at == rest->at || at >= rest->end - 1 || at[0] != ':' || at[1] != ' ')
    return FALSE;
  while (at < rest->end && *at != '\n' && !(*at == '\\' && at + 1 < rest->end && at[1] == 'n'))
    at++;
  rest->at = at;
  return TRUE;
}

/* Takes a run of characters in base64, marks them in SEEN, and returns how many there are. */
static guint
take_run(Rest *rest, gboolean *seen) {
  guint count = 0;
  for (; rest->at < rest->end; rest->at++) {
    if (*rest->at == '\\' && rest->at + 1 < rest->end && rest->at[1] == '/')
      continue; /* JSON may write a slash so */
    if (!is_base64(*rest->at))
      break;
    seen[(guchar)*rest->at] = TRUE;
    count++;
  }
  return count;
}

/* TRUE if what follows is a key in base64 (or hexadecimal digits). */
static gboolean
is_body(Rest rest) {
  gboolean seen[256] = {FALSE};
  guint count = 0, distinct = 0;
  rest.end = MIN(rest.end, rest.at + BODY_MOST);
  while (rest.at < rest.end && count < BODY_LEAST) {
    if (take_between(&rest) || (count == 0 && take_header(&rest)))
      continue;
    guint run = take_run(&rest, seen);
    if (run < RUN_LEAST && count + run < BODY_LEAST)
      return FALSE;
    count += run;
  }
  for (guint i = 0; i < G_N_ELEMENTS(seen); i++)
    distinct += seen[i];
  return count >= BODY_LEAST && distinct >= BODY_DISTINCT;
}

/* Behind "-----BEGIN ": the label, the dashes and the key. */
static const char *
see_pem(Rest rest) {
  const char *label = rest.at;
  while (rest.at < rest.end && rest.at - label < LABEL_MOST &&
         (g_ascii_isalnum(*rest.at) || *rest.at == ' '))
    rest.at++;
  g_autofree char *name = g_strndup(label, (gsize)(rest.at - label));
  gboolean key = strstr(name, "PRIVATE KEY") != NULL || g_str_has_prefix(name, "OpenVPN ");
  if (!key || !take(&rest, "----"))
    return NULL;
  skip(&rest, "-");
  if (!is_body(rest))
    return NULL;
  if (g_str_has_prefix(name, "OPENSSH"))
    return "an OpenSSH private key";
  if (g_str_has_prefix(name, "PGP"))
    return "a PGP private key";
  return name[0] == 'O' ? "a key of OpenVPN" : "a private key (PEM)";
}

/* Behind "Private-Lines: " of PuTTY: a number, and the lines. */
static const char *
see_putty(Rest rest) {
  const char *digits = rest.at;
  skip(&rest, "0123456789");
  return rest.at > digits && is_body(rest) ? "a PuTTY private key" : NULL;
}

static const char *
see_age(Rest rest) {
  const char *start = rest.at;
  while (rest.at < rest.end && (g_ascii_isupper(*rest.at) || g_ascii_isdigit(*rest.at)))
    rest.at++;
  return rest.at - start >= BECH32_LENGTH ? "an age private key" : NULL;
}

/* Behind "PrivateKey" of wg(8) or systemd.netdev(5): "= " and a word of 44 characters. */
static const char *
see_wireguard(Rest rest) {
  skip(&rest, " \t\"");
  if (!take(&rest, "=") && !take(&rest, ":"))
    return NULL;
  skip(&rest, " \t\"");
  const char *start = rest.at;
  while (rest.at < rest.end && is_base64(*rest.at))
    rest.at++;
  return rest.at - start == WORD_LEAST && take(&rest, "=") ? "a WireGuard key" : NULL;
}

/* Behind "Private-key-format: v" of dnssec-keygen(8). */
static const char *
see_dnssec(Rest rest) {
  rest.end = MIN(rest.end, rest.at + BODY_MOST);
  for (; rest.at < rest.end; rest.at++) {
    if (*rest.at != '\n' || rest.at + 1 >= rest.end)
      continue;
    Rest line = {rest.at + 1, rest.end};
    if ((take(&line, "PrivateKey:") || take(&line, "PrivateExponent:") || take(&line, "Key:")) &&
        line.at < line.end && *line.at == ' ')
      return "a DNSSEC private key";
  }
  return NULL;
}

/* Behind the marker of signify(1) or minisign(1): the end of the line, and the key. */
static const char *
see_signify(Rest rest) {
  rest.end = MIN(rest.end, rest.at + BODY_MOST);
  const char *end = memchr(rest.at, '\n', (gsize)(rest.end - rest.at));
  if (end == NULL)
    return NULL;
  rest.at = end;
  return is_body(rest) ? "a private key of signify" : NULL;
}

/* Behind "private-key" of libgcrypt's S-expressions: "(rsa" in text, "(3:rsa" in bytes. */
static const char *
see_gnupg(Rest rest) {
  static const char *const kinds[] = {"rsa", "dsa", "ecc", "elg", NULL};
  skip(&rest, " \t\r\n");
  if (!take(&rest, "("))
    return NULL;
  skip(&rest, "3:");
  for (guint i = 0; kinds[i] != NULL; i++)
    if (take(&rest, kinds[i])) {
      skip(&rest, " \t\r\n");
      return take(&rest, "(") ? "a private key of GnuPG" : NULL;
    }
  return NULL;
}

static const char *
see_tor(Rest rest) {
  return take(&rest, ": type0 ==") ? "a private key of Tor" : NULL;
}

/* Behind the base64 form of "-----BEGIN ": whether that is what it is, and of a key. */
static const char *
see_wrapped(Rest rest) {
  const char *start = rest.at - strlen("LS0tLS1CRUdJTi");
  gsize length = 0, most = MIN(BODY_MOST, (gsize)(rest.end - start)), size = 0;
  while (length < most && is_base64(start[length]))
    length++;
  g_autofree char *text = g_strndup(start, length - length % 4);
  g_autofree guchar *bytes = g_base64_decode(text, &size);
  const char *marker = "-----BEGIN ";
  Rest inner = {(const char *)bytes, (const char *)bytes + size};
  return take(&inner, marker) ? see_pem(inner) : NULL;
}

static const struct {
  const char *text;
  const char *(*see)(Rest rest);
} markers[] = {
    {"-----BEGIN ", see_pem},
    {"---- BEGIN SSH2 ", see_pem},
    {"LS0tLS1CRUdJTi", see_wrapped},
    {"Private-Lines: ", see_putty},
    {"AGE-SECRET-KEY-1", see_age},
    {"Private-key-format: v", see_dnssec},
    {"PrivateKey", see_wireguard},
    {"PresharedKey", see_wireguard},
    {"untrusted comment: signify secret key", see_signify},
    {"untrusted comment: minisign encrypted secret key", see_signify},
    {"untrusted comment: rsign encrypted secret key", see_signify},
    {"private-key", see_gnupg},
    {"== ed25519v1-secret", see_tor},
};

/* ---- a file that is one DER key ---------------------------------------- */

/* Reads the head of a DER element of TYPE; *LENGTH is what it says. */
static gboolean
take_der(Rest *rest, guchar type, gsize *length) {
  if (rest->end - rest->at < 2 || (guchar)rest->at[0] != type)
    return FALSE;
  guchar first = (guchar)rest->at[1];
  guint bytes = first & 0x80 ? first & 0x7f : 0;
  rest->at += 2;
  *length = bytes == 0 ? first : 0;
  if (bytes > 4 || (first & 0x80 && bytes == 0) || (gsize)(rest->end - rest->at) < bytes)
    return FALSE;
  for (guint i = 0; i < bytes; i++)
    *length = *length << 8 | (guchar)*rest->at++;
  return *length <= (gsize)(rest->end - rest->at);
}

/* The file is a SEQUENCE that begins with a version, as keys do (RFC 8017, 5958, 5915); a
 * certificate begins with a SEQUENCE. */
static const char *
see_der(Rest rest) {
  gsize length;
  if (rest.end - rest.at > DER_MOST || !take_der(&rest, 0x30, &length) ||
      rest.at + length + 2 < rest.end)
    return NULL;
  if (!take_der(&rest, 0x02, &length) || length != 1 || (guchar)*rest.at > 1)
    return NULL;
  guchar version = (guchar)*rest.at++;
  Rest next = rest;
  if (version == 1 && take_der(&next, 0x04, &length) && length >= 20)
    return "an elliptic curve's private key (DER)";
  next = rest;
  if (version == 0 && take_der(&next, 0x02, &length) && length >= 32)
    return "an RSA or DSA private key (DER)";
  next = rest;
  if (!take_der(&next, 0x30, &length) || length == 0)
    return NULL;
  Rest algorithm = {next.at, next.at + length};
  gsize inner;
  next.at += length;
  if (take_der(&algorithm, 0x06, &inner) && take_der(&next, 0x04, &inner) && inner >= 16)
    return "a private key (DER, PKCS#8)";
  return NULL;
}

/* ---- all of them ------------------------------------------------------- */

static guint
line_of(const char *start, const char *at) {
  guint line = 1;
  for (const char *c = start; (c = memchr(c, '\n', (gsize)(at - c))) != NULL; c++)
    line++;
  return line;
}

const char *
secret_scan(const void *data, gsize size, guint *line) {
  if (line != NULL)
    *line = 1;
  if (size == 0) /* no bytes may be NULL */
    return NULL;
  const char *start = data, *end = start + size;
  const char *kind = see_der((Rest){start, end});
  for (guint i = 0; kind == NULL && i < G_N_ELEMENTS(markers); i++) {
    gsize length = strlen(markers[i].text);
    const char *at = start;
    while (kind == NULL && at != NULL && at < end &&
           (at = memmem(at, (gsize)(end - at), markers[i].text, length)) != NULL) {
      at += length;
      kind = markers[i].see((Rest){at, end});
      if (kind != NULL && line != NULL)
        *line = line_of(start, at - length);
    }
  }
  return kind;
}

/* crypt(5): "$id$...", or the 13 characters of the oldest form. "*", "!" and "x" are none. */
static gboolean
is_hash(const char *field, gsize length) {
  if (length > 0 && field[0] == '!') /* locked, and the hash is still there */
    return length > 1 && is_hash(field + 1, length - 1);
  if (length > 4 && field[0] == '$')
    return TRUE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum(field[i]) && field[i] != '.' && field[i] != '/')
      return FALSE;
  return length == 13;
}

const char *
secret_scan_users(const void *data, gsize size, guint *line) {
  if (size == 0)
    return NULL;
  const char *at = data, *end = at + size;
  for (guint number = 1; at < end; number++) {
    const char *next = memchr(at, '\n', (gsize)(end - at));
    const char *stop = next != NULL ? next : end;
    const char *field = memchr(at, ':', (gsize)(stop - at));
    const char *close = field != NULL ? memchr(field + 1, ':', (gsize)(stop - field - 1)) : NULL;
    if (close != NULL && is_hash(field + 1, (gsize)(close - field - 1))) {
      if (line != NULL)
        *line = number;
      return "a password's hash";
    }
    at = stop + 1;
  }
  return NULL;
}
