// SPDX-License-Identifier: MIT
// Names of cells and events, and the draws that hang on names. Hashes are of the words in the
// program, so that they mean the same in every execution, on every machine, and after edits
// elsewhere.
#include "world.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <string.h>

uint64_t site_hash_of(const char *function, size_t function_len, const char *operation,
                      size_t operation_len, uint32_t ordinal) {
    uint64_t h = XXH3_64bits_withSeed(function, function_len, ordinal);
    return XXH3_64bits_withSeed(operation, operation_len, h);
}

// Events are named by the texts of their sites again and again; what was found is kept by address,
// where it may be overwritten at any time: nothing depends on whether it is still there.
enum { SITES_KEPT = 256 };
static struct {
    const prism_site *site;
    uint64_t hash;
} sites_kept[SITES_KEPT];

uint64_t site_hash(const prism_site *site) {
    if (!site)
        return 0;
    uint32_t at = (uint32_t)((uintptr_t)site / sizeof *site % SITES_KEPT);
    if (sites_kept[at].site != site) {
        sites_kept[at].hash = site_hash_of(site->function, strlen(site->function), site->operation,
                                           strlen(site->operation), site->ordinal);
        sites_kept[at].site = site;
    }
    return sites_kept[at].hash;
}

uint64_t name_hash(uint64_t parent, uint64_t site, uint32_t count) {
    uint64_t words[3] = {parent, site, count};
    return XXH3_64bits(words, sizeof words);
}

// The parent's spawns from one site are numbered; walking back from the youngest child, the first
// one from there tells the number. Loops spawn from one site, so the walk is short.
static uint32_t count_at(const struct world *w, const struct name *parent, const prism_site *site) {
    for (uint32_t child = parent->youngest; child; child = w->names[child].elder)
        if (w->names[child].site == site)
            return w->names[child].count + 1;
    return 0;
}

static uint32_t name_cell(struct world *w, struct cell *cell, uint32_t parent_id) {
    if (w->name_count == w->name_capacity)
        w->names =
            world_table_grow(w, w->names, w->name_count, &w->name_capacity, sizeof *w->names);
    uint32_t id = w->name_count++;
    struct name *parent = &w->names[parent_id];
    uint32_t count = count_at(w, parent, cell->site);
    w->names[id] = (struct name){.parent = parent_id,
                                 .count = count,
                                 .elder = parent->youngest,
                                 .hash = name_hash(parent->hash, site_hash(cell->site), count),
                                 .site = cell->site,
                                 .type = cell->type,
                                 .cell = cell};
    parent->youngest = id;
    return id;
}

struct cell *sched_cell_new(prism_cx *cx, struct cell *parent, const prism_actor_type *type,
                            const prism_site *site) {
    struct world *w = (struct world *)cx;
    struct cell *c = memset(prism_alloc(cx, sizeof *c), 0, sizeof *c);
    c->parent = parent;
    c->type = type;
    c->site = site;
    c->rest = (struct cell_rest *)&cell_no_rest;
    c->generation = 1; // memory of cells is not used again within an execution
    c->sched.id = name_cell(w, c, parent ? parent->sched.id : 0);
    *(w->last_cell ? &w->last_cell->sched.all_next : &w->first_cell) = c;
    w->last_cell = c;
    w->nodes += type && actor_is_node(c);
    if (parent) {
        clock_copy(w, &c->sched.known, &parent->sched.known);
        uint32_t id = parent->sched.id;
        clock_note(w, &c->sched.known, id, w->names[id].sent);
    }
    return c;
}

// The memory stays, since refs may point at it; see world_end.
void sched_cell_free(prism_cx *cx, struct cell *cell) {
    struct world *w = (struct world *)cx;
    assert(cell->status == CELL_GONE && !cell->sched.collected);
    clock_clear(w, &cell->sched.known_by_reads);
    cell->sched.collected = true;
    if (cell->rest->holds) {
        cell->sched.left_held = cell->rest->holds->handle.cell;
        cell->sched.left_site = cell->rest->holds->site;
    }
}

