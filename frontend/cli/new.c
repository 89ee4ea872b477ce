// SPDX-License-Identifier: MIT
// `prism new NAME`: a folder with a package that can be run, tested, simulated and verified at
// once. What it holds besides the manifest are the files of share/prism/new.
#include "frontend/cli/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

static bool is_name(struct str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return name.len > 0 && name.len <= 100;
}

// Is there anything where the package shall be?
static bool is_taken(const char *path) {
    struct stat s;
    if (lstat(path, &s) != 0)
        return errno != ENOENT;
    DIR *folder = opendir(path);
    if (!folder)
        return true;
    bool taken = false;
    for (struct dirent *e; (e = readdir(folder)) && !taken;)
        taken = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(folder);
    return taken;
}

static const char *put_file(struct cli *cli, const char *folder, const char *name,
                            struct str content) {
    return file_write(cli->arena, str_format(cli->arena, "%s/%s", folder, name).data, content);
}

static const char *copy_file(struct cli *cli, const char *folder, const char *from,
                             const char *to) {
    struct str content;
    const char *kept = str_format(cli->arena, "share/prism/new/%s", from).data;
    const char *wrong = file_read(cli->arena, cli_home(cli, kept), &content);
    return wrong ? wrong : put_file(cli, folder, to, content);
}

static const char *write_package(struct cli *cli, const char *folder, struct str name) {
    struct str manifest = str_format(cli->arena,
                                     "[package]\n"
                                     "name = \"%.*s\"\n"
                                     "version = \"0.1.0\"\n",
                                     STR_ARGS(name));
    const char *wrong = dir_make(cli->arena, folder);
    if (!wrong)
        wrong = put_file(cli, folder, MANIFEST_NAME, manifest);
    if (!wrong)
        wrong = copy_file(cli, folder, "main.prism", "main.prism");
    if (!wrong)
        wrong = copy_file(cli, folder, "ci.sh", "ci.sh");
    if (!wrong)
        wrong = copy_file(cli, folder, "gitignore", ".gitignore");
    return wrong;
}

int new_command(struct cli *cli) {
    if (cli->arguments.len != 1) {
        struct diag *d = diag_add(cli->sink, P0001, NO_SPAN, "`prism new` takes one name");
        diag_note(cli->sink, d, "usage: prism new NAME");
        return EXIT_ASKED;
    }
    const char *folder = cli->arguments.at[0].data, *slash = strrchr(folder, '/');
    struct str name = str_from(slash ? slash + 1 : folder);
    if (!is_name(name)) {
        struct diag *d =
            diag_add(cli->sink, P0015, NO_SPAN, "`%.*s` cannot name a package", STR_ARGS(name));
        diag_note(cli->sink, d, "a name has letters, digits, `_` and `-`, begins with a letter");
        return EXIT_ASKED;
    }
    if (is_taken(folder)) {
        struct diag *d = diag_add(cli->sink, P0015, NO_SPAN, "`%s` is there already", folder);
        diag_note(cli->sink, d, "a package begins in a new or an empty folder");
        return EXIT_ASKED;
    }
    const char *wrong = write_package(cli, folder, name);
    if (wrong) {
        diag_add(cli->sink, P0003, NO_SPAN, "%s", wrong);
        return EXIT_IO;
    }
    struct str said = str_format(cli->arena,
                                 "%s/ is a package: a program, its tests, a manifest, a script for "
                                 "CI\n\n"
                                 "  cd %s\n"
                                 "  prism run\n"
                                 "  prism test --simulate\n"
                                 "  prism verify\n",
                                 folder, folder);
    return flag_on(cli, FLAG_common_quiet) || cli_print(cli, said) ? EXIT_HELD : EXIT_IO;
}
