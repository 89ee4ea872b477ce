// SPDX-License-Identifier: MIT
// manifest: prism.toml, the one file of a package.
//
//   [package]                     name, version, description, main: the file that `prism run` runs,
//                                 link: what foreign functions are in
//   [prism] [run] [test] ...      flags of every command, and of one: what stands neither on the
//                                 command line nor in the environment
//   [capabilities]                bundles: "Name" = ["Family.Capability", ...], held by actors of a
//                                 module with `@capability "Name"`
//
// A program belongs to the package whose manifest is nearest above it.
#ifndef PRISM_CLI_MANIFEST_H
#define PRISM_CLI_MANIFEST_H

#include "frontend/cli/cli.h"
#include "frontend/cli/toml.h"
#include "frontend/sema/sema.h"

#define MANIFEST_NAME "prism.toml"

struct manifest {
    const char *path;  // of the file; relative where the program's path is
    struct str folder; // "" or with its slash
    const struct toml_value *root;
};

// The manifest that a file or folder belongs to, read once, in the command's arena. *out is NULL if
// there is none. False after a diagnostic: it cannot be read, or says what no manifest can say.
bool manifest_of(struct cli *cli, const char *path, const struct manifest **out);
// Reads the manifest from its text; `path` and `folder` are set. False after a diagnostic.
bool manifest_read(struct cli *cli, struct manifest *m, const struct source *source);
// Gives the flags of the command at hand that are not set what the manifest says. False after a
// diagnostic.
bool manifest_set_flags(struct cli *cli, const struct manifest *m);
// The same with the manifest of the command's first argument, or that of the current folder.
bool manifest_apply(struct cli *cli);
// What the manifest says of a flag, or NULL.
const struct toml_entry *manifest_flag(const struct manifest *m, enum flag_id id);
// "prism.toml:4".
struct str manifest_place(struct arena *a, struct span span);
// The file that is run where only the package is named.
const char *manifest_main(struct arena *a, const struct manifest *m);

// What a program of the package is linked with, as the C compiler takes it; `files`: those of them
// that are files.
bool manifest_links(const struct manifest *m); // whether it names anything
void manifest_link(struct arena *a, const struct manifest *m, str_list *items, str_list *files);

// The bundles, as sema takes them, in `a`. What is no capability gets a diagnostic.
struct sema_bundles manifest_bundles(struct arena *a, struct intern_table *names,
                                     const struct manifest *m, struct diag_sink *sink);

#endif
