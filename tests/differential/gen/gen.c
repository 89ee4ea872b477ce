// SPDX-License-Identifier: MIT
// mir-gen: a small random program of core MIR, the same for the same arguments. For comparing
// explorers: the order of deliveries matters in it, it always ends or deadlocks, and how large it
// gets is bounded.
//
//   mir-gen --seed N [--actors 3] [--messages 4] [--events 8] [--without asks,replies,…]
//     actors    actor types, one instance each (1 to 6)
//     messages  kinds of messages in all (1 to 16)
//     events    at most so many deliveries of messages and replies, counting both sides of branches
//     without   of: asks replies prints traps timeouts stops branches selfs
//
// How it ends: messages have ranks, and a handler sends only messages of higher rank. Message i
// belongs to one actor, which knows the actors spawned before it, itself, and the one that its
// message brings. The program has one test, `t`. What it prints is validated before.
#include "frontend/mir/mir.h"

#include <stdlib.h>

enum { ACTORS_MAX = 6, MESSAGES_MAX = 16, BLOCKS_MAX = 256 };

enum feature { ASKS, REPLIES, PRINTS, TRAPS, TIMEOUTS, STOPS, BRANCHES, SELFS, FEATURE_COUNT };
static const char *const feature_names[FEATURE_COUNT] = {
    "asks", "replies", "prints", "traps", "timeouts", "stops", "branches", "selfs"};

struct message {
    int actor;
    int brings; // the actor type whose reference it carries, or -1
    bool has_result, holds, releases;
    int cost; // deliveries that one of it leads to at most
};

struct gen {
    struct arena arena;
    uint64_t state;
    int actors, messages, events;
    bool without[FEATURE_COUNT];
    struct message message[MESSAGES_MAX];
    struct text out;
};

