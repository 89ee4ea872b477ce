// SPDX-License-Identifier: MIT
// diag: the one object in which Prism speaks of what is wrong, and the one place that renders it.
//
// A stage is given a `struct diag_sink` and adds to it; it never prints and never exits. The
// command renders what was collected, best first. Codes are listed once, in codes.def; each has a
// page in catalog/ for `prism explain` and a program in tests/messages/ that provokes it.
//
//   P0xxx the command line and files   P1xxx syntax   P2xxx names and types   P3xxx effects and
//   capabilities   P4xxx found by running or simulating   P5xxx found by proving
//   P8xxx not implemented yet   P9xxx defects of Prism itself
#ifndef PRISM_DIAG_H
#define PRISM_DIAG_H

#include "frontend/base/base.h"

// ---- sources -------------------------------------------------------------------------

// A source file in memory. Columns count bytes from 1; renderers turn them into display columns.
struct source {
    const char *path; // as the user wrote it, or relative to the package
    struct str text;  // valid UTF-8 or replaced by the lexer with a diagnostic
    int32_t *line_starts;
    int32_t line_count;
};

// Half-open byte range of a source. `source` is NULL for "no place" (a command line, a whole run).
struct span {
    const struct source *source;
    int32_t start, end;
};

// Fills line_starts; `text` and `path` are kept by reference.
void source_init(struct arena *a, struct source *s, const char *path, struct str text);
// The 1-based line and byte column of an offset.
void source_position(const struct source *s, int32_t offset, int32_t *line, int32_t *column);

// ---- the diagnostic ------------------------------------------------------------------

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

enum diag_code {
#define DIAG(code, severity, title) P##code,
#include "frontend/diag/codes.def"
#undef DIAG
    DIAG_CODE_COUNT
};

struct diag_label {
    struct span span;
    struct str text; // may be empty: only the underline
};

// One replacement of text; a fix is a list of them that belong together.
struct diag_edit {
    struct span span;
    struct str replacement;
};
struct diag_fix {
    struct str title; // in the imperative: "add the missing arm"
    VEC(struct diag_edit) edits;
};

struct diag {
    enum diag_code code;
    enum severity severity;
    struct str title; // one sentence, no full stop, names in backquotes
    struct span span; // the primary place
    struct str label; // said under the primary place; may be empty
    VEC(struct diag_label) labels;
    VEC(struct str) notes;    // whole sentences below the excerpt
    VEC(struct diag_fix) fixes;
    struct str trace; // path of a trace that shows it, or empty
    struct str rerun; // the command that shows it again, or empty
};

// Where diagnostics go. Everything that it holds lives in `arena`.
struct diag_sink {
    struct arena *arena;
    VEC(struct diag *) all; // in the order of their making
    int32_t errors, warnings;
    struct diag *unseen; // stands for all past DIAG_ERRORS_MAX; NULL until there is one
};

#define DIAG_ERRORS_MAX 100 // after that many errors, or warnings, further ones are only counted

// Adds a diagnostic with the code's severity and a printf title; never NULL (past DIAG_ERRORS_MAX
// it is one that nobody shows). The caller goes on with diag_label, diag_note, diag_fix.
struct diag *diag_add(struct diag_sink *sink, enum diag_code code, struct span span,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
// What follows adds to a diagnostic, and does nothing if `d` is NULL.
// What is said under the primary place.
void diag_primary(struct diag_sink *sink, struct diag *d, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_label(struct diag_sink *sink, struct diag *d, struct span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diag_note(struct diag_sink *sink, struct diag *d, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// A fix of one edit.
void diag_fix(struct diag_sink *sink, struct diag *d, struct span span, struct str replacement,
              const char *title, ...) __attribute__((format(printf, 5, 6)));
// "P2001" and the title of the code's page.
const char *diag_code_name(enum diag_code code);
const char *diag_code_title(enum diag_code code);
// The code that is written so ("P2001", any case); false if there is none.
bool diag_code_parse(struct str name, enum diag_code *out);
// The nearest of `count` candidates to what was typed, or NULL if none is near.
const char *diag_nearest(struct str typed, const char *const *candidates, int32_t count);

// ---- rendering -----------------------------------------------------------------------

enum diag_format {
    DIAG_HUMAN,  // title, excerpt with labels, notes, fixes
    DIAG_SHORT,  // path:line:column: error[P2001]: title
    DIAG_JSON,   // a JSON line, "schema":1,"event":"diagnostic"
    DIAG_SARIF,  // one SARIF 2.1 document of all of them
    DIAG_GITHUB, // ::error file=…,line=…::
};

struct diag_style {
    enum diag_format format;
    bool color, ascii;
    int width; // columns
};

// Renders all, errors before warnings, each by place; a SARIF document is always complete.
void diag_render(const struct diag_sink *sink, struct diag_style style, struct text *out);

#endif
