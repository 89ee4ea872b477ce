// SPDX-License-Identifier: MIT
// The stages of the compiler, in order: one function on one screen (pipeline_run), and before it
// the reading of a program's files.
//
// A program is its own file and what that imports, as far as there are files for it: `import a.b`
// means a/b.prism or a.prism, in the folder of the package's manifest or beside the program's file.
// Other imports name modules within files; whether a name exists is sema's question.
#include "frontend/cli/pipeline.h"

#include "frontend/cli/files.h"
#include "frontend/emit/emit.h"
#include "frontend/mir/build/build.h"

#include <sys/stat.h>
#include <unistd.h>

static bool clean(const struct cli *cli, const struct unit *u) {
    return cli->sink->errors == u->errors_before;
}

// `name` is what diagnostics, MIR and traces call the file.
static struct source *read_source(struct cli *cli, struct unit *u, const char *path,
                                  const char *name) {
    struct str text;
    const char *wrong = file_read(&u->arena, path, &text);
    if (wrong) {
        files_missing(cli, path, str_dup(cli->arena, str_from(wrong)).data);
        return NULL;
    }
    struct source *source = arena_new(&u->arena, struct source);
    source_init(&u->arena, source, str_dup(&u->arena, str_from(name)).data, text);
    return source;
}

static const struct module_ast *parse_file(struct cli *cli, struct unit *u, const char *path,
                                           const char *name) {
    const struct source *source = read_source(cli, u, path, name);
    return source ? syntax_parse(&u->arena, &u->names, source, cli->sink) : NULL;
}

static const struct module_ast *parse_own_file(struct cli *cli, struct unit *u, const char *path) {
    vec_push(&u->arena, &u->files, str_dup(&u->arena, str_from(path)));
    return parse_file(cli, u, path, strcmp(path, "-") == 0 ? "standard input" : path);
}

// ---- imports -------------------------------------------------------------------------

static size_t folder_len(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

static bool identify(const char *path, struct unit_file *file) {
    struct stat s;
    if (stat(path, &s) != 0 || !S_ISREG(s.st_mode))
        return false;
    file->device = s.st_dev;
    file->node = s.st_ino;
    return true;
}

static struct unit_file *find_loaded(const struct unit *u, const struct unit_file *file) {
    for (int32_t i = 0; i < u->own.len; i++)
        if (u->own.at[i].node == file->node && u->own.at[i].device == file->device)
            return &u->own.at[i];
    return NULL;
}

static struct unit_file *load(struct cli *cli, struct unit *u, const char *path,
                              struct unit_file file) {
    file.ast = parse_own_file(cli, u, path);
    if (!file.ast)
        return NULL;
    vec_push(&u->arena, &u->own, file);
    return &u->own.at[u->own.len - 1];
}

static void note_name(struct unit *u, struct unit_file *file, const char *name) {
    for (int32_t i = 0; i < file->imported_as.len; i++)
        if (strcmp(file->imported_as.at[i], name) == 0)
            return;
    vec_push(&u->arena, &file->imported_as, name);
}

// The file for the first `parts` names of an import, below a folder. False if there is none.
static bool load_below(struct cli *cli, struct unit *u, struct str folder,
                       const struct ast_path *import, int32_t parts) {
    struct text name = {.arena = &u->arena}, path = {.arena = &u->arena};
    text_put(&path, folder);
    for (int32_t i = 0; i < parts; i++) {
        text_printf(&path, "%s%s", i ? "/" : "", import->names.at[i].text);
        text_printf(&name, "%s%s", i ? "." : "", import->names.at[i].text);
    }
    text_put(&path, STR(".prism"));
    struct unit_file file = {.name = name.data};
    if (!identify(path.data, &file))
        return false;
    struct unit_file *loaded = find_loaded(u, &file);
    if (!loaded && u->own.len < PIPELINE_MODULES_MAX)
        loaded = load(cli, u, path.data, file);
    if (loaded)
        note_name(u, loaded, file.name);
    return true;
}

// As many names as there is a file for, in the package first, then beside the program's own file.
static void load_import(struct cli *cli, struct unit *u, const struct ast_path *import) {
    struct str beside = {u->path, folder_len(u->path)};
    for (int32_t parts = import->names.len; parts > 0; parts--)
        if ((u->manifest && load_below(cli, u, u->manifest->folder, import, parts)) ||
            load_below(cli, u, beside, import, parts))
            return;
}

static void load_within(struct cli *cli, struct unit *u, struct ast_item *const *items,
                        int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        const struct ast_item *item = items[i];
        if (item->kind == ITEM_IMPORT)
            load_import(cli, u, &item->import->path);
        else if (item->kind == ITEM_MODULE || item->kind == ITEM_SECTION)
            load_within(cli, u, item->module->items.at, item->module->items.len);
    }
}

static void load_imports(struct cli *cli, struct unit *u) {
    for (int32_t i = 0; i < u->own.len; i++) // the list grows while it is read
        load_within(cli, u, u->own.at[i].ast->items.at, u->own.at[i].ast->items.len);
}

// "main" of "src/main.prism"; of standard input "program".
static const char *own_name(struct unit *u) {
    struct str name = str_from(u->path + folder_len(u->path));
    if (str_is(name, "-"))
        return "program";
    if (str_ends(name, STR(".prism")))
        name.len -= strlen(".prism");
    return str_dup(&u->arena, name).data;
}

