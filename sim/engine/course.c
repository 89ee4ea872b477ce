// SPDX-License-Identifier: MIT
// Courses: noting one, and finding its straightest order.
#include "course.h"
#include "fault/fault.h"

#include <stdlib.h>
#include <string.h>

// ---- noting -------------------------------------------------------------------------------------

struct strategy_note {
    struct strategy head;
    struct strategy_follow follow;
    struct course *course;
};

static struct choice choose_noted(struct strategy *s, struct world *w) {
    struct strategy_note *n = (struct strategy_note *)s;
    return n->follow.head.choose(&n->follow.head, w);
}

static struct moment moment_of(const struct world *w, struct choice c) {
    const struct cell *home = c.envelope ? c.envelope->sched.home : c.timer->home;
    return (struct moment){.name = world_name(w, c),
                           .sent_at =
                               c.envelope ? c.envelope->sched.sent_at : c.timer->sched.started_at,
                           .home = home->sched.id,
                           .advance = !c.envelope};
}

static bool take_noted(struct strategy *s, struct world *w, struct choice c) {
    struct course *course = ((struct strategy_note *)s)->course;
    if (course->len == COURSE_EVENTS_MAX)
        return false;
    course->at[course->len++] = moment_of(w, c);
    return true;
}

static bool strike_noted(struct strategy *s, struct world *w, struct strike *out) {
    struct strategy_note *n = (struct strategy_note *)s;
    struct course *course = n->course;
    if (course->len == COURSE_EVENTS_MAX || !n->follow.head.strike(&n->follow.head, w, out))
        return false;
    const struct envelope *e = out->envelope;
    const struct cell *home = e ? e->sched.home : out->cell;
    course->at[course->len++] = (struct moment){.name = world_strike_name(w, out),
                                                .sent_at = e ? e->sched.sent_at : 0,
                                                .home = home->sched.id,
                                                .fault = true};
    course->faults++;
    return true;
}

static void heals_noted(struct strategy *s, struct world *w, const struct strike *strike) {
    struct course *course = ((struct strategy_note *)s)->course;
    if (course->len < COURSE_EVENTS_MAX)
        course->at[course->len++] = (struct moment){
            .name = world_strike_name(w, strike), .home = strike->cell->sched.id, .fault = true};
}

static void join(const struct course *c, uint64_t *rows, uint32_t j, uint32_t i) {
    uint64_t *to = rows + (size_t)j * c->words, *from = rows + (size_t)i * c->words;
    for (uint32_t k = 0; k < c->words; k++)
        to[k] |= from[k];
    to[i / 64] |= 1ull << (i % 64);
}

// An event is caused by what sent it, and in a task of one strand by what the task did before. (In
// an actor it may be, too; then it cannot be taken before, which is seen by trying.)
static void fill_causes(struct course *c, const struct world *w) {
    for (uint32_t j = 0; j < c->len + c->pending; j++) {
        if (c->at[j].sent_at)
            join(c, c->causes, j, c->at[j].sent_at - 1);
        const struct name *home = &w->names[c->at[j].home];
        uint32_t before = j < c->len ? w->host->log[j].before : 0;
        if (before && !home->type && home->cell->sched.strands == 1)
            join(c, c->causes, j, before - 1);
    }
}

static bool depends(const struct moment *a, const struct moment *b) {
    bool time = (a->advance || b->advance) && a->clock && b->clock;
    return time || a->home == b->home;
}

static void fill_before(struct course *c, const struct world_host *host) {
    for (uint32_t j = 0; j < c->len; j++)
        c->at[j].clock = c->at[j].advance || (host->log[j].touches & TOUCHES_CLOCK);
    for (uint32_t j = 0; j < c->len; j++) {
        if (c->at[j].sent_at)
            join(c, c->before, j, c->at[j].sent_at - 1);
        for (uint32_t k = host->log[j].silent; k; k = host->silent[k - 1].before)
            if (host->silent[k - 1].sent_at)
                join(c, c->before, j, host->silent[k - 1].sent_at - 1);
        for (uint32_t i = j; i-- > 0;)
            if (!course_before(c, i, j) && depends(&c->at[i], &c->at[j]))
                join(c, c->before, j, i);
    }
}

static uint64_t *rows_of(const struct course *c) {
    uint64_t *rows = calloc((size_t)(c->len + c->pending) * c->words + 1, sizeof *rows);
    if (!rows)
        abort();
    return rows;
}

static void fill_table(struct course *c) {
    uint32_t room = 16;
    while (room < c->len * 2)
        room *= 2;
    c->table = calloc(room, sizeof *c->table);
    if (!c->table)
        abort();
    c->table_mask = room - 1;
    for (uint32_t i = 0; i < c->len; i++) {
        uint32_t at = (uint32_t)event_name_hash(&c->at[i].name) & c->table_mask;
        while (c->table[at] && !event_name_equal(&c->at[c->table[at] - 1].name, &c->at[i].name))
            at = (at + 1) & c->table_mask;
        if (!c->table[at])
            c->table[at] = i + 1;
    }
}

