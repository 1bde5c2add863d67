/* deb822-version.c - the order of Debian versions: deb-version(7), "Sorting algorithm". */
#include "deps/deb822.h"

#include <string.h>

/* The weight of one character of a non-digit part: "~" before the end, letters before the rest. */
static int
weight(char c) {
  if (c == '~')
    return -1;
  if (c == '\0' || g_ascii_isdigit(c))
    return 0;
  return g_ascii_isalpha(c) ? (guchar)c : (guchar)c + 256;
}

static int
compare_digits(const char **a, const char **b) {
  *a += strspn(*a, "0");
  *b += strspn(*b, "0");
  gsize la = strspn(*a, "0123456789"), lb = strspn(*b, "0123456789");
  int order = la != lb ? (la < lb ? -1 : 1) : strncmp(*a, *b, la);
  *a += la;
  *b += lb;
  return order;
}

/* Compares an upstream version or a Debian revision. */
static int
compare_part(const char *a, const char *b) {
  while (*a != '\0' || *b != '\0') {
    while ((*a != '\0' && !g_ascii_isdigit(*a)) || (*b != '\0' && !g_ascii_isdigit(*b))) {
      int order = weight(*a) - weight(*b);
      if (order != 0)
        return order;
      a++;
      b++;
    }
    int order = compare_digits(&a, &b);
    if (order != 0)
      return order;
  }
  return 0;
}

typedef struct {
  char *epoch, *upstream, *revision;
} Version;

static void
version_clear(Version *version) {
  g_free(version->epoch);
  g_free(version->upstream);
  g_free(version->revision);
}

static Version
version_split(const char *text) {
  const char *colon = strchr(text, ':');
  const char *rest = colon != NULL ? colon + 1 : text;
  const char *dash = strrchr(rest, '-');
  return (Version){
      .epoch = colon != NULL ? g_strndup(text, (gsize)(colon - text)) : g_strdup("0"),
      .upstream = dash != NULL ? g_strndup(rest, (gsize)(dash - rest)) : g_strdup(rest),
      .revision = g_strdup(dash != NULL ? dash + 1 : "0"),
  };
}

int
deb822_version_compare(const char *a, const char *b) {
  Version va = version_split(a), vb = version_split(b);
  int order = compare_part(va.epoch, vb.epoch);
  if (order == 0)
    order = compare_part(va.upstream, vb.upstream);
  if (order == 0)
    order = compare_part(va.revision, vb.revision);
  version_clear(&va);
  version_clear(&vb);
  return order;
}