// Errors within bodies leave all else to be checked.
static bool can_be_checked(struct cli *cli, const struct unit *u) {
    int32_t broken = 0, errors = 0;
    for (int32_t i = 0; i < u->own.len; i++) {
        broken += u->own.at[i].ast->is_broken;
        errors += u->own.at[i].ast->has_errors;
    }
    return u->own.len && broken == 0 && (errors > 0 || clean(cli, u));
}

static bool parse_program(struct cli *cli, struct unit *u) {
    struct unit_file root = {.name = own_name(u)};
    if (strcmp(u->path, "-") != 0)
        identify(u->path, &root);
    load(cli, u, u->path, root);
    load_imports(cli, u);
    return can_be_checked(cli, u);
}

// ---- the standard library ------------------------------------------------------------

static bool parse_library(struct cli *cli, struct unit *u) {
    str_list folder = {0}, files = {0};
    vec_push(cli->arena, &folder, str_from(cli_home(cli, "share/prism/std")));
    if (files_of_arguments(cli, &folder, &files) != EXIT_HELD)
        return false;
    for (int32_t i = 0; i < files.len; i++) {
        const char *base = strrchr(files.at[i].data, '/') + 1;
        const char *name = str_format(&u->arena, "std/%s", base).data;
        const struct module_ast *module = parse_file(cli, u, files.at[i].data, name);
        if (module)
            vec_push(&u->arena, &u->library, module);
    }
    return can_be_checked(cli, u);
}

static struct typed_program *check(struct cli *cli, struct unit *u) {
    int32_t count = u->library.len + u->own.len;
    struct sema_source *sources = arena_array(&u->arena, struct sema_source, count);
    for (int32_t i = 0; i < u->library.len; i++)
        sources[i] = (struct sema_source){.ast = u->library.at[i], .is_std = true};
    for (int32_t i = 0; i < u->own.len; i++)
        sources[u->library.len + i] = (struct sema_source){
            .ast = u->own.at[i].ast,
            .name = u->own.at[i].name,
            .imported_as = {u->own.at[i].imported_as.at, u->own.at[i].imported_as.len}};
    struct sema_package package = {.modules = sources, .count = count};
    package.bundles = manifest_bundles(&u->arena, &u->names, u->manifest, cli->sink);
    return sema_check(&u->arena, &u->names, &package, cli->sink);
}

// ---- back ----------------------------------------------------------------------------

static bool is_mir(const struct unit *u) {
    return str_ends(str_from(u->path), STR(".mir"));
}

static struct mir_module *read_mir(struct cli *cli, struct unit *u) {
    vec_push(&u->arena, &u->files, str_from(u->path));
    const struct source *source = read_source(cli, u, u->path, u->path);
    struct mir_module *m = source ? mir_parse(&u->arena, source, cli->sink) : NULL;
    if (m)
        mir_infer(m);
    return m;
}

static void lower(struct unit *u) {
    mir_own(u->mir);
    mir_suspend(u->mir);
    mir_infer(u->mir);
}

static struct str emit(struct unit *u) {
    struct text c = {.arena = &u->arena};
    struct emit_options options = {
        .name = u->path, .mir_hash = u->mir_hash, .lines = true, .library = u->c_library};
    emit_c(u->mir, &options, &c);
    return text_str(&c);
}

// ---- the pipeline --------------------------------------------------------------------

static bool find_manifest(struct cli *cli, struct unit *u) {
    if (!manifest_of(cli, u->path, &u->manifest))
        return false;
    if (u->manifest)
        vec_push(&u->arena, &u->files, str_from(u->manifest->path));
    return true;
}

static bool front(struct cli *cli, struct unit *u, enum stage until) {
    if (!find_manifest(cli, u) || !parse_program(cli, u))
        return false;
    if (until == STAGE_SYNTAX)
        return clean(cli, u);
    if (!parse_library(cli, u))
        return false;
    u->typed = check(cli, u);
    if (!clean(cli, u) || until == STAGE_SEMA)
        return clean(cli, u);
    u->mir = mir_build(&u->arena, u->typed, cli->sink);
    return clean(cli, u);
}

static bool back(struct cli *cli, struct unit *u, enum stage until) {
    if (!u->mir || !mir_validate(u->mir, cli->sink))
        return false;
    u->mir_hash = mir_hash(u->mir);
    if (until < STAGE_C)
        return true;
    lower(u);
    if (!mir_validate(u->mir, cli->sink))
        return false;
    u->c = emit(u);
    return true;
}

bool pipeline_run(struct cli *cli, struct unit *u, enum stage until) {
    u->names.arena = &u->arena;
    u->errors_before = cli->sink->errors;
    if (is_mir(u))
        u->mir = read_mir(cli, u);
    else if (!front(cli, u, until))
        return false;
    return until < STAGE_MIR && !is_mir(u) ? true : back(cli, u, until);
}

void pipeline_dump(const struct unit *u, enum stage stage, struct text *out) {
    switch (stage) {
    case STAGE_SYNTAX:
        syntax_dump(u->own.at[0].ast, out);
        break;
    case STAGE_SEMA:
        if (u->typed) // MIR's own text has none
            sema_dump(u->typed, out);
        break;
    case STAGE_MIR:
        mir_print(u->mir, MIR_PRINT_ALL, out);
        break;
    case STAGE_C:
        text_put(out, u->c);
        break;
    }
}

void pipeline_free(struct unit *u) {
    arena_free(&u->arena);
    *u = (struct unit){0};
}
