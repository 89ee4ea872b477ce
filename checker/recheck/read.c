// SPDX-License-Identifier: MIT
// Reading a certificate. Every number is bounded, so that the sums of order.c stay within 128 bits.
#include "checker/recheck/recheck.h"

#include <stdlib.h>

enum { NUMBER_MAX_BITS = 41 };

struct line {
    struct cert *c;
    struct str rest;
    bool wrong;
};

static struct str word(struct line *l) {
    size_t n = 0;
    while (l->rest.len && l->rest.data[0] == ' ')
        l->rest.data++, l->rest.len--;
    while (n < l->rest.len && l->rest.data[n] != ' ')
        n++;
    struct str w = {l->rest.data, n};
    l->rest.data += n;
    l->rest.len -= n;
    l->wrong = l->wrong || !n;
    return w;
}

static int hex(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A name with its escapes undone; a lone backslash is the empty name.
static struct str name(struct line *l) {
    struct str w = word(l);
    struct text t = {.arena = l->c->arena};
    for (size_t i = 0; i < w.len; i++) {
        if (w.data[i] != '\\') {
            text_putc(&t, w.data[i]);
        } else if (i + 2 < w.len && hex(w.data[i + 1]) >= 0 && hex(w.data[i + 2]) >= 0) {
            text_putc(&t, (char)(hex(w.data[i + 1]) * 16 + hex(w.data[i + 2])));
            i += 2;
        } else {
            l->wrong = l->wrong || w.len != 1;
        }
    }
    text_put(&t, STR(""));
    return text_str(&t);
}

static int64_t digits(struct line *l, struct str s) {
    bool negative = s.len && s.data[0] == '-';
    int64_t n = 0;
    l->wrong = l->wrong || s.len == negative || s.len > 14;
    for (size_t i = negative; i < s.len && !l->wrong; i++) {
        l->wrong = s.data[i] < '0' || s.data[i] > '9';
        n = n * 10 + (s.data[i] - '0');
    }
    l->wrong = l->wrong || n >> NUMBER_MAX_BITS;
    return l->wrong ? 0 : negative ? -n : n;
}

static int64_t number(struct line *l) {
    return digits(l, word(l));
}

// A number that is an index below `limit`.
static int32_t index_below(struct line *l, int32_t limit) {
    int64_t n = number(l);
    l->wrong = l->wrong || n < 0 || n >= limit;
    return l->wrong ? 0 : (int32_t)n;
}

static size_t until(struct str s, char c) {
    size_t n = 0;
    while (n < s.len && s.data[n] != c)
        n++;
    return n;
}

// "constant,var:coef,var:coef"
static struct term term(struct line *l, int32_t vars) {
    struct str w = word(l);
    struct term t = {0};
    size_t n = until(w, ',');
    t.c = digits(l, (struct str){w.data, n});
    while (n < w.len && !l->wrong) {
        w.data += n + 1;
        w.len -= n + 1;
        n = until(w, ',');
        size_t colon = until((struct str){w.data, n}, ':');
        if (colon >= n || t.count == TERMS_MAX) {
            l->wrong = true;
            break;
        }
        int64_t var = digits(l, (struct str){w.data, colon});
        l->wrong = l->wrong || var < 0 || var >= vars;
        t.t[t.count].var = (int32_t)var;
        t.t[t.count++].coef = digits(l, (struct str){w.data + colon + 1, n - colon - 1});
    }
    return t;
}

// ---- lines ----------------------------------------------------------------------------------

static struct edge *last_edge(struct line *l) {
    static const struct edge none;
    if (l->c->edges.len)
        return &l->c->edges.at[l->c->edges.len - 1];
    l->wrong = true;
    struct edge *e = arena_new(l->c->arena, struct edge);
    *e = none;
    return e;
}

static void read_class(struct line *l) {
    struct cert *c = l->c;
    int32_t index = index_below(l, VARS_MAX);
    struct class k = {.kind = word(l)};
    k.attrs = index_below(l, 64);
    k.site = name(l);
    k.name = name(l);
    l->wrong = l->wrong || index != c->classes.len;
    vec_push(c->arena, &c->classes, k);
}

static void read_edge(struct line *l) {
    struct cert *c = l->c;
    int32_t index = index_below(l, INT32_MAX);
    struct edge e = {0};
    e.from = index_below(l, c->classes.len);
    e.to = index_below(l, c->classes.len);
    e.vars = index_below(l, VARS_MAX);
    e.site = name(l);
    e.target = name(l);
    l->wrong = l->wrong || index != c->edges.len || c->stages.len;
    vec_push(c->arena, &c->edges, e);
}

static void read_attrs(struct line *l, bool to) {
    struct edge *e = last_edge(l);
    int32_t class = to ? e->to : e->from;
    for (int32_t i = 0; !l->wrong && i < l->c->classes.at[class].attrs; i++) {
        struct term t = term(l, l->c->params + e->vars);
        if (to)
            vec_push(l->c->arena, &e->to_attrs, t);
        else
            vec_push(l->c->arena, &e->from_attrs, t);
    }
}

static void read_condition(struct line *l) {
    struct edge *e = last_edge(l);
    struct str rel = word(l);
    struct condition k = {.equation = str_is(rel, "==")};
    l->wrong = l->wrong || (!k.equation && !str_is(rel, ">="));
    k.term = term(l, l->c->params + e->vars);
    vec_push(l->c->arena, &e->conditions, k);
}

static void read_stage(struct line *l) {
    struct cert *c = l->c;
    struct stage s = {arena_array(c->arena, struct level, c->classes.len + 1),
                      arena_array(c->arena, struct step, c->edges.len + 1)};
    l->wrong = l->wrong || number(l) != c->stages.len;
    vec_push(c->arena, &c->stages, s);
}

static void read_rank(struct line *l) {
    struct cert *c = l->c;
    int32_t class = index_below(l, c->classes.len);
    if ((l->wrong = l->wrong || !c->stages.len))
        return;
    struct level *r = &c->stages.at[c->stages.len - 1].ranks[class];
    l->wrong = r->numbers.len > 0;
    for (int32_t i = 0; !l->wrong && i < 1 + c->classes.at[class].attrs + c->params; i++)
        vec_push(c->arena, &r->numbers, number(l));
}

static void read_step(struct line *l, bool down) {
    struct cert *c = l->c;
    int32_t e = index_below(l, c->edges.len);
    if ((l->wrong = l->wrong || !c->stages.len))
        return;
    struct step *s = &c->stages.at[c->stages.len - 1].steps[e];
    l->wrong = s->present;
    s->present = true;
    s->down = down;
    s->scale = number(l);
    for (int32_t i = 0; !l->wrong && i < c->edges.at[e].conditions.len; i++)
        vec_push(c->arena, &s->multipliers, number(l));
}

static void read_params(struct line *l) {
    l->c->params = index_below(l, 64);
    for (int32_t i = 0; i < l->c->params; i++)
        number(l);
    l->wrong = l->wrong || l->c->classes.len;
}

static bool read_line(struct line *l, bool *end) {
    struct str key = word(l);
    if (str_is(key, "subject")) {
        l->c->subject = name(l);
    } else if (str_is(key, "root")) {
        l->c->root = name(l);
    } else if (str_is(key, "module")) {
        l->c->module = strtoull(str_dup(l->c->arena, word(l)).data, NULL, 16);
    } else if (str_is(key, "params")) {
        read_params(l);
    } else if (str_is(key, "class")) {
        read_class(l);
    } else if (str_is(key, "edge")) {
        read_edge(l);
    } else if (str_is(key, "from") || str_is(key, "to")) {
        read_attrs(l, str_is(key, "to"));
    } else if (str_is(key, "if")) {
        read_condition(l);
    } else if (str_is(key, "unmet")) {
        vec_push(l->c->arena, &l->c->unmet, name(l));
    } else if (str_is(key, "stage")) {
        read_stage(l);
    } else if (str_is(key, "rank")) {
        read_rank(l);
    } else if (str_is(key, "level") || str_is(key, "down")) {
        read_step(l, str_is(key, "down"));
    } else if (str_is(key, "end")) {
        *end = true;
    } else {
        return false;
    }
    return !l->wrong && !l->rest.len;
}

const char *cert_read(struct cert *c, struct str text) {
    static const char *const heads[] = {"prism-certificate 1", "property deadlock-freedom"};
    bool end = false;
    for (int32_t number_of = 1; text.len; number_of++) {
        size_t n = until(text, '\n');
        struct line l = {c, {text.data, n}, false};
        bool fine =
            number_of <= 2 ? str_is(l.rest, heads[number_of - 1]) : !end && read_line(&l, &end);
        if (!fine)
            return str_format(c->arena, "line %d of the certificate is malformed", number_of).data;
        text.data += n < text.len ? n + 1 : n;
        text.len -= n < text.len ? n + 1 : n;
    }
    return end ? NULL : "the certificate is cut off";
}
