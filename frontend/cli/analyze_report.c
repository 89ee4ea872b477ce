// SPDX-License-Identifier: MIT
// An analysis as text, JSON and CBOR.
#include "frontend/cli/analyze.h"

#include "runtime/trace/cbor.h"

static const char *file_of(const struct analysis *all, struct mir_loc loc) {
    bool known = loc.line > 0 && loc.file >= 0 && loc.file < all->module->files.len;
    return known ? all->module->files.at[loc.file] : "";
}

static const char *kind_of(const struct party *p) {
    return p->kind == PARTY_MAIN ? "main" : p->kind == PARTY_TEST ? "test" : "actor";
}

static const char *mailbox_word(enum mir_mailbox m) {
    static const char *const words[] = {"unbounded", "reject", "block", "drop_oldest"};
    return words[m];
}

// ---- for people ---------------------------------------------------------------------------------

static void put_parties(const struct analysis *all, struct text *out) {
    text_put(out, STR("\nactors\n"));
    for (int32_t i = 0; i < all->parties.len; i++) {
        const struct party *p = &all->parties.at[i];
        if (p->kind != PARTY_ACTOR || p->is_library)
            continue;
        text_printf(out, "  %s%s  line %d, %d message%s", p->name, p->is_many ? " (many)" : "",
                    (int)p->loc.line, (int)p->actor->messages.len,
                    p->actor->messages.len == 1 ? "" : "s");
        if (p->actor->mailbox)
            text_printf(out, ", mailbox %d %s", (int)p->actor->mailbox_limit,
                        mailbox_word(p->actor->mailbox));
        text_printf(out, "%s\n", p->is_supervised ? ", supervised" : "");
    }
}

static void put_links(const struct analysis *all, struct text *out) {
    text_put(out, STR("\nwho talks to whom\n"));
    for (int32_t i = 0; i < all->links.len; i++) {
        const struct link *k = &all->links.at[i];
        text_printf(out, "  %s %s %s%s%s%s%s  %s:%d\n", all->parties.at[k->from].name,
                    link_word(k->kind), all->parties.at[k->to].name, k->message ? "." : "",
                    k->message ? k->message : "", k->is_repeated ? ", in a loop" : "",
                    k->has_limit ? ", with a timeout" : "", file_of(all, k->loc), (int)k->loc.line);
    }
}

static void put_bottlenecks(const struct analysis *all, struct text *out) {
    if (all->bottlenecks.len)
        text_put(out, STR("\nbottlenecks\n"));
    for (int32_t i = 0; i < all->bottlenecks.len; i++) {
        const struct bottleneck *b = &all->bottlenecks.at[i];
        text_printf(out, "  %s:%d  %s: %.*s\n      %.*s\n", file_of(all, b->loc), (int)b->loc.line,
                    bottleneck_word(b->kind), STR_ARGS(b->what), STR_ARGS(b->advice));
    }
}

