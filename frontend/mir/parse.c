// SPDX-License-Identifier: MIT
// MIR text to a module: the items. An error ends its item; the next one begins at the next line
// whose first character begins an item's word, so several errors are found in one reading.
#include "frontend/mir/parse.h"

#include <inttypes.h>

// ---- types --------------------------------------------------------------------------------------

static struct mir_type *named_type(struct parser *p) {
    const char *name = mir_scan_name(p);
    if (p->failed)
        return NULL;
    struct text key = {.arena = p->arena};
    mir_print_name(&key, name);
    struct mir_type *t = map_get(&p->module->type_by_text, text_str(&key));
    // Used before its declaration, which will say whether it is a struct.
    return t ? t : mir_type_named(p->module, MIR_STRUCT, name, NULL);
}

static struct mir_type *fn_type(struct parser *p) {
    VEC(struct mir_type *) params = {0};
    VEC(bool) in_out = {0};
    mir_scan_expect(p, "(");
    if (!mir_scan_accept(p, ")")) {
        do {
            vec_push(p->arena, &in_out, mir_scan_accept_word(p, "mut"));
            vec_push(p->arena, &params, mir_parse_type(p));
        } while (mir_scan_accept(p, ","));
        mir_scan_expect(p, ")");
    }
    mir_scan_expect(p, "->");
    struct mir_type *result = mir_parse_type(p);
    return p->failed ? NULL : mir_type_fn(p->module, params.at, in_out.at, params.len, result);
}

static struct mir_type *wrapped_type(struct parser *p, enum mir_type_kind kind) {
    mir_scan_expect(p, "(");
    struct mir_type *element = mir_parse_type(p);
    mir_scan_expect(p, ")");
    return p->failed ? NULL : mir_type_of(p->module, kind, element);
}

static struct mir_type *box_type(struct parser *p) {
    struct mir_type *buffer = wrapped_type(p, MIR_BUFFER);
    return p->failed ? NULL : mir_type_box(p->module, buffer->element);
}

static struct mir_type *ref_type(struct parser *p) {
    if (!mir_scan_accept(p, "("))
        return p->failed ? NULL : mir_type_ref(p->module, NULL);
    const char *actor = mir_scan_name(p);
    mir_scan_expect(p, ")");
    return p->failed ? NULL : mir_type_ref(p->module, actor);
}

static struct mir_type *any_type(struct parser *p) {
    struct str word = mir_scan_peek_word(p);
    enum mir_type_kind kind;
    if (mir_prim_find(word, &kind)) {
        p->at += word.len;
        return mir_type_prim(p->module, kind);
    }
    if (mir_scan_accept_word(p, "buf"))
        return wrapped_type(p, MIR_BUFFER);
    if (mir_scan_accept_word(p, "box"))
        return box_type(p);
    if (mir_scan_accept_word(p, "reply"))
        return wrapped_type(p, MIR_REPLY);
    if (mir_scan_accept_word(p, "future"))
        return wrapped_type(p, MIR_FUTURE);
    if (mir_scan_accept_word(p, "ref"))
        return ref_type(p);
    if (mir_scan_accept_word(p, "fn"))
        return fn_type(p);
    return named_type(p);
}

struct mir_type *mir_parse_type(struct parser *p) {
    if (++p->depth > MIR_TYPE_DEPTH_MAX)
        mir_scan_error(p, mir_scan_place(p), "types are nested more than %d deep",
                       MIR_TYPE_DEPTH_MAX);
    struct mir_type *t = p->failed ? NULL : any_type(p);
    p->depth--;
    return t;
}

static void struct_body(struct parser *p, struct mir_type *t) {
    for (int mark = 1; mark < MIR_MARK_TRAIT; mark++)
        if (mir_scan_accept_word(p, mir_mark_names[mark]))
            t->mark = (enum mir_type_mark)mark;
    mir_scan_expect(p, "{");
    if (mir_scan_accept(p, "}"))
        return;
    do {
        struct mir_field field = {.name = mir_scan_name(p)};
        field.type = mir_parse_type(p);
        if (mir_scan_accept(p, "="))
            field.fallback = mir_scan_name(p);
        vec_push(p->arena, &t->fields, field);
    } while (mir_scan_accept(p, ","));
    mir_scan_expect(p, "}");
}

