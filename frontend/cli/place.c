// SPDX-License-Identifier: MIT
// Where things lie: the installation is found from the executable, so that it can be moved.
#include "frontend/cli/cli.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

const char *home_find(struct arena *a) {
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len <= 0)
        return NULL;
    path[len] = 0;
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');
        if (!slash)
            return NULL;
        *slash = 0;
    }
    return str_dup(a, str_from(path)).data;
}

const char *cli_home(const struct cli *cli, const char *below) {
    return str_format(cli->arena, "%s/%s", cli->home, below).data;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *path_nearest(struct arena *a, const char *path) {
    const char *slash = strrchr(path, '/');
    size_t folder_len = slash ? (size_t)(slash - path) + 1 : 0;
    const char *folder = folder_len ? str_dup(a, (struct str){path, folder_len}).data : "./";
    DIR *dir = opendir(folder);
    if (!dir)
        return NULL;
    VEC(const char *) names = {0};
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.')
            vec_push(a, &names, str_dup(a, str_from(e->d_name)).data);
    closedir(dir);
    if (!names.len)
        return NULL;
    // The order of a folder is nobody's promise, and the first of equally near names is taken.
    qsort(names.at, (size_t)names.len, sizeof *names.at, by_text);
    const char *near = diag_nearest(str_from(path + folder_len), names.at, names.len);
    return near ? str_format(a, "%.*s%s", (int)folder_len, path, near).data : NULL;
}
