// SPDX-License-Identifier: MIT
// toml: reads the part of TOML 1.0 that a manifest needs: comments, tables, dotted and quoted keys,
// strings on one line, integers, booleans and arrays. What else TOML has (floats, dates, strings of
// several lines, inline tables, arrays of tables) is refused by name, as is everything that is not
// TOML.
#ifndef PRISM_CLI_TOML_H
#define PRISM_CLI_TOML_H

#include "frontend/diag/diag.h"

enum toml_kind { TOML_TABLE, TOML_STRING, TOML_INTEGER, TOML_BOOLEAN, TOML_ARRAY };

struct toml_value {
    enum toml_kind kind;
    struct span span; // of the value; of a table its header, if it has one
    struct str string;
    int64_t integer;
    bool boolean;
    bool is_headed; // a table that stands in brackets
    VEC(struct toml_value *) items; // of an array
    VEC(struct toml_entry) entries; // of a table, in the order of the file
};
struct toml_entry {
    struct str key;
    struct span span; // of the key
    struct toml_value *value;
};

// "a string", for messages.
const char *toml_kind_word(enum toml_kind kind);
// The entry of a table, or NULL.
const struct toml_entry *toml_find(const struct toml_value *table, const char *key);
// Reads a file into its root table. After a mistake (P0014) reading goes on at the next line, so
// that several are told; the table then lacks what was wrong.
struct toml_value *toml_parse(struct arena *a, const struct source *source, struct diag_sink *sink);

#endif