static struct mir_variant variant(struct parser *p) {
    struct mir_variant v = {.name = mir_scan_name(p)};
    bool has_labels = mir_scan_accept(p, "{");
    if (!has_labels && !mir_scan_accept(p, "("))
        return v;
    do {
        if (has_labels)
            vec_push(p->arena, &v.labels, mir_scan_name(p));
        vec_push(p->arena, &v.types, mir_parse_type(p));
    } while (mir_scan_accept(p, ","));
    mir_scan_expect(p, has_labels ? "}" : ")");
    return v;
}

static void enum_body(struct parser *p, struct mir_type *t) {
    for (int mark = MIR_MARK_TRAIT; mark < MIR_MARK_COUNT; mark++)
        if (mir_scan_accept_word(p, mir_mark_names[mark]))
            t->mark = (enum mir_type_mark)mark;
    mir_scan_expect(p, "{");
    if (mir_scan_accept(p, "}"))
        return;
    do
        vec_push(p->arena, &t->variants, variant(p));
    while (mir_scan_accept(p, ","));
    mir_scan_expect(p, "}");
}

static void type_item(struct parser *p) {
    size_t from = mir_scan_place(p);
    struct mir_type *t = named_type(p);
    if (p->failed)
        return;
    if (!map_put(p->arena, &p->declared, str_from(t->name), t)) {
        mir_scan_error(p, from, "the type `%s` is declared twice", t->name);
    } else if (mir_scan_accept_word(p, "struct")) {
        struct_body(p, t);
    } else if (mir_scan_accept_word(p, "enum")) {
        t->kind = MIR_ENUM;
        enum_body(p, t);
    } else {
        mir_scan_error(p, mir_scan_place(p), "here `struct` or `enum` has to stand");
    }
}

// ---- functions ----------------------------------------------------------------------------------

static void local(struct parser *p) {
    struct mir_function *f = p->function;
    size_t from = mir_scan_place(p);
    int32_t number = mir_scan_local(p);
    if (!p->failed && number != f->locals.len)
        mir_scan_error(p, from, "this local has to be _%" PRId32, f->locals.len);
    struct mir_type *type = mir_parse_type(p);
    const char *name = mir_scan_peek(p) == '"' ? mir_scan_string_name(p) : NULL;
    if (p->failed)
        return;
    mir_local_new(p->module, f, type, name);
    f->locals.at[number].frame = mir_scan_accept_word(p, "frame");
}

static void params(struct parser *p) {
    struct mir_function *f = p->function;
    mir_scan_expect(p, "(");
    if (mir_scan_accept(p, ")"))
        return;
    do {
        enum mir_param_mode mode = mir_scan_accept_word(p, "mut")   ? MIR_PARAM_MUT
                                   : mir_scan_accept_word(p, "own") ? MIR_PARAM_OWN
                                                                    : MIR_PARAM_LEND;
        vec_push(p->arena, &f->modes, mode);
        local(p);
    } while (mir_scan_accept(p, ","));
    mir_scan_expect(p, ")");
    f->param_count = f->locals.len;
}

static uint64_t field_set(struct parser *p) {
    uint64_t fields = 0;
    mir_scan_expect(p, "(");
    while (!p->failed && mir_scan_peek(p) != ')')
        fields |= (uint64_t)1 << mir_scan_number(p, 63);
    mir_scan_expect(p, ")");
    return fields;
}

static void effects(struct parser *p) {
    mir_scan_expect(p, "(");
    while (!p->failed && mir_scan_peek(p) != ')')
        vec_push(p->arena, &p->function->effects, mir_scan_name(p));
    mir_scan_expect(p, ")");
}

