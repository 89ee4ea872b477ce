// SPDX-License-Identifier: MIT
// Fuzzing the reader of records (docs/records.cddl): any bytes are records, the beginning of one,
// or bad; what was accepted as a story can be told.
#include "sim/report/story.h"
#include "tests/fuzz/fuzz.h"

static void tell(struct arena *a, const struct story *s) {
    struct text out = {.arena = a};
    story_put(s, 40, (struct diag_style){.format = DIAG_HUMAN, .width = 100}, &out);
    for (int32_t i = 0; i < s->steps.len && i < 100; i++)
        story_step_words(a, &s->steps.at[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct str rest = {(const char *)data, size};
    for (size_t used; rest.len > 0; rest.data += used, rest.len -= used) {
        struct record r;
        if (record_read(&a, rest, &r, &used) != VALUE_READ)
            break;
        check(used > 0 && used <= rest.len, "a record that is longer than its bytes");
        if (r.kind == RECORD_STORY)
            tell(&a, &r.story);
    }
    arena_free(&a);
    return 0;
}
