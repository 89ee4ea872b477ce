// SPDX-License-Identifier: MIT
// Memos: which program a source file became, and the files that this depended on.
#ifndef PRISM_CLI_MEMO_H
#define PRISM_CLI_MEMO_H

#include "frontend/cli/cli.h"

// The program of the memo `path`, if it is there and no file that it depended on has changed since;
// else NULL.
const char *memo_read(struct arena *a, const char *path);

// Writes the memo. Does nothing when a file was changed so lately that its time could hide a
// further change, or when the memo cannot be written: it only saves time.
void memo_write(struct arena *a, const char *path, const char *program, const str_list *files);

#endif
