// SPDX-License-Identifier: MIT
// The command line, read by the table.
//
// `prism [common flags] COMMAND [flags and arguments] [-- rest]`. A flag's value follows after `=`
// or as the next argument (never one that begins with `-`, unless after `=`). A flag with one value
// may stand once: a second one would silently win. The first mistake ends the reading.
#include "frontend/cli/cli.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct cli *cli;
    char **argv;
    int argc, at; // argv[at] is the next argument
};

static bool wrong(struct cli *cli) {
    assert(cli->sink->errors > 0);
    return false;
}

// ---- values --------------------------------------------------------------------------

static bool number_parse(struct str s, int base, uint64_t *out) {
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int c = s.data[i], digit = c >= '0' && c <= '9'   ? c - '0'
                                   : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                   : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                          : 99;
        if (digit >= base || __builtin_mul_overflow(n, (uint64_t)base, &n) ||
            __builtin_add_overflow(n, (uint64_t)digit, &n))
            return false;
    }
    *out = n;
    return s.len > 0;
}

// Splits "30ms" into 30 and "ms"; the number is decimal.
static bool number_with_unit(struct str s, uint64_t *number, struct str *unit) {
    size_t digits = 0;
    while (digits < s.len && s.data[digits] >= '0' && s.data[digits] <= '9')
        digits++;
    *unit = (struct str){s.data + digits, s.len - digits};
    return number_parse((struct str){s.data, digits}, 10, number);
}

struct unit {
    const char *name;
    uint64_t factor;
};

static bool unit_apply(const struct unit *units, int count, struct str s, uint64_t *out) {
    uint64_t number;
    struct str unit;
    if (!number_with_unit(s, &number, &unit))
        return false;
    for (int i = 0; i < count; i++)
        if (str_is(unit, units[i].name))
            return !__builtin_mul_overflow(number, units[i].factor, out);
    return false;
}

bool duration_parse(struct str s, uint64_t *out) {
    static const struct unit units[] = {{"ns", 1},           {"us", 1000},
                                        {"ms", 1000000},     {"s", 1000000000},
                                        {"m", 60000000000u}, {"h", 3600000000000u}};
    return unit_apply(units, 6, s, out);
}

bool count_parse(struct str s, uint64_t *out) {
    static const struct unit units[] = {{"", 1}, {"k", 1000}, {"M", 1000000}, {"G", 1000000000}};
    return unit_apply(units, 4, s, out);
}

static bool seed_parse(struct str s, uint64_t *out) {
    if (str_starts(s, STR("0x")))
        return number_parse((struct str){s.data + 2, s.len - 2}, 16, out);
    return number_parse(s, 10, out);
}

// The words of "a|b|c" one by one: false at the end.
static bool next_word(struct str *words, struct str *word) {
    if (!words->data)
        return false;
    const char *bar = memchr(words->data, '|', words->len);
    size_t len = bar ? (size_t)(bar - words->data) : words->len;
    *word = (struct str){words->data, len};
    *words = bar ? (struct str){bar + 1, words->len - len - 1} : (struct str){0};
    return true;
}

static bool choice_has(const char *words, struct str value) {
    struct str left = str_from(words), word;
    while (next_word(&left, &word))
        if (str_eq(word, value))
            return true;
    return false;
}

static const char *choice_nearest(struct arena *a, const char *words, struct str value) {
    VEC(const char *) all = {0};
    struct str left = str_from(words), word;
    while (next_word(&left, &word))
        vec_push(a, &all, str_dup(a, word).data);
    return diag_nearest(value, all.at, all.len);
}

// `Family`, `Family.Name`, and either with something in parentheses: what is misspelt would grant,
// and deny, nothing.
static bool is_capability(struct str s) {
    size_t at = 0, begin = 0;
    for (; at < s.len && s.data[at] != '('; at++) {
        bool is_first = at == begin;
        if (s.data[at] == '.' && !is_first)
            begin = at + 1;
        else if (!isalpha((unsigned char)s.data[at]) && s.data[at] != '_' &&
                 (is_first || !isdigit((unsigned char)s.data[at])))
            return false;
    }
    bool has_argument = at + 2 < s.len && s.data[s.len - 1] == ')';
    return at > begin && (at == s.len || has_argument);
}

