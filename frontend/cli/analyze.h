// SPDX-License-Identifier: MIT
// How an analysis is written: for people, as JSON, as CBOR.
#ifndef PRISM_CLI_ANALYZE_H
#define PRISM_CLI_ANALYZE_H

#include "frontend/analyze/analyze.h"

#include <jansson.h>

struct analyzed {
    const char *path;
    const struct analysis *all;
    json_t *obligations; // array: what the checker said of the program; borrowed
};

void analysis_put_text(const struct analyzed *p, struct text *out);
// A new object, `"schema":1,"event":"analysis"`.
json_t *analysis_json(const struct analyzed *p);
// Any JSON of objects, arrays, text, whole numbers, truth and null as CBOR (RFC 8949).
void json_put_cbor(const json_t *j, struct text *out);

#endif
