// SPDX-License-Identifier: MIT
// Capability literals. Paths are compared by segments, hosts by labels from the right, families by
// their dotted names with an optional leading `IO`; `ReadWrite` is `Read` and `Write` together.
#include "checker/capability.h"

#include <inttypes.h>
#include <stdlib.h>

// ---- small text tools -----------------------------------------------------------------------

static struct str trim(struct str s) {
    while (s.len && s.data[0] == ' ')
        s.data++, s.len--;
    while (s.len && s.data[s.len - 1] == ' ')
        s.len--;
    return s;
}

static struct str part(struct str s, size_t from, size_t to) {
    return (struct str){s.data + from, to - from};
}

static size_t find(struct str s, char c) {
    size_t i = 0;
    while (i < s.len && s.data[i] != c)
        i++;
    return i;
}

static bool integer(struct str s, int64_t *out) {
    bool negative = s.len && s.data[0] == '-';
    size_t i = negative;
    int64_t n = 0;
    if (i == s.len || s.len > 18)
        return false;
    for (; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
        n = n * 10 + (s.data[i] - '0');
    }
    *out = negative ? -n : n;
    return true;
}

// The next piece of `s` up to `separator`; false at the end.
static bool next_piece(struct str s, char separator, size_t *at, struct str *out) {
    if (*at > s.len)
        return false;
    size_t from = *at;
    *out = part(s, from, from + find(part(s, from, s.len), separator));
    *at = from + out->len + 1;
    return true;
}

// ---- values ---------------------------------------------------------------------------------

static const char *parse_path(struct arena *a, struct str s, struct capability_value *v) {
    struct text t = {.arena = a};
    struct str segment;
    size_t at = 1;
    while (next_piece(s, '/', &at, &segment)) {
        if (str_is(segment, ".."))
            return "a path with `..` may lead anywhere";
        if (memchr(segment.data, '\0', segment.len))
            return "a path has no zero bytes";
        if (!segment.len || str_is(segment, "."))
            continue;
        text_putc(&t, '/');
        text_put(&t, segment);
    }
    text_put(&t, STR(""));
    v->kind = CAPABILITY_PATH;
    v->text = text_str(&t);
    return NULL;
}

static bool parse_ports(struct str s, struct capability_value *v) {
    size_t dash = find(s, '-');
    if (!integer(part(s, 0, dash), &v->low))
        return false;
    v->high = v->low;
    return (dash == s.len || integer(part(s, dash + 1, s.len), &v->high)) && v->low >= 0 &&
           v->high <= 65535 && v->low <= v->high;
}

static bool host_name(struct str s) {
    if (!s.len || find(s, '.') == s.len)
        return str_is(s, "*") || str_is(s, "localhost");
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '.' || (c == '*' && i == 0 && s.len > 1 && s.data[1] == '.');
        if (!fine)
            return false;
    }
    return true;
}

static bool parse_host(struct arena *a, struct str s, struct capability_value *v) {
    size_t colon = find(s, ':');
    struct str name = part(s, 0, colon);
    v->low = 0;
    v->high = 65535;
    if (!host_name(name) || (colon < s.len && !parse_ports(part(s, colon + 1, s.len), v)))
        return false;
    struct text t = {.arena = a};
    for (size_t i = 0; i < name.len; i++)
        text_putc(&t, name.data[i] >= 'A' && name.data[i] <= 'Z' ? (char)(name.data[i] + 32)
                                                                 : name.data[i]);
    v->kind = CAPABILITY_HOST;
    v->text = text_str(&t);
    return true;
}

static bool parse_range(struct str s, struct capability_value *v) {
    for (size_t i = 0; i + 1 < s.len; i++)
        if (s.data[i] == '.' && s.data[i + 1] == '.') {
            v->kind = CAPABILITY_RANGE;
            v->text = s;
            return integer(trim(part(s, 0, i)), &v->low) &&
                   integer(trim(part(s, i + 2, s.len)), &v->high) && v->low <= v->high;
        }
    return false;
}

