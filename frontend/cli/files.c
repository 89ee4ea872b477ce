// SPDX-License-Identifier: MIT
// From arguments to files. Folders are read in the order of names, so that output does not depend
// on the disk.
#include "frontend/cli/files.h"

#include "frontend/cli/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void files_missing(struct cli *cli, const char *path, const char *wrong) {
    struct diag *d = diag_add(cli->sink, P0002, NO_SPAN, "%s", wrong);
    const char *near = access(path, F_OK) != 0 ? path_nearest(cli->arena, path) : NULL;
    if (near)
        diag_note(cli->sink, d, "did you mean `%s`?", near);
}

static bool kind_of(const char *path, mode_t *kind) {
    struct stat s;
    if (stat(path, &s) != 0)
        return false;
    *kind = s.st_mode & S_IFMT;
    return true;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

typedef VEC(const char *) name_list;

static bool folder_names(struct arena *a, const char *path, name_list *out) {
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.' && strcmp(e->d_name, "build") != 0)
            vec_push(a, out, str_dup(a, str_from(e->d_name)).data);
    closedir(dir);
    if (out->len)
        qsort(out->at, (size_t)out->len, sizeof *out->at, by_text);
    return true;
}

static int walk(struct cli *cli, const char *folder, int depth, str_list *out) {
    name_list names = {0};
    if (!folder_names(cli->arena, folder, &names)) {
        diag_add(cli->sink, P0002, NO_SPAN, "cannot read the folder %s: %s", folder,
                 strerror(errno));
        return EXIT_IO;
    }
    for (int32_t i = 0; i < names.len; i++) {
        bool here = strcmp(folder, ".") == 0;
        size_t len = strlen(folder);
        const char *slash = len && folder[len - 1] == '/' ? "" : "/";
        struct str path =
            str_format(cli->arena, "%s%s%s", here ? "" : folder, here ? "" : slash, names.at[i]);
        mode_t kind;
        if (!kind_of(path.data, &kind))
            continue; // a link to nothing
        if (kind == S_IFREG && str_ends(path, STR(".prism")))
            vec_push(cli->arena, out, path);
        int code = EXIT_HELD;
        if (kind == S_IFDIR && depth < FILES_DEPTH_MAX)
            code = walk(cli, path.data, depth + 1, out);
        if (code != EXIT_HELD)
            return code;
    }
    return EXIT_HELD;
}

int files_of_arguments(struct cli *cli, const str_list *arguments, str_list *out) {
    if (!arguments->len)
        return walk(cli, ".", 0, out);
    for (int32_t i = 0; i < arguments->len; i++) {
        const char *path = arguments->at[i].data;
        mode_t kind = 0;
        if (strcmp(path, "-") != 0 && !kind_of(path, &kind)) {
            int why = errno;
            const char *wrong =
                str_format(cli->arena, "cannot read %s: %s", path, strerror(why)).data;
            files_missing(cli, path, wrong);
            return why == ENOENT || why == ENOTDIR ? EXIT_ASKED : EXIT_IO;
        }
        if (kind != S_IFDIR) {
            vec_push(cli->arena, out, arguments->at[i]);
            continue;
        }
        int code = walk(cli, path, 0, out);
        if (code != EXIT_HELD)
            return code;
    }
    return EXIT_HELD;
}

int files_programs(struct cli *cli, str_list *out) {
    int code = files_of_arguments(cli, &cli->arguments, out);
    if (code != EXIT_HELD || out->len)
        return code;
    diag_add(cli->sink, P0011, NO_SPAN, "there is no *.prism file here");
    return EXIT_NOTHING;
}

const char *files_program(struct cli *cli) {
    const struct manifest *package = NULL;
    if (!cli->arguments.len && !manifest_of(cli, ".", &package))
        return NULL;
    if (package)
        return manifest_main(cli->arena, package);
    if (cli->arguments.len != 1) {
        const char *name = command_info(cli->command)->name;
        struct diag *d = diag_add(cli->sink, P0001, NO_SPAN,
                                  cli->arguments.len ? "`prism %s` takes one program"
                                                     : "`prism %s` lacks the program",
                                  name);
        diag_note(cli->sink, d, "usage: prism %s %s", name, command_info(cli->command)->arguments);
        if (!cli->arguments.len)
            diag_note(cli->sink, d,
                      "without one it has to be within a package (" MANIFEST_NAME ")");
        else
            diag_note(cli->sink, d, "the program's own arguments come after `--`");
        return NULL;
    }
    const char *path = cli->arguments.at[0].data;
    mode_t kind = 0;
    if (strcmp(path, "-") != 0 && !kind_of(path, &kind)) {
        files_missing(cli, path,
                      str_format(cli->arena, "cannot read %s: %s", path, strerror(errno)).data);
        return NULL;
    }
    if (kind != S_IFDIR)
        return path;
    if (!manifest_of(cli, path, &package))
        return NULL;
    // A folder within a package is not the package.
    struct str own = str_format(cli->arena, "%s%s" MANIFEST_NAME, path,
                                str_ends(str_from(path), STR("/")) ? "" : "/");
    if (package && (str_is(own, package->path) || str_is(own, "./" MANIFEST_NAME)))
        return manifest_main(cli->arena, package);
    return str_format(cli->arena, "%s/main.prism", path).data;
}
