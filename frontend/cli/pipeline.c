// SPDX-License-Identifier: MIT
// The stages of the compiler, in order: one function on one screen (pipeline_run), and before it
// the reading of a program's files.
//
// A program is its root file and what that imports, as far as there are files for it: `import a.b`
// means a/b.prism or a.prism beside the root. Other imports name modules within files; whether a
// name exists is sema's question.
#include "frontend/cli/pipeline.h"

#include "frontend/cli/files.h"

#include <unistd.h>

static struct module_ast *parse_file(struct cli *cli, struct unit *u, const char *path) {
    struct str text;
    const char *wrong = file_read(&u->arena, path, &text);
    if (wrong) {
        files_missing(cli, path, str_dup(cli->arena, str_from(wrong)).data);
        return NULL;
    }
    struct source *source = arena_new(&u->arena, struct source);
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    source_init(&u->arena, source, str_dup(&u->arena, str_from(name)).data, text);
    return syntax_parse(&u->arena, &u->names, source, cli->sink);
}

// ---- imports -------------------------------------------------------------------------

static size_t folder_len(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

// "FOLDER/a/b.prism" for the first `parts` parts of an import.
static const char *import_file(struct unit *u, const struct ast_path *import, int32_t parts) {
    struct text path = {.arena = &u->arena};
    text_put(&path, (struct str){u->path, folder_len(u->path)});
    for (int32_t i = 0; i < parts; i++)
        text_printf(&path, "%s%s", i ? "/" : "", import->names.at[i].text);
    text_put(&path, STR(".prism"));
    return path.data;
}

static bool is_loaded(const struct unit *u, const char *path) {
    for (int32_t i = 0; i < u->modules.len; i++)
        if (strcmp(u->modules.at[i]->source->path, path) == 0)
            return true;
    return false;
}

static void load_import(struct cli *cli, struct unit *u, const struct ast_path *import) {
    for (int32_t parts = import->names.len; parts > 0; parts--) {
        const char *path = import_file(u, import, parts);
        if (is_loaded(u, path))
            return;
        if (access(path, R_OK) != 0 || u->modules.len == PIPELINE_MODULES_MAX)
            continue;
        const struct module_ast *module = parse_file(cli, u, path);
        if (module)
            vec_push(&u->arena, &u->modules, module);
        return;
    }
}

static void load_imports(struct cli *cli, struct unit *u) {
    for (int32_t i = 0; i < u->modules.len; i++) { // the list grows while it is read
        const struct module_ast *module = u->modules.at[i];
        for (int32_t j = 0; j < module->items.len; j++)
            if (module->items.at[j]->kind == ITEM_IMPORT)
                load_import(cli, u, &module->items.at[j]->import->path);
    }
}

static bool parse_all(struct cli *cli, struct unit *u) {
    const struct module_ast *root = parse_file(cli, u, u->path);
    if (!root)
        return false;
    vec_push(&u->arena, &u->modules, root);
    load_imports(cli, u);
    return cli->sink->errors == 0;
}

// ---- the pipeline --------------------------------------------------------------------

bool pipeline_run(struct cli *cli, struct unit *u, enum stage until) {
    u->names.arena = &u->arena;
    if (!parse_all(cli, u))
        return false;
    if (until == STAGE_SYNTAX)
        return true;
    return true;
}

void pipeline_free(struct unit *u) {
    arena_free(&u->arena);
    *u = (struct unit){0};
}