static const char *parse_value(struct arena *a, struct str s, struct capability_value *v) {
    s = trim(s);
    if (s.len >= 2 && s.data[0] == '"' && s.data[s.len - 1] == '"')
        s = part(s, 1, s.len - 1);
    *v = (struct capability_value){CAPABILITY_WORD, s, 0, 0};
    if (!s.len)
        return "a parameter is empty";
    if (s.data[0] == '/')
        return parse_path(a, s, v);
    if (s.data[0] == '.')
        return "a path has to begin with `/`";
    if (s.data[0] == '{' && s.data[s.len - 1] == '}') {
        v->kind = CAPABILITY_SET;
        v->text = part(s, 1, s.len - 1);
        return NULL;
    }
    if (parse_range(s, v) || parse_host(a, s, v))
        return NULL;
    *v = (struct capability_value){CAPABILITY_WORD, s, 0, 0};
    return NULL;
}

// ---- literals -------------------------------------------------------------------------------

// The end of a parameter: a comma outside of quotes and braces.
static size_t param_end(struct str s) {
    bool quoted = false;
    int depth = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '}'))
            depth += c == '{' ? 1 : -1;
        else if (!quoted && depth == 0 && c == ',')
            return i;
    }
    return s.len;
}

static const char *parse_params(struct arena *a, struct str s, struct capability *out) {
    while (trim(s).len) {
        size_t end = param_end(s);
        if (out->param_count == CAPABILITY_PARAMS_MAX)
            return "too many parameters";
        const char *wrong = parse_value(a, part(s, 0, end), &out->params[out->param_count++]);
        if (wrong)
            return wrong;
        s = end < s.len ? part(s, end + 1, s.len) : STR("");
    }
    return NULL;
}

const char *capability_parse(struct arena *a, struct str literal, struct capability *out) {
    *out = (struct capability){0};
    literal = trim(literal);
    size_t open = find(literal, '(');
    struct str name = trim(part(literal, 0, open)), piece;
    size_t at = 0;
    while (next_piece(name, '.', &at, &piece)) {
        if (!piece.len)
            return "a name is empty";
        if (out->part_count == 0 && str_is(piece, "IO") && name.len > 2)
            continue; // `IO.FileSystem` and `FileSystem` are one family
        if (out->part_count == CAPABILITY_PARTS_MAX)
            return "the name has too many parts";
        out->parts[out->part_count++] = piece;
    }
    if (out->part_count > 1 && str_is(out->parts[out->part_count - 1], "*"))
        out->part_count--;
    if (open == literal.len)
        return NULL;
    if (literal.data[literal.len - 1] != ')')
        return "the closing parenthesis is missing";
    return parse_params(a, part(literal, open + 1, literal.len - 1), out);
}

// ---- containment ----------------------------------------------------------------------------

static bool path_within(struct str inner, struct str outer) {
    return str_starts(inner, outer) && (inner.len == outer.len || inner.data[outer.len] == '/');
}

static bool host_within(struct str inner, struct str outer) {
    if (str_is(outer, "*"))
        return true;
    if (outer.data[0] != '*')
        return str_eq(inner, outer);
    struct str tail = part(outer, 1, outer.len); // ".example.org"
    struct str name = inner.data[0] == '*' ? part(inner, 1, inner.len) : inner;
    return name.len >= tail.len + (inner.data[0] != '*') && str_ends(name, tail);
}

static bool set_has(struct str set, struct str word) {
    struct str piece;
    for (size_t at = 0; next_piece(set, ',', &at, &piece);)
        if (str_eq(trim(piece), word))
            return true;
    return false;
}

