// SPDX-License-Identifier: MIT
// A story for other tools: Chrome's trace events (chrome://tracing, Perfetto), ShiViz's logs, a
// sequence diagram in Mermaid's words, JSON. A step is an event of the run; where a format wants a
// time, it is the number of the step, since virtual time mostly stands still.
#include "sim/report/story.h"

#include <assert.h>
#include <stdlib.h>

// ---- pieces --------------------------------------------------------------------------

static void put_member(struct text *out, const char *name, struct str value) {
    text_printf(out, ",\"%s\":", name);
    text_json(out, value);
}

static struct str place_of(struct arena *a, const struct story_step *s) {
    struct str file = s->at_file.len ? s->at_file : s->place.file;
    int32_t line = s->at_file.len ? s->at_line : s->place.line;
    return file.len ? str_format(a, "%.*s:%d", STR_ARGS(file), line) : STR("");
}

// The step that sent this one, if it is told, too.
static const struct story_step *sender_of(const struct story *s, const struct story_step *step) {
    int32_t first = s->steps.len ? s->steps.at[0].step : 0;
    int32_t at = step->sent - first;
    return step->sent > 0 && at >= 0 && at < s->steps.len ? &s->steps.at[at] : NULL;
}

static bool crosses(const struct story_step *s) {
    return s->from != NOBODY && s->from != s->actor;
}

// ---- Chrome --------------------------------------------------------------------------

// A lane for each actor; a message is an arrow from the step that sent it.
void story_put_chrome(const struct story *s, struct text *out) {
    struct arena *a = out->arena;
    text_put(out, STR("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"));
    text_put(out, STR("{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":1,\"args\":{\"name\":"));
    text_json(out, s->name);
    text_put(out, STR("}}"));
    for (int32_t i = 0; i < s->actors.len; i++) {
        text_printf(
            out,
            ",\n{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":%d,\"args\":{\"name\":",
            i + 1);
        text_json(out, s->actors.at[i].name);
        text_put(out, STR("}}"));
    }
    for (int32_t i = 0; i < s->steps.len; i++) {
        const struct story_step *step = &s->steps.at[i];
        const struct story_step *sender = sender_of(s, step);
        text_printf(out, ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"ts\":%d,\"dur\":800,\"cat\":",
                    step->actor + 1, step->step * 1000);
        text_json(out, step->event);
        put_member(out, "name", story_step_words(a, step));
        text_printf(out, ",\"args\":{\"step\":%d,\"virtual_ns\":%lld", step->step,
                    (long long)step->now_ns);
        put_member(out, "place", place_of(a, step));
        text_put(out, STR("}}"));
        if (!sender || !crosses(step))
            continue;
        text_printf(out,
                    ",\n{\"ph\":\"s\",\"cat\":\"sent\",\"name\":\"sent\",\"id\":%d,\"pid\":1,"
                    "\"tid\":%d,\"ts\":%d}",
                    step->step, sender->actor + 1, sender->step * 1000 + 700);
        text_printf(out,
                    ",\n{\"ph\":\"f\",\"bp\":\"e\",\"cat\":\"sent\",\"name\":\"sent\",\"id\":%d,"
                    "\"pid\":1,\"tid\":%d,\"ts\":%d}",
                    step->step, step->actor + 1, step->step * 1000);
    }
    text_put(out, STR("\n]}\n"));
}

// ---- ShiViz --------------------------------------------------------------------------

// An actor's name as one word.
static void put_word(struct text *out, struct str name) {
    for (size_t i = 0; i < name.len; i++)
        text_putc(out, name.data[i] == ' ' || name.data[i] == '"' ? '_' : name.data[i]);
}

// Vector clocks: of an actor's step, what it and the step that sent it knew, and one more of its
// own.
void story_put_shiviz(const struct story *s, struct text *out) {
    int32_t actors = s->actors.len, steps = s->steps.len;
    int32_t *clocks = calloc((size_t)(steps + 1) * (size_t)(actors + 1), sizeof *clocks);
    int32_t *last = calloc((size_t)actors + 1, sizeof *last); // index + 1 of an actor's last step
    if (!clocks || !last)
        abort();
    text_put(out, STR("(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)\n\n"));
    for (int32_t i = 0; i < steps; i++) {
        const struct story_step *step = &s->steps.at[i], *sender = sender_of(s, step);
        int32_t *clock = clocks + (size_t)i * (size_t)actors;
        const int32_t *own =
            last[step->actor] ? clocks + (size_t)(last[step->actor] - 1) * (size_t)actors : NULL;
        const int32_t *sent =
            sender ? clocks + (size_t)(sender - s->steps.at) * (size_t)actors : NULL;
        for (int32_t k = 0; k < actors; k++) {
            clock[k] = own ? own[k] : 0;
            clock[k] = sent && sent[k] > clock[k] ? sent[k] : clock[k];
        }
        clock[step->actor]++;
        last[step->actor] = i + 1;
        put_word(out, s->actors.at[step->actor].name);
        text_put(out, STR(" {"));
        bool any = false;
        for (int32_t k = 0; k < actors; k++) {
            if (!clock[k])
                continue;
            text_put(out, any ? STR(", \"") : STR("\""));
            put_word(out, s->actors.at[k].name);
            text_printf(out, "\":%d", clock[k]);
            any = true;
        }
        struct str words = story_step_words(out->arena, step);
        text_printf(out, "}\n%.*s\n", STR_ARGS(words));
    }
    free(clocks);
    free(last);
}

