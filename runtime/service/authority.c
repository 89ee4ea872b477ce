// SPDX-License-Identifier: MIT
// What the program as a whole may do: the capabilities of `prism run --allow`, one a line in the
// environment variable PRISM_ALLOW. `Family.Name`, `Family` for all of it, `Family.ReadWrite` for
// both, and any of them with one argument in parentheses, with or without quotes: a path holds for
// what lies below it, segment by segment; any other text for itself.
#include "runtime/service/outside.h"

#include <stdlib.h>
#include <string.h>

struct allowed {
    const char *name, *argument; // argument NULL: any
    size_t name_len, argument_len;
};

static struct allowed parse(const char *line, size_t len) {
    struct allowed a = {.name = line, .name_len = len};
    const char *open = memchr(line, '(', len);
    if (!open || line[len - 1] != ')')
        return a;
    a.name_len = (size_t)(open - line);
    a.argument = open + 1;
    a.argument_len = len - a.name_len - 2;
    if (a.argument_len >= 2 && a.argument[0] == '"' && a.argument[a.argument_len - 1] == '"') {
        a.argument++;
        a.argument_len -= 2;
    }
    return a;
}

static bool same(const char *a, size_t len, const char *b, size_t b_len) {
    return len == b_len && memcmp(a, b, len) == 0;
}

// `Family` covers `Family.Name`; `Family.ReadWrite` covers Read and Write; `IO.Family` is `Family`.
static bool covers_name(const struct allowed *a, const char *family) {
    const char *name = a->name;
    size_t len = a->name_len;
    if (len > 3 && memcmp(name, "IO.", 3) == 0) {
        name += 3;
        len -= 3;
    }
    size_t wanted = strlen(family), head = strcspn(family, ".");
    if (same(name, len, family, wanted) || same(name, len, family, head))
        return true;
    const char *which = family[head] ? family + head + 1 : "";
    return len == head + sizeof ".ReadWrite" - 1 && memcmp(name, family, head) == 0 &&
           memcmp(name + head, ".ReadWrite", len - head) == 0 &&
           (!strcmp(which, "Read") || !strcmp(which, "Write"));
}

// `..` is never below anything, so that no path has to be looked up to decide this.
static bool has_parent_segment(const char *path, size_t len) {
    for (size_t at = 0; at < len;) {
        const char *slash = memchr(path + at, '/', len - at);
        size_t end = slash ? (size_t)(slash - path) : len;
        if (same(path + at, end - at, "..", 2))
            return true;
        at = end + 1;
    }
    return false;
}

static bool covers_argument(const struct allowed *a, const char *argument, size_t len) {
    if (!a->argument)
        return true;
    if (!argument)
        return false;
    size_t have = a->argument_len;
    if (same(a->argument, have, argument, len))
        return true;
    while (have > 1 && a->argument[have - 1] == '/')
        have--;
    bool all = same(a->argument, have, "/", 1);
    if (has_parent_segment(argument, len))
        return false;
    return (all && len && argument[0] == '/') ||
           (len > have && memcmp(a->argument, argument, have) == 0 && argument[have] == '/');
}

bool authority_covers(const char *family, const char *argument, size_t len) {
    const char *line = getenv("PRISM_ALLOW");
    while (line && *line) {
        size_t line_len = strcspn(line, "\n");
        struct allowed a = parse(line, line_len);
        if (covers_name(&a, family) && covers_argument(&a, argument, len))
            return true;
        line += line_len + (line[line_len] == '\n');
    }
    return false;
}