bool course_note(const struct subject *subject, const struct path *path, struct course *c) {
    struct strategy_note n = {.head = {choose_noted, take_noted, strike_noted, heals_noted},
                              .course = c};
    strategy_follow_begin(&n.follow, path, false);
    *c = (struct course){.at = calloc(COURSE_EVENTS_MAX * 2, sizeof *c->at)};
    if (!c->at)
        abort();
    subject->host->naming = true;
    struct given before = path_give(subject->host, path);
    world_begin(subject->host, subject->function, subject->args);
    enum run_end end = run(WORLD, &n.head);
    subject->host->given = before;
    strategy_follow_end(&n.follow);
    for (const struct cell *cell = WORLD->first_cell; cell; cell = cell->sched.all_next)
        for (struct envelope *e = cell->sched.first; e && c->pending < COURSE_EVENTS_MAX;
             e = e->next)
            c->at[c->len + c->pending++] = moment_of(WORLD, (struct choice){e, NULL});
    c->words = (c->len + 63) / 64 + 1;
    c->causes = rows_of(c);
    c->before = rows_of(c);
    c->struck = calloc(c->len + 1, sizeof *c->struck);
    if (!c->struck)
        abort();
    fill_causes(c, WORLD);
    fill_before(c, WORLD->host);
    fill_table(c);
    return end == RUN_DONE;
}

void course_free(struct course *c) {
    free(c->at);
    free(c->causes);
    free(c->before);
    free(c->table);
    free(c->struck);
    *c = (struct course){0};
}

uint32_t course_rank(const struct course *c, const struct event_name *name) {
    uint32_t at = (uint32_t)event_name_hash(name) & c->table_mask;
    for (; c->table[at]; at = (at + 1) & c->table_mask)
        if (event_name_equal(&c->at[c->table[at] - 1].name, name))
            return c->table[at] - 1;
    return c->len;
}

// ---- the straightest order ----------------------------------------------------------------------
// Going on with the same home costs nothing and never stands in the way of another, so only
// switches are choices: breadth first by their number, over states that say which events are done.
// Where there are too many states, those that got furthest are kept.

enum { BEAM = 256, SEEN = 4096 };

struct state {
    uint64_t *done;  // a row of bits
    uint64_t hash;   // of that row
    uint32_t *order; // what was done
    uint32_t len;
};
struct beam {
    struct state at[BEAM];
    uint64_t seen[SEEN]; // hashes of the states that were added, by hash; where full, the latest
    uint32_t len;
};

static bool is_done(const struct state *s, uint32_t i) {
    return s->done[i / 64] >> (i % 64) & 1;
}

static bool is_possible(const struct course *c, const struct state *s, const uint64_t *wanted,
                        uint32_t j) {
    const uint64_t *before = c->before + (size_t)j * c->words;
    if (is_done(s, j) || !(wanted[j / 64] >> (j % 64) & 1))
        return false;
    for (uint32_t k = 0; k < c->words; k++)
        if (before[k] & ~s->done[k])
            return false;
    return true;
}

static void state_copy(const struct course *c, struct state *to, const struct state *from) {
    memcpy(to->done, from->done, c->words * sizeof *to->done);
    memcpy(to->order, from->order, from->len * sizeof *to->order);
    to->hash = from->hash;
    to->len = from->len;
}

static uint64_t mixed(uint64_t i) { // SplitMix64
    uint64_t z = (i + 1) * 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    return z ^ (z >> 27);
}

// Does j and all of its home that can follow.
static void run_home(const struct course *c, struct state *s, const uint64_t *wanted, uint32_t j) {
    uint32_t home = c->at[j].home;
    for (; j < c->len; j++) {
        if (c->at[j].home != home || is_done(s, j))
            continue;
        if (!is_possible(c, s, wanted, j))
            return; // events of a home keep their order
        s->done[j / 64] |= 1ull << (j % 64);
        s->hash ^= mixed(j);
        s->order[s->len++] = j;
    }
}

// Adds a state unless it is there; in place of the one that got least far where there is no room.
static void beam_add(const struct course *c, struct beam *b, const struct state *s) {
    uint32_t at = b->len;
    uint64_t *seen = &b->seen[s->hash % SEEN];
    if (*seen == s->hash)
        return;
    *seen = s->hash;
    if (b->len == BEAM) {
        at = 0;
        for (uint32_t i = 1; i < b->len; i++)
            at = b->at[i].len < b->at[at].len ? i : at;
        if (b->at[at].len >= s->len)
            return;
    }
    state_copy(c, &b->at[at], s);
    b->len += at == b->len;
}