// Reads an attribute if one comes.
static bool attribute(struct parser *p) {
    struct mir_function *f = p->function;
    if (mir_scan_accept_word(p, "self")) {
        f->self = named_type(p);
    } else if (mir_scan_accept_word(p, "reads")) {
        f->reads = field_set(p);
    } else if (mir_scan_accept_word(p, "writes")) {
        f->writes = field_set(p);
    } else if (mir_scan_accept_word(p, "suspends")) {
        f->suspends = true;
    } else if (mir_scan_accept_word(p, "traps")) {
        f->traps = true;
    } else if (mir_scan_accept_word(p, "captures")) {
        mir_scan_place(p);
        f->captures = mir_scan_number(p, MIR_NUMBER_MAX);
    } else if (mir_scan_accept_word(p, "foreign")) {
        f->foreign = mir_scan_name(p);
    } else if (mir_scan_accept_word(p, "effects")) {
        effects(p);
    } else {
        return false;
    }
    return !p->failed;
}

static void function_item(struct parser *p) {
    size_t from = mir_scan_place(p);
    const char *name = mir_scan_name(p);
    if (!p->failed && mir_find_function(p->module, name))
        mir_scan_error(p, from, "the function `%s` is there twice", name);
    if (p->failed)
        return;
    struct mir_function *f = p->function = mir_function_new(p->module, name);
    params(p);
    mir_scan_expect(p, "->");
    f->result = mir_parse_type(p);
    while (attribute(p))
        ;
    f->loc = mir_scan_location(p);
    mir_scan_expect(p, "{");
    while (mir_scan_accept_word(p, "let"))
        local(p);
    mir_parse_blocks(p);
    mir_scan_expect(p, "}");
    p->function = NULL;
}

// ---- actors -------------------------------------------------------------------------------------

static void message(struct parser *p, struct mir_actor *a) {
    struct mir_message m = {.name = mir_scan_name(p)};
    mir_scan_expect(p, "(");
    if (!mir_scan_accept(p, ")")) {
        do
            vec_push(p->arena, &m.params, mir_parse_type(p));
        while (mir_scan_accept(p, ","));
        mir_scan_expect(p, ")");
    }
    mir_scan_expect(p, "->");
    m.result = mir_parse_type(p);
    mir_scan_expect(p, "=");
    m.handler = mir_scan_name(p);
    m.loc = mir_scan_location(p);
    vec_push(p->arena, &a->messages, m);
}

static void invariant(struct parser *p, struct mir_actor *a) {
    struct mir_invariant v = {.text = mir_scan_string(p)};
    mir_scan_expect(p, "=");
    v.function = mir_scan_name(p);
    vec_push(p->arena, &a->invariants, v);
}

static void mailbox(struct parser *p, struct mir_actor *a) {
    mir_scan_place(p);
    a->mailbox_limit = mir_scan_number(p, INT32_MAX);
    for (int kind = 1; kind < 4; kind++) {
        if (mir_scan_accept_word(p, mir_mailbox_names[kind])) {
            a->mailbox = (enum mir_mailbox)kind;
            return;
        }
    }
    mir_scan_error(p, mir_scan_place(p), "here `reject`, `block` or `drop_oldest` has to stand");
}

static void strategy(struct parser *p, struct mir_actor *a) {
    for (int kind = 0; kind < 3; kind++) {
        if (mir_scan_accept_word(p, mir_strategy_names[kind])) {
            a->strategy = (enum mir_strategy)kind;
            return;
        }
    }
    mir_scan_error(p, mir_scan_place(p), "here `one`, `all` or `rest` has to stand");
}

static void monitor(struct parser *p, struct mir_actor *a) {
    mir_scan_expect(p, "(");
    while (!p->failed && mir_scan_peek(p) != ')')
        vec_push(p->arena, &a->hot, mir_scan_number(p, 1) == 1);
    mir_scan_expect(p, ")");
}

static const char *hook(struct parser *p) {
    mir_scan_expect(p, "=");
    const char *name = mir_scan_name(p);
    return p->failed ? NULL : name;
}

