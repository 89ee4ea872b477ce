// SPDX-License-Identifier: MIT
// Reading --fault KIND=SETTING. A number without its unit could mean many things, so it is refused
// together with what was probably meant.
#include "fault/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { R = 1, N = 2, D = 4 };

struct fault_entry {
    const char *name;
    int settings;
    uint32_t rate_ppm, times;
};
static const struct fault_entry entries[FAULTS] = {
#define FAULT(id, name, settings, rate, times, ...) {name, settings, rate, times},
#include "fault/faults.def"
#undef FAULT
};

enum { TIMES_DEFAULT = 4, RATE_DEFAULT_PPM = 20000 };
#define LEAST_DEFAULT_NS 1000000ll
#define MOST_DEFAULT_NS  1000000000ll

const char *fault_word(enum fault_kind kind) {
    return entries[kind].name;
}

struct fault_plan fault_plan_of_chaos(void) {
    struct fault_plan plan = {.any = true};
    for (int i = 0; i < FAULTS; i++)
        plan.of[i] = (struct fault_setting){entries[i].rate_ppm, entries[i].times, LEAST_DEFAULT_NS,
                                            MOST_DEFAULT_NS};
    return plan;
}

// ---- words --------------------------------------------------------------------------------------

static char sentence[256];

static const char *say(const char *format, const char *kind, const char *what) {
    snprintf(sentence, sizeof sentence, format, kind, what);
    return sentence;
}

// Letters that have to be changed, put in or taken out; short words only.
static size_t distance(const char *a, size_t len, const char *b) {
    enum { WORD_MAX = 32 };
    size_t row[WORD_MAX + 1], other = strlen(b);
    if (len > WORD_MAX || other > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= other; j++)
        row[j] = j;
    for (size_t i = 1; i <= len; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= other; j++) {
            size_t change = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = least < change ? least : change;
        }
    }
    return row[other];
}

static const char *nearest(const char *word, size_t len) {
    const char *best = NULL;
    size_t least = len / 2 + 1;
    for (int i = 0; i < FAULTS; i++) {
        size_t d = distance(word, len, entries[i].name);
        const char *last = strrchr(entries[i].name, '.');
        size_t short_form = last ? distance(word, len, last + 1) : d;
        d = short_form < d ? short_form : d;
        if (d < least) {
            least = d;
            best = entries[i].name;
        }
    }
    return best;
}

// ---- parts of a setting -------------------------------------------------------------------------

static bool read_share(const char *text, uint32_t *ppm) {
    char *end;
    double share = strtod(text, &end);
    bool shaped = end != text && !strcmp(end, "%") && text[0] >= '0' && text[0] <= '9' &&
                  strspn(text, "0123456789.%") == strlen(text);
    if (!shaped || share > 100)
        return false;
    *ppm = (uint32_t)(share * 10000 + 0.5);
    return true;
}

static bool read_times(const char *text, uint32_t *times) {
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || strcmp(end, "x") || n > FAULT_TIMES_MAX)
        return false;
    *times = (uint32_t)n;
    return true;
}

static bool read_length(const char *text, size_t len, int64_t *ns) {
    static const struct {
        const char *unit;
        int64_t ns;
    } units[] = {{"ns", 1},         {"us", 1000},       {"ms", 1000000},
                 {"s", 1000000000}, {"m", 60000000000}, {"h", 3600000000000}};
    char *end;
    if (!len || text[0] < '0' || text[0] > '9')
        return false;
    unsigned long long n = strtoull(text, &end, 10);
    size_t rest = len - (size_t)(end - text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        bool fits = strlen(units[i].unit) == rest && !memcmp(end, units[i].unit, rest);
        if (!fits)
            continue;
        *ns = (int64_t)n * units[i].ns;
        return n <= (unsigned long long)(FAULT_NS_MAX / units[i].ns);
    }
    return false;
}

static bool read_range(const char *text, int64_t *least, int64_t *most) {
    const char *dots = strstr(text, "..");
    size_t len = dots ? (size_t)(dots - text) : strlen(text);
    const char *second = dots ? dots + 2 : text;
    return read_length(text, len, least) && read_length(second, strlen(second), most) &&
           *least <= *most;
}

static const char *wants(int settings) {
    if (settings & D)
        return "a share of events, 5%, a number of times, 3x, or a length, 1ms..40ms";
    return "a share of events, between 0% and 100%, or a number of times, 3x";
}

static const char *read_part(const struct fault_entry *entry, struct fault_setting *s,
                             const char *part) {
    uint32_t rate = 0, times = 0;
    int64_t least = 0, most = 0;
    if (!strcmp(part, "off")) {
        s->rate_ppm = 0;
    } else if ((entry->settings & R) && read_share(part, &rate)) {
        s->rate_ppm = rate;
    } else if ((entry->settings & N) && read_times(part, &times)) {
        s->times = times;
    } else if ((entry->settings & D) && read_range(part, &least, &most)) {
        s->least_ns = least;
        s->most_ns = most;
    } else {
        static char what[200];
        bool bare = part[0] && strspn(part, "0123456789.") == strlen(part);
        snprintf(what, sizeof what, "`%.40s`%s; it takes %s", part,
                 bare ? ", a number without a unit" : "", wants(entry->settings));
        return say("`%s` is not %s", entry->name, what);
    }
    return NULL;
}

static int kind_of(const char *text, size_t len) {
    for (int i = 0; i < FAULTS; i++)
        if (strlen(entries[i].name) == len && !memcmp(entries[i].name, text, len))
            return i;
    return -1;
}

const char *fault_set(struct fault_plan *plan, const char *text, const char **near) {
    const char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : strlen(text);
    int kind = kind_of(text, len);
    char parts[128], name[64];
    snprintf(name, sizeof name, "%.*s", (int)(len < 40 ? len : 40), text);
    *near = NULL;
    if (kind < 0) {
        *near = nearest(text, len);
        return say("there is no fault `%s`%s", name, "");
    }
    if (!equals || !equals[1])
        return say("`%s` needs a setting: %s", name, wants(entries[kind].settings));
    if (strlen(equals + 1) >= sizeof parts)
        return say("the setting of `%s` is too long%s", name, "");
    struct fault_setting *s = &plan->of[kind];
    *s = (struct fault_setting){entries[kind].rate_ppm ? entries[kind].rate_ppm : RATE_DEFAULT_PPM,
                                entries[kind].times ? entries[kind].times : TIMES_DEFAULT,
                                LEAST_DEFAULT_NS, MOST_DEFAULT_NS};
    strcpy(parts, equals + 1);
    char *part = parts, *rest = parts;
    while (rest) {
        part = rest;
        rest = strchr(rest, ',');
        if (rest)
            *rest++ = 0;
        const char *wrong = read_part(&entries[kind], s, part);
        if (wrong)
            return wrong;
    }
    plan->any = true;
    return NULL;
}
