// SPDX-License-Identifier: MIT
// A memo is text: the program's path, then a line "SIZE SECONDS NANOSECONDS PATH" for each file. A
// file counts as unchanged while its size and time are the same.
#include "frontend/cli/memo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { YOUNG_NS = 50 * 1000 * 1000 }; // coarser than any file system's clock that we meet

static bool same_as_then(const char *line) {
    long long size, seconds, nanoseconds;
    int path_at = 0;
    struct stat s;
    if (sscanf(line, "%lld %lld %lld %n", &size, &seconds, &nanoseconds, &path_at) != 3 || !path_at)
        return false;
    return stat(line + path_at, &s) == 0 && s.st_size == size && s.st_mtim.tv_sec == seconds &&
           s.st_mtim.tv_nsec == nanoseconds;
}

// Cuts the first line off; NULL at the end.
static char *next_line(char **text) {
    char *line = *text, *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = 0;
    *text = end + 1;
    return line;
}

const char *memo_read(struct arena *a, const char *path) {
    struct str text;
    if (access(path, R_OK) != 0 || file_read(a, path, &text))
        return NULL;
    char *rest = (char *)str_dup(a, text).data;
    const char *program = next_line(&rest);
    int files = 0;
    for (char *line; (line = next_line(&rest)); files++)
        if (!same_as_then(line))
            return NULL;
    return program && files && access(program, X_OK) == 0 ? program : NULL;
}

static bool is_young(const struct stat *s) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age =
        (int64_t)(now.tv_sec - s->st_mtim.tv_sec) * 1000000000 + (now.tv_nsec - s->st_mtim.tv_nsec);
    return age < YOUNG_NS;
}

void memo_write(struct arena *a, const char *path, const char *program, const str_list *files) {
    struct text out = {.arena = a};
    text_printf(&out, "%s\n", program);
    for (int32_t i = 0; i < files->len; i++) {
        struct stat s;
        const char *file = files->at[i].data;
        if (stat(file, &s) != 0 || is_young(&s) || strchr(file, '\n'))
            return;
        text_printf(&out, "%lld %lld %lld %s\n", (long long)s.st_size, (long long)s.st_mtim.tv_sec,
                    (long long)s.st_mtim.tv_nsec, file);
    }
    file_write(a, path, text_str(&out));
}