static bool value_within(struct arena *a, const struct capability_value *inner,
                         const struct capability_value *outer, struct str *witness) {
    struct str piece;
    *witness = inner->text;
    if (outer->kind == CAPABILITY_SET && inner->kind == CAPABILITY_WORD)
        return set_has(outer->text, inner->text);
    if (outer->kind == CAPABILITY_WORD && inner->kind == CAPABILITY_SET) {
        for (size_t at = 0; next_piece(inner->text, ',', &at, &piece);)
            if (!str_eq(*witness = trim(piece), outer->text))
                return false;
        return true;
    }
    if (inner->kind == CAPABILITY_WORD && outer->kind == CAPABILITY_RANGE) {
        int64_t n;
        return integer(inner->text, &n) && n >= outer->low && n <= outer->high;
    }
    if (inner->kind != outer->kind)
        return false;
    switch (inner->kind) {
    case CAPABILITY_PATH:
        if (!inner->text.len)
            *witness = STR("/");
        return path_within(inner->text, outer->text);
    case CAPABILITY_HOST:
        if (!host_within(inner->text, outer->text))
            return false;
        *witness = str_format(a, "%.*s:%" PRId64, STR_ARGS(inner->text),
                              inner->low < outer->low ? inner->low : inner->high);
        return inner->low >= outer->low && inner->high <= outer->high;
    case CAPABILITY_RANGE:
        *witness = str_format(a, "%" PRId64, inner->low < outer->low ? inner->low : inner->high);
        return inner->low >= outer->low && inner->high <= outer->high;
    case CAPABILITY_SET:
        for (size_t at = 0; next_piece(inner->text, ',', &at, &piece);)
            if (!set_has(outer->text, *witness = trim(piece)))
                return false;
        return true;
    case CAPABILITY_WORD:
        return str_eq(inner->text, outer->text);
    }
    return false;
}

static bool name_within(const struct capability *inner, const struct capability *outer) {
    if (outer->part_count > inner->part_count)
        return false;
    for (int32_t i = 0; i < outer->part_count; i++) {
        bool last = i == outer->part_count - 1;
        bool either = last && i > 0 && str_is(outer->parts[i], "ReadWrite") &&
                      (str_is(inner->parts[i], "Read") || str_is(inner->parts[i], "Write"));
        if (!either && !str_eq(inner->parts[i], outer->parts[i]))
            return false;
    }
    return true;
}

static struct str show(struct arena *a, const struct capability *c, int32_t param,
                       struct str value) {
    struct text t = {.arena = a};
    for (int32_t i = 0; i < c->part_count; i++)
        text_printf(&t, "%s%.*s", i ? "." : "", STR_ARGS(c->parts[i]));
    if (c->param_count)
        text_putc(&t, '(');
    for (int32_t i = 0; i < c->param_count; i++)
        text_printf(&t, "%s\"%.*s\"", i ? ", " : "",
                    STR_ARGS(i == param ? value : c->params[i].text));
    if (c->param_count)
        text_putc(&t, ')');
    text_put(&t, STR(""));
    return text_str(&t);
}

bool capability_within(struct arena *a, const struct capability *inner,
                       const struct capability *outer, struct str *witness) {
    struct str unused;
    if (!witness)
        witness = &unused;
    *witness = show(a, inner, -1, STR(""));
    if (!name_within(inner, outer))
        return false;
    if (outer->param_count > inner->param_count) { // the inner one allows every value there
        return false;
    }
    for (int32_t i = 0; i < outer->param_count; i++) {
        struct str value;
        if (!value_within(a, &inner->params[i], &outer->params[i], &value)) {
            *witness = show(a, inner, i, value);
            return false;
        }
    }
    return true;
}

bool capability_within_any(struct arena *a, const struct capability *inner,
                           const struct capability *outers, int32_t count, struct str *witness) {
    for (int32_t i = 0; i < count; i++)
        if (capability_within(a, inner, &outers[i], witness))
            return true;
    for (int32_t i = 0; i < inner->param_count; i++) // a set may be covered piece by piece
        if (inner->params[i].kind == CAPABILITY_SET) {
            struct str piece;
            for (size_t at = 0; next_piece(inner->params[i].text, ',', &at, &piece);) {
                struct capability one = *inner;
                one.params[i] = (struct capability_value){CAPABILITY_WORD, trim(piece), 0, 0};
                if (!capability_within_any(a, &one, outers, count, witness))
                    return false;
            }
            return true;
        }
    int32_t last = inner->part_count - 1;
    if (last < 1 || !str_is(inner->parts[last], "ReadWrite")) {
        if (count == 0 && witness)
            *witness = show(a, inner, -1, STR(""));
        return false;
    }
    struct capability half = *inner;
    half.parts[last] = STR("Read");
    if (!capability_within_any(a, &half, outers, count, witness))
        return false;
    half.parts[last] = STR("Write");
    return capability_within_any(a, &half, outers, count, witness);
}