// ---- Mermaid -------------------------------------------------------------------------

// Words in which nothing means something to Mermaid.
static void put_plain(struct text *out, struct str words) {
    for (size_t i = 0; i < words.len; i++) {
        char c = words.data[i];
        text_putc(out, c == ';' || c == '#' || c == '\n' || c == ':' ? ' ' : c);
    }
}

void story_put_mermaid(const struct story *s, struct text *out) {
    text_put(out, STR("sequenceDiagram\n"));
    for (int32_t i = 0; i < s->actors.len; i++) {
        text_printf(out, "    participant a%d as ", i);
        put_plain(out, s->actors.at[i].name);
        if (s->actors.at[i].node.len) {
            text_put(out, STR(" on "));
            put_plain(out, s->actors.at[i].node);
        }
        text_putc(out, '\n');
    }
    for (int32_t i = 0; i < s->steps.len; i++) {
        const struct story_step *step = &s->steps.at[i];
        if (crosses(step))
            text_printf(out, "    a%d%sa%d: ", step->from,
                        str_is(step->event, "reply") ? "-->>" : "->>", step->actor);
        else
            text_printf(out, "    Note over a%d: ", step->actor);
        text_printf(out, "%d ", step->step);
        put_plain(out, story_step_words(out->arena, step));
        text_putc(out, '\n');
    }
}

// ---- JSON ----------------------------------------------------------------------------

static void put_step(const struct story_step *s, struct text *out) {
    text_printf(out, "{\"step\":%d,\"actor\":%d", s->step, s->actor);
    put_member(out, "event", s->event);
    if (s->from == NOBODY)
        text_put(out, STR(",\"from\":null"));
    else
        text_printf(out, ",\"from\":%d", s->from);
    text_printf(out, ",\"sent\":%d", s->sent);
    put_member(out, "message", s->message);
    put_member(out, "args", s->args);
    put_member(out, "failed", s->failed);
    put_member(out, "file", s->at_file);
    text_printf(out, ",\"line\":%d,\"now_ns\":%lld,\"choice\":%d,\"changes\":[", s->at_line,
                (long long)s->now_ns, s->choice);
    for (int32_t i = 0; i < s->changes.len; i++) {
        text_put(out, i ? STR(",{\"name\":") : STR("{\"name\":"));
        text_json(out, s->changes.at[i].name);
        put_member(out, "before", s->changes.at[i].before);
        put_member(out, "after", s->changes.at[i].after);
        text_putc(out, '}');
    }
    text_put(out, STR("],\"output\":["));
    for (int32_t i = 0; i < s->output.len; i++) {
        text_printf(out, "%s{\"stream\":%d", i ? "," : "", s->output.at[i].stream);
        put_member(out, "text", s->output.at[i].text);
        text_putc(out, '}');
    }
    text_put(out, STR("],\"mishaps\":["));
    for (int32_t i = 0; i < s->mishaps.len; i++) {
        text_put(out, i ? STR(",{\"fault\":") : STR("{\"fault\":"));
        text_json(out, s->mishaps.at[i].fault);
        put_member(out, "place", s->mishaps.at[i].place);
        text_putc(out, '}');
    }
    text_put(out, STR("]}"));
}

void story_put_json(const struct story *s, struct text *out) {
    text_put(out, STR("{\"schema\":1,\"event\":\"story\",\"name\":"));
    text_json(out, s->name);
    text_printf(out,
                ",\"status\":\"%s\",\"events\":%d,\"switches\":%d,\"left_out\":%d,\"actors\":[",
                s->failed ? "failed" : "passed", s->events, s->switches, s->left_out);
    for (int32_t i = 0; i < s->actors.len; i++) {
        const struct story_actor *actor = &s->actors.at[i];
        text_put(out, i ? STR(",{\"name\":") : STR("{\"name\":"));
        text_json(out, actor->name);
        put_member(out, "path", actor->path);
        put_member(out, "type", actor->type);
        put_member(out, "file", actor->file);
        put_member(out, "node", actor->node);
        text_printf(out, ",\"line\":%d}", actor->line);
    }
    text_put(out, STR("],\"steps\":["));
    for (int32_t i = 0; i < s->steps.len; i++) {
        text_put(out, i ? STR(",\n") : STR("\n"));
        put_step(&s->steps.at[i], out);
    }
    text_put(out, STR("\n]}\n"));
}