static void expand(const struct course *c, const struct state *from, const uint64_t *wanted,
                   struct state *scratch, struct beam *next) {
    for (uint32_t j = 0; j < c->len; j++) {
        if (!is_possible(c, from, wanted, j))
            continue;
        state_copy(c, scratch, from);
        run_home(c, scratch, wanted, j);
        beam_add(c, next, scratch);
    }
}

static struct state state_new(const struct course *c) {
    struct state s = {.done = calloc(c->words, sizeof *s.done),
                      .order = calloc(c->len + 1, sizeof *s.order)};
    if (!s.done || !s.order)
        abort();
    return s;
}

static struct beam *beam_new(const struct course *c) {
    struct beam *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    for (uint32_t i = 0; i < BEAM; i++)
        b->at[i] = state_new(c);
    return b;
}

static void beam_free(struct beam *b) {
    for (uint32_t i = 0; i < BEAM; i++) {
        free(b->at[i].done);
        free(b->at[i].order);
    }
    free(b);
}

static uint32_t fill_wanted(const struct course *c, bool only_causes, uint64_t *wanted) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < c->len; i++) {
        bool in = !only_causes || i == c->len - 1 || course_before(c, i, c->len - 1);
        wanted[i / 64] |= (uint64_t)in << (i % 64);
        count += in;
    }
    return count;
}

uint32_t course_straighten(const struct course *c, bool only_causes, uint32_t *order) {
    struct beam *now = beam_new(c), *next = beam_new(c), *swap;
    struct state scratch = state_new(c), all = state_new(c);
    uint32_t count = fill_wanted(c, only_causes, all.done);
    bool complete = count == 0;
    now->len = 1;
    while (!complete) {
        next->len = 0;
        memset(next->seen, 0, sizeof next->seen);
        for (uint32_t i = 0; i < now->len; i++)
            expand(c, &now->at[i], all.done, &scratch, next);
        assert(next->len > 0); // happens-before has no circles
        for (uint32_t i = 0; i < next->len && !complete; i++) {
            complete = next->at[i].len == count;
            if (complete)
                memcpy(order, next->at[i].order, count * sizeof *order);
        }
        swap = now, now = next, next = swap;
    }
    beam_free(now);
    beam_free(next);
    free(scratch.done), free(scratch.order), free(all.done), free(all.order);
    return count;
}

// ---- running in an order ------------------------------------------------------------------------

enum { ENABLED_MAX = 256 };

static struct choice choose_ordered(struct strategy *s, struct world *w) {
    struct strategy_ordered *o = (struct strategy_ordered *)s;
    struct choice all[ENABLED_MAX], best;
    uint32_t count = world_list(w, all, ENABLED_MAX), best_rank = UINT32_MAX;
    best = all[0];
    for (uint32_t k = 0; k < count && k < ENABLED_MAX; k++) {
        struct event_name name = world_name(w, all[k]);
        uint32_t at = course_rank(o->course, &name);
        uint32_t rank = at < o->course->len ? o->rank[at] : UINT32_MAX;
        if (rank < best_rank) {
            best = all[k];
            best_rank = rank;
        }
    }
    return best;
}

bool course_strike(const struct course *c, struct world *w, const uint32_t *rank, uint32_t before,
                   struct strike *out) {
    uint32_t best = UINT32_MAX, best_rank = before;
    struct strike here;
    for (uint32_t i = 0; i < c->len && c->faults; i++) {
        uint32_t own = rank ? rank[i] : i;
        if (!c->at[i].fault || c->struck[i] || own >= best_rank ||
            !fault_find(w, &c->at[i].name, &here))
            continue;
        best = i;
        best_rank = own;
        *out = here;
    }
    if (best == UINT32_MAX)
        return false;
    c->struck[best] = true;
    return true;
}

static uint32_t rank_of(const struct strategy_ordered *o, const struct world *w, struct choice c) {
    struct event_name name = world_name(w, c);
    uint32_t at = course_rank(o->course, &name);
    return at < o->course->len ? o->rank[at] : UINT32_MAX;
}

static bool strike_ordered(struct strategy *s, struct world *w, struct strike *out) {
    struct strategy_ordered *o = (struct strategy_ordered *)s;
    if (!o->course->faults)
        return false;
    return course_strike(o->course, w, o->rank, rank_of(o, w, choose_ordered(s, w)), out);
}

void strategy_ordered_begin(struct strategy_ordered *s, const struct course *c, uint32_t *rank) {
    memset(c->struck, 0, c->len * sizeof *c->struck);
    *s = (struct strategy_ordered){
        .head = {.choose = choose_ordered, .strike = strike_ordered}, .course = c, .rank = rank};
}