static const char *text_at(json_t *o, const char *key) {
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static void put_verified(const struct analyzed *p, struct text *out) {
    size_t i;
    json_t *o;
    if (json_array_size(p->obligations))
        text_put(out, STR("\nverified\n"));
    json_array_foreach(p->obligations, i, o)
        text_printf(out, "  %s  %s: %s%s%s\n", text_at(o, "subject"), text_at(o, "kind"),
                    text_at(o, "verdict"), *text_at(o, "bound") ? ", " : "", text_at(o, "bound"));
}

static void put_claims(const struct analysis *all, struct text *out) {
    if (all->claims.len)
        text_put(out, STR("\nclaims\n"));
    for (int32_t i = 0; i < all->claims.len; i++) {
        const struct claim *c = &all->claims.at[i];
        text_printf(out, "  %s: \"%.*s\": %s (%.*s)\n", c->subject, STR_ARGS(c->phrase),
                    claim_word(c->status), STR_ARGS(c->reason));
    }
}

void analysis_put_text(const struct analyzed *p, struct text *out) {
    const struct analysis *all = p->all;
    text_printf(out, "%s%s: complexity %s (actors: %d, messages: %d, waits: %d)\n",
                out->len ? "\n" : "", p->path, complexity_word(all->complexity), (int)all->actors,
                (int)all->messages, (int)all->waits);
    if (all->actors)
        put_parties(all, out);
    if (all->links.len)
        put_links(all, out);
    put_bottlenecks(all, out);
    put_verified(p, out);
    put_claims(all, out);
    if (all->hints.len)
        text_put(out, STR("\nin words\n"));
    for (int32_t i = 0; i < all->hints.len; i++)
        text_printf(out, "  %.*s\n", STR_ARGS(all->hints.at[i]));
}

// ---- JSON ---------------------------------------------------------------------------------------

static json_t *text_of(struct str s) {
    json_t *j = json_stringn(s.data ? s.data : "", s.len);
    return j ? j : json_string(""); // not UTF-8
}

static void put_loc(json_t *o, const struct analysis *all, struct mir_loc loc) {
    json_object_set_new(o, "file", json_string(file_of(all, loc)));
    json_object_set_new(o, "line", json_integer(loc.line));
}

static json_t *party_json(const struct analysis *all, const struct party *p) {
    json_t *o = json_object();
    json_object_set_new(o, "kind", json_string(kind_of(p)));
    json_object_set_new(o, "name", json_string(p->name));
    put_loc(o, all, p->loc);
    if (p->kind != PARTY_ACTOR)
        return o;
    json_t *fields = json_array(), *messages = json_array();
    for (int32_t i = 0; i < p->actor->state->fields.len; i++)
        json_array_append_new(fields, json_string(p->actor->state->fields.at[i].name));
    for (int32_t i = 0; i < p->actor->messages.len; i++)
        json_array_append_new(messages, json_string(p->actor->messages.at[i].name));
    json_object_set_new(o, "library", json_boolean(p->is_library));
    json_object_set_new(o, "many", json_boolean(p->is_many));
    json_object_set_new(o, "supervised", json_boolean(p->is_supervised));
    json_object_set_new(o, "mailbox", json_string(mailbox_word(p->actor->mailbox)));
    json_object_set_new(o, "fields", fields);
    json_object_set_new(o, "messages", messages);
    return o;
}

static json_t *link_json(const struct analysis *all, const struct link *k) {
    json_t *o = json_object();
    json_object_set_new(o, "from", json_integer(k->from));
    json_object_set_new(o, "to", json_integer(k->to));
    json_object_set_new(o, "kind", json_string(link_word(k->kind)));
    json_object_set_new(o, "message", k->message ? json_string(k->message) : json_null());
    put_loc(o, all, k->loc);
    json_object_set_new(o, "repeated", json_boolean(k->is_repeated));
    json_object_set_new(o, "timeout", json_boolean(k->has_limit));
    return o;
}

static json_t *bottleneck_json(const struct analysis *all, const struct bottleneck *b) {
    json_t *o = json_object();
    json_object_set_new(o, "kind", json_string(bottleneck_word(b->kind)));
    put_loc(o, all, b->loc);
    json_object_set_new(o, "what", text_of(b->what));
    json_object_set_new(o, "advice", text_of(b->advice));
    return o;
}

static json_t *claim_json(const struct claim *c) {
    json_t *o = json_object();
    int32_t line, column;
    source_position(c->span.source, c->span.start, &line, &column);
    json_object_set_new(o, "subject", json_string(c->subject));
    json_object_set_new(o, "claim", text_of(c->phrase));
    json_object_set_new(o, "status", json_string(claim_word(c->status)));
    json_object_set_new(o, "reason", text_of(c->reason));
    json_object_set_new(o, "file", json_string(c->span.source->path));
    json_object_set_new(o, "line", json_integer(line));
    return o;
}

json_t *analysis_json(const struct analyzed *p) {
    const struct analysis *all = p->all;
    json_t *o = json_object(), *parties = json_array(), *links = json_array();
    json_t *bottlenecks = json_array(), *claims = json_array(), *hints = json_array();
    for (int32_t i = 0; i < all->parties.len; i++)
        json_array_append_new(parties, party_json(all, &all->parties.at[i]));
    for (int32_t i = 0; i < all->links.len; i++)
        json_array_append_new(links, link_json(all, &all->links.at[i]));
    for (int32_t i = 0; i < all->bottlenecks.len; i++)
        json_array_append_new(bottlenecks, bottleneck_json(all, &all->bottlenecks.at[i]));
    for (int32_t i = 0; i < all->claims.len; i++)
        json_array_append_new(claims, claim_json(&all->claims.at[i]));
    for (int32_t i = 0; i < all->hints.len; i++)
        json_array_append_new(hints, text_of(all->hints.at[i]));
    json_object_set_new(o, "schema", json_integer(1));
    json_object_set_new(o, "event", json_string("analysis"));
    json_object_set_new(o, "program", json_string(p->path));
    json_object_set_new(o, "concurrency_complexity", json_string(complexity_word(all->complexity)));
    json_object_set_new(o, "actors", json_integer(all->actors));
    json_object_set_new(o, "messages", json_integer(all->messages));
    json_object_set_new(o, "waits", json_integer(all->waits));
    json_object_set_new(o, "parties", parties);
    json_object_set_new(o, "links", links);
    json_object_set_new(o, "potential_bottlenecks", bottlenecks);
    json_object_set(o, "safety_verification", p->obligations);
    json_object_set_new(o, "claims", claims);
    json_object_set_new(o, "ai_comprehension_hints", hints);
    return o;
}

// ---- CBOR ---------------------------------------------------------------------------------------

static void put_item(const json_t *j, struct cbor_out *out) {
    const char *key;
    json_t *value;
    size_t i;
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        cbor_put_map(out, json_object_size(j));
        json_object_foreach((json_t *)j, key, value) {
            cbor_put_string(out, key);
            put_item(value, out);
        }
        break;
    case JSON_ARRAY:
        cbor_put_array(out, json_array_size(j));
        json_array_foreach(j, i, value) put_item(value, out);
        break;
    case JSON_STRING:
        cbor_put_text(out, json_string_value(j), json_string_length(j));
        break;
    case JSON_INTEGER:
        cbor_put_int(out, json_integer_value(j));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        cbor_put_bool(out, json_is_true(j));
        break;
    default:
        cbor_put_null(out);
    }
}

void json_put_cbor(const json_t *j, struct text *out) {
    struct cbor_out cbor = {0};
    put_item(j, &cbor);
    text_put(out, (struct str){(const char *)cbor.bytes, cbor.len});
    cbor_out_free(&cbor);
}
