// SPDX-License-Identifier: MIT
// What happened, as a picture in text: a lane for each actor, a row for each step, an arrow from
// where a message was sent to where it was taken.
//
//    step   teller 1           ledger             teller 2
//    1      o----------------> Get()                                     bank.prism:16
//    2  *                      Get() <----------- o                      bank.prism:16
//    3      gets 100 <-------- o
//
// `*` marks a choice that mattered, `!` a failure. Where the lanes would become too narrow, each
// step is a line of words instead. Rows are arrays of characters (not bytes), so that names in any
// script keep the columns.
#include "sim/report/story.h"

#include <assert.h>

enum {
    ROW_COLUMNS_MAX = 200,
    LANES_MAX = 8,
    LANE_COLUMNS_MIN = 15,
    LANE_COLUMNS_MAX = 26,
    LANES_START = 10, // columns for the step's number and mark
    CHANGES_SHOWN_MAX = 4,
};

struct row {
    uint32_t at[ROW_COLUMNS_MAX];
    int columns;
};

struct lanes {
    const struct story *story;
    int lane_of[64]; // by actor, -1: none
    int count, columns, place_start, width;
    struct str file; // of all steps that have one; "" if they differ
};

// ---- rows ----------------------------------------------------------------------------

static void row_clear(struct row *r, int columns) {
    r->columns = columns < ROW_COLUMNS_MAX ? columns : ROW_COLUMNS_MAX;
    for (int i = 0; i < r->columns; i++)
        r->at[i] = ' ';
}

static uint32_t next_character(struct str *s) {
    uint32_t point;
    int len = utf8_decode(*s, &point);
    if (!len)
        len = 1, point = '?';
    *s = (struct str){s->data + len, s->len - (size_t)len};
    return point < ' ' || (point >= 0x7f && point < 0xa0) ? '?' : point;
}

// Writes at most `room` characters; what is longer ends in "..". Returns the column behind.
static int row_put(struct row *r, int column, int room, struct str s) {
    if (column < 0) // of what is put at the right end and wider than the row
        column = 0;
    int start = column;
    if (room > r->columns - column)
        room = r->columns - column;
    while (s.len && column - start < room)
        r->at[column++] = next_character(&s);
    if (s.len && room >= 3)
        r->at[column - 1] = r->at[column - 2] = '.';
    return column;
}

static void row_end(const struct row *r, struct text *out) {
    int columns = r->columns;
    while (columns && r->at[columns - 1] == ' ')
        columns--;
    for (int i = 0; i < columns; i++)
        text_put_utf8(out, r->at[i]);
    text_putc(out, '\n');
}

// ---- the layout ----------------------------------------------------------------------

static void give_lane(struct lanes *l, int32_t actor) {
    if (actor == NOBODY || l->lane_of[actor] >= 0)
        return;
    l->lane_of[actor] = l->count++;
}

// The one file that all steps were sent from, "" if there are several.
static struct str only_file(const struct story *s) {
    struct str file = STR("");
    for (int32_t i = 0; i < s->steps.len; i++) {
        struct str next = s->steps.at[i].place.file;
        if (file.len && next.len && !str_eq(file, next))
            return STR("");
        file = next.len ? next : file;
    }
    return file;
}

// Where a step was sent from, as short as it is clear.
static struct str place_of(const struct lanes *l, struct arena *a, const struct story_step *s) {
    if (!s->place.file.len || !s->place.line)
        return STR("");
    return l->file.len ? str_format(a, ":%d", s->place.line)
                       : story_place(a, s->place.file, s->place.line);
}

// False if there are more actors than lanes that can be read.
static bool lay_out(struct lanes *l, struct arena *a, const struct story *s, int32_t first,
                    int width) {
    *l = (struct lanes){.story = s, .width = width, .file = only_file(s)};
    int32_t most = (int32_t)(sizeof l->lane_of / sizeof *l->lane_of);
    int place_columns = 0;
    if (s->actors.len > most)
        return false;
    memset(l->lane_of, -1, sizeof l->lane_of);
    for (int32_t i = first; i < s->steps.len; i++) {
        const struct story_step *step = &s->steps.at[i];
        if (!str_is(step->event, "advance")) {
            give_lane(l, step->from);
            give_lane(l, step->actor);
        }
        int len = (int)place_of(l, a, step).len;
        place_columns = len > place_columns ? len : place_columns;
    }
    if (!l->count || l->count > LANES_MAX)
        return false;
    place_columns = place_columns > 24 ? 24 : place_columns;
    l->columns = (width - LANES_START - place_columns - 1) / l->count;
    l->columns = l->columns > LANE_COLUMNS_MAX ? LANE_COLUMNS_MAX : l->columns;
    l->place_start = LANES_START + l->columns * l->count + 1;
    return l->columns >= LANE_COLUMNS_MIN;
}

