// SPDX-License-Identifier: MIT
// What the program as a whole may do: the capabilities of `prism run --allow`, one a line in the
// environment variable PRISM_ALLOW. `Family.Name`, `Family` for all of it, `Family.ReadWrite` for
// both, and any of them with one argument in parentheses, with or without quotes: a path holds for
// what lies below it, segment by segment; a host, where a port is asked for, for all of them, `*`
// for any host, `*.HOST` for those below it, with `:PORT` or `:FIRST-LAST` behind it for those
// ports; any other text for itself. PRISM_DENY has the same form, and goes before: what has
// anything in common with it is refused.
#include "runtime/service/outside.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

// ---- hosts --------------------------------------------------------------------------------------

struct host {
    const char *name;
    size_t len;
    long first, last; // ports; all if there is none
};

// A number of up to five digits; -1 if it is none.
static long port_of(const char *text, size_t len) {
    long port = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || len > 5)
            return -1;
        port = port * 10 + (text[i] - '0');
    }
    return len ? port : -1;
}

// Where the colon before the ports is; `len`: there is none.
static size_t ports_at(const char *text, size_t len) {
    size_t at = len;
    while (at > 0 && text[at - 1] != ':' && text[at - 1] != ']')
        at--;
    return at > 0 && text[at - 1] == ':' ? at - 1 : len;
}

// False: what stands behind the last colon are no ports.
static bool parse_host(const char *text, size_t len, struct host *out) {
    size_t colon = ports_at(text, len);
    *out = (struct host){text, colon, 0, 65535};
    if (colon == len)
        return len > 0;
    const char *ports = text + colon + 1;
    size_t left = len - colon - 1;
    const char *dash = memchr(ports, '-', left);
    size_t first = dash ? (size_t)(dash - ports) : left;
    out->first = port_of(ports, first);
    out->last = dash ? port_of(dash + 1, left - first - 1) : out->first;
    return out->first >= 0 && out->last >= out->first;
}

// Is it a host with a port, within what is held?
static bool covers_host(const char *have, size_t have_len, const char *text, size_t len) {
    struct host a, b;
    if (ports_at(text, len) == len || !parse_host(have, have_len, &a) ||
        !parse_host(text, len, &b) || b.first < a.first || b.last > a.last)
        return false;
    if (same(a.name, a.len, "*", 1))
        return true;
    if (a.len > 2 && a.name[0] == '*' && a.name[1] == '.')
        return b.len >= a.len &&
               strncasecmp(b.name + b.len - (a.len - 1), a.name + 1, a.len - 1) == 0;
    return a.len == b.len && strncasecmp(a.name, b.name, a.len) == 0;
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
    if (a->argument[0] != '/' && argument[0] != '/')
        return covers_host(a->argument, have, argument, len);
    bool all = same(a->argument, have, "/", 1);
    if (has_parent_segment(argument, len))
        return false;
    return (all && len && argument[0] == '/') ||
           (len > have && memcmp(a->argument, argument, have) == 0 && argument[have] == '/');
}

// The capability on the line at hand of PRISM_ALLOW or PRISM_DENY, and where the next one is.
static struct allowed next_line(const char **at) {
    size_t len = strcspn(*at, "\n");
    struct allowed a = parse(*at, len);
    *at += len + ((*at)[len] == '\n');
    return a;
}

// Has what is denied anything in common with what is asked for? A directory is asked for with all
// below it.
static bool is_denied(const char *family, const char *argument, size_t len) {
    const char *line = getenv("PRISM_DENY");
    while (line && *line) {
        struct allowed a = next_line(&line);
        struct allowed asked = {.argument = argument, .argument_len = len};
        if (covers_name(&a, family) &&
            (!argument || covers_argument(&a, argument, len) ||
             (a.argument && covers_argument(&asked, a.argument, a.argument_len))))
            return true;
    }
    return false;
}

bool authority_covers(const char *family, const char *argument, size_t len) {
    const char *line = getenv("PRISM_ALLOW");
    bool covered = false;
    while (line && *line && !covered) {
        struct allowed a = next_line(&line);
        covered = covers_name(&a, family) && covers_argument(&a, argument, len);
    }
    return covered && !is_denied(family, argument, len);
}

static char *denied; // made once, and never freed: the program's own

static void note_denied(void) {
    const char *line = getenv("PRISM_DENY");
    if (!line || !*line)
        return;
    char *to = denied = malloc(2 * strlen(line) + 3); // at most a `!` for each byte, and an end
    for (bool begins = true; to && *line; line++) {
        if (begins)
            *to++ = '!';
        *to++ = *line;
        begins = *line == '\n';
    }
    if (to) {
        *to++ = '\n';
        *to = 0;
    }
}

const char *authority_denied(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, note_denied);
    return denied;
}
