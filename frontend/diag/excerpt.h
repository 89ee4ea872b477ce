// SPDX-License-Identifier: MIT
// The excerpt of a source with underlined places. Used by render.c only.
#ifndef PRISM_DIAG_EXCERPT_H
#define PRISM_DIAG_EXCERPT_H

#include "frontend/diag/diag.h"

// Appends the lines of d's primary place and of its labels, each underlined and labelled, with line
// numbers. Places in other files follow under a heading of their own.
void excerpt_put(struct arena *a, const struct diag *d, struct diag_style style, struct text *out);

// ANSI sequences, or nothing without colour.
const char *style_on(struct diag_style style, const char *sgr);
const char *style_off(struct diag_style style);

#define SGR_ERROR   "\033[1;31m"
#define SGR_WARNING "\033[1;33m"
#define SGR_NOTE    "\033[1;36m"
#define SGR_FRAME   "\033[34m"
#define SGR_BOLD    "\033[1m"

#endif
