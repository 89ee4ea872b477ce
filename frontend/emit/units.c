// SPDX-License-Identifier: MIT
// Units: the C of a large program cut into files that are compiled side by side and kept one by
// one, so that an edit recompiles what it changes.
//
// This reads the C that emit_c has written, whose form is regular: an item of the file begins in
// the first column, and ends with its line or with the first line that begins with a brace. A unit
// has some functions, or some tables, of its own; of the rest it has what these refer to by name:
// types and small functions whole, other functions and tables as declarations. What nobody in it
// names is not in it, so its text stays the same when only that changes.
//
// Which functions stand together follows from their order and names, so that one more or less moves
// few of them. Where they stand in the source is said by tables (sites), and by #line, which is
// left out if `lines` is false, and else relative (lines.c), so that an edit that moves what
// follows does not change it.
#include "frontend/emit/lines.h"

#include <assert.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    WHOLE_BYTES_MAX = 256 << 10, // a program up to this is one unit
    UNIT_BYTES_MIN = 40 << 10,
    UNIT_BYTES_MAX = 120 << 10,
    CUTS = 4, // behind one in so many functions a unit may end
};

enum item_kind {
    ITEM_TYPE,     // or anything else that is repeated wherever it is named
    ITEM_COPY,     // a small function, a literal: repeated, static
    ITEM_PROTO,    // declares a function
    ITEM_FORWARD,  // declares a table
    ITEM_FUNCTION, // stands in one unit
    ITEM_TABLE,
};

typedef VEC(int32_t) index_list;
struct item {
    enum item_kind kind;
    struct str text, head; // head: what declares it, up to `{` or `=`
    struct name *name;
    index_list text_refs, head_refs; // names, by number
};
struct name {
    struct str text;
    int32_t number;
    int32_t declared, defined; // items, or -1
};

// What a unit has of a name.
enum presence { ABSENT, DECLARED, WHOLE };

struct cutter {
    struct arena *arena;
    struct str top; // includes and pragmas
    VEC(struct item) items;
    VEC(struct name *) names;
    struct map by_text;
    bool lines;
    int32_t *stamps; // by name: the item that named it last, plus 1
};

// ---- reading --------------------------------------------------------------------------------

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static struct str last_word(struct str s) {
    size_t end = s.len;
    while (end && !is_word(s.data[end - 1]))
        end--;
    size_t from = end;
    while (from && is_word(s.data[from - 1]))
        from--;
    return (struct str){s.data + from, end - from};
}

// An item from its first line on. Lines within end before one that begins with a brace.
static struct str read_item(struct str *rest) {
    struct str first = str_take_line(rest), item = first;
    size_t end = first.len - (first.data[first.len - 1] == '\n');
    if (end && first.data[end - 1] == ';')
        return item;
    while (rest->len) {
        struct str line = str_take_line(rest);
        item.len += line.len;
        if (line.data[0] == '}')
            break;
    }
    return item;
}

