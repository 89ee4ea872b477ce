// SPDX-License-Identifier: MIT
// Finding a manifest, holding it to what a manifest may say, and handing it on.
#include "frontend/cli/manifest.h"

#include "frontend/syntax/syntax.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- finding -------------------------------------------------------------------------

static bool is_folder(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static const char *in_folder(struct arena *a, struct str folder) {
    return str_format(a, "%.*s" MANIFEST_NAME, STR_ARGS(folder)).data;
}

// "a/b/" of "a/b/c.prism", "a/b/" of the folder "a/b", "" of "c.prism" and of ".".
static struct str folder_of(struct arena *a, const char *path) {
    if (strcmp(path, "-") == 0 || strcmp(path, ".") == 0)
        return STR("");
    if (is_folder(path))
        return str_format(a, "%s%s", path, str_ends(str_from(path), STR("/")) ? "" : "/");
    const char *slash = strrchr(path, '/');
    return str_dup(a, (struct str){path, slash ? (size_t)(slash - path) + 1 : 0});
}

// The folder above in the path as it is written; false if the path does not say it.
static bool go_up(struct str *folder) {
    size_t len = folder->len;
    while (len && folder->data[len - 1] == '/')
        len--;
    size_t last = len;
    while (len && folder->data[len - 1] != '/')
        len--;
    struct str name = {folder->data + len, last - len};
    if (!last || str_is(name, "..") || str_is(name, "."))
        return false;
    folder->len = len;
    return true;
}

// The nearest manifest: first in the folders that the path names, so that what is said of it looks
// like what the user wrote, then in those above them.
static const char *find(struct arena *a, const char *path, struct str *folder) {
    *folder = folder_of(a, path);
    do {
        const char *file = in_folder(a, *folder);
        if (access(file, F_OK) == 0)
            return file;
    } while (go_up(folder));
    char whole[PATH_MAX];
    if (!realpath(folder->len ? str_dup(a, *folder).data : ".", whole))
        return NULL;
    *folder = str_format(a, "%s/", whole);
    while (go_up(folder)) {
        const char *file = in_folder(a, *folder);
        if (access(file, F_OK) == 0)
            return file;
    }
    return NULL;
}

// ---- what it may say -----------------------------------------------------------------

static void unknown_key(struct cli *cli, const struct toml_entry *e, const char *what,
                        const char *const *names, int32_t count) {
    struct diag *d = diag_add(cli->sink, P0014, e->span, "`%.*s` is no %s", STR_ARGS(e->key), what);
    const char *near = diag_nearest(e->key, names, count);
    if (near) {
        diag_primary(cli->sink, d, "did you mean `%s`?", near);
        return;
    }
    struct text all = {.arena = cli->arena};
    for (int32_t i = 0; i < count; i++)
        text_printf(&all, "%s%s", i ? ", " : "", names[i]);
    diag_primary(cli->sink, d, "it is one of %.*s", STR_ARGS(text_str(&all)));
}

static bool is_kind(struct cli *cli, const struct toml_value *v, enum toml_kind kind) {
    if (v->kind == kind)
        return true;
    struct diag *d = diag_add(cli->sink, P0014, v->span, "this is %s, and should be %s",
                              toml_kind_word(v->kind), toml_kind_word(kind));
    diag_primary(cli->sink, d, "%s belongs here", toml_kind_word(kind));
    return false;
}

static bool is_library(struct str s) {
    return str_starts(s, STR("-l")) || str_starts(s, STR("-L"));
}

static void check_link(struct cli *cli, const struct toml_value *list) {
    static const char *const ends[] = {".c", ".o", ".a", ".so"};
    if (!is_kind(cli, list, TOML_ARRAY))
        return;
    for (int32_t i = 0; i < list->items.len; i++) {
        const struct toml_value *v = list->items.at[i];
        if (!is_kind(cli, v, TOML_STRING))
            continue;
        bool good = is_library(v->string);
        for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
            good |= str_ends(v->string, str_from(ends[k]));
        if (good)
            continue;
        struct diag *d = diag_add(cli->sink, P0014, v->span, "this cannot be linked");
        diag_primary(cli->sink, d, "a library (`-lNAME`), or a file: `.c`, `.o`, `.a`, `.so`");
    }
}

static void check_package(struct cli *cli, const struct toml_value *table) {
    static const char *const keys[] = {"name", "version", "description", "main", "link"};
    for (int32_t i = 0; i < table->entries.len; i++) {
        const struct toml_entry *e = &table->entries.at[i];
        bool known = false;
        for (size_t j = 0; j < sizeof keys / sizeof *keys; j++)
            known |= str_is(e->key, keys[j]);
        if (!known)
            unknown_key(cli, e, "fact of a package", keys, sizeof keys / sizeof *keys);
        else if (str_is(e->key, "link"))
            check_link(cli, e->value);
        else
            is_kind(cli, e->value, TOML_STRING);
    }
}

static void check_bundles(struct cli *cli, const struct toml_value *table) {
    for (int32_t i = 0; i < table->entries.len; i++) {
        const struct toml_value *list = table->entries.at[i].value;
        if (!is_kind(cli, list, TOML_ARRAY))
            continue;
        for (int32_t j = 0; j < list->items.len; j++)
            is_kind(cli, list->items.at[j], TOML_STRING);
    }
}

static bool is_settable(enum flag_id id) {
    return id != FLAG_common_help && id != FLAG_common_version &&
           flag_info(id)->state == STATE_BUILT;
}

static void check_flags(struct cli *cli, enum command_id command, const struct toml_value *table) {
    VEC(const char *) names = {0};
    for (int i = 0; i < FLAG_ID_COUNT; i++)
        if (flag_info((enum flag_id)i)->command == command && is_settable((enum flag_id)i))
            vec_push(cli->arena, &names, flag_spelling(cli->arena, (enum flag_id)i).data);
    for (int32_t i = 0; i < table->entries.len; i++) {
        const struct toml_entry *e = &table->entries.at[i];
        bool known = false;
        for (int32_t j = 0; j < names.len; j++)
            known |= str_is(e->key, names.at[j]);
        if (!known)
            unknown_key(cli, e, "flag of this command", names.at, names.len);
    }
}

// The command whose flags a table holds: [prism] those of every command.
static bool command_of_table(struct str key, enum command_id *out) {
    *out = COMMAND_common;
    return str_is(key, "prism") || command_find(key, out);
}

static void check_table(struct cli *cli, const struct toml_entry *e) {
    enum command_id command;
    bool is_package = str_is(e->key, "package"), is_bundles = str_is(e->key, "capabilities");
    bool is_command = !is_package && !is_bundles && command_of_table(e->key, &command);
    if (!is_package && !is_bundles && !is_command) {
        VEC(const char *) names = {0};
        vec_push(cli->arena, &names, "package");
        vec_push(cli->arena, &names, "capabilities");
        vec_push(cli->arena, &names, "prism");
        for (int i = 1; i < COMMAND_COUNT; i++)
            if (command_info((enum command_id)i)->state == STATE_BUILT)
                vec_push(cli->arena, &names, command_info((enum command_id)i)->name);
        unknown_key(cli, e, "table of a manifest", names.at, names.len);
    } else if (!is_kind(cli, e->value, TOML_TABLE)) {
        return;
    } else if (is_package) {
        check_package(cli, e->value);
    } else if (is_bundles) {
        check_bundles(cli, e->value);
    } else {
        check_flags(cli, command, e->value);
    }
}

// ---- reading -------------------------------------------------------------------------

bool manifest_read(struct cli *cli, struct manifest *m, const struct source *source) {
    int32_t before = cli->sink->errors;
    m->root = toml_parse(cli->arena, source, cli->sink);
    for (int32_t i = 0; i < m->root->entries.len; i++)
        check_table(cli, &m->root->entries.at[i]);
    return cli->sink->errors == before;
}

static bool load(struct cli *cli, struct manifest *m) {
    struct str text;
    const char *wrong = file_read(cli->arena, m->path, &text);
    if (wrong) {
        diag_add(cli->sink, P0002, NO_SPAN, "%s", wrong);
        return false;
    }
    struct source *source = arena_new(cli->arena, struct source);
    source_init(cli->arena, source, m->path, text);
    return manifest_read(cli, m, source);
}

bool manifest_of(struct cli *cli, const char *path, const struct manifest **out) {
    struct str folder;
    const char *file = find(cli->arena, path, &folder);
    *out = NULL;
    if (!file)
        return true;
    struct manifest *m = map_get(&cli->manifests, str_from(file));
    if (!m) {
        m = arena_new(cli->arena, struct manifest);
        *m = (struct manifest){.path = file, .folder = folder};
        if (!load(cli, m))
            return false;
        map_put(cli->arena, &cli->manifests, str_from(file), m);
    }
    *out = m;
    return true;
}

// ---- flags ---------------------------------------------------------------------------

const struct toml_entry *manifest_flag(const struct manifest *m, enum flag_id id) {
    const struct flag_info *f = flag_info(id);
    const char *table = f->command == COMMAND_common ? "prism" : command_info(f->command)->name;
    const struct toml_entry *e = m ? toml_find(m->root, table) : NULL;
    for (int32_t i = 0; e && i < e->value->entries.len; i++)
        if (flag_is_named(id, e->value->entries.at[i].key))
            return &e->value->entries.at[i];
    return NULL;
}

struct str manifest_place(struct arena *a, struct span span) {
    int32_t line, column;
    source_position(span.source, span.start, &line, &column);
    return str_format(a, "%s:%d", span.source->path, (int)line);
}

static bool set_text(struct cli *cli, enum flag_id id, const struct toml_entry *e,
                     const struct toml_value *v) {
    struct flag_origin origin = {.said_as = str_format(cli->arena, "%.*s", STR_ARGS(e->key)).data,
                                 .span = v->span};
    struct str text = v->kind == TOML_INTEGER
                          ? str_format(cli->arena, "%lld", (long long)v->integer)
                          : str_dup(cli->arena, v->string);
    return flag_set(cli, origin, id, text);
}

static bool set_flag(struct cli *cli, enum flag_id id, const struct toml_entry *e) {
    const struct toml_value *v = e->value;
    enum flag_kind kind = flag_info(id)->kind;
    bool is_number = kind == FLAG_COUNT || kind == FLAG_SEED;
    if (kind == FLAG_SWITCH) {
        if (!is_kind(cli, v, TOML_BOOLEAN))
            return false;
        cli->flags[id].set = true;
        cli->flags[id].on = v->boolean;
        return true;
    }
    if (kind == FLAG_LIST && v->kind == TOML_ARRAY) {
        for (int32_t i = 0; i < v->items.len; i++)
            if (!is_kind(cli, v->items.at[i], TOML_STRING) || !set_text(cli, id, e, v->items.at[i]))
                return false;
        return true;
    }
    if (!(is_number && v->kind == TOML_INTEGER) && !is_kind(cli, v, TOML_STRING))
        return false;
    return set_text(cli, id, e, v);
}

bool manifest_set_flags(struct cli *cli, const struct manifest *m) {
    for (int i = 0; i < FLAG_ID_COUNT; i++) {
        enum flag_id id = (enum flag_id)i;
        enum command_id owner = flag_info(id)->command;
        if (cli->flags[id].set || (owner != COMMAND_common && owner != cli->command))
            continue;
        const struct toml_entry *e = manifest_flag(m, id);
        if (!e)
            continue;
        if (!set_flag(cli, id, e))
            return false;
        cli->flags[id].in_manifest = true;
    }
    return true;
}

bool manifest_apply(struct cli *cli) {
    const struct manifest *m;
    if (!manifest_of(cli, cli->arguments.len ? cli->arguments.at[0].data : ".", &m))
        return false;
    return !m || manifest_set_flags(cli, m);
}

const char *manifest_main(struct arena *a, const struct manifest *m) {
    const struct toml_entry *package = toml_find(m->root, "package");
    const struct toml_entry *named = package ? toml_find(package->value, "main") : NULL;
    struct str file = named ? named->value->string : STR("main.prism");
    return str_format(a, "%.*s%.*s", STR_ARGS(m->folder), STR_ARGS(file)).data;
}

static const struct toml_entry *link_of(const struct manifest *m) {
    const struct toml_entry *package = m ? toml_find(m->root, "package") : NULL;
    return package ? toml_find(package->value, "link") : NULL;
}

bool manifest_links(const struct manifest *m) {
    const struct toml_entry *link = link_of(m);
    return link && link->value->items.len > 0;
}

void manifest_link(struct arena *a, const struct manifest *m, str_list *items, str_list *files) {
    const struct toml_entry *link = link_of(m);
    for (int32_t i = 0; link && i < link->value->items.len; i++) {
        struct str item = link->value->items.at[i]->string;
        if (!is_library(item)) {
            if (item.data[0] != '/')
                item = str_format(a, "%.*s%.*s", STR_ARGS(m->folder), STR_ARGS(item));
            vec_push(a, files, item);
        }
        vec_push(a, items, str_dup(a, item));
    }
}

// ---- bundles -------------------------------------------------------------------------

// A capability is parsed as one of a clause; what is wrong with it is said at its string.
static bool read_capability(struct arena *a, struct intern_table *names,
                            const struct toml_value *text, struct diag_sink *sink,
                            struct ast_ability *out) {
    struct diag_sink own = {.arena = a};
    struct source *source = arena_new(a, struct source);
    source_init(a, source, text->span.source->path, str_dup(a, text->string));
    *out = syntax_parse_ability(a, names, source, &own);
    out->span = out->path.span = text->span;
    if (!own.errors && !out->is_denied)
        return true;
    struct diag *d = diag_add(sink, P0014, text->span, "this is no capability");
    diag_primary(sink, d, "as in `FileSystem.Read(\"/data\")`");
    return false;
}

struct sema_bundles manifest_bundles(struct arena *a, struct intern_table *names,
                                     const struct manifest *m, struct diag_sink *sink) {
    struct sema_bundles all = {0};
    const struct toml_entry *table = m ? toml_find(m->root, "capabilities") : NULL;
    int32_t count = table ? table->value->entries.len : 0;
    struct sema_bundle *bundles = arena_array(a, struct sema_bundle, count);
    for (int32_t i = 0; i < count; i++) {
        const struct toml_entry *e = &table->value->entries.at[i];
        struct ast_ability *at = arena_array(a, struct ast_ability, e->value->items.len);
        bundles[i] = (struct sema_bundle){.name = e->key, .span = e->span, .at = at};
        for (int32_t j = 0; j < e->value->items.len; j++) {
            if (read_capability(a, names, e->value->items.at[j], sink, &at[bundles[i].len]))
                bundles[i].len++;
            else
                all.are_wrong = true;
        }
    }
    all.at = bundles;
    all.len = count;
    return all;
}
