/* figures.h - the figures that are compared, and each system's values of them. Plain data. */
#ifndef TINYX_COMPARE_FIGURES_H
#define TINYX_COMPARE_FIGURES_H

#include "base/error.h"

typedef enum {
  FIGURE_KERNEL_FILE,
  FIGURE_KERNEL_IMAGE,
  FIGURE_KERNEL_TEXT,
  FIGURE_SYMBOLS,
  FIGURE_IMAGE_PACKED,
  FIGURE_IMAGE_UNPACKED,
  FIGURE_FILES,
  FIGURE_PACKAGES,
  FIGURE_SETUID,
  FIGURE_PORTS,
  FIGURE_CREATE_SECONDS,
  FIGURE_ANSWER_SECONDS,
  FIGURE_CREATE_INSTRUCTIONS,
  FIGURE_INSTRUCTIONS,
  FIGURE_MEMORY_KERNEL,
  FIGURE_MEMORY_CODE,
  FIGURE_MEMORY_SLAB,
  FIGURE_MEMORY_USED,
  FIGURE_LEAST_MEMORY,
  FIGURE_REQUESTS,
  FIGURE_COUNT
} FigureId;

typedef enum {
  FIGURE_IN_BYTES,
  FIGURE_IN_MEMORY,
  FIGURE_IN_COUNT,
  FIGURE_IN_SECONDS,
  FIGURE_IN_INSTRUCTIONS,
  FIGURE_IN_RATE
} FigureUnit;

typedef struct {
  const char *name;  /* in files: "kernel_file" */
  const char *title; /* for people */
  const char *group; /* "Size" */
  FigureUnit unit;
  gboolean more_is_better;
  gboolean ratio_only; /* the value itself says nothing about another machine: never shown */
  const char *what;    /* exactly what it is, one sentence */
  gboolean remarked;   /* a value's text says that it was measured otherwise: always shown */
} Figure;

/* Never NULL. */
const Figure *figure_get(FigureId id);
/* FIGURE_COUNT if there is none of that name. */
FigureId figure_find(const char *name);

typedef struct {
  gboolean asked;    /* somebody tried to measure it */
  gboolean measured; /* then value holds */
  double value;      /* bytes, seconds, … */
  /* Measured: more to say ("22 80"), or NULL; asked: why it was not measured; else why an earlier
   * run did not measure it, or NULL. */
  char *text;
} FigureValue;

typedef struct {
  char *id;    /* "tinyx", "debian", "kernel:lupine" */
  char *title; /* "Debian 12" */
  char *key;   /* changes with everything that the values depend on */
  char *note;  /* what it is, one sentence */
  FigureValue values[FIGURE_COUNT];
  /* How far the search for the least memory has come, MB: in LOW the test fails, in HIGH it passes;
   * 0: not begun. */
  int least_low, least_high;
} Result;

/* What the paper says of a figure; see compare/paper.conf. */
typedef struct {
  double tinyx, debian; /* in the figure's unit; < 0: it does not say */
  double ratio;         /* Debian to Tinyx; < 0: it does not say */
  char *section;        /* of the paper, where it was looked up; NULL: it was not, which is said */
  char *source;
} PaperFigure;

typedef struct {
  char *name;         /* the recipe's */
  char *description;  /* its */
  char *date;         /* YYYY-MM-DD, UTC */
  char *platform;     /* for which the images are: "xen-pv"; NULL: not known */
  char *host;         /* where guests ran */
  GPtrArray *results; /* Result*, one a system; the first is what the others are compared with */
  PaperFigure paper[FIGURE_COUNT];
} Comparison;

Comparison *comparison_new(const char *name);
void comparison_free(Comparison *comparison);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Comparison, comparison_free)
/* Adds a system's result, without values. Owned by COMPARISON. */
Result *comparison_add(Comparison *comparison, const char *id, const char *title);
/* NULL if there is none. */
Result *comparison_find(const Comparison *comparison, const char *id);

/* TEXT may be NULL; copied. */
void result_set(Result *result, FigureId id, double value, const char *text);
void result_set_why(Result *result, FigureId id, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Takes over what OTHER knows, if it has the same key: its values, and the reasons where it has
 * none, which count until somebody asks again. */
void result_take(Result *result, const Result *other);

/* OTHER's value in units of the first one's, or the other way round where more is better: how many
 * times the first system is better. < 0: not known. */
double comparison_ratio(const Comparison *comparison, const Result *other, FigureId id);

/* A value as people read it: "1.08 MB", "412", "6.01 s"; "not measured" with *WHY (may be NULL;
 * borrowed) where it was not; "-" where nobody tried. For ratio_only it is the ratio to the first
 * result: "1.00". g_free. */
char *figure_text(const Comparison *comparison, const Result *result, FigureId id,
                  const char **why);
/* VALUE of FIGURE alone. g_free. */
char *figure_value_text(const Figure *figure, double value);
/* "12.3 times", "-" for an unknown one. g_free. */
char *figure_ratio_text(double ratio);

/* compare/paper.conf: TEXT as FILE would hold it. INPUT with "file: what is wrong". */
gboolean paper_parse(const char *text, const char *file, PaperFigure *paper, GError **error);
gboolean paper_load(PaperFigure *paper, GError **error);

#endif