static bool is_repeated(struct str name) {
    static const char *const prefixes[] = {"drop_", "dup_",  "free_", "room_",
                                           "new_",  "bare_", "TEXT_"};
    // What only the program's own table leads to.
    static const char *const tables[] = {"files", "tests", "actors", "services", "types"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (str_starts(name, str_from(prefixes[i])))
            return true;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (str_is(name, tables[i]))
            return true;
    return false;
}

// The name of a function is the word before its parameters; attributes have two parentheses.
static struct str function_name(struct str head) {
    for (size_t i = 0; i + 1 < head.len; i++) {
        if (head.data[i] != '(')
            continue;
        struct str word = last_word((struct str){head.data, i});
        if (!str_is(word, "__attribute__"))
            return word;
        i += str_find((struct str){head.data + i, head.len - i}, "))");
    }
    assert(!"a function has parameters");
    return head;
}

static struct item classify(struct str text) {
    struct item i = {.text = text, .kind = ITEM_TYPE};
    size_t brace = str_find(text, " {\n"), equals = str_find(text, " = ");
    if (str_starts(text, STR("typedef ")) || str_starts(text, STR("struct "))) {
        struct str whole = {text.data, text.len - 1};
        bool is_typedef = text.data[0] == 't';
        i.head = is_typedef ? last_word(whole) : last_word((struct str){text.data, brace});
        return i;
    }
    if (str_starts(text, STR("extern "))) { // a function of C, or an operation of a service
        i.head = str_find(text, "(") < text.len ? function_name(text) : last_word(text);
        return i;
    }
    bool is_table = str_starts(text, STR("static const ")) || str_starts(text, STR("const "));
    if (is_table && equals < text.len) {
        i.kind = ITEM_TABLE;
        i.head = (struct str){text.data, equals};
    } else if (is_table && brace == text.len && str_find(text, "(") == text.len) {
        i.kind = ITEM_FORWARD;
        i.head = (struct str){text.data, text.len - 2};
    } else {
        i.kind = brace < text.len ? ITEM_FUNCTION : ITEM_PROTO;
        i.head = (struct str){text.data, brace < text.len ? brace : text.len - 2};
    }
    return i;
}

static struct str name_in(const struct item *i) {
    if (i->kind == ITEM_TYPE)
        return i->head;
    if (i->kind == ITEM_FUNCTION || i->kind == ITEM_PROTO)
        return function_name(i->head);
    struct str head = {i->head.data, str_find(i->head, " __attribute__")};
    return last_word((struct str){head.data, str_find(head, "[")});
}

static struct name *name_of(struct cutter *c, struct str text) {
    struct name *n = map_get(&c->by_text, text);
    if (n)
        return n;
    n = arena_new(c->arena, struct name);
    *n = (struct name){text, c->names.len, -1, -1};
    vec_push(c->arena, &c->names, n);
    map_put(c->arena, &c->by_text, text, n);
    return n;
}

static void add_item(struct cutter *c, struct str text) {
    struct item i = classify(text);
    struct str name = name_in(&i);
    if (i.kind == ITEM_FUNCTION && str_find(i.head, "inline ") < i.head.len)
        i.kind = ITEM_COPY;
    if ((i.kind == ITEM_FUNCTION || i.kind == ITEM_TABLE) && is_repeated(name))
        i.kind = ITEM_COPY;
    i.name = name_of(c, name);
    bool declares = i.kind == ITEM_PROTO || i.kind == ITEM_FORWARD;
    *(declares ? &i.name->declared : &i.name->defined) = c->items.len;
    vec_push(c->arena, &c->items, i);
}

static void read_items(struct cutter *c, struct str text) {
    struct str rest = text;
    while (rest.len) {
        struct str before = rest, line = str_take_line(&rest);
        if (line.data[0] == '#' && !c->items.len) {
            c->top.len = (size_t)(rest.data - c->top.data);
        } else if (line.data[0] != '\n' && line.data[0] != '/') {
            rest = before;
            add_item(c, read_item(&rest));
        }
    }
}

// ---- who names whom -------------------------------------------------------------------------

static const char *skip_quoted(const char *p, const char *end) {
    char quote = *p++;
    while (p < end && *p != quote)
        p += *p == '\\' ? 2 : 1;
    return p + 1;
}

static void find_names(struct cutter *c, struct str text, int32_t stamp, index_list *out) {
    const char *p = text.data, *end = text.data + text.len;
    while (p < end) {
        if (*p == '"' || *p == '\'') {
            p = skip_quoted(p, end);
        } else if (is_word(*p)) {
            const char *from = p;
            while (p < end && is_word(*p))
                p++;
            struct name *n = map_get(&c->by_text, (struct str){from, (size_t)(p - from)});
            if (!n || c->stamps[n->number] == stamp)
                continue;
            c->stamps[n->number] = stamp;
            vec_push(c->arena, out, n->number);
        } else {
            p++;
        }
    }
}

static void find_all_names(struct cutter *c) {
    c->stamps = arena_array(c->arena, int32_t, c->names.len);
    for (int32_t i = 0; i < c->items.len; i++) {
        struct item *item = &c->items.at[i];
        if (item->kind != ITEM_TYPE)
            find_names(c, item->head, 2 * i + 1, &item->head_refs);
        find_names(c, item->text, 2 * i + 2, &item->text_refs);
    }
}

// ---- one unit -------------------------------------------------------------------------------

struct unit_of {
    uint8_t *presence; // by name
    index_list todo;   // names whose presence has grown
    line_list starts;
};

static void want(struct cutter *c, struct unit_of *u, int32_t name, enum presence presence) {
    const struct name *n = c->names.at[name];
    bool repeated = n->defined >= 0 && c->items.at[n->defined].kind <= ITEM_COPY;
    if (repeated)
        presence = WHOLE;
    if (u->presence[name] >= presence)
        return;
    u->presence[name] = (uint8_t)presence;
    vec_push(c->arena, &u->todo, name);
}

static void want_all(struct cutter *c, struct unit_of *u, const index_list *names) {
    for (int32_t i = 0; i < names->len; i++)
        want(c, u, names->at[i], DECLARED);
}

static void close_over(struct cutter *c, struct unit_of *u) {
    while (u->todo.len) {
        int32_t number = u->todo.at[--u->todo.len];
        const struct name *n = c->names.at[number];
        const struct item *declared = n->declared < 0 ? NULL : &c->items.at[n->declared];
        const struct item *defined = n->defined < 0 ? NULL : &c->items.at[n->defined];
        if (declared)
            want_all(c, u, &declared->text_refs);
        if (defined)
            want_all(c, u,
                     u->presence[number] == WHOLE ? &defined->text_refs : &defined->head_refs);
    }
}

static struct str without_static(struct str s) {
    size_t skip = str_starts(s, STR("static ")) ? strlen("static ") : 0;
    return (struct str){s.data + skip, s.len - skip};
}

static void put_item(const struct cutter *c, struct unit_of *u, int32_t at, struct text *out) {
    const struct item *i = &c->items.at[at];
    const struct name *n = i->name;
    enum presence presence = u->presence[n->number];
    bool is_repeated_one = n->defined >= 0 && c->items.at[n->defined].kind <= ITEM_COPY;
    if (presence == ABSENT)
        return;
    if (i->kind <= ITEM_COPY || is_repeated_one) {
        lines_put(c->arena, i->text, c->lines ? &u->starts : NULL, out);
        return;
    }
    bool is_table = i->kind == ITEM_TABLE || i->kind == ITEM_FORWARD;
    bool is_definition = i->kind == ITEM_FUNCTION || i->kind == ITEM_TABLE;
    if (!is_definition || (n->declared < 0 && presence == DECLARED))
        text_printf(out, "%s%.*s;\n", is_table ? "extern " : "", STR_ARGS(without_static(i->head)));
    if (is_definition && presence == WHOLE)
        lines_put(c->arena, without_static(i->text), c->lines ? &u->starts : NULL, out);
}

static struct emit_unit put_unit(struct cutter *c, const index_list *own) {
    struct unit_of u = {.presence = arena_array(c->arena, uint8_t, c->names.len)};
    for (int32_t i = 0; i < own->len; i++)
        want(c, &u, c->items.at[own->at[i]].name->number, WHOLE);
    close_over(c, &u);
    struct text out = {.arena = c->arena};
    text_put(&out, c->top);
    text_put(&out, STR("#pragma GCC visibility push(hidden)\n"));
    for (int32_t i = 0; i < c->items.len; i++)
        put_item(c, &u, i, &out);
    return (struct emit_unit){text_str(&out), u.starts};
}

// ---- cutting --------------------------------------------------------------------------------

static void cut(struct cutter *c, enum item_kind kind, unit_list *units) {
    index_list own = {0};
    size_t bytes = 0;
    for (int32_t i = 0; i < c->items.len; i++) {
        const struct item *item = &c->items.at[i];
        if (item->kind != kind)
            continue;
        vec_push(c->arena, &own, i);
        bytes += item->text.len;
        bool may_end = XXH3_64bits(item->name->text.data, item->name->text.len) % CUTS == 0;
        if (bytes < UNIT_BYTES_MIN || (!may_end && bytes < UNIT_BYTES_MAX))
            continue;
        vec_push(c->arena, units, put_unit(c, &own));
        own.len = 0;
        bytes = 0;
    }
    if (own.len)
        vec_push(c->arena, units, put_unit(c, &own));
}

void emit_units(struct arena *a, struct str c, bool lines, unit_list *out) {
    if (c.len <= WHOLE_BYTES_MAX) {
        vec_push(a, out, (struct emit_unit){.c = c});
        return;
    }
    struct cutter cutter = {.arena = a, .top = {c.data, 0}, .lines = lines};
    read_items(&cutter, c);
    find_all_names(&cutter);
    cut(&cutter, ITEM_FUNCTION, out);
    cut(&cutter, ITEM_TABLE, out);
}