// A new cell has nothing in flight to it, and its first envelope makes it dirty.
void sched_cell_ready(prism_cx *cx, struct cell *cell, bool begins) {
    if (begins)
        sched_post(cx, cell, actor_start_of(cx, cell->first));
}

void sched_strand_new(prism_cx *cx, struct strand *strand) {
    struct world *w = (struct world *)cx;
    strand->sched = (struct sched_strand){.number = ++strand->home->sched.strands};
    struct name *name = &w->names[strand->home->sched.id];
    if (!name->function && !strand->home->type)
        name->function = strand->function;
}

// ---- occurrences --------------------------------------------------------------------------------

struct count {
    uint64_t key; // 0: empty
    uint32_t times;
};

static struct count *count_find(struct count *table, uint32_t capacity, uint64_t key) {
    uint32_t i = (uint32_t)key & (capacity - 1);
    while (table[i].key && table[i].key != key)
        i = (i + 1) & (capacity - 1);
    return &table[i];
}

static void counts_grow(struct world *w) {
    uint32_t capacity = w->count_capacity ? w->count_capacity * 2 : 64;
    struct count *wider = world_table_alloc(w, capacity * sizeof *wider);
    memset(wider, 0, capacity * sizeof *wider);
    for (uint32_t i = 0; i < w->count_capacity; i++)
        if (w->counts[i].key)
            *count_find(wider, capacity, w->counts[i].key) = w->counts[i];
    world_table_free(w, w->counts, w->count_capacity * sizeof *wider);
    w->counts = wider;
    w->count_capacity = capacity;
}

uint32_t world_count(struct world *w, uint64_t key) {
    if (w->count_count * 2 >= w->count_capacity)
        counts_grow(w);
    struct count *c = count_find(w->counts, w->count_capacity, key + !key);
    if (!c->key) {
        c->key = key + !key;
        w->count_count++;
    }
    return c->times++;
}

uint64_t event_name_hash(const struct event_name *name) {
    return name_hash(name->to ^ name->from << 1, name->site, name->occurrence << 3 | name->kind);
}

// ---- events and draws ---------------------------------------------------------------------------

struct event_name world_name(const struct world *w, struct choice c) {
    assert(w->host->naming);
    if (!c.envelope && !c.timer)
        return (struct event_name){0};
    if (c.envelope) {
        const struct sched_envelope *s = &c.envelope->sched;
        return (struct event_name){w->names[s->home->sched.id].hash,
                                   w->names[s->sender].hash,
                                   site_hash(c.envelope->site),
                                   c.envelope->kind,
                                   s->occurrence,
                                   c.envelope->site};
    }
    uint64_t home = w->names[c.timer->home->sched.id].hash;
    return (struct event_name){
        home,         home, site_hash(c.timer->site), EVENT_ADVANCE, c.timer->sched.occurrence,
        c.timer->site};
}

struct event_name world_strike_name(const struct world *w, const struct strike *s) {
    assert(w->host->naming);
    if (!s->envelope)
        return (struct event_name){.to = w->names[s->cell->sched.id].hash,
                                   .from = w->names[(s->other ? s->other : s->cell)->sched.id].hash,
                                   .site = site_hash(s->cell->site),
                                   .kind = EVENT_FAULT + s->kind,
                                   .place = s->cell->site};
    struct event_name name = world_name(w, (struct choice){s->envelope, NULL});
    name.kind = EVENT_FAULT + s->kind;
    return name;
}

// A counter-based generator (as in SplitMix64's finaliser, twice): the same key gives the same
// number.
uint64_t world_draw(const struct world *w, uint64_t key, uint64_t alternatives) {
    assert(alternatives > 0);
    w->host->drew = true;
    uint64_t words[2] = {w->host->seed, key};
    uint64_t bits = XXH3_64bits_withSeed(words, sizeof words, 0x7072697364726177);
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)bits * alternatives >> 64);
}

uint64_t world_input(struct world *w, uint64_t alternatives) {
    w->host->drew = true;
    return inputs_next(&w->host->drawn, w->host->given.inputs, w->host->seed, alternatives);
}
