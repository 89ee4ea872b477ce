// SPDX-License-Identifier: MIT
// Entries and their seals.
#define _GNU_SOURCE // pipe2
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "frontend/emit/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// ---- names ----------------------------------------------------------------------------------

const char *cache_dir(struct arena *a) {
    const char *own = getenv("PRISM_CACHE_DIR"), *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    if (own && *own)
        return own;
    if (xdg && *xdg == '/')
        return str_format(a, "%s/prism", xdg).data;
    if (home && *home == '/')
        return str_format(a, "%s/.cache/prism", home).data;
    return ".prism/cache";
}

const char *cache_path(struct arena *a, struct str key, const char *ending) {
    XXH128_hash_t h = XXH3_128bits(key.data, key.len);
    return str_format(a, "%s/%016" PRIx64 "%016" PRIx64 "%s", cache_dir(a), h.high64, h.low64,
                      ending)
        .data;
}

const char *cache_under_way(struct arena *a, const char *path, const char *ending) {
    return str_format(a, "%s.%ld%s", path, (long)getpid(), ending).data;
}

// ---- seals ----------------------------------------------------------------------------------

struct seal {
    char word[8];
    uint64_t size, hash; // of what stands before
};
static const char seal_word[8] = "prism 1\n";

static struct seal seal_of(const void *data, size_t size) {
    struct seal s = {.size = size, .hash = XXH3_64bits(data, size)};
    memcpy(s.word, seal_word, sizeof s.word);
    return s;
}

static bool ends_in_seal(const char *data, size_t size) {
    if (size <= sizeof(struct seal))
        return false;
    struct seal found, right = seal_of(data, size - sizeof found);
    memcpy(&found, data + size - sizeof found, sizeof found);
    return memcmp(&found, &right, sizeof right) == 0;
}

// Maps a file to be read; NULL when it is empty or cannot be.
static void *map_file(int fd, size_t *size) {
    struct stat s;
    if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || s.st_size <= 0)
        return NULL;
    *size = (size_t)s.st_size;
    void *data = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
    return data == MAP_FAILED ? NULL : data;
}

bool cache_has(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size_t size;
    void *data = map_file(fd, &size);
    bool whole = data && ends_in_seal(data, size);
    if (data)
        munmap(data, size);
    close(fd);
    if (whole)
        utimensat(AT_FDCWD, path, NULL, 0);
    return whole;
}

bool cache_read(struct arena *a, const char *path, struct str *content) {
    if (file_read(a, path, content) || !ends_in_seal(content->data, content->len))
        return false;
    content->len -= sizeof(struct seal);
    return true;
}

static bool put_seal(const char *path) {
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (fd < 0)
        return false;
    size_t size;
    void *data = map_file(fd, &size);
    bool good = data != NULL;
    if (good) {
        struct seal s = seal_of(data, size);
        good = write(fd, &s, sizeof s) == sizeof s;
        munmap(data, size);
    }
    return close(fd) == 0 && good;
}

const char *cache_keep(struct arena *a, const char *under_way, const char *path) {
    if (put_seal(under_way) && rename(under_way, path) == 0)
        return NULL;
    const char *wrong = str_format(a, "cannot write %s: %s", path, strerror(errno)).data;
    unlink(under_way);
    return wrong;
}

// Who ends the command shall not catch it with a file half made: he waits for these few lines.
static sigset_t hold_endings(void) {
    sigset_t endings, old;
    sigemptyset(&endings);
    sigaddset(&endings, SIGINT);
    sigaddset(&endings, SIGTERM);
    sigprocmask(SIG_BLOCK, &endings, &old);
    return old;
}

static void let_endings(sigset_t old) {
    sigprocmask(SIG_SETMASK, &old, NULL);
}

const char *cache_no_room(struct arena *a, const char *path) {
    const char *probe = cache_under_way(a, path, ".room");
    sigset_t old = hold_endings();
    int fd = open(probe, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int error = fd < 0 ? errno : posix_fallocate(fd, 0, CACHE_ROOM_BYTES);
    if (fd >= 0)
        close(fd);
    unlink(probe);
    let_endings(old);
    return error ? str_format(a, "cannot write %s: %s", path, strerror(error)).data : NULL;
}

// ---- the C compiler -------------------------------------------------------------------------

const char *cache_program_path(struct arena *a, const char *name) {
    if (strchr(name, '/'))
        return access(name, X_OK) == 0 ? name : NULL;
    const char *from = getenv("PATH");
    while (from && *from) {
        size_t len = strcspn(from, ":");
        const char *path = str_format(a, "%.*s%s%s", (int)len, from, len ? "/" : "", name).data;
        struct stat s;
        if (stat(path, &s) == 0 && S_ISREG(s.st_mode) && access(path, X_OK) == 0)
            return path;
        from += len + (from[len] == ':');
    }
    return NULL;
}

// Starts PATH --version with its output on a pipe; -1 if that fails.
static int start_version(const char *path, pid_t *child) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    char *const argv[] = {(char *)path, "--version", NULL};
    int wrong = posix_spawn(child, path, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (!wrong)
        return ends[0];
    close(ends[0]);
    return -1;
}

static bool ask_version(const char *path, struct text *out) {
    pid_t child;
    int fd = start_version(path, &child), status = 0;
    if (fd < 0)
        return false;
    char bytes[512];
    for (ssize_t got; (got = read(fd, bytes, sizeof bytes)) > 0;)
        text_put(out, (struct str){bytes, (size_t)got});
    close(fd);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

const char *cache_compiler(struct arena *a, const char *path) {
    struct stat s;
    if (stat(path, &s) != 0)
        return NULL;
    struct str key = str_format(a, "cc %s %lld %lld %lld", path, (long long)s.st_size,
                                (long long)s.st_mtim.tv_sec, (long long)s.st_mtim.tv_nsec);
    const char *known = cache_path(a, key, ".cc");
    struct str said;
    if (cache_has(known) && !file_read(a, known, &said))
        return str_dup(a, said).data;
    struct text out = {.arena = a};
    text_printf(&out, "%s\n", path);
    if (!ask_version(path, &out))
        return NULL;
    const char *under_way = cache_under_way(a, known, ".tmp");
    sigset_t old = hold_endings();
    bool kept = !dir_make(a, cache_dir(a)) && !file_write(a, under_way, text_str(&out)) &&
                !cache_keep(a, under_way, known);
    let_endings(old);
    return kept && !file_read(a, known, &said) ? str_dup(a, said).data : out.data;
}
