// SPDX-License-Identifier: MIT
// `prism config`: what stands in place of flags that are not given, as the manifest and the
// environment say it.
#include "frontend/cli/manifest.h"

#include <stdlib.h>

static void put_value(struct text *out, const struct toml_value *v) {
    switch (v->kind) {
    case TOML_STRING:
        text_json(out, v->string);
        break;
    case TOML_INTEGER:
        text_printf(out, "%lld", (long long)v->integer);
        break;
    case TOML_BOOLEAN:
        text_put(out, v->boolean ? STR("true") : STR("false"));
        break;
    case TOML_ARRAY:
        for (int32_t i = 0; i < v->items.len; i++) {
            text_put(out, i ? STR(", ") : STR("["));
            put_value(out, v->items.at[i]);
        }
        text_put(out, v->items.len ? STR("]") : STR("[]"));
        break;
    case TOML_TABLE:
        text_put(out, STR("{}"));
        break;
    }
}

struct setting {
    struct str name, value, origin; // `value` as TOML and as JSON
};

static bool setting_of(struct cli *cli, const struct manifest *m, enum flag_id id,
                       struct setting *out) {
    const struct flag_info *f = flag_info(id);
    const struct toml_entry *e = manifest_flag(m, id);
    const char *variable = f->environment ? getenv(f->environment) : NULL;
    struct text value = {.arena = cli->arena};
    if (variable && *variable) {
        text_json(&value, str_from(variable));
        out->origin = str_from(f->environment);
    } else if (e) {
        put_value(&value, e->value);
        out->origin = manifest_place(cli->arena, e->span);
    } else {
        return false;
    }
    const char *table = f->command == COMMAND_common ? "prism" : command_info(f->command)->name;
    out->name = str_format(cli->arena, "%s.%s", table, flag_spelling(cli->arena, id).data);
    out->value = text_str(&value);
    return true;
}

static void put_setting(struct cli *cli, const struct setting *s, struct text *out) {
    if (cli_format(cli) == OUT_JSON) {
        text_put(out, STR("{\"schema\":1,\"event\":\"setting\",\"name\":"));
        text_json(out, s->name);
        text_printf(out, ",\"value\":%.*s,\"origin\":", STR_ARGS(s->value));
        text_json(out, s->origin);
        text_put(out, STR("}\n"));
        return;
    }
    struct str line = str_format(cli->arena, "%.*s = %.*s", STR_ARGS(s->name), STR_ARGS(s->value));
    if (flag_on(cli, FLAG_config_show_origin))
        text_printf(out, "%-48s  # %.*s\n", line.data, STR_ARGS(s->origin));
    else
        text_printf(out, "%s\n", line.data);
}

int config_command(struct cli *cli) {
    const struct manifest *m;
    if (cli->arguments.len > 1) {
        struct diag *d = diag_add(cli->sink, P0001, NO_SPAN, "`prism config` takes one path");
        diag_note(cli->sink, d, "usage: prism config %s", command_info(COMMAND_config)->arguments);
        return EXIT_ASKED;
    }
    if (!manifest_of(cli, cli->arguments.len ? cli->arguments.at[0].data : ".", &m))
        return EXIT_ASKED;
    struct text out = {.arena = cli->arena};
    for (int i = 0; i < FLAG_ID_COUNT; i++) {
        struct setting s;
        if (setting_of(cli, m, (enum flag_id)i, &s))
            put_setting(cli, &s, &out);
    }
    return !out.len || cli_print(cli, text_str(&out)) ? EXIT_HELD : EXIT_IO;
}