// One a line, as the environment says them.
static bool are_capabilities(struct str s) {
    while (s.len) {
        struct str line = str_take_line(&s);
        line.len -= str_ends(line, STR("\n"));
        if (line.len && !is_capability(line))
            return false;
    }
    return true;
}

static bool is_setting(struct str s) {
    const char *equals = s.len ? memchr(s.data, '=', s.len) : NULL;
    return equals && equals > s.data;
}

static bool list_fits(const struct flag_info *info, struct str value) {
    if (strcmp(info->value, "CAP") == 0)
        return are_capabilities(value);
    return strcmp(info->value, "PARAM=VALUE") != 0 || is_setting(value);
}

static const char *list_in_words(const struct flag_info *info) {
    return strcmp(info->value, "CAP") == 0 ? "a capability: FileSystem.Read(/data), Environment"
           : strchr(info->value, '=')      ? "a name and a value: n=3"
                                           : "a value";
}

static const char *kind_in_words(enum flag_kind kind) {
    switch (kind) {
    case FLAG_COUNT:
        return "a whole number; k, M and G multiply (20k)";
    case FLAG_SEED:
        return "a whole number below 2^64, hexadecimal after 0x";
    case FLAG_DURATION:
        return "a time with its unit: 500ms, 30s, 10m, 2h";
    default:
        return "a value";
    }
}

static bool bad_value(struct cli *cli, struct flag_origin origin, enum flag_id id,
                      struct str value) {
    const struct flag_info *info = flag_info(id);
    struct diag *d = diag_add(cli->sink, P0007, origin.span, "`%s` cannot be `%.*s`",
                              origin.said_as, STR_ARGS(value));
    if (info->kind == FLAG_CHOICE) {
        const char *near = choice_nearest(cli->arena, info->value, value);
        if (near)
            diag_note(cli->sink, d, "did you mean `%s`?", near);
        diag_note(cli->sink, d, "it is one of %s", info->value);
    } else {
        diag_note(cli->sink, d, "it is %s",
                  info->kind == FLAG_LIST ? list_in_words(info) : kind_in_words(info->kind));
    }
    return wrong(cli);
}

bool flag_set(struct cli *cli, struct flag_origin origin, enum flag_id id, struct str value) {
    const struct flag_info *info = flag_info(id);
    struct flag_value *v = &cli->flags[id];
    bool fits = true;
    switch (info->kind) {
    case FLAG_COUNT:
        fits = count_parse(value, &v->number);
        break;
    case FLAG_SEED:
        fits = seed_parse(value, &v->number);
        break;
    case FLAG_DURATION:
        fits = duration_parse(value, &v->number);
        break;
    case FLAG_CHOICE:
        fits = choice_has(info->value, value);
        break;
    case FLAG_LIST:
        fits = list_fits(info, value);
        vec_push(cli->arena, &v->all, value);
        break;
    case FLAG_TEXT:
        fits = value.len > 0;
        break;
    case FLAG_SWITCH:
        assert(!"a switch has no text");
        break;
    }
    if (!fits)
        return bad_value(cli, origin, id, value);
    v->text = value;
    v->set = true;
    return true;
}

// ---- flags ---------------------------------------------------------------------------

static bool flag_belongs(enum flag_id id, enum command_id command) {
    enum command_id owner = flag_info(id)->command;
    return owner == COMMAND_common || owner == command;
}

// Compares a name of the table, where `_` stands for `-`, with one from the command line.
bool flag_is_named(enum flag_id id, struct str typed) {
    const char *name = flag_info(id)->name;
    size_t i = 0;
    for (; i < typed.len && name[i]; i++)
        if ((name[i] == '_' ? '-' : name[i]) != typed.data[i])
            return false;
    return i == typed.len && !name[i];
}