static void actor_line(struct parser *p, struct mir_actor *a) {
    if (mir_scan_accept_word(p, "message"))
        message(p, a);
    else if (mir_scan_accept_word(p, "on_start"))
        a->on_start = hook(p);
    else if (mir_scan_accept_word(p, "on_stop"))
        a->on_stop = hook(p);
    else if (mir_scan_accept_word(p, "on_shutdown"))
        a->on_shutdown = hook(p);
    else if (mir_scan_accept_word(p, "on_child_failure"))
        a->on_child_failure = hook(p);
    else if (mir_scan_accept_word(p, "restarts"))
        strategy(p, a);
    else if (mir_scan_accept_word(p, "invariant"))
        invariant(p, a);
    else if (mir_scan_accept_word(p, "reentrant"))
        a->reentrant = true;
    else if (mir_scan_accept_word(p, "model"))
        a->model = true;
    else if (mir_scan_accept_word(p, "monitor"))
        monitor(p, a);
    else if (mir_scan_accept_word(p, "handle"))
        a->handle = str_dup(p->arena, mir_scan_string(p)).data;
    else if (mir_scan_accept_word(p, "mailbox"))
        mailbox(p, a);
    else if (mir_scan_accept_word(p, "mailboxes"))
        a->own_mailboxes = true;
    else if (mir_scan_accept_word(p, "task"))
        a->is_task = true;
    else if (mir_scan_accept_word(p, "measured"))
        a->measured = true;
    else if (mir_scan_accept_word(p, "capability"))
        vec_push(p->arena, &a->capabilities, mir_scan_string(p));
    else
        mir_scan_error(p, mir_scan_place(p), "here a message or hook of an actor has to stand");
}

static void actor_item(struct parser *p) {
    size_t from = mir_scan_place(p);
    const char *name = mir_scan_name(p);
    if (!p->failed && mir_find_actor(p->module, name))
        mir_scan_error(p, from, "the actor `%s` is there twice", name);
    if (p->failed)
        return;
    struct mir_actor *a = mir_actor_new(p->module, name);
    mir_scan_expect_word(p, "state");
    a->state = p->failed ? NULL : named_type(p);
    mir_scan_expect_word(p, "init");
    a->init = mir_scan_name(p);
    a->loc = mir_scan_location(p);
    mir_scan_expect(p, "{");
    while (!p->failed && mir_scan_peek(p) != '}')
        actor_line(p, a);
    mir_scan_expect(p, "}");
}

// ---- tests, files, the module -------------------------------------------------------------------

static struct mir_test_param test_param(struct parser *p) {
    struct mir_test_param param = {.name = mir_scan_name(p)};
    struct mir_type *type = mir_parse_type(p);
    mir_scan_expect(p, "=");
    size_t from = mir_scan_place(p);
    param.value = mir_parse_const(p);
    if (!p->failed && param.value.type != type)
        mir_scan_error(p, from, "this value is not of the parameter's type");
    return param;
}

static void test_item(struct parser *p) {
    struct mir_test t = {.name = mir_scan_name(p)};
    mir_scan_expect(p, "=");
    t.function = mir_scan_name(p);
    mir_scan_expect(p, "(");
    if (!mir_scan_accept(p, ")")) {
        do
            vec_push(p->arena, &t.params, test_param(p));
        while (mir_scan_accept(p, ","));
        mir_scan_expect(p, ")");
    }
    if (mir_scan_accept_word(p, "property"))
        t.kind = MIR_TEST_PROPERTY;
    else if (mir_scan_accept_word(p, "chaos"))
        t.kind = MIR_TEST_CHAOS;
    t.loc = mir_scan_location(p);
    vec_push(p->arena, &p->module->tests, t);
}

static void file_item(struct parser *p) {
    size_t from = mir_scan_place(p);
    int32_t number = mir_scan_number(p, MIR_NUMBER_MAX);
    if (!p->failed && number != p->module->files.len)
        mir_scan_error(p, from, "this file has to be %" PRId32, p->module->files.len);
    vec_push(p->arena, &p->module->files, mir_scan_string_name(p));
}

static void entry_item(struct parser *p) {
    size_t from = mir_scan_place(p);
    const char *name = mir_scan_name(p);
    if (p->module->entry)
        mir_scan_error(p, from, "there are two entries");
    p->module->entry = name;
}

