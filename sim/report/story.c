// SPDX-License-Identifier: MIT
// The story's sentences: who waits for whom, and why it failed.
#include "sim/report/story.h"

#include <assert.h>

enum { PLACES_SHOWN_MAX = 4, NEEDED_SHOWN_MAX = 4, IDLE_SHOWN_MAX = 8, HEADING_COLUMNS = 7 };

struct str story_actor_name(const struct story *s, int32_t actor) {
    if (actor == NOBODY)
        return STR("nobody");
    assert(actor >= 0 && actor < s->actors.len);
    return s->actors.at[actor].name;
}

struct str story_place(struct arena *a, struct str file, int32_t line) {
    if (!file.len || !line)
        return STR("");
    size_t start = file.len;
    while (start && file.data[start - 1] != '/')
        start--;
    return str_format(a, "%.*s:%d", (int)(file.len - start), file.data + start, line);
}

static struct str duration_words(struct arena *a, int64_t ns) {
    static const struct {
        int64_t ns;
        const char *unit;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    for (int i = 0; i < 3; i++)
        if (ns >= units[i].ns && ns % (units[i].ns / 1000) == 0)
            return str_format(a, "%g %s", (double)ns / (double)units[i].ns, units[i].unit);
    return str_format(a, "%lld ns", (long long)ns);
}

// Faults by the name of their kind.
struct fault_words {
    const char *name, *says, *noun;
};
static const struct fault_words fault_words[] = {
#define FAULT(id, name, settings, rate, times, says, noun, help) {name, says, noun},
#include "sim/engine/fault/faults.def"
#undef FAULT
};

static const struct fault_words *fault_of(struct str event) {
    for (size_t i = 0; i < sizeof fault_words / sizeof *fault_words; i++)
        if (str_is(event, fault_words[i].name))
            return &fault_words[i];
    return NULL;
}

int32_t story_faults(const struct story_step *s) {
    return s->mishaps.len + (fault_of(s->event) != NULL);
}

struct str story_mishap_words(struct arena *a, const struct mishap_record *m) {
    const struct fault_words *f = fault_of(m->fault);
    return str_format(a, "%.*s %s", STR_ARGS(m->place), f ? f->says : "misbehaves");
}

static struct str fault_step_words(struct arena *a, const struct fault_words *f,
                                   const struct story_step *s) {
    return s->message.len
               ? str_format(a, "%s %.*s%.*s", f->says, STR_ARGS(s->message), STR_ARGS(s->args))
               : str_from(f->says);
}

struct str story_step_words(struct arena *a, const struct story_step *s) {
    if (str_is(s->event, "message"))
        return str_format(a, "%.*s%.*s", STR_ARGS(s->message), STR_ARGS(s->args));
    if (str_is(s->event, "reply") && s->failed.len)
        return str_format(a, "%.*s fails: %.*s", STR_ARGS(s->message), STR_ARGS(s->failed));
    if (str_is(s->event, "reply"))
        return s->args.len && !str_is(s->args, "()")
                   ? str_format(a, "gets %.*s", STR_ARGS(s->args))
                   : str_format(a, "%.*s is done", STR_ARGS(s->message));
    if (str_is(s->event, "start"))
        return STR("starts");
    if (str_is(s->event, "resume"))
        return STR("goes on");
    if (str_is(s->event, "timer"))
        return STR("its time has come");
    if (str_is(s->event, "cancel"))
        return STR("is cancelled");
    if (str_is(s->event, "stop"))
        return STR("stops");
    if (str_is(s->event, "kill"))
        return STR("is killed");
    if (str_is(s->event, "withdraw"))
        return STR("lets a waiting one go");
    if (str_is(s->event, "advance"))
        return str_format(a, "time goes on to %.*s", STR_ARGS(duration_words(a, s->now_ns)));
    if (str_is(s->event, "failed"))
        return STR("learns of the crash");
    if (str_is(s->event, "decided"))
        return str_format(a, "is told to %.*s", STR_ARGS(s->message));
    if (str_is(s->event, "ended"))
        return STR("learns of the end");
    if (str_is(s->event, "mail"))
        return str_format(a, "begins %.*s%.*s", STR_ARGS(s->message), STR_ARGS(s->args));
    if (str_is(s->event, "accepted"))
        return STR("may go on");
    const struct fault_words *fault = fault_of(s->event);
    if (fault)
        return fault_step_words(a, fault, s);
    return s->event;
}

// ---- who waits for whom --------------------------------------------------------------

// What an operation of a handle waits for, in front of the handle's name.
static const struct {
    const char *handle, *message, *words;
} handle_waits[] = {
    {"channel", "Send", "room in "},
    {"channel", "Receive", "an item from "},
    {"lock", "Read", "reading "},
    {"lock", "Write", "writing "},
    {"semaphore", "Acquire", "a permit of "},
    {"barrier", "Arrive", "the others at "},
    {"condition", "Wait", "a word of "},
    {"group", "Wait", "the rest of "},
    {"network", "accept", "a connection from "},
    {"network", "connect", "room for a connection in "},
    {"network", "read", "bytes from "},
    {"network", "read_line", "a line from "},
    {"network", "write", "room to write in "},
};

static struct str handle_words(struct arena *a, struct str on, const struct wait_record *w) {
    const char *words = "";
    for (size_t i = 0; i < sizeof handle_waits / sizeof *handle_waits; i++)
        if (str_is(w->handle, handle_waits[i].handle) &&
            str_is(w->message, handle_waits[i].message))
            words = handle_waits[i].words;
    return str_format(a, "%s%.*s", words, STR_ARGS(on));
}

static struct str wait_words(struct arena *a, const struct story *s, const struct wait_record *w) {
    struct str on = story_actor_name(s, w->on);
    if (str_is(w->what, "reply") && w->handle.len)
        return handle_words(a, on, w);
    if (str_is(w->what, "reply") && w->on == NOBODY)
        return str_format(a, "an answer to %.*s that nobody can give", STR_ARGS(w->message));
    if (str_is(w->what, "reply"))
        return str_format(a, "%.*s to answer %.*s", STR_ARGS(on), STR_ARGS(w->message));
    if (str_is(w->what, "task"))
        return str_format(a, "%.*s to end", STR_ARGS(on));
    if (str_is(w->what, "scope"))
        return str_format(a, "what it started in its scope: %.*s", STR_ARGS(on));
    if (str_is(w->what, "start"))
        return str_format(a, "%.*s to start", STR_ARGS(on));
    if (str_is(w->what, "room"))
        return str_format(a, "room for %.*s in the mailbox of %.*s", STR_ARGS(w->message),
                          STR_ARGS(on));
    if (str_is(w->what, "sleep"))
        return STR("time to pass");
    return STR("a message that nobody sends");
}

static void put_wait(const struct story *s, const struct wait_record *w, int name_columns,
                     bool closes, struct text *out) {
    struct arena *a = out->arena;
    struct str place = story_place(a, w->place.file, w->place.line);
    text_printf(out, "   %-*.*s waits for %.*s", name_columns,
                STR_ARGS(story_actor_name(s, w->actor)), STR_ARGS(wait_words(a, s, w)));
    if (place.len)
        text_printf(out, "   at %.*s", STR_ARGS(place));
    if (w->step)
        text_printf(out, "%s step %d", place.len ? "," : "   since", w->step);
    text_putc(out, '\n');
    if (w->holder.len && w->on != NOBODY)
        text_printf(out, "   %-*s %.*s %.*s\n", name_columns, "",
                    STR_ARGS(story_actor_name(s, w->on)), STR_ARGS(w->holder));
    if (w->handle.len && w->held_by != NOBODY) {
        struct str taken = story_place(a, w->held_file, w->held_line);
        text_printf(out, "   %-*s held by %.*s", name_columns, "",
                    STR_ARGS(story_actor_name(s, w->held_by)));
        if (taken.len)
            text_printf(out, ", who took it at %.*s", STR_ARGS(taken));
        text_put(out, w->held_ended ? STR(" and has ended\n") : STR("\n"));
    }
    if (closes)
        text_printf(out, "   %-*s <- the circle closes here\n", name_columns, "");
}

static bool in_circle(const struct waits_record *w, int32_t wait) {
    for (int32_t i = 0; i < w->circle.len; i++)
        if (w->circle.at[i] == wait)
            return true;
    return false;
}

static void put_idle(const struct story *s, struct text *out) {
    const struct waits_record *w = s->waits;
    if (!w->idle.len)
        return;
    struct text line = {.arena = out->arena};
    text_put(&line, STR("idle, and not part of it:"));
    for (int32_t i = 0; i < w->idle.len && i < IDLE_SHOWN_MAX; i++)
        text_printf(&line, "%s %.*s", i ? "," : "", STR_ARGS(story_actor_name(s, w->idle.at[i])));
    if (w->idle.len > IDLE_SHOWN_MAX)
        text_printf(&line, " and %d more", w->idle.len - IDLE_SHOWN_MAX);
    text_wrapped(out, text_str(&line), 3, 100);
}

void story_put_waits(const struct story *s, struct diag_style style, struct text *out) {
    (void)style;
    const struct waits_record *w = s->waits;
    if (!w)
        return;
    int name_columns = 0;
    for (int32_t i = 0; i < w->waiting.len; i++) {
        int len = (int)story_actor_name(s, w->waiting.at[i].actor).len;
        name_columns = len > name_columns ? len : name_columns;
    }
    for (int32_t i = 0; i < w->circle.len; i++)
        put_wait(s, &w->waiting.at[w->circle.at[i]], name_columns, i == w->circle.len - 1, out);
    for (int32_t i = 0; i < w->waiting.len; i++)
        if (!in_circle(w, i))
            put_wait(s, &w->waiting.at[i], name_columns, false, out);
    put_idle(s, out);
    text_putc(out, '\n');
}

// ---- why -----------------------------------------------------------------------------

static const struct story_step *find_step(const struct story *s, int32_t number) {
    for (int32_t i = 0; i < s->steps.len; i++)
        if (s->steps.at[i].step == number)
            return &s->steps.at[i];
    return NULL;
}

// "Fork 1 took Take from Philosopher 1"
static struct str event_words(struct arena *a, const struct story *s, int32_t actor, int32_t from,
                              struct str event, struct str message) {
    struct str name = story_actor_name(s, actor);
    if (str_is(event, "message") && from != NOBODY)
        return str_format(a, "%.*s took %.*s from %.*s", STR_ARGS(name), STR_ARGS(message),
                          STR_ARGS(story_actor_name(s, from)));
    if (str_is(event, "message"))
        return str_format(a, "%.*s took %.*s", STR_ARGS(name), STR_ARGS(message));
    if (str_is(event, "reply"))
        return str_format(a, "%.*s got the answer to %.*s", STR_ARGS(name), STR_ARGS(message));
    if (str_is(event, "start"))
        return str_format(a, "%.*s started", STR_ARGS(name));
    if (str_is(event, "timer"))
        return str_format(a, "the time of %.*s came", STR_ARGS(name));
    if (str_is(event, "cancel"))
        return str_format(a, "%.*s was cancelled", STR_ARGS(name));
    if (str_is(event, "stop"))
        return str_format(a, "%.*s stopped", STR_ARGS(name));
    if (str_is(event, "kill"))
        return str_format(a, "%.*s was killed", STR_ARGS(name));
    if (str_is(event, "withdraw"))
        return str_format(a, "%.*s let %.*s go", STR_ARGS(name),
                          STR_ARGS(story_actor_name(s, from)));
    if (str_is(event, "advance"))
        return STR("time went on");
    if (str_is(event, "failed"))
        return str_format(a, "%.*s learned of the crash of %.*s", STR_ARGS(name),
                          STR_ARGS(story_actor_name(s, from)));
    if (str_is(event, "decided"))
        return str_format(a, "%.*s was told to %.*s", STR_ARGS(name), STR_ARGS(message));
    if (str_is(event, "mail"))
        return str_format(a, "%.*s began %.*s", STR_ARGS(name), STR_ARGS(message));
    if (str_is(event, "ended"))
        return str_format(a, "%.*s learned of the end of %.*s", STR_ARGS(name),
                          STR_ARGS(story_actor_name(s, from)));
    return str_format(a, "%.*s went on", STR_ARGS(name));
}

// A fault that struck within a step.
static struct str mishap_words(struct arena *a, const struct story_step *step,
                               const struct needed *n) {
    const char *noun = "misbehaviour";
    for (int32_t i = 0; step && i < step->mishaps.len; i++) {
        const struct fault_words *f = fault_of(step->mishaps.at[i].fault);
        if (f && str_eq(step->mishaps.at[i].place, n->mishap))
            noun = f->noun;
    }
    return str_format(a, "the %s of %.*s (step %d), without which nothing fails", noun,
                      STR_ARGS(n->mishap), n->step);
}

static struct str needed_words(struct arena *a, const struct story *s, const struct needed *n) {
    const struct story_step *first = find_step(s, n->step);
    if (n->mishap.len)
        return mishap_words(a, first, n);
    const struct fault_words *fault = first ? fault_of(first->event) : NULL;
    if (fault)
        return str_format(a, "the %s of %.*s (step %d), without which nothing fails", fault->noun,
                          STR_ARGS(story_actor_name(s, first->actor)), n->step);
    struct str instead = event_words(a, s, n->actor, n->from, n->event, n->message);
    if (!first)
        return str_format(a, "what happened in step %d came before %.*s", n->step,
                          STR_ARGS(instead));
    struct str done = event_words(a, s, first->actor, first->from, first->event, first->message);
    return str_format(a, "%.*s (step %d) before %.*s", STR_ARGS(done), n->step, STR_ARGS(instead));
}

static const char *plural(int32_t n) {
    return n == 1 ? "" : "s";
}

static void put_varied(const struct why_record *w, struct text *line) {
    if (w->harmless)
        text_printf(line, " I varied %d other choice%s, one at a time; it failed each time.",
                    w->harmless, plural(w->harmless));
    if (w->limited)
        text_put(line, STR(" I did not try them all."));
}

// Sentences behind a word in the margin: "Why    …".
static void put_headed(const char *heading, struct str s, struct diag_style style,
                       struct text *out) {
    text_printf(out, "%-*s", HEADING_COLUMNS, heading);
    text_wrapped(out, s, HEADING_COLUMNS, style.width < 100 ? style.width : 100);
}

static void put_needed(const struct story *s, struct diag_style style, struct text *out) {
    const struct why_record *w = s->why;
    struct text line = {.arena = out->arena};
    if (w->needed.len == 1) {
        text_put(&line, needed_words(out->arena, s, &w->needed.at[0]));
        text_put(&line, STR(". That is the only choice that matters: the other way round the "
                            "failure is gone."));
        put_varied(w, &line);
        put_headed("Why", text_str(&line), style, out);
        return;
    }
    text_printf(&line,
                "%d choices matter; with any one of them the other way round the failure is "
                "gone.",
                w->needed.len);
    put_varied(w, &line);
    put_headed("Why", text_str(&line), style, out);
    for (int32_t i = 0; i < w->needed.len && i < NEEDED_SHOWN_MAX; i++)
        put_headed("   *", needed_words(out->arena, s, &w->needed.at[i]), style, out);
    if (w->needed.len > NEEDED_SHOWN_MAX)
        put_headed("   *", str_format(out->arena, "and %d more", w->needed.len - NEEDED_SHOWN_MAX),
                   style, out);
}

static void put_look_at(const struct story *s, struct diag_style style, struct text *out) {
    struct str seen[PLACES_SHOWN_MAX];
    int count = 0;
    for (int32_t i = 0; i < 2 * s->why->needed.len && count < PLACES_SHOWN_MAX; i++) {
        const struct needed *n = &s->why->needed.at[i / 2];
        const struct place_record *p = i % 2 ? &n->second : &n->first;
        struct str place = story_place(out->arena, p->file, p->line);
        bool new_place = place.len > 0;
        for (int j = 0; j < count; j++)
            new_place = new_place && !str_eq(seen[j], place);
        if (new_place)
            seen[count++] = place;
    }
    struct text line = {.arena = out->arena};
    for (int i = 0; i < count; i++)
        text_printf(&line, "%s%.*s", i ? " and " : "at ", STR_ARGS(seen[i]));
    if (count)
        put_headed("Look", text_str(&line), style, out);
}

void story_put_why(const struct story *s, struct diag_style style, struct text *out) {
    const struct why_record *w = s->why;
    if (!w || !s->failed)
        return;
    if (w->needed.len) {
        put_needed(s, style, out);
        put_look_at(s, style, out);
    } else if (!w->needs_any) {
        struct text line = {.arena = out->arena};
        if (w->varied)
            text_printf(&line,
                        "the order does not matter: I varied %d choice%s, one at a time, and "
                        "it failed each time.",
                        w->varied, plural(w->varied));
        else
            text_put(&line, STR("the order does not matter: there was no choice to be made."));
        if (w->limited)
            text_put(&line, STR(" I did not try them all."));
        put_headed("Why", text_str(&line), style, out);
    } else {
        put_headed("Why", STR("no single choice matters alone; several together do."), style, out);
    }
    text_putc(out, '\n');
}

void story_put(const struct story *s, int32_t steps_max, struct diag_style style,
               struct text *out) {
    story_put_waits(s, style, out);
    story_put_happened(s, steps_max, style, out);
    story_put_why(s, style, out);
}
