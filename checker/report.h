// SPDX-License-Identifier: MIT
// report: obligations for people and for machines. No time and no address stands in them.
#ifndef PRISM_CHECKER_REPORT_H
#define PRISM_CHECKER_REPORT_H

#include "checker/checker.h"

enum report_format { REPORT_HUMAN, REPORT_SHORT, REPORT_JSON, REPORT_SARIF, REPORT_GITHUB };
struct report_style {
    enum report_format format;
    bool color;
    const char *solver; // version
    int exit;           // shown at the end of the human report
};
// The name of a format ("human"); false if there is no such format.
bool report_format_parse(const char *name, enum report_format *out);
void report_render(const struct check_result *r, struct report_style style, struct text *out);

#endif