static void service_item(struct parser *p) {
    size_t from = mir_scan_place(p);
    struct mir_service s = {.name = mir_scan_name(p)};
    if (!p->failed && mir_find_service(p->module, s.name) >= 0)
        mir_scan_error(p, from, "the service `%s` is there twice", s.name);
    s.type = mir_parse_type(p);
    if (!p->failed)
        vec_push(p->arena, &p->module->services, s);
}

static void item(struct parser *p) {
    if (mir_scan_accept_word(p, "file"))
        file_item(p);
    else if (mir_scan_accept_word(p, "type"))
        type_item(p);
    else if (mir_scan_accept_word(p, "fn"))
        function_item(p);
    else if (mir_scan_accept_word(p, "service"))
        service_item(p);
    else if (mir_scan_accept_word(p, "actor"))
        actor_item(p);
    else if (mir_scan_accept_word(p, "test"))
        test_item(p);
    else if (mir_scan_accept_word(p, "entry"))
        entry_item(p);
    else if (mir_scan_accept_word(p, "export"))
        vec_push(p->arena, &p->module->exports, mir_scan_name(p));
    else
        mir_scan_error(p, mir_scan_place(p),
                       "here `file`, `type`, `fn`, `service`, `actor`, `test`, `entry` or `export` "
                       "has to stand");
}

// Goes to the next line that begins as an item does.
static void recover(struct parser *p) {
    p->failed = p->in_line = false;
    p->depth = 0;
    p->function = NULL;
    while (p->at < p->text.len) {
        const char *newline = memchr(p->text.data + p->at, '\n', p->text.len - p->at);
        p->at = newline ? (size_t)(newline - p->text.data) + 1 : p->text.len;
        struct str rest = {p->text.data + p->at, p->text.len - p->at};
        if (str_starts(rest, STR("file ")) || str_starts(rest, STR("type ")) ||
            str_starts(rest, STR("fn ")) || str_starts(rest, STR("service ")) ||
            str_starts(rest, STR("actor ")) || str_starts(rest, STR("test ")) ||
            str_starts(rest, STR("entry ")))
            return;
    }
}

static void header(struct parser *p) {
    mir_scan_expect_word(p, "mir");
    size_t from = mir_scan_place(p);
    if (mir_scan_number(p, INT32_MAX) != 1)
        mir_scan_error(p, from, "only version 1 of MIR is known");
    p->module->lowered = mir_scan_accept_word(p, "lowered");
    if (!p->module->lowered)
        mir_scan_expect_word(p, "core");
}

// Types in the order of their declaration, then the others; all must have been declared.
static void order_types(struct parser *p) {
    struct mir_module *m = p->module;
    VEC(struct mir_type *) ordered = {0};
    for (int32_t i = 0; i < p->declared.len; i++)
        vec_push(p->arena, &ordered, p->declared.at[i].value);
    for (int32_t i = 0; i < m->types.len; i++) {
        struct mir_type *t = m->types.at[i];
        bool named = t->kind == MIR_STRUCT || t->kind == MIR_ENUM;
        if (!named)
            vec_push(p->arena, &ordered, t);
        else if (!map_get(&p->declared, str_from(t->name)))
            diag_add(p->sink, P9001, (struct span){.source = p->source},
                     "the type `%s` is not declared", t->name);
    }
    for (int32_t i = 0; i < ordered.len; i++)
        ordered.at[i]->id = i;
    m->types.at = ordered.at;
    m->types.len = ordered.len;
    m->types.cap = ordered.cap;
}

struct mir_module *mir_parse(struct arena *a, const struct source *s, struct diag_sink *sink) {
    int32_t errors_before = sink->errors;
    struct parser p = {.arena = a, .source = s, .sink = sink, .text = s->text};
    p.module = mir_module_new(a);
    header(&p);
    while (!p.failed && mir_scan_peek(&p)) {
        item(&p);
        if (p.failed)
            recover(&p);
    }
    order_types(&p);
    return sink->errors == errors_before ? p.module : NULL;
}
