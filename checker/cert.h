// SPDX-License-Identifier: MIT
// cert: a proof of deadlock freedom as lines of text. docs/certificates.md has the format.
#ifndef PRISM_CHECKER_CERT_H
#define PRISM_CHECKER_CERT_H

#include "checker/rank.h"

void cert_write(const struct web *w, const struct rank *r, struct str subject, struct text *out);

#endif
