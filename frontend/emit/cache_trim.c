// SPDX-License-Identifier: MIT
// Keeping the cache small: the files that were not used for longest go first. Their times are
// when they were
// used last (cache_has). Whoever wanted one that went makes it again.
#include "frontend/emit/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { UNDER_WAY_SECONDS = 3600 };

struct entry {
    const char *name;
    int64_t used_ns;
    uint64_t bytes;
};
struct entries {
    VEC(struct entry) all;
    uint64_t bytes;
};

static uint64_t limit(void) {
    const char *text = getenv("PRISM_CACHE_BYTES");
    char *end = NULL;
    uint64_t bytes = text && *text ? strtoull(text, &end, 10) : 0;
    return end && !*end ? bytes : CACHE_BYTES_MAX;
}

// Only what a cache makes is ever removed: names that begin with 32 hexadecimal digits.
static bool is_entry(const char *name) {
    return strspn(name, "0123456789abcdef") >= 32;
}

// What is under way is named HASH.ENDING.PROCESS.ENDING, with a number between two dots.
static bool is_under_way(const char *name) {
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
        size_t digits = strspn(dot + 1, "0123456789");
        if (digits && dot[1 + digits] == '.')
            return true;
    }
    return false;
}

static void look_at(struct arena *a, struct entries *found, int dir, const char *name) {
    struct stat s;
    if (!is_entry(name) || fstatat(dir, name, &s, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(s.st_mode))
        return;
    if (is_under_way(name)) {
        if (time(NULL) - s.st_mtime > UNDER_WAY_SECONDS)
            unlinkat(dir, name, 0);
        return;
    }
    int64_t used = (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec;
    struct entry e = {str_dup(a, str_from(name)).data, used, (uint64_t)s.st_size};
    vec_push(a, &found->all, e);
    found->bytes += e.bytes;
}

static int by_use(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    if (x->used_ns != y->used_ns)
        return x->used_ns < y->used_ns ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void trim(struct arena *a, DIR *dir) {
    struct entries found = {0};
    int fd = dirfd(dir);
    for (struct dirent *d; (d = readdir(dir));)
        look_at(a, &found, fd, d->d_name);
    uint64_t most = limit();
    if (found.bytes <= most)
        return;
    qsort(found.all.at, (size_t)found.all.len, sizeof *found.all.at, by_use);
    for (int32_t i = 0; i < found.all.len && found.bytes > most / 4 * 3; i++)
        if (unlinkat(fd, found.all.at[i].name, 0) == 0)
            found.bytes -= found.all.at[i].bytes;
}

void cache_trim(struct arena *a) {
    const char *path = cache_dir(a);
    int lock = open(str_format(a, "%s/lock", path).data, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0)
        return;
    DIR *dir = flock(lock, LOCK_EX | LOCK_NB) == 0 ? opendir(path) : NULL;
    if (dir) {
        trim(a, dir);
        closedir(dir);
    }
    close(lock); // with it the lock
}
