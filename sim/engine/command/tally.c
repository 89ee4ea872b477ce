// SPDX-License-Identifier: MIT
// What a search that goes on after failures has met: each finding once, with how many schedules
// ended in it. Findings are written down when they are met, since they speak of a world that is
// gone later.
#include "command/search.h"

#include <stdlib.h>

// Further ones are counted, and not told apart.
enum { TALLIED_MAX = 100 };

struct tallied {
    struct finding finding;
    uint64_t schedules;
    struct cbor_out record;
};

void tally_add(struct tally *t, struct world *w, const char *test) {
    t->failing++;
    for (uint32_t i = 0; i < t->count; i++)
        if (finding_same(&t->at[i].finding, &w->finding)) {
            t->at[i].schedules++;
            return;
        }
    if (t->count == TALLIED_MAX)
        return;
    t->at = realloc(t->at, (t->count + 1) * sizeof *t->at);
    if (!t->at)
        abort();
    struct tallied *new = &t->at[t->count++];
    *new = (struct tallied){.finding = w->finding, .schedules = 1};
    put_finding(&new->record, w, &w->finding, test);
}

void put_tally(struct cbor_out *out, const struct tally *t) {
    record_uint(out, "failing", t->failing);
    cbor_put_string(out, "findings");
    cbor_put_array(out, t->count);
    for (uint32_t i = 0; i < t->count; i++) {
        cbor_put_map(out, 2);
        record_uint(out, "schedules", t->at[i].schedules);
        cbor_put_string(out, "finding");
        cbor_put_items(out, &t->at[i].record);
    }
}

void tally_free(struct tally *t) {
    for (uint32_t i = 0; i < t->count; i++)
        cbor_out_free(&t->at[i].record);
    free(t->at);
    *t = (struct tally){0};
}
