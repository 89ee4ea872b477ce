// SPDX-License-Identifier: MIT
// The main of a fuzz target without libFuzzer: each argument is a file, or a folder of files;
// without arguments standard input is read.
#include "tests/fuzz/fuzz.h"

#include <dirent.h>

static int one(const char *path) {
    struct arena a = {0};
    struct str text;
    const char *wrong = file_read(&a, path, &text);
    if (wrong)
        fprintf(stderr, "%s\n", wrong);
    else
        LLVMFuzzerTestOneInput((const uint8_t *)text.data, text.len);
    arena_free(&a);
    return wrong != NULL;
}

static int all(const char *path) {
    DIR *folder = opendir(path);
    if (!folder)
        return one(path);
    struct arena a = {0};
    int failures = 0;
    for (struct dirent *e; (e = readdir(folder));)
        if (e->d_name[0] != '.')
            failures += all(str_format(&a, "%s/%s", path, e->d_name).data);
    closedir(folder);
    arena_free(&a);
    return failures;
}

int main(int argc, char **argv) {
    int failures = argc < 2 ? one("-") : 0;
    for (int i = 1; i < argc; i++)
        failures += all(argv[i]);
    return failures ? 74 : 0;
}