static bool flag_find(enum command_id command, struct str name, enum flag_id *out) {
    for (int i = 0; i < FLAG_ID_COUNT; i++)
        if (flag_belongs((enum flag_id)i, command) && flag_is_named((enum flag_id)i, name))
            return *out = (enum flag_id)i, true;
    return false;
}

static bool flag_find_letter(enum command_id command, char letter, enum flag_id *out) {
    for (int i = 0; i < FLAG_ID_COUNT; i++)
        if (flag_belongs((enum flag_id)i, command) && letter && flag_info(i)->letter == letter)
            return *out = (enum flag_id)i, true;
    return false;
}

static bool unknown_flag(struct cli *cli, const char *typed, struct str name) {
    VEC(const char *) names = {0};
    const char *elsewhere = NULL;
    for (int i = 0; i < FLAG_ID_COUNT; i++) {
        if (flag_belongs((enum flag_id)i, cli->command))
            vec_push(cli->arena, &names, flag_spelling(cli->arena, (enum flag_id)i).data);
        else if (flag_is_named((enum flag_id)i, name))
            elsewhere = command_info(flag_info(i)->command)->name;
    }
    const char *of = cli->command == COMMAND_common ? "" : command_info(cli->command)->name;
    struct diag *d = diag_add(cli->sink, P0001, NO_SPAN, "`prism%s%s` has no flag `%s`",
                              *of ? " " : "", of, typed);
    const char *near = diag_nearest(name, names.at, names.len);
    if (elsewhere)
        diag_note(cli->sink, d, "`prism %s` has it", elsewhere);
    else if (near)
        diag_note(cli->sink, d, "did you mean `--%s`?", near);
    diag_note(cli->sink, d, "all of them: prism help%s%s", *of ? " " : "", of);
    return wrong(cli);
}

static bool set_once(struct cli *cli, const char *said_as, enum flag_id id) {
    if (!cli->flags[id].set || flag_info(id)->kind == FLAG_LIST)
        return true;
    diag_add(cli->sink, P0001, NO_SPAN, "`%s` is given twice", said_as);
    return wrong(cli);
}

// A flag has been recognised; `value.data` is NULL if none was attached with `=`.
static bool flag_take(struct reader *r, const char *said_as, enum flag_id id, bool negated,
                      struct str value) {
    struct cli *cli = r->cli;
    const struct flag_info *info = flag_info(id);
    if (info->state == STATE_PLANNED) {
        diag_add(cli->sink, P8001, NO_SPAN, "`%s` is not built yet", said_as);
        return wrong(cli);
    }
    if (!set_once(cli, said_as, id))
        return false;
    if (info->kind == FLAG_SWITCH) {
        if (value.data) {
            diag_add(cli->sink, P0001, NO_SPAN, "`%s` takes no value", said_as);
            return wrong(cli);
        }
        cli->flags[id].set = true;
        cli->flags[id].on = !negated;
        return true;
    }
    if (!value.data) {
        const char *next = r->at < r->argc ? r->argv[r->at] : NULL;
        if (!next || (next[0] == '-' && next[1])) {
            struct diag *d = diag_add(cli->sink, P0001, NO_SPAN, "`%s` lacks its value", said_as);
            diag_note(cli->sink, d, "usage: %s %s", said_as, info->value);
            return wrong(cli);
        }
        value = str_from(next);
        r->at++;
    }
    return flag_set(cli, (struct flag_origin){.said_as = said_as}, id, value);
}

static bool long_flag(struct reader *r, const char *typed) {
    const char *equals = strchr(typed, '=');
    struct str value = equals ? str_from(equals + 1) : (struct str){0};
    struct str name = {typed + 2, equals ? (size_t)(equals - typed) - 2 : strlen(typed + 2)};
    const char *said_as = str_format(r->cli->arena, "--%.*s", STR_ARGS(name)).data;
    enum flag_id id;
    if (flag_find(r->cli->command, name, &id))
        return flag_take(r, said_as, id, false, value);
    struct str positive = {name.data + 3, name.len - 3};
    if (str_starts(name, STR("no-")) && flag_find(r->cli->command, positive, &id) &&
        flag_info(id)->kind == FLAG_SWITCH)
        return flag_take(r, said_as, id, true, value);
    return unknown_flag(r->cli, said_as, name);
}