static int lane_start(const struct lanes *l, int lane) {
    return LANES_START + lane * l->columns;
}

static void put_header(const struct lanes *l, struct text *out) {
    struct row r;
    row_clear(&r, l->width);
    row_put(&r, 3, 4, STR("step"));
    for (int32_t i = 0; i < l->story->actors.len; i++)
        if (l->lane_of[i] >= 0)
            row_put(&r, lane_start(l, l->lane_of[i]), l->columns - 2, l->story->actors.at[i].name);
    row_end(&r, out);
}

// Below the names: on which nodes they are, where there are some besides that of the test.
static void put_nodes(const struct lanes *l, struct text *out) {
    struct row r;
    bool any = false;
    row_clear(&r, l->width);
    for (int32_t i = 0; i < l->story->actors.len; i++) {
        struct str node = l->story->actors.at[i].node;
        if (l->lane_of[i] < 0 || !node.len)
            continue;
        row_put(&r, lane_start(l, l->lane_of[i]), l->columns - 2,
                str_format(out->arena, "on %.*s", STR_ARGS(node)));
        any = true;
    }
    if (any)
        row_end(&r, out);
}

// The same in words, a line for each node.
static void put_nodes_words(const struct lanes *l, struct text *out) {
    const struct story *s = l->story;
    for (int32_t i = 0; i < s->actors.len; i++) {
        struct str node = s->actors.at[i].node;
        bool told = !node.len;
        for (int32_t k = 0; k < i && !told; k++)
            told = str_eq(s->actors.at[k].node, node);
        if (told)
            continue;
        struct text line = {.arena = out->arena};
        text_printf(&line, "on %.*s: %.*s", STR_ARGS(node), STR_ARGS(s->actors.at[i].name));
        for (int32_t k = i + 1; k < s->actors.len; k++)
            if (str_eq(s->actors.at[k].node, node))
                text_printf(&line, ", %.*s", STR_ARGS(s->actors.at[k].name));
        text_wrapped(out, text_str(&line), 3, l->width);
    }
}

// ---- a step --------------------------------------------------------------------------

static void put_mark(struct row *r, struct arena *a, const struct story_step *s) {
    struct str number = str_format(a, "%d", s->step);
    int len = (int)number.len;
    row_put(r, len > 4 ? 7 - len : 3, len, number);
    if (s->crashed.len)
        r->at[7] = '!';
    else if (s->matters)
        r->at[7] = '*';
}

static void dashes(struct row *r, int from, int to) {
    for (int i = from; i < to && i < r->columns; i++)
        r->at[i] = '-';
}

// The row of a step: the words in the lane of who acts, an arrow from the lane of who sent.
static void put_step_row(const struct lanes *l, const struct story_step *s, struct text *out) {
    struct row r;
    struct arena *a = out->arena;
    struct str words = story_step_words(a, s);
    bool is_time = str_is(s->event, "advance");
    int to = is_time ? 0 : l->lane_of[s->actor];
    int from = is_time || s->from == NOBODY ? to : l->lane_of[s->from];
    assert(to >= 0 && from >= 0);
    row_clear(&r, l->width);
    put_mark(&r, a, s);
    int column = lane_start(l, to), end = l->place_start - 1;
    if (from < to) {
        r.at[lane_start(l, from)] = 'o';
        dashes(&r, lane_start(l, from) + 1, column - 2);
        r.at[column - 2] = '>';
        row_put(&r, column, end - column, words);
    } else if (from > to) {
        int sender = lane_start(l, from);
        int behind = row_put(&r, column, sender - column - 4, words);
        r.at[behind + 1] = '<';
        dashes(&r, behind + 2, sender);
        r.at[sender] = 'o';
    } else {
        row_put(&r, column, end - column, words);
    }
    struct str place = place_of(l, a, s);
    row_put(&r, l->place_start, l->width - l->place_start, place);
    row_end(&r, out);
}

static struct str one_line(struct arena *a, struct str s) {
    while (s.len && s.data[s.len - 1] == '\n')
        s.len--;
    struct str copy = str_dup(a, s);
    for (size_t i = 0; i < copy.len; i++)
        if (copy.data[i] == '\n')
            ((char *)copy.data)[i] = ' ';
    return copy;
}

typedef void put_detail(const struct lanes *l, const struct story_step *s, struct str words,
                        struct text *out);

