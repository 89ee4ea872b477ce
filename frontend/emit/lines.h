// SPDX-License-Identifier: MIT
// Include this in frontend/emit/units.c and lines.c only.
#ifndef PRISM_EMIT_LINES_H
#define PRISM_EMIT_LINES_H

#include "frontend/emit/emit.h"

// Appends an item of C, its #line directives relative to starts that are added to `starts`; without
// them if that is NULL.
void lines_put(struct arena *a, struct str item, line_list *starts, struct text *out);

#endif