static uint64_t draw(struct gen *g) {
    uint64_t z = g->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int below(struct gen *g, int count) {
    return (int)(draw(g) % (uint64_t)count);
}

static bool one_in(struct gen *g, int count, enum feature f) {
    bool hit = below(g, count) == 0; // drawn in any case, so that features do not shift the rest
    return hit && !g->without[f];
}

// ---- a function under way -----------------------------------------------------------------------

struct body {
    struct gen *g;
    int actor;  // whose handler it is, or -1: the test
    int brings; // its second parameter's actor type, or -1
    int rank;   // it sends messages of higher rank
    int budget; // deliveries that it may still lead to
    struct text lets, blocks[BLOCKS_MAX];
    int locals, block_count, block;
    int refs[ACTORS_MAX]; // the test's locals
};

static int local(struct body *b, const char *type) {
    text_printf(&b->lets, "  let _%d %s\n", b->locals, type);
    return b->locals++;
}

static int block(struct body *b) {
    b->blocks[b->block_count].arena = &b->g->arena;
    text_put(&b->blocks[b->block_count], (struct str){0});
    return b->block_count++;
}

#define LINE(b, ...)                                                                               \
    do {                                                                                           \
        text_put(&(b)->blocks[(b)->block], STR("  "));                                             \
        text_printf(&(b)->blocks[(b)->block], __VA_ARGS__);                                        \
        text_putc(&(b)->blocks[(b)->block], '\n');                                                 \
    } while (0)

static struct body body_new(struct gen *g, int actor, int first_local) {
    struct body b = {.g = g, .actor = actor, .brings = -1, .locals = first_local};
    b.lets.arena = &g->arena;
    text_put(&b.lets, (struct str){0});
    b.block = block(&b);
    return b;
}

static void put_body(struct body *b) {
    text_put(&b->g->out, text_str(&b->lets));
    for (int i = 0; i < b->block_count; i++) {
        text_printf(&b->g->out, "bb%d:\n", i);
        text_put(&b->g->out, text_str(&b->blocks[i]));
    }
    text_put(&b->g->out, STR("}\n"));
}

// ---- references ---------------------------------------------------------------------------------

static bool knows(const struct body *b, int actor) {
    if (b->actor < 0)
        return true;
    bool self = actor == b->actor && !b->g->without[SELFS];
    return actor < b->actor || actor == b->brings || self;
}

// An operand of type ref(Act…) of an actor that is known.
static const char *ref_to(struct body *b, int actor) {
    struct arena *a = &b->g->arena;
    if (b->actor < 0)
        return str_format(a, "_%d", b->refs[actor]).data;
    if (actor == b->brings)
        return "_1";
    if (actor < b->actor)
        return str_format(a, "self.%d", 2 + actor).data;
    int self = local(b, str_format(a, "ref(Act%d)", actor).data);
    LINE(b, "_%d = self.ref", self);
    return str_format(a, "_%d", self).data;
}

// ---- statements ---------------------------------------------------------------------------------

// A number at hand.
static const char *number(struct body *b) {
    int choice = below(b->g, 3);
    if (choice == 0 || b->actor < 0)
        return str_format(&b->g->arena, "%d_i64", 1 + below(b->g, 9)).data;
    return choice == 1 ? "_0" : "self.0";
}

// Makes the order of updates tell.
static void update(struct body *b) {
    if (b->actor < 0)
        return;
    int product = local(b, "i64");
    LINE(b, "_%d = mulw self.0, %d_i64", product, 2 + below(b->g, 3));
    LINE(b, "self.0 = addw _%d, %s", product, number(b));
}

static void say(struct body *b) {
    int text = local(b, "buf(u8)");
    int tail = local(b, "buf(u8)");
    LINE(b, "_%d = use \"%c\"", text, b->actor < 0 ? 't' : 'A' + b->actor);
    LINE(b, "_%d = show %s", tail, b->actor < 0 ? "7_i64" : "self.0");
    LINE(b, "buf.append _%d, _%d", text, tail);
    LINE(b, "buf.push _%d, 10_u8", text);
    LINE(b, "print 1, _%d", text);
}

// Waits for the future, and adds its result, or the kind of its failure, to the state.
static void await(struct body *b, int future) {
    int which = local(b, "u64"), kind = local(b, "i64"), done = local(b, "bool");
    LINE(b, "_%d = wait.any (_%d)", which, future);
    LINE(b, "_%d = outcome _%d", kind, future);
    LINE(b, "_%d = eq _%d, 0_i64", done, kind);
    int take = block(b), next = block(b);
    LINE(b, "if _%d bb%d bb%d", done, take, next);
    b->block = take;
    LINE(b, "_%d = take _%d", kind, future);
    LINE(b, "goto bb%d", next);
    b->block = next;
    if (b->actor >= 0)
        LINE(b, "self.0 = addw self.0, _%d", kind);
}

// A message that may be sent here, or -1.
static int choose_message(struct body *b, bool with_result) {
    const struct gen *g = b->g;
    int fitting[MESSAGES_MAX], count = 0;
    for (int i = b->rank; i < g->messages; i++) {
        const struct message *m = &g->message[i];
        bool known = knows(b, m->actor) && (m->brings < 0 || knows(b, m->brings));
        bool useful = !with_result || (m->has_result && m->actor != b->actor);
        if (known && useful && m->cost + with_result <= b->budget)
            fitting[count++] = i;
    }
    return count ? fitting[below(b->g, count)] : -1;
}

static int index_in_actor(const struct gen *g, int message) {
    int index = 0;
    for (int i = 0; i < message; i++)
        index += g->message[i].actor == g->message[message].actor;
    return index;
}

// Sends; returns the future's local, or -1.
static int send(struct body *b, bool asks) {
    struct gen *g = b->g;
    int chosen = choose_message(b, asks);
    if (chosen < 0)
        return -1;
    const struct message *m = &g->message[chosen];
    const char *to = ref_to(b, m->actor), *brought = m->brings < 0 ? NULL : ref_to(b, m->brings);
    const char *value = number(b);
    b->budget -= m->cost + asks;
    struct str args = brought ? str_format(&g->arena, "(%s, %s)", value, brought)
                              : str_format(&g->arena, "(%s)", value);
    int index = index_in_actor(g, chosen);
    if (!asks) {
        LINE(b, "tell %s Act%d.%d %s", to, m->actor, index, args.data);
        return -1;
    }
    int future = local(b, "future(i64)");
    if (one_in(g, 4, TIMEOUTS))
        LINE(b, "_%d = ask.timeout %s, 10_i64 Act%d.%d %s", future, to, m->actor, index, args.data);
    else
        LINE(b, "_%d = ask %s Act%d.%d %s", future, to, m->actor, index, args.data);
    return future;
}

static void tell_or_ask(struct body *b) {
    bool asks = one_in(b->g, 2, ASKS);
    int future = send(b, asks);
    if (future >= 0)
        await(b, future);
}

// Takes one of two ways by the state's parity.
static void branch(struct body *b) {
    int parity = local(b, "i64"), even = local(b, "bool");
    LINE(b, "_%d = and self.0, 1_i64", parity);
    LINE(b, "_%d = eq _%d, 0_i64", even, parity);
    int then = block(b), otherwise = block(b), next = block(b);
    LINE(b, "if _%d bb%d bb%d", even, then, otherwise);
    b->block = then;
    tell_or_ask(b);
    LINE(b, "goto bb%d", next);
    b->block = otherwise;
    update(b);
    LINE(b, "goto bb%d", next);
    b->block = next;
}

static void crash_sometimes(struct body *b) {
    int rest = local(b, "i64"), now = local(b, "bool");
    LINE(b, "_%d = and self.0, 7_i64", rest);
    LINE(b, "_%d = eq _%d, 5_i64", now, rest);
    int crash = block(b), next = block(b);
    LINE(b, "if _%d bb%d bb%d", now, crash, next);
    b->block = crash;
    LINE(b, "trap unwrap");
    b->block = next;
}

static void statement(struct body *b) {
    switch (below(b->g, 6)) {
    case 0:
    case 1:
        update(b);
        return;
    case 2:
    case 3:
        tell_or_ask(b);
        return;
    case 4:
        if (!b->g->without[BRANCHES])
            branch(b);
        return;
    default:
        if (one_in(b->g, 3, TRAPS))
            crash_sometimes(b);
        else if (one_in(b->g, 2, PRINTS))
            say(b);
    }
}

// ---- handlers -----------------------------------------------------------------------------------

static void release_held(struct body *b) {
    int reply = local(b, "reply(i64)"), len = local(b, "u64"), some = local(b, "bool");
    int head = block(b), answer = block(b), next = block(b);
    LINE(b, "goto bb%d", head);
    b->block = head;
    LINE(b, "_%d = buf.len self.1", len);
    LINE(b, "_%d = gt _%d, 0_u64", some, len);
    LINE(b, "if _%d bb%d bb%d", some, answer, next);
    b->block = answer;
    LINE(b, "_%d = buf.remove self.1, 0_u64", reply);
    LINE(b, "answer _%d, self.0", reply);
    LINE(b, "goto bb%d", head);
    b->block = next;
}

static void finish_handler(struct body *b, const struct message *m) {
    if (m->releases)
        release_held(b);
    if (m->holds) {
        int reply = local(b, "reply(i64)");
        LINE(b, "_%d = reply", reply);
        LINE(b, "buf.push self.1, _%d", reply);
        LINE(b, "end");
    } else {
        LINE(b, m->has_result ? "return self.0" : "return ()");
    }
}

static void handler(struct gen *g, int number_of, int budget) {
    struct message *m = &g->message[number_of];
    struct body b = body_new(g, m->actor, m->brings < 0 ? 1 : 2);
    b.brings = m->brings;
    b.rank = number_of + 1;
    b.budget = budget;
    update(&b);
    for (int i = below(g, 3); i > 0; i--)
        statement(&b);
    finish_handler(&b, m);
    m->cost = 1 + budget - b.budget;
    text_printf(&g->out, "fn m%d (_0 i64", number_of);
    if (m->brings >= 0)
        text_printf(&g->out, ", _1 ref(Act%d)", m->brings);
    text_printf(&g->out, ") -> %s self Act%d.state {\n", m->has_result ? "i64" : "unit", m->actor);
    put_body(&b);
}

static void choose_messages(struct gen *g) {
    for (int i = 0; i < g->messages; i++) {
        struct message *m = &g->message[i];
        m->actor = i < g->actors ? (g->actors - 1 - i) : below(g, g->actors);
        m->brings = below(g, 3) == 0 ? below(g, g->actors) : -1;
        m->has_result = below(g, 2) == 0;
        m->holds = one_in(g, 4, REPLIES) && m->has_result;
        m->releases = one_in(g, 3, REPLIES) && !m->holds;
    }
}

// ---- actors and the test ------------------------------------------------------------------------

static void actor_types(struct gen *g) {
    for (int i = 0; i < g->actors; i++) {
        text_printf(&g->out, "type Act%d.state struct { v i64, held buf(reply(i64))", i);
        for (int k = 0; k < i; k++)
            text_printf(&g->out, ", r%d ref(Act%d)", k, k);
        text_put(&g->out, STR(" }\n"));
    }
}

static void actor(struct gen *g, int number_of) {
    text_printf(&g->out, "fn init%d (_0 i64", number_of);
    for (int k = 0; k < number_of; k++)
        text_printf(&g->out, ", _%d ref(Act%d)", k + 1, k);
    text_printf(&g->out, ") -> unit self Act%d.state {\nbb0:\n  self.0 = use _0\n", number_of);
    for (int k = 0; k < number_of; k++)
        text_printf(&g->out, "  self.%d = use _%d\n", 2 + k, k + 1);
    text_put(&g->out, STR("  return ()\n}\n"));
    text_printf(&g->out, "actor Act%d state Act%d.state init init%d {\n", number_of, number_of,
                number_of);
    for (int i = 0; i < g->messages; i++) {
        const struct message *m = &g->message[i];
        if (m->actor != number_of)
            continue;
        text_printf(&g->out, "  message M%d (i64", i);
        if (m->brings >= 0)
            text_printf(&g->out, ", ref(Act%d)", m->brings);
        text_printf(&g->out, ") -> %s = m%d\n", m->has_result ? "i64" : "unit", i);
    }
    text_put(&g->out, STR("}\n"));
}

static void spawn_all(struct body *b) {
    for (int i = 0; i < b->g->actors; i++) {
        b->refs[i] = local(b, str_format(&b->g->arena, "ref(Act%d)", i).data);
        struct text args = {.arena = &b->g->arena};
        text_printf(&args, "%d_i64", below(b->g, 4));
        for (int k = 0; k < i; k++)
            text_printf(&args, ", _%d", b->refs[k]);
        LINE(b, "_%d = spawn Act%d (%s)", b->refs[i], i, args.data);
    }
}

// The test sends until the events are used up, and waits for what it asked in the end.
static void test(struct gen *g) {
    struct body b = body_new(g, -1, 0);
    int futures[64], count = 0;
    b.budget = g->events;
    spawn_all(&b);
    for (int tries = 0; tries < 12 && b.budget > 0; tries++) {
        int future = send(&b, one_in(g, 3, ASKS) && count < 64);
        if (future >= 0 && below(g, 3) == 0)
            await(&b, future);
        else if (future >= 0)
            futures[count++] = future;
        if (one_in(g, 12, STOPS))
            LINE(&b, "stop _%d", b.refs[below(g, g->actors)]);
    }
    for (int i = 0; i < count; i++)
        await(&b, futures[i]);
    LINE(&b, "return ()");
    text_put(&g->out, STR("fn t () -> unit {\n"));
    put_body(&b);
    text_put(&g->out, STR("test t = t ()\nentry t\n"));
}

static void program(struct gen *g) {
    text_put(&g->out, STR("mir 1 core\n"));
    choose_messages(g);
    actor_types(g);
    for (int i = g->messages; i-- > 0;)
        handler(g, i, below(g, 1 + g->events / 2));
    for (int i = 0; i < g->actors; i++)
        actor(g, i);
    test(g);
}

// ---- the command --------------------------------------------------------------------------------

// Reads the text back, infers, validates and prints it.
static int print_program(struct gen *g) {
    struct source source;
    struct diag_sink sink = {.arena = &g->arena};
    source_init(&g->arena, &source, "generated", text_str(&g->out));
    struct mir_module *m = mir_parse(&g->arena, &source, &sink);
    if (m) {
        mir_infer(m);
        mir_validate(m, &sink);
    }
    if (sink.errors) {
        fprintf(stderr, "mir-gen: %s\n%s", sink.all.at[0]->title.data, g->out.data);
        return 70;
    }
    struct text out = {.arena = &g->arena};
    mir_print(m, MIR_PRINT_ALL, &out);
    fwrite(out.data, 1, out.len, stdout);
    return 0;
}

static bool set_without(struct gen *g, const char *names) {
    while (*names) {
        size_t len = strcspn(names, ",");
        int f = 0;
        while (f < FEATURE_COUNT && !str_is((struct str){names, len}, feature_names[f]))
            f++;
        if (f == FEATURE_COUNT)
            return false;
        g->without[f] = true;
        names += len + (names[len] == ',');
    }
    return true;
}

static bool set_number(const char *text, int max, int *out) {
    char *end;
    long value = strtol(text, &end, 10);
    *out = (int)value;
    return *text && !*end && value >= 1 && value <= max;
}

static bool parse_options(struct gen *g, int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        bool right = strcmp(name, "--seed") == 0     ? (g->state = strtoull(value, NULL, 0), true)
                     : strcmp(name, "--actors") == 0 ? set_number(value, ACTORS_MAX, &g->actors)
                     : strcmp(name, "--messages") == 0
                         ? set_number(value, MESSAGES_MAX, &g->messages)
                     : strcmp(name, "--events") == 0  ? set_number(value, 64, &g->events)
                     : strcmp(name, "--without") == 0 ? set_without(g, value)
                                                      : false;
        if (!right)
            return false;
    }
    return argc % 2 == 1;
}

int main(int argc, char **argv) {
    struct gen g = {.actors = 3, .messages = 4, .events = 8};
    g.out.arena = &g.arena;
    if (!parse_options(&g, argc, argv)) {
        fprintf(stderr, "usage: mir-gen [--seed N] [--actors N] [--messages N] [--events N] "
                        "[--without asks,replies,prints,traps,timeouts,stops,branches,selfs]\n");
        return 2;
    }
    g.state = g.state * 0x9e3779b97f4a7c15u + 1;
    program(&g);
    int status = print_program(&g);
    arena_free(&g.arena);
    return status;
}