// What came of a step: faults in it, changed fields, output, a failure; each through `put`.
static void put_details(const struct lanes *l, const struct story_step *s, put_detail *put,
                        struct text *out) {
    struct arena *a = out->arena;
    for (int32_t i = 0; i < s->mishaps.len; i++)
        put(l, s, story_mishap_words(a, &s->mishaps.at[i]), out);
    for (int32_t i = 0; i < s->changes.len && i < CHANGES_SHOWN_MAX; i++)
        put(l, s,
            str_format(a, "%.*s = %.*s", STR_ARGS(s->changes.at[i].name),
                       STR_ARGS(one_line(a, s->changes.at[i].after))),
            out);
    if (s->changes.len > CHANGES_SHOWN_MAX)
        put(l, s, str_format(a, "%d more changes", s->changes.len - CHANGES_SHOWN_MAX), out);
    for (int32_t i = 0; i < s->output.len; i++)
        put(l, s, str_format(a, "prints %.*s", STR_ARGS(one_line(a, s->output.at[i].text))), out);
    if (s->crashed.len)
        put(l, s, str_format(a, "fails: %.*s", STR_ARGS(s->crashed)), out);
}

static void put_detail_row(const struct lanes *l, const struct story_step *s, struct str words,
                           struct text *out) {
    struct row r;
    int lane = l->lane_of[s->actor];
    int column = lane_start(l, lane < 0 ? 0 : lane); // none where only time went on
    row_clear(&r, l->width);
    row_put(&r, column, l->width - column, words);
    row_end(&r, out);
}

// ---- without lanes -------------------------------------------------------------------

static void put_detail_words(const struct lanes *l, const struct story_step *s, struct str words,
                             struct text *out) {
    (void)s;
    struct row r;
    row_clear(&r, l->width);
    row_put(&r, LANES_START + 2, l->width - LANES_START - 2, words);
    row_end(&r, out);
}

static void put_step_words(const struct lanes *l, const struct story_step *s, struct text *out) {
    struct row r;
    struct arena *a = out->arena;
    struct str what = story_step_words(a, s);
    struct str place = place_of(l, a, s);
    row_clear(&r, l->width);
    put_mark(&r, a, s);
    int column = LANES_START;
    if (!str_is(s->event, "advance")) {
        column = row_put(&r, column, 30, story_actor_name(l->story, s->actor)) + 1;
        if (s->from != NOBODY && s->from != s->actor)
            column =
                row_put(&r, column, 34,
                        str_format(a, "<- %.*s:", STR_ARGS(story_actor_name(l->story, s->from)))) +
                1;
    }
    int places = l->width - (int)place.len;
    row_put(&r, column, places - column - 1, what);
    row_put(&r, places, (int)place.len, place);
    row_end(&r, out);
}

// ---- the whole -----------------------------------------------------------------------

static void put_heading(const struct lanes *l, const struct story *s, struct text *out) {
    if (s->failed && s->found_events > s->events)
        text_printf(out, "What happened        shrunk from %d steps to %d, from %d switches to %d",
                    s->found_events, s->events, s->found_switches, s->switches);
    else
        text_printf(out, "What happened        %d step%s, %d switch%s", s->events,
                    s->events == 1 ? "" : "s", s->switches, s->switches == 1 ? "" : "es");
    int32_t faults = 0;
    for (int32_t i = 0; i < s->steps.len; i++)
        faults += story_faults(&s->steps.at[i]);
    if (faults)
        text_printf(out, ", %d fault%s", faults, faults == 1 ? "" : "s");
    if (l->file.len)
        text_printf(out, "; lines of %.*s", STR_ARGS(l->file));
    text_put(out, STR("\n\n"));
}

void story_put_happened(const struct story *s, int32_t steps_max, struct diag_style style,
                        struct text *out) {
    struct lanes l;
    int32_t first = steps_max && s->steps.len > steps_max ? s->steps.len - steps_max : 0;
    int width = style.width > ROW_COLUMNS_MAX ? ROW_COLUMNS_MAX
                : style.width < 60            ? 60
                                              : style.width;
    bool has_lanes = lay_out(&l, out->arena, s, first, width < 110 ? width : 110);
    put_heading(&l, s, out);
    if (has_lanes) {
        put_header(&l, out);
        put_nodes(&l, out);
    } else {
        put_nodes_words(&l, out);
    }
    if (first + s->left_out)
        text_printf(out, "   %d earlier steps are left out\n", first + s->left_out);
    for (int32_t i = first; i < s->steps.len; i++) {
        const struct story_step *step = &s->steps.at[i];
        if (has_lanes)
            put_step_row(&l, step, out);
        else
            put_step_words(&l, step, out);
        put_details(&l, step, has_lanes ? put_detail_row : put_detail_words, out);
    }
    text_putc(out, '\n');
}
