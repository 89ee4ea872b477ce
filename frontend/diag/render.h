// SPDX-License-Identifier: MIT
// Between the files of the renderers.
#ifndef PRISM_DIAG_RENDER_H
#define PRISM_DIAG_RENDER_H

#include "frontend/diag/diag.h"

// A span in lines and byte columns, from 1; `path` is NULL where there is none.
struct place {
    const char *path;
    int32_t line, column, end_line, end_column;
};
struct place diag_place(struct span span);

const char *severity_name(enum severity severity);

// A line of JSON; docs/machine-output.md has the members.
void render_json(const struct diag *d, struct text *out);
// A workflow command of GitHub Actions.
void render_github(const struct diag *d, struct text *out);
// A whole SARIF 2.1.0 document, also for none.
void render_sarif(const struct diag *const *all, int32_t count, struct text *out);

#endif