// -j4, -j 4, -j=4; letters are not combined.
static bool short_flag(struct reader *r, const char *typed) {
    const char *said_as = str_format(r->cli->arena, "-%c", typed[1]).data;
    enum flag_id id;
    if (!flag_find_letter(r->cli->command, typed[1], &id))
        return unknown_flag(r->cli, typed, str_from(typed + 1));
    struct str value = {0};
    if (typed[2])
        value = str_from(typed + (typed[2] == '=' ? 3 : 2));
    return flag_take(r, said_as, id, false, value);
}

// ---- commands ------------------------------------------------------------------------

void command_unknown(struct cli *cli, struct str typed) {
    const char *names[COMMAND_COUNT];
    for (int i = 1; i < COMMAND_COUNT; i++)
        names[i - 1] = command_info((enum command_id)i)->name;
    struct diag *d =
        diag_add(cli->sink, P0001, NO_SPAN, "there is no command `%.*s`", STR_ARGS(typed));
    const char *near = diag_nearest(typed, names, COMMAND_COUNT - 1);
    if (near)
        diag_note(cli->sink, d, "did you mean `prism %s`?", near);
    else if (str_ends(typed, STR(".prism")))
        diag_note(cli->sink, d, "to run the program: prism run %.*s", STR_ARGS(typed));
    diag_note(cli->sink, d, "all of them: prism help");
}

bool command_find(struct str name, enum command_id *out) {
    for (int i = 1; i < COMMAND_COUNT; i++)
        if (str_is(name, command_info((enum command_id)i)->name))
            return *out = (enum command_id)i, true;
    return false;
}

static bool read_argument(struct reader *r, const char *typed) {
    struct cli *cli = r->cli;
    if (cli->command != COMMAND_common) {
        vec_push(cli->arena, &cli->arguments, str_from(typed));
        return true;
    }
    if (!command_find(str_from(typed), &cli->command)) {
        command_unknown(cli, str_from(typed));
        return wrong(cli);
    }
    cli->command_at = r->at - 1;
    if (command_info(cli->command)->state == STATE_PLANNED) {
        diag_add(cli->sink, P8001, NO_SPAN, "`prism %s` is not built yet", typed);
        return wrong(cli);
    }
    return true;
}

static bool read_environment(struct cli *cli) {
    for (int i = 0; i < FLAG_ID_COUNT; i++) {
        const struct flag_info *info = flag_info((enum flag_id)i);
        const char *value = info->environment ? getenv(info->environment) : NULL;
        if (!value || !*value || cli->flags[i].set || !flag_belongs((enum flag_id)i, cli->command))
            continue;
        struct flag_origin origin = {.said_as = info->environment};
        if (!flag_set(cli, origin, (enum flag_id)i, str_from(value)))
            return false;
    }
    return true;
}

bool cli_parse(struct cli *cli, int argc, char **argv) {
    struct reader r = {.cli = cli, .argv = argv, .argc = argc, .at = 1};
    cli->argc = argc;
    cli->argv = argv;
    while (r.at < argc) {
        const char *typed = argv[r.at++];
        bool good;
        if (strcmp(typed, "--") == 0)
            break;
        if (typed[0] == '-' && typed[1] == '-')
            good = long_flag(&r, typed);
        else if (typed[0] == '-' && typed[1])
            good = short_flag(&r, typed);
        else
            good = read_argument(&r, typed);
        if (!good)
            return false;
    }
    for (; r.at < argc; r.at++)
        vec_push(cli->arena, &cli->rest, str_from(argv[r.at]));
    return read_environment(cli);
}
